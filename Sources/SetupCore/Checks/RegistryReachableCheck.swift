extension Check {
  /// A registry answers there.
  static let registryReachable = Check(
    "registry.reachable", title: "Registry answers", required: "the registry answers /v2/",
    why: "Images are pushed to it and pulled from it.", needs: [.registry],
    exemption: { answers, _ in noRegistry(answers) }
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

  /// Why nothing is asked that needs the registry's password.
  static let existingSecret: @Sendable (Answers, Survey) -> String? = { answers, _ in
    if let reason = noRegistry(answers) { return reason }
    guard answers.usesExistingRegistrySecret else { return nil }
    return "The credentials are in the Secret \(answers.registrySecretName) already, which is left as it is."
  }
}
