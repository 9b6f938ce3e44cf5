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

  /// It takes the credentials.
  static let registryCredentials = Check(
    "registry.credentials", title: "Registry credentials", required: "the registry accepts the user and password",
    why: "The image builder logs in with them.", needs: [.registry], after: ["registry.reachable"],
    exemption: existingSecret
  ) { survey, _, _ in
    switch survey.registry.value?.credentials {
    case .seen(let user)?: Finding(.pass, observed: user, message: "The registry accepts \(user).")
    case .failed(let failure)?: failure.kind == .unauthorized ? .failed(failure) : .unknown(failure)
    case .notAsked?, nil: .notAsked
    }
  }

  /// It lets us push where the image builder will push.
  static let registryPush = Check(
    "registry.push", title: "Push allowed", required: "an upload to the repository of generated images can be opened",
    why: "The image builder pushes the image of every model. A login alone proves nothing.", needs: [.registry],
    after: ["registry.credentials"], exemption: existingSecret
  ) { survey, answers, _ in
    .judging(survey.registry) { registry in
      let repository = answers[.generated] ?? ""
      switch registry.push[repository] {
      case .seen(true)?:
        return Finding(
          .pass, observed: "upload opened and cancelled", message: "Pushing to \(repository) is allowed.")
      case .seen(false)?:
        return Finding(
          .fail, observed: "refused", message: "The registry refuses a push to \(repository).",
          remedy: Remedy("Give the user push access to it, or choose another repository."))
      case .failed(let failure)?:
        return failure.kind == .denied || failure.kind == .absent ? .failed(failure) : .unknown(failure)
      case .notAsked?, nil: return .notAsked
      }
    }
  }

  private static func noRegistry(_ answers: Answers) -> String? {
    answers[.server] == nil ? "No registry was named." : nil
  }

  private static let existingSecret: @Sendable (Answers, Survey) -> String? = { answers, _ in
    if let reason = noRegistry(answers) { return reason }
    guard answers.usesExistingRegistrySecret else { return nil }
    return "The credentials are in the Secret \(answers.registrySecretName) already, which is left as it is."
  }
}
