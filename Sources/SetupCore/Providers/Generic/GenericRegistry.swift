/// Docker Hub, or any registry that speaks the V2 protocol with a user and a password.
struct GenericRegistry: RegistryProvider {
  let name = "generic"
  let label = "Docker Hub or any V2 registry"
  let checks: [Check] = []

  var questions: [Question] { Self.questions }

  func repository(_ name: String, _ answers: Answers) -> String? {
    guard let server = answers[.server] else { return nil }
    return ([server] + [answers[.prefix], name].compactMap { $0 }).joined(separator: "/")
  }
}
