extension Check {
  /// We may do all that the steps do, and give away what the chart's roles grant.
  static let permissionsInstall = Check(
    "permissions.install", title: "Permissions", required: "every verb that the installation needs",
    why: "An installation that is refused half-way leaves half an installation.", needs: [.access],
    after: ["cluster.credentials"]
  ) { survey, _, _ in
    .judging(survey.access) { answers in
      .judging(survey.escalation) { escalation in
        judge(answers, escalation)
      }
    }
  }

  private static func judge(_ answers: [AccessAnswer], _ escalation: EscalationSummary) -> Finding {
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
    let command = (denied + lacking + unseen + unsure).first.map(\.request.command)
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
  /// The same question to kubectl.
  var command: String {
    let words = group.isEmpty ? resource : "\(resource).\(group)"
    return "kubectl auth can-i \(verb) \(words)" + (subresource.map { " --subresource \($0)" } ?? "")
      + (namespace.map { " --namespace \($0)" } ?? "")
  }
}

extension [AccessRequest] {
  /// The verbs of each resource together: `create, patch secrets in namespace n; list pods in namespace n`.
  fileprivate var sentence: String {
    var verbs: [(place: String, verbs: [String])] = []
    for request in self {
      let place = request.qualifiedResource + (request.namespace.map { " in namespace \($0)" } ?? "")
      if let index = verbs.firstIndex(where: { $0.place == place }) {
        if !verbs[index].verbs.contains(request.verb) { verbs[index].verbs.append(request.verb) }
      } else {
        verbs.append((place, [request.verb]))
      }
    }
    return verbs.map { "\($0.verbs.joined(separator: ", ")) \($0.place)" }.joined(separator: "; ")
  }
}
