import Registry

/// Proves credentials where they are made: an upload to a repository is opened and cancelled, before anything that
/// depends on it is installed.
enum PushProof {
  /// Tries until the registry agrees or the time is over: new credentials and rights take a while to be known.
  ///
  /// - Throws: a `SetupError` that says what was refused.
  static func prove(
    _ references: [String], _ access: RegistryAccess, as login: RegistryLogin, _ setup: Setup,
    patience: Int = 10, progress: @escaping @Sendable (StepProgress) -> Void
  ) async throws {
    let client = setup.registryClient(access, as: login)
    for reference in references {
      let repository = try ImageReference(reference).repository
      progress(StepProgress("trying a push to \(reference) as \(login.identity)"))
      var attempt = 1
      while true {
        let answer = await client.checkPush(repository)
        if case .allowed = answer { break }
        guard attempt < patience else { throw refusal(answer, reference, login) }
        attempt += 1
        try await setup.world.sleep(.seconds(3))
      }
    }
  }

  private static func refusal(_ answer: PushCheck, _ reference: String, _ login: RegistryLogin) -> SetupError {
    let said =
      switch answer {
      case .allowed: ""
      case .denied(let said): said
      case .repositoryMissing: "there is no such repository"
      case .readOnly: "the registry takes no uploads at all"
      case .unknown(let error): error.message
      }
    return SetupError(
      .installFailed, "the registry refuses a push to \(reference) as \(login.identity): \(said)",
      next: "Nothing was installed yet. Give it push access, and run again.")
  }
}
