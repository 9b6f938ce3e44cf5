import Kubernetes

extension Check {
  /// The namespace can be made, or used as it is.
  static let namespaceState = Check(
    "namespace.state", title: "Namespace",
    required: "absent, or active and without another release of the agent's chart",
    why:
      "Nothing can be made in a namespace that is being deleted, and two agents in one namespace act on each other's "
      + "objects.",
    needs: [.namespace, .releases, .chart], after: ["cluster.credentials"],
    exemption: { answers, _ in answers[.namespace] == nil ? "No namespace was named." : nil }
  ) { survey, answers, _ in
    .judging(survey.namespace) { namespace in
      let name = answers[.namespace] ?? ""
      guard let namespace else {
        return Finding(.pass, observed: "absent", message: "Namespace \(name) does not exist yet and will be made.")
      }
      if namespace.isTerminating {
        return terminating(namespace)
      }
      if namespace.status.phase != "Active" {
        return Finding(
          .unknown, observed: namespace.status.phase.isEmpty ? "no phase" : namespace.status.phase,
          message: "Namespace \(name) does not say that it is active.",
          remedy: Remedy("See what it is.", command: "kubectl describe namespace \(name)"))
      }
      return others(survey, answers, isOurs: ManagedObject.isOurs(namespace.metadata))
    }
  }

  private static func terminating(_ namespace: Namespace) -> Finding {
    let name = namespace.metadata.name
    let reasons = namespace.status.conditions.filter(\.isTrue).map { "\($0.type): \($0.message ?? $0.reason ?? "")" }
    let finalizers = namespace.metadata.finalizers.map { "finalizer \($0)" }
    return Finding(
      .fail, observed: (["Terminating"] + reasons + finalizers).joined(separator: "; "),
      message: "Namespace \(name) is being deleted"
        + (namespace.metadata.deletionTimestamp.map { " since \($0)" } ?? "")
        + (reasons.isEmpty && finalizers.isEmpty ? "." : ", and this holds it up: ")
        + (reasons + finalizers).joined(separator: "; "),
      remedy: Remedy(
        "Wait until it is gone, remove what holds it up, or choose another with cluster.namespace.",
        command: "kubectl get namespace \(name) --output yaml"),
      details: reasons + finalizers)
  }

  private static func others(_ survey: Survey, _ answers: Answers, isOurs: Bool) -> Finding {
    let name = answers[.namespace] ?? ""
    let made = isOurs ? "made by mlops-setup" : "not made by mlops-setup"
    func unknown(_ failure: ObservationFailure) -> Finding {
      Finding(
        .unknown, observed: "active, \(made); \(failure.message)",
        message:
          "Namespace \(name) is active, but whether another agent lives there could not be seen: \(failure.message)",
        remedy: failure.remedy)
    }
    switch survey.releases {
    case .failed(let failure): return unknown(failure)
    case .notAsked: return .notAsked
    case .seen(let summary):
      let release = answers[.release]
      let others = summary.releases.filter { $0.name != release && $0.status != "uninstalled" }
      if others.isEmpty {
        return Finding(
          .pass, observed: "active, \(made)", message: "Namespace \(name) is active and \(made).")
      }
      let charts: [String: String]
      switch summary.charts {
      case .seen(let seen): charts = seen
      case .failed(let failure): return unknown(failure)
      case .notAsked: return .notAsked
      }
      let chart = survey.chart.value?.name ?? Chart.agentName
      let lines = others.map { "release \($0.name): chart \(charts[$0.name] ?? "unknown"), \($0.status)" }
      if let twin = others.first(where: { HelmRelease.isChart(charts[$0.name], named: chart) }) {
        return Finding(
          .fail, observed: lines.joined(separator: "; "),
          message:
            "Namespace \(name) already holds the release \(twin.name) of \(chart); a second agent beside it would "
            + "act on the same objects.",
          remedy: Remedy(
            "Set chart.release to \(twin.name) to upgrade it, or choose another with cluster.namespace.",
            command: "helm status \(twin.name) --namespace \(name)"),
          details: lines)
      }
      if let unseen = others.first(where: { charts[$0.name] == nil }) {
        return unknown(ObservationFailure(.malformed, "helm does not list the release \(unseen.name)"))
      }
      return Finding(
        .pass, observed: "active, \(made)", message: "Namespace \(name) is active and \(made).", details: lines)
    }
  }
}

extension Namespace {
  /// Whether it is being deleted: nothing can be made in it.
  var isTerminating: Bool { status.phase == "Terminating" || metadata.deletionTimestamp != nil }
}

extension HelmRelease {
  /// Whether `datarobot-management-agent-2.1.0` is a version of that chart: after its name comes a digit.
  static func isChart(_ nameAndVersion: String?, named name: String) -> Bool {
    guard let text = nameAndVersion, text.hasPrefix(name + "-") else { return false }
    let version = text.dropFirst(name.count + 1)
    return SemanticVersion(String(version.first == "v" ? version.dropFirst() : version)) != nil
  }
}
