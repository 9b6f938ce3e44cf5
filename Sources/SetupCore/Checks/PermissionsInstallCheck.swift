extension Check {
  /// We may do all that the steps do.
  static let permissionsInstall = Check(
    "permissions.install", title: "Permissions", required: "every verb that the installation needs",
    why: "An installation that is refused half-way leaves half an installation.", needs: [.access],
    after: ["cluster.credentials"]
  ) { survey, _, _ in
    .judging(survey.access) { answers in
      let denied = answers.filter { $0.allowed.value == false }
      let unseen = answers.filter { $0.allowed.value == nil }
      let lines =
        denied.map { "denied: \($0.request.sentence)" } + unseen.map { "not answered: \($0.request.sentence)" }
      let command = (denied + unseen).first.map(\.request.command)
      let observed = "\(answers.count - denied.count - unseen.count) of \(answers.count) allowed"
      if !denied.isEmpty {
        return Finding(
          .fail, observed: observed, message: "You may not \(denied.map(\.request.sentence).joined(separator: ", ")).",
          remedy: Remedy("Ask a cluster administrator for these rights, or use another context.", command: command),
          details: lines)
      }
      if !unseen.isEmpty || answers.isEmpty {
        return Finding(
          .unknown, observed: observed, message: "The API server did not say whether everything is allowed.",
          remedy: Remedy("Ask it by hand.", command: command), details: lines)
      }
      return Finding(.pass, observed: observed, message: "Everything the installation does is allowed.")
    }
  }
}

extension AccessRequest {
  /// `create secrets in namespace datarobot-mlops`.
  var sentence: String {
    "\(verb) \(qualifiedResource)" + (name.map { "/\($0)" } ?? "") + (namespace.map { " in namespace \($0)" } ?? "")
  }
  /// The same question to kubectl.
  var command: String {
    "kubectl auth can-i \(verb) \(qualifiedResource)" + (namespace.map { " --namespace \($0)" } ?? "")
  }
}
