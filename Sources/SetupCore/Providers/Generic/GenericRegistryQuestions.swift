extension GenericRegistry {
  static let questions: [Question] = [
    Question(
      "registry.server", page: .registry, label: "Registry",
      why: "Host and port as images carry them. Nodes must reach it under this name. Docker Hub is docker.io.",
      example: "registry.example.com:5000",
      problem: { value, _ in
        guard let server = value.text else { return nil }
        if server.contains("://") { return "is a host and port without a scheme; use registry.scheme for http" }
        if server.contains("/") { return "is a host and port without a path; use registry.prefix for a path" }
        return RegistryRules.hostProblem(server)
      }),
    .registryPrefix(
      why: "A path put before the repository names, for registries that give each team one. May be left empty."),
    Question(
      "registry.scheme", page: .registry, label: "Scheme",
      why: "http only for a registry without TLS: nodes and the image builder must then allow it as insecure.",
      kind: .choice([.init("https", "TLS"), .init("http", "no TLS: passwords cross the network in the clear")]),
      suggestion: { _, _ in .text("https") }),
    Question(
      "registry.certificateAuthority", page: .registry, label: "CA file",
      why: "A PEM file with the CA that signed the registry's certificate, where that is not a public one.",
      example: "ca.pem", kind: .path, isRequired: false,
      applies: { $0[.scheme] != "http" }),
    Question(
      "registry.login", page: .registry, label: "Login",
      why:
        "Where user and password come from: typed here, or what docker or podman on this machine is logged in with, its "
        + "credential helpers included.",
      kind: .choice([.init("password", "a user and a password"), .init("docker", "the login of docker or podman here")]
      ),
      suggestion: { answers, survey in
        guard let login = survey.dockerLogin.value, login.host == answers[.server] else { return .text("password") }
        return .text("docker")
      }),
    Question(
      "registry.username", page: .registry, label: "User",
      why: "A user that may push to the repository of the generated images.",
      example: "push", applies: { !$0.usesDockerLogin && !$0.usesExistingRegistrySecret }),
    Question(
      "registry.password", page: .registry, label: "Password",
      why: "The user's password or access token. It goes into the Secret registry-creds and nowhere else.",
      kind: .secret(environment: "REGISTRY_PASSWORD"), applies: { !$0.usesDockerLogin }),
  ]
}

extension AnswerKey where Value == String {
  /// `password` or `docker`.
  static let registryLogin = AnswerKey("registry.login")
}

extension Answers {
  /// Whether the registry's credentials are those that docker or podman on this machine have.
  var usesDockerLogin: Bool { self[.provider] == "generic" && self[.registryLogin] == "docker" }

  /// Whether the registry's credentials are in the cluster already and stay as they are.
  var usesExistingRegistrySecret: Bool {
    if case .existing? = self[.registryPassword] { true } else { false }
  }
}
