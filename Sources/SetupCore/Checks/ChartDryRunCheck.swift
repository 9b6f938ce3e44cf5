import Kubernetes

extension Check {
  /// The API server takes every object of the chart.
  static let chartDryRun = Check(
    "chart.dryrun", title: "Rehearsal", required: "the API server takes a dry run of every object of the chart",
    why:
      "Admission policies, quotas, schemas and webhooks decide only when an object is sent; helm's own dry run sends none.",
    needs: [.dryRun], after: ["cluster.credentials", "chart.render"],
    exemption: { answers, survey in
      if answers[.chartPath] == nil { return "No chart was named." }
      // What has to wait for the namespace applies later; what could be tried was, and is judged where it is not accepted.
      let isGone = (survey.namespace.value ?? nil)?.isTerminating == true
      guard !isGone, let found = survey.dryRun.value.map(judge), found.status == .skipped else { return nil }
      return found.message
    }
  ) { survey, _, _ in
    if let namespace = survey.namespace.value ?? nil, namespace.isTerminating {
      return .left(to: "namespace.state", "Not tried, because namespace \(namespace.metadata.name) is being deleted.")
    }
    return .judging(survey.dryRun) { results in judge(results) }
  }

  private static func judge(_ results: [DryRunResult]) -> Finding {
    var refused: [String] = []
    var unseen: [String] = []
    var skipped: [String] = []
    var warned: [String] = []
    var accepted = 0
    var untried: [String] = []
    for result in results {
      warned += result.warnings.map { "\(result.title): \($0)" }
      switch result.outcome {
      case .accepted: accepted += 1
      case .refused(let said): refused.append("\(result.title): \(said)")
      case .notPermitted(let said):
        untried.append(result.title)
        unseen.append("\(result.title): \(said)")
      case .unknown(let said): unseen.append("\(result.title): \(said)")
      case .skipped(let why): skipped.append("\(result.title): not tried, \(why)")
      }
    }
    let observed = "\(accepted) of \(results.count) accepted"
    let lines =
      refused.map { "refused: \($0)" } + unseen.map { "unknown: \($0)" } + warned.map { "warning: \($0)" }
      + skipped
    // Who may not read the namespace sees only here that it is on its way out; no policy is to blame.
    if let ended = refused.first(where: { $0.contains("because it is being terminated") }) {
      return Finding(
        .fail, observed: observed, message: "Nothing can be made in the namespace: it is being deleted.",
        remedy: Remedy("Wait until it is gone, or choose another with cluster.namespace."), details: [ended])
    }
    if !refused.isEmpty {
      return Finding(
        .fail, observed: observed, message: "The API server refuses " + refused.joined(separator: "; ") + ".",
        remedy: Remedy("Mend what it names: a policy or quota of the cluster, or a value under chart.values."),
        details: lines)
    }
    if !unseen.isEmpty || results.isEmpty {
      return Finding(
        .unknown, observed: observed,
        message: !untried.isEmpty
          ? "Not everything could be tried, because the user may not: \(untried.joined(separator: ", "))."
          : "The API server did not say whether it takes everything: \(unseen.joined(separator: "; ")).",
        remedy: Remedy(
          !untried.isEmpty ? "Mend permissions.install first, or use another context." : "Try again."),
        details: lines)
    }
    if !warned.isEmpty {
      return Finding(
        .warn, observed: observed, message: "The API server warns of " + warned.joined(separator: "; ") + ".",
        remedy: Remedy("See whether what it warns of matters here."), details: lines)
    }
    if skipped.count == results.count || results.contains(where: \.awaitsNamespace) {
      return Finding(
        .skipped, observed: observed,
        message: "\(skipped.count) objects could not be tried yet: "
          + (results.contains(where: \.awaitsNamespace)
            ? "the namespace does not exist yet. What could be tried, the namespace among it, is accepted."
            : "what they need is not there yet."),
        details: lines)
    }
    return Finding(
      .pass, observed: observed, message: "The API server takes every object of the chart.", details: lines)
  }
}
