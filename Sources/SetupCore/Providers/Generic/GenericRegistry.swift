import HTTP
import Registry
import Text

/// Docker Hub, or any registry that speaks the V2 protocol with a user and a password.
struct GenericRegistry: RegistryProvider {
  let name = "generic"
  let label = "Docker Hub or any V2 registry"

  var questions: [Question] { Self.questions }

  func server(_ answers: Answers) -> String? { answers[.server] }

  func repository(_ name: String, _ answers: Answers) -> String? {
    guard let server = answers[.server] else { return nil }
    return ([server] + [answers[.prefix], name].compactMap { $0 }).joined(separator: "/")
  }

  func loginCommand(_ answers: Answers, engine: String) -> String? {
    guard let server = answers[.server], let user = answers[.username], !answers.usesExistingRegistrySecret else {
      return nil
    }
    let password = "printf %s \"\(answers.variable(.registryPassword, default: "REGISTRY_PASSWORD"))\""
    return "\(password) |\n" + Shell.line([engine, "login", "--username", user, "--password-stdin", server])
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
      guard !answers.usesExistingRegistrySecret, let user = answers[.username],
        let password = answers[.registryPassword]
      else { return nil }
      return RegistryLogin(
        RegistryCredential(username: user, password: try setup.secret(password).reveal()), identity: "user \(user)")
    }
  }
}
