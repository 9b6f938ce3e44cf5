extension Check {
  /// A registry answers there.
  static let registryReachable = Check(
    "registry.reachable", title: "Registry answers", required: "the registry answers /v2/",
    why: "Images are pushed to it and pulled from it.", needs: [.registry],
    exemption: { noRegistry($0) ?? noWay($1.registry) }
  ) { survey, _, _ in
    switch survey.registry {
    case .seen(let registry): Finding(.pass, observed: registry.answer, message: "\(registry.server) answers.")
    case .failed(let failure): failure.kind == .timedOut ? .unknown(failure) : .failed(failure)
    case .notAsked: .notAsked
    }
  }

  /// Why nothing is asked of a registry: there is none.
  static func noRegistry(_ answers: Answers) -> String? {
    answers.registryServer == nil ? "No registry was named." : nil
  }

  /// Why nothing is asked from here: no way leads there.
  static func noWay<Value>(_ observed: Observed<Value>?) -> String? {
    guard case .failed(let failure)? = observed, failure.kind == .inapplicable else { return nil }
    return failure.message
  }

  /// Why nothing is asked that needs the registry's password.
  static let existingSecret: @Sendable (Answers, Survey) -> String? = { answers, survey in
    let registry = survey.registry
    if let reason = noRegistry(answers) ?? noWay(registry) ?? noWay(registry.value?.credentials) { return reason }
    guard answers.usesExistingRegistrySecret else { return nil }
    return "The credentials are in the Secret \(answers.registrySecretName) already, which is left as it is."
  }
}
