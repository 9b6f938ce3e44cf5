import Kubernetes
import Text

extension Check {
  /// The release is there, and it is the one that we made.
  static let agentRelease = Check(
    "agent.release", title: "Release", required: "deployed, in the revision that mlops-setup made",
    why: "All that follows is about what this release made. A revision of another hand may have other values.",
    needs: [.agentRelease], after: ["cluster.credentials"], exemption: noRelease
  ) { survey, answers, _ in
    .judging(survey.agentRelease) { seen in
      let name = answers[.release] ?? ""
      let namespace = answers[.namespace] ?? ""
      guard let live = seen.live, live.status != "uninstalled" else {
        return Finding(
          .fail, observed: "absent", message: "There is no release \(name) in the namespace \(namespace).",
          remedy: Remedy(
            "Install it: mlops-setup --answers FILE. Where it has another name or place, correct chart.release, "
              + "cluster.namespace or cluster.context.",
            command: "helm list --all-namespaces"))
      }
      let observed = "revision \(live.revision) is \(live.status)"
      let history = Shell.line(["helm", "history", name, "--namespace", namespace])
      if live.status != "deployed" {
        let isKnown = live.isPending || ["failed", "uninstalling"].contains(live.status)
        return Finding(
          isKnown ? .fail : .unknown, observed: observed,
          message: "Release \(name) is not deployed: its revision \(live.revision) is \(live.status).",
          remedy: Remedy(
            live.isPending || live.status == "uninstalling"
              ? "Wait until whoever is at work on it has ended, then run mlops-setup --answers FILE again."
              : "See why, mend it, and run mlops-setup --answers FILE again.", command: history))
      }
      return .judging(seen.record) { record in ours(live, record, observed, history) }
    }
  }

  /// Whether the revision is the one that our record remembers.
  private static func ours(
    _ live: HelmRelease, _ record: [String: String]?, _ observed: String, _ history: String
  ) -> Finding {
    guard let record else {
      return Finding(
        .warn, observed: observed + ", no record of mlops-setup",
        message: "Release \(live.name) is deployed, but mlops-setup did not make it: with which values is not known.",
        remedy: Remedy(
          "To have it made from these answers, run mlops-setup --answers FILE; plan shows first what would change."))
    }
    let chart = record["chart"].map { " of \(OutsideText.clean($0))" } ?? ""
    guard record["revision"] == "\(live.revision)" else {
      return Finding(
        .warn,
        observed: observed + "; mlops-setup made revision \(record["revision"].map { OutsideText.clean($0) } ?? "?")",
        message: "Release \(live.name) was changed by another hand after mlops-setup made it.",
        remedy: Remedy(
          "See what was changed; mlops-setup --answers FILE makes it from the answers again.", command: history))
    }
    return Finding(
      .pass, observed: observed, message: "Release \(live.name) revision \(live.revision)\(chart) is deployed.")
  }

  /// Why there is no release to look for.
  static let noRelease: @Sendable (Answers, Survey) -> String? = { answers, _ in
    answers[.release] == nil || answers[.namespace] == nil ? "No release or namespace was named." : nil
  }
}

extension Probe {
  /// The release of the answers and our record of it.
  static let agentRelease = Probe("agent.release", \.agentRelease, page: .images, after: [.cluster]) { setup, _ in
    let name = setup.answers[.release] ?? ""
    let live = try await HelmRelease.find(name, setup)
    let record: Observed<[String: String]?>
    do {
      record = .seen(
        try await setup.kubernetes().find(
          ConfigMap.self, .configMaps, name: ReleaseStep.recordName(name), namespace: setup.namespace())?.value.data)
    } catch let error as KubernetesError {
      record = .failed(ObservationFailure(error))
    }
    return AgentRelease(live: live, record: record)
  }
}

/// The release of the answers.
struct AgentRelease: Sendable, Equatable {
  /// Its newest revision; nil: there is none.
  var live: HelmRelease?
  /// What mlops-setup remembers of the revision that it made; nil inside: nothing.
  var record: Observed<[String: String]?>

  /// Whether anything of it can be there.
  var isThere: Bool { live.map { $0.status != "uninstalled" } ?? false }
}

extension Survey {
  /// The release of the answers.
  var agentRelease: Observed<AgentRelease> {
    get { self["cluster/agentRelease"] }
    set { self["cluster/agentRelease"] = newValue }
  }
}

extension Finding {
  /// The release is not there, which is what agent.release tells; nil: it is, or it was not seen.
  static func withoutRelease(_ survey: Survey) -> Finding? {
    guard case .seen(let release) = survey.agentRelease, !release.isThere else { return nil }
    return .left(to: "agent.release", "Not looked at, because there is no release.")
  }
}
