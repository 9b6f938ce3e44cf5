extension Check {
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
}
