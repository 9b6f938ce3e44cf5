import Kubernetes

/// What a Helm release of ours is made of: the agent's, and that of the ingress controller.
protocol ReleaseSource: Sendable {
  /// The release's name.
  var release: String { get }
  /// Its namespace; nil: that of the answers.
  var namespace: String? { get }
  /// The name of the values file that is made for it.
  var valuesName: String { get }
  /// The name of the chart's own example that is laid under that one; nil: none.
  var example: String? { get }
  /// The user's own values files, which win over that one; paths as the answers hold them.
  var moreValues: [String] { get }
  /// The answer that names them.
  var moreValuesKey: AnswerKey<[String]> { get }
  /// The chart as helm takes it, and the options that say where it lies; `path` makes a path of the answers absolute.
  func chart(_ path: (String) -> String) -> [String]
  /// The values and the chart. Throws where there is no chart, or one that cannot be used.
  func content(_ setup: Setup) async throws -> ReleaseContent
  /// What helm does with the objects that the chart usually makes.
  var chartAccess: [AccessRequest] { get }
}

extension ReleaseSource {
  /// None.
  var example: String? { nil }

  /// The values files in helm's order; `ours` stands for the one that is made from the answers.
  func valuesFiles(_ chart: Chart, ours: String, _ setup: Setup) -> [String] {
    valuesFiles(example: example.map(chart.exampleFile), ours: ours, setup.path)
  }

  /// The same, of any form of the paths.
  func valuesFiles(example: String?, ours: String, _ resolve: (String) -> String) -> [String] {
    (example.map { [$0] } ?? []) + [ours] + moreValues.map(resolve)
  }
}

/// What a revision is made of.
struct ReleaseContent: Sendable {
  var values: ValuesFile
  var chart: Chart
  /// A number that changes when the chart does.
  var chartFingerprint: String

  /// `datarobot-management-agent-2.1.0`.
  var chartName: String { "\(chart.name)-\(chart.version)" }
  /// The text of the values file.
  func text(_ source: any ReleaseSource) -> String {
    values.text(release: source.release, chart: chart, more: source.moreValuesKey.id)
  }

  /// What the chart's example of the answers changes, a line a value.
  func exampleDetails(_ source: any ReleaseSource) -> [String] {
    guard let name = source.example, let example = chart.examples.first(where: { $0.name == name })
    else { return [] }
    return ["lay the chart's example \(name) under the answers"]
      + example.differences(chart, ours: values).map { "example: \($0)" }
  }
}

/// The agent's release, of the chart that the answers name.
struct AgentSource: ReleaseSource {
  private let answers: Answers

  init(_ answers: Answers) { self.answers = answers }

  var release: String { answers[.release] ?? "" }
  var namespace: String? { nil }
  var valuesName: String { "values.yaml" }
  var example: String? { answers[.chartExample] }
  var moreValues: [String] { answers[moreValuesKey] }
  var moreValuesKey: AnswerKey<[String]> { .valuesFiles }

  func chart(_ path: (String) -> String) -> [String] { [path(answers[.chartPath] ?? "")] }

  var chartAccess: [AccessRequest] {
    let objects: [Resource] = [.configMaps, .serviceAccounts, .deployments, .roles, .roleBindings]
    return AccessRequest.helm(objects, namespace: answers[.namespace])
  }

  func content(_ setup: Setup) async throws -> ReleaseContent {
    guard let path = setup.answers[.chartPath] else {
      throw SetupError(.usage, "chart.path is missing", next: "Set it in the answers.")
    }
    let loader = ChartLoader(world: setup.world)
    let chart = try await loader.chart(setup.path(path))
    let answers = try await setup.answersWithEnvironment()
    return ReleaseContent(
      values: ValuesFile(answers, chart: chart), chart: chart,
      chartFingerprint: try loader.fingerprint(chart))
  }
}

extension AccessRequest {
  /// What helm does with objects of these resources.
  static func helm(_ resources: [Resource], namespace: String?) -> [AccessRequest] {
    resources.flatMap { resource in
      ["get", "create", "patch", "delete"].map {
        AccessRequest($0, resource, namespace: resource.isNamespaced ? namespace : nil)
      }
    }
  }
}
