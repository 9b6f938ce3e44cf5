import HTTP
import Registry
import Text

/// Docker Hub, or any registry that speaks the V2 protocol with a user and a password.
struct GenericRegistry: RegistryProvider {
  let name = "generic"
  let label = "Docker Hub or any V2 registry"

  var questions: [Question] { Self.questions }
  let lookups: [Probe] = [.dockerLogin]

  /// Not to be logged in is nothing to be told: a user and a password do as well.
  func lookedUp(_ survey: Survey) -> Observed<String> {
    guard let login = survey.dockerLogin.value else { return .notAsked }
    return .seen(
      "\(login.file) has a login at \(OutsideText.clean(login.host)) as \(OutsideText.clean(login.user, limit: 60)).")
  }

  func server(_ answers: Answers) -> String? { answers[.server] }

  func repository(_ name: String, _ answers: Answers) -> String? {
    guard let server = answers[.server] else { return nil }
    return ([server] + [answers[.prefix], name].compactMap { $0 }).joined(separator: "/")
  }

  func shellLogin(_ answers: Answers) -> ShellLogin? {
    // Engines read the login of docker or podman by themselves.
    guard !answers.usesDockerLogin, let server = answers[.server], let user = answers[.username],
      !answers.usesExistingRegistrySecret
    else {
      return nil
    }
    return ShellLogin(
      password: "printf %s \"\(answers.variable(.registryPassword, default: "REGISTRY_PASSWORD"))\"",
      user: Shell.quote(user), host: Shell.quote(server))
  }

  func access(_ setup: Setup) async throws -> RegistryAccess {
    let answers = setup.answers
    var tls = TLSOptions()
    if let pem = try setup.registryCertificateAuthority() { tls.certificateAuthority = .pem(pem) }
    let server = answers[.server] ?? ""
    return RegistryAccess(
      server: server,
      endpoint: RegistryEndpoint(host: server, scheme: answers[.scheme] == "http" ? .http : .https, tls: tls)
    ) {
      if answers.usesDockerLogin {
        let credential = try await setup.requiredDockerCredential(host: server)
        return RegistryLogin(credential, identity: "user \(credential.username)")
      }
      guard !answers.usesExistingRegistrySecret, let user = answers[.username],
        let password = answers[.registryPassword]
      else { return nil }
      return RegistryLogin(
        RegistryCredential(username: user, password: try setup.secret(password).reveal()), identity: "user \(user)")
    }
  }
}
