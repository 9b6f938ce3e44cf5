extension Check {
  /// We may do all that the steps do, and give away what the chart's roles grant.
  static let permissionsInstall = Check(
    "permissions.install", title: "Permissions", required: "every verb that the installation needs",
    why: "An installation that is refused half-way leaves half an installation.", needs: [.access],
    after: ["cluster.credentials"]
  ) { survey, answers, _ in
    .judging(survey.access) { access in
      .judging(survey.escalation) { escalation in
        judge(access, escalation, Kubectl(answers))
      }
    }
  }

  private static func judge(
    _ answers: [AccessAnswer], _ escalation: EscalationSummary, _ kubectl: Kubectl
  ) -> Finding {
    let denied = answers.filter { $0.allowed.value == false }
    let unseen = answers.filter { $0.allowed.value == nil }
    let mayGive = escalation.mayAll("escalate") && escalation.mayAll("bind")
    let lacking = mayGive ? [] : escalation.granted.filter { $0.allowed.value == false }
    let unsure = mayGive ? [] : escalation.granted.filter { $0.allowed.value == nil }
    let unreadable = escalation.mayAll("bind") ? [] : escalation.unreadable
    let lines =
      denied.map { "denied: \($0.request.sentence)" } + lacking.map { "may not be granted: \($0.request.sentence)" }
      + unseen.map { "not answered: \($0.request.sentence)" } + unsure.map { "not answered: \($0.request.sentence)" }
      + unreadable.map { "a role that is bound could not be read: \($0)" }
    let details = lines.reduce(into: [] as [String]) { if !$0.contains($1) { $0.append($1) } }
    let command = (denied + lacking + unseen + unsure).first.map { kubectl.canI($0.request) }
    let observed = "\(answers.count - denied.count - unseen.count) of \(answers.count) allowed"
    if !denied.isEmpty {
      return Finding(
        .fail, observed: observed, message: "You may not \(denied.map(\.request).sentence).",
        remedy: Remedy("Ask a cluster administrator for these rights, or use another context.", command: command),
        details: details)
    }
    if !lacking.isEmpty {
      let owner = escalation.isRendered ? "The chart's roles grant" : "The agent's role grants"
      return Finding(
        .fail, observed: "\(observed); \(lacking.count) rights of the agent are not yours to give",
        message: "\(owner) what you may not do yourself, so the API server will refuse them: "
          + lacking.map(\.request).sentence + ".",
        remedy: Remedy(
          "Ask a cluster administrator for these rights, or for the verbs escalate and bind on roles in the namespace.",
          command: command,
          url:
            "https://kubernetes.io/docs/reference/access-authn-authz/rbac/#privilege-escalation-prevention-and-bootstrapping"
        ),
        details: details)
    }
    if !unseen.isEmpty || !unsure.isEmpty || !unreadable.isEmpty || answers.isEmpty {
      return Finding(
        .unknown, observed: observed, message: "The API server did not say whether everything is allowed.",
        remedy: Remedy("Ask it by hand.", command: command), details: details)
    }
    return Finding(.pass, observed: observed, message: "Everything the installation does is allowed.")
  }
}

extension AccessRequest {
  /// `create secrets in namespace datarobot-mlops`.
  var sentence: String {
    "\(verb) \(qualifiedResource)" + (name.map { "/\($0)" } ?? "") + (namespace.map { " in namespace \($0)" } ?? "")
  }
}

extension Kubectl {
  /// The same question to kubectl.
  func canI(_ request: AccessRequest) -> String {
    let kind = request.group.isEmpty ? request.resource : "\(request.resource).\(request.group)"
    var words = ["auth", "can-i", request.verb, kind + (request.name.map { "/\($0)" } ?? "")]
    if let subresource = request.subresource { words += ["--subresource", subresource] }
    if let namespace = request.namespace { words += ["--namespace", namespace] }
    return anywhere(words)
  }
}

extension [AccessRequest] {
  /// The verbs of each resource together, and the resources with the same verbs in the same place: `create, patch secrets,
  /// configmaps in namespace n; list pods in namespace n`.
  fileprivate var sentence: String {
    var groups: [(verbs: [String], resources: [String], place: String)] = []
    for request in self {
      let place = request.namespace.map { " in namespace \($0)" } ?? ""
      let resource = request.qualifiedResource
      if let index = groups.firstIndex(where: { $0.resources == [resource] && $0.place == place }) {
        if !groups[index].verbs.contains(request.verb) { groups[index].verbs.append(request.verb) }
      } else {
        groups.append(([request.verb], [resource], place))
      }
    }
    var merged: [(verbs: [String], resources: [String], place: String)] = []
    for group in groups {
      if let index = merged.firstIndex(where: { $0.verbs == group.verbs && $0.place == group.place }) {
        merged[index].resources += group.resources
      } else {
        merged.append(group)
      }
    }
    return merged.map { "\($0.verbs.joined(separator: ", ")) \($0.resources.joined(separator: ", "))\($0.place)" }
      .joined(separator: "; ")
  }
}
