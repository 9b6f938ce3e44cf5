import FoundationEssentials
import Kubernetes
import Text

extension Probe {
  /// Helm's releases in the namespace.
  static let releases = Probe("releases", \.releases, page: .images, after: [.namespace, .helm]) { setup, survey in
    try await ReleasesProbe.look(setup, survey)
  }
}

/// Reads which releases there are from the labels of Helm's storage; helm itself is asked only for what they do not tell,
/// the chart of each.
enum ReleasesProbe {
  static func look(_ setup: Setup, _ survey: Survey) async throws -> ReleaseSummary {
    switch survey.namespace {
    case .seen(nil): return ReleaseSummary(releases: [], charts: .seen([:]), isOurInterruptedRun: false)
    case .seen, .notAsked: break
    case .failed(let failure): if failure.kind != .denied { throw failure }
    }
    let objects = try await setup.kubernetes().listMetadata(
      HelmRelease.storage(setup.world.environment), namespace: setup.namespace(), labelSelector: "owner=helm"
    ).value.items
    let names = Set(objects.compactMap { $0.metadata.labels["name"] }).sorted()
    let releases = names.compactMap { HelmRelease.newest(of: $0, among: objects) }
    let recorded = try await recordedCharts(releases, setup)
    let journal = try setup.journal()
    return ReleaseSummary(
      releases: releases, charts: recorded.count == releases.count ? .seen(recorded) : await charts(setup, survey),
      isOurInterruptedRun: try journal.interruptedSteps().contains("release"))
  }

  /// The charts of releases whose last revision we made ourselves: our record tells.
  private static func recordedCharts(_ releases: [HelmRelease], _ setup: Setup) async throws -> [String: String] {
    guard !releases.isEmpty else { return [:] }
    let maps = try await setup.kubernetes().list(
      ConfigMap.self, .configMaps, namespace: setup.namespace(),
      labelSelector: "\(ManagedObject.ownerLabel)=\(ManagedObject.owner)"
    ).value.items
    return releases.reduce(into: [:]) { charts, release in
      guard let record = maps.first(where: { $0.metadata.name == ReleaseStep.recordName(release.name) })?.data,
        record["revision"] == "\(release.revision)", let chart = record["chart"]
      else { return }
      charts[release.name] = OutsideText.clean(chart)
    }
  }

  /// The chart of each release, by the release's name: `datarobot-management-agent-2.1.0`.
  private static func charts(_ setup: Setup, _ survey: Survey) async -> Observed<[String: String]> {
    do {
      if case .failed(let failure) = survey.helm { throw failure }
      let command = HelmCommand.list(target: try setup.helmTarget())
      let result = try await setup.world.processes.run(command)
      if result.timedOut { throw ObservationFailure(.timedOut, "helm list gave no answer in time") }
      guard result.exitCode == 0 else {
        throw ObservationFailure(
          .malformed, "helm list failed: \(HelmCommand.lastWords(result.errors))",
          remedy: Remedy("Try it.", command: Shell.line([command.executable] + command.arguments)))
      }
      let rows = try JSONDecoder().decode([Row].self, from: Data(result.output.utf8))
      return .seen(Dictionary(rows.map { ($0.name, OutsideText.clean($0.chart)) }, uniquingKeysWith: { $1 }))
    } catch let error as DecodingError {
      return .failed(
        ObservationFailure(.malformed, "helm list wrote no JSON that can be read: \(error)".trimmed(to: 300)))
    } catch {
      return .failed(ObservationFailure(error))
    }
  }

  private struct Row: Decodable {
    var name: String
    var chart: String
  }
}

/// The releases of the namespace.
struct ReleaseSummary: Sendable, Equatable {
  /// The newest revision of each.
  var releases: [HelmRelease]
  /// Name and version of each release's chart.
  var charts: Observed<[String: String]>
  /// Whether a run of ours was killed in the middle of installing the release.
  var isOurInterruptedRun: Bool

  /// Ours, where it is there.
  func release(_ name: String?) -> HelmRelease? { releases.first { $0.name == name } }
}

extension Survey {
  /// Helm's releases in the namespace.
  var releases: Observed<ReleaseSummary> {
    get { self["cluster/releases"] }
    set { self["cluster/releases"] = newValue }
  }
}
