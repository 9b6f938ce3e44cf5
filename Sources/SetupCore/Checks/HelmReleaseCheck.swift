import Text

extension Check {
  /// The release can be installed or upgraded.
  static let helmRelease = Check(
    "helm.release", title: "Helm release", required: "absent or deployed, of the same chart",
    why:
      "Helm refuses to touch a release that it believes is being worked on, and turns one of another chart into this.",
    needs: [.releases, .chart], after: ["cluster.credentials"],
    exemption: { answers, _ in
      answers[.release] == nil || answers[.namespace] == nil ? "No release or namespace was named." : nil
    }
  ) { survey, answers, _ in
    .judging(survey.releases) { summary in
      let name = answers[.release] ?? ""
      guard let live = summary.release(name), live.status != "uninstalled" else {
        return Finding(.pass, observed: "absent", message: "Release \(name) is not there yet.")
      }
      let observed = "revision \(live.revision) is \(live.status)"
      let namespace = answers[.namespace] ?? ""
      if live.isPending {
        if summary.isOurInterruptedRun {
          return Finding(
            .pass, observed: observed + ", left by an interrupted run of mlops-setup",
            message: "Revision \(live.revision) of release \(name) was interrupted; the installation clears it.")
        }
        return Finding(
          .fail, observed: observed,
          message: "Release \(name) is \(live.status): another helm is at work on it, or one was killed.",
          remedy: Remedy(
            "Wait for it. Where nobody is at work, roll it back, or where it is revision 1 take the lock away.",
            command: live.revision > 1
              ? Shell.line(["helm", "rollback", name, "--namespace", namespace])
              : Shell.line(["kubectl", "delete", "secret", live.object, "--namespace", namespace])))
      }
      if live.status == "uninstalling" {
        return Finding(
          .fail, observed: observed, message: "Release \(name) is being uninstalled, or that was interrupted.",
          remedy: Remedy(
            "Wait until it is gone, or finish it.",
            command: Shell.line(["helm", "uninstall", name, "--namespace", namespace])))
      }
      return sameChart(live, summary, survey, observed) ?? verdict(live, namespace, observed)
    }
  }

  /// What is wrong with the chart of the release that is there; nil: it is ours.
  private static func sameChart(
    _ live: HelmRelease, _ summary: ReleaseSummary, _ survey: Survey, _ observed: String
  ) -> Finding? {
    let charts: [String: String]
    switch summary.charts {
    case .seen(let seen): charts = seen
    case .failed(let failure): return .unknown(failure)
    case .notAsked: return .notAsked
    }
    guard let wanted = survey.chart.value?.name else {
      return Finding(
        .unknown, observed: observed, message: "The chart was not read, so it cannot be compared with the release's.",
        remedy: Remedy("Mend chart.found first."))
    }
    guard let chart = charts[live.name] else {
      return Finding(
        .unknown, observed: observed, message: "helm does not list the release \(live.name).",
        remedy: Remedy("See it.", command: "helm list --all-namespaces"))
    }
    if HelmRelease.isChart(chart, named: wanted) { return nil }
    return Finding(
      .fail, observed: "\(observed), of chart \(chart)",
      message: "Release \(live.name) is of another chart: \(chart), not \(wanted).",
      remedy: Remedy("Choose another name with chart.release, or another namespace."))
  }

  private static func verdict(_ live: HelmRelease, _ namespace: String, _ observed: String) -> Finding {
    let history = Shell.line(["helm", "history", live.name, "--namespace", namespace])
    return switch live.status {
    case "deployed":
      Finding(
        .pass, observed: observed, message: "Release \(live.name) is deployed; it is upgraded where anything differs.")
    case "failed":
      Finding(
        .warn, observed: observed, message: "The last revision of release \(live.name) failed; this run upgrades it.",
        remedy: Remedy("See why it failed before you repeat it.", command: history))
    default:
      Finding(
        .unknown, observed: observed, message: "Release \(live.name) is in the state \(live.status).",
        remedy: Remedy("See it.", command: history))
    }
  }
}
