import Text

extension Check {
  /// The agent's service account gets what the agent needs.
  static let permissionsAgent = Check(
    "permissions.agent", title: "The agent's permissions",
    required: "the agent's service account may do all that deploying a model takes",
    why: "A missing verb is seen only when the first model is deployed, as a 403 in the agent's log.",
    needs: [.agentRights, .cluster], after: ["cluster.credentials", "chart.render"],
    exemption: { answers, _ in answers[.chartPath] == nil ? "No chart was named." : nil }
  ) { survey, answers, _ in
    .judging(survey.agentRights) { summary in
      guard let cluster = survey.cluster.value else { return .notAsked }
      return judge(summary, minor: cluster.minor, namespace: answers[.namespace] ?? "")
    }
  }

  private static func judge(_ summary: AgentRightsSummary, minor: Int, namespace: String) -> Finding {
    let from = summary.roles.isEmpty ? "no role of the chart" : summary.roles.joined(separator: ", ")
    let observed = "service account \(summary.account), \(from)"
    let lacking = summary.missing.filter { $0.elsewhere != .seen(true) }
    if lacking.isEmpty {
      let total = AgentRights.needed.reduce(0) { $0 + $1.verbs.count }
      return Finding(
        .pass, observed: observed,
        message: "The service account \(summary.account) gets all \(total) rights that the agent needs.",
        details: summary.missing.map { "not from the chart, but allowed by the cluster: \($0.request.sentence)" })
    }
    let lines = lacking.map { "\($0.request.sentence): \($0.purpose)" }
    let remedy = Remedy(
      "Give the account a Role with these rights and bind it, or let the chart make its own (rbac.create).",
      command: lacking.first.map { $0.request.roleCommand(namespace) })
    // A role that could not be read may hold them; without a role of the chart only the cluster knows.
    let isGuess = !summary.unreadable.isEmpty || summary.roles.isEmpty
    if isGuess, lacking.contains(where: { $0.elsewhere.value == nil }) {
      let reason = lacking.compactMap { missing -> String? in
        if case .failed(let failure) = missing.elsewhere { failure.message } else { nil }
      }.first
      return Finding(
        .unknown, observed: observed,
        message: "What the service account \(summary.account) may do could not be seen"
          + (reason.map { ": \($0)" } ?? "") + ".",
        remedy: remedy, details: summary.unreadable + lines)
    }
    let now = lacking.filter { !$0.isAttachCreate }
    if now.isEmpty, minor >= AgentRights.attachCreateSince {
      return Finding(
        .pass, observed: observed,
        message:
          "The service account \(summary.account) gets all rights that the agent needs but create pods/attach, which "
          + "the plan adds (Role \(AgentAttachStep.name)).",
        details: lines)
    }
    if now.isEmpty {
      return Finding(
        .warn, observed: observed,
        message: "The agent's account may not create pods/attach, which Kubernetes asks for from "
          + "1.\(AgentRights.attachCreateSince) on: an upgrade of the cluster would end every model's build.",
        remedy: remedy, details: lines)
    }
    return Finding(
      .fail, observed: observed,
      message: "The service account \(summary.account) may not "
        + now.map { "\($0.request.verb) \($0.request.qualifiedResource) (\($0.purpose))" }.joined(separator: ", ")
        + ".",
      remedy: remedy, details: lines)
  }
}

extension AccessRequest {
  /// A command that makes a Role with this right.
  fileprivate func roleCommand(_ namespace: String) -> String {
    Shell.line([
      "kubectl", "create", "role", "mlops-agent-supplement", "--verb", verb, "--resource", qualifiedResource,
      "--namespace", namespace,
    ])
  }
}
