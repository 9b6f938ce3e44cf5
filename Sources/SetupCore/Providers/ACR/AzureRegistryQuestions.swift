import Kubernetes

extension AzureRegistry {
  static let questions: [Question] = [
    Question(
      "registry.subscription", page: .registry, label: "Subscription",
      why: "The Azure subscription that the registry lies in, by id or name. Left out: the one that az uses.",
      example: "11111111-2222-3333-4444-555555555555", isRequired: false,
      suggestion: { _, survey in survey.azureAccount.value?.current.map { .text($0.id) } },
      candidates: { _, survey in
        (survey.azureAccount.value?.subscriptions ?? []).map { .init($0.id, $0.name) }
      }),
    Question(
      "registry.name", page: .registry, label: "Registry",
      why: "The registry's name in Azure, as az acr list shows it: letters and digits. Its host is the next question.",
      example: "mycompany",
      suggestion: { _, survey in survey.azureRegistries.value?.only.map { .text($0.name) } },
      candidates: { _, survey in (survey.azureRegistries.value ?? []).map { .init($0.name, $0.loginServer) } },
      problem: { value, _ in value.text.flatMap(nameProblem) }),
    Question(
      "registry.loginServer", page: .registry, label: "Login server",
      why:
        "The host that images carry, as az acr show tells it. It need not be NAME.azurecr.io: a registry can have a suffix of its own, and other clouds have other domains.",
      example: "mycompany.azurecr.io",
      suggestion: { answers, survey in survey.azureRegistry(answers).map { .text($0.loginServer) } },
      problem: { value, _ in
        guard let server = value.text else { return nil }
        if server.contains("://") { return "is a host without a scheme" }
        if server.contains("/") { return "is a host without a path; use registry.prefix for a path" }
        return RegistryRules.hostProblem(server)
      }),
    .registryPrefix(
      why: "A path put before the repository names, where one registry serves several teams. May be left empty."),
    Question(
      "registry.identity", page: .registry, label: "Pushes as",
      why:
        "What the image builder logs in as; the login goes into the Secret registry-creds, which nodes pull with too. A token may use the named repositories and nothing else. The admin user is what the manual takes: it may do everything in the registry, and all who have it share one password. Azure Workload Identity is not among them: the builder's pods cannot carry the label that it wants.",
      kind: .choice([
        .init("token", "a token for these repositories alone"), .init("admin", "the admin user, as in the manual"),
        .init("service-principal", "a service principal, yours or a new one"),
        .init("credentials", "a user and password you have"),
      ]),
      suggestion: { _, survey in .text(survey.hasNoAzure ? "credentials" : "token") }),
    Question(
      "registry.token", page: .registry, label: "Token",
      why:
        "The name of the token, and of the scope map with its rights. One for each cluster: making a password anew ends the old one.",
      example: "mlops-prod", applies: { $0[.azureIdentity] == "token" },
      suggestion: { answers, _ in .text(tokenName(answers)) },
      problem: { value, _ in
        guard let name = value.text else { return nil }
        let isPlain = name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") }
        return isPlain && (5...50).contains(name.count) ? nil : "must be 5 to 50 letters, digits, '-' or '_'"
      }),
    Question(
      "registry.expirationInDays", page: .registry, label: "Expires in",
      why:
        "For how many days the token's password is good. After that no model is built until this is run again, which makes a new one. Left out: it does not expire.",
      example: "365", isRequired: false, applies: { $0[.azureIdentity] == "token" },
      problem: { value, _ in
        guard let days = value.text, !days.isEmpty else { return nil }
        return Int(days).map { (1...3650).contains($0) } == true ? nil : "must be a number of days, 1 to 3650"
      }),
    Question(
      "registry.appId", page: .registry, label: "App id",
      why:
        "The application id of a service principal that may push already. Left out: one is made under the next name.",
      example: "11111111-2222-3333-4444-555555555555", isRequired: false,
      applies: { $0[.azureIdentity] == "service-principal" && !$0.usesExistingRegistrySecret },
      problem: { value, _ in
        guard let id = value.text, !id.isEmpty else { return nil }
        let isID = id.count == 36 && id.allSatisfy { $0.isASCII && ($0.isHexDigit || $0 == "-") }
        return isID ? nil : "is an id like 11111111-2222-3333-4444-555555555555"
      }),
    Question(
      "registry.principalName", page: .registry, label: "New principal",
      why:
        "The name of the service principal that is made, which needs the right to make applications in your directory. It begins with mlops-setup, which tells that it is ours. Its password is good for a year.",
      example: "mlops-setup-prod",
      applies: { if case .principal? = $0.madeAzureLogin { true } else { false } },
      problem: { value, _ in
        guard let name = value.text else { return nil }
        if !name.hasPrefix(AzurePrincipalStep.mark) { return "must begin with \(AzurePrincipalStep.mark)" }
        return name.count <= 120 ? nil : "is longer than 120 characters"
      }),
    Question(
      "registry.username", page: .registry, label: "User",
      why: "A user that may push to the repository of the generated images: a token's name, an application id.",
      example: "ci-push", applies: { $0[.azureIdentity] == "credentials" && !$0.usesExistingRegistrySecret }),
    Question(
      "registry.password", page: .registry, label: "Password",
      why: "The password that goes with it. It goes into the Secret registry-creds and nowhere else.",
      kind: .secret(environment: "REGISTRY_PASSWORD"), applies: { $0.madeAzureLogin == nil }),
  ]

  /// What is wrong with a registry's name (learn.microsoft.com, "Naming rules": Microsoft.ContainerRegistry).
  private static func nameProblem(_ name: String) -> String? {
    if name.contains(".") { return "is a name and no host; the host is registry.loginServer" }
    if name.contains("-") {
      return "has no '-': what stands behind it in a login server is no part of the registry's name"
    }
    let isPlain = name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) }
    return isPlain && (5...50).contains(name.count) ? nil : "must be 5 to 50 letters and digits"
  }

  /// A token's name that two clusters do not share.
  private static func tokenName(_ answers: Answers) -> String {
    let target = [answers[.context] ?? "in-cluster", answers[.namespace] ?? ""].joined(separator: "-")
    let plain = String(target.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") ? $0 : "-" })
    let name = "mlops-\(plain)"
    if plain == target, name.count <= 50 { return name }
    var fingerprint = Fingerprint()
    fingerprint.add(target.utf8)
    return "\(name.prefix(41))-\(fingerprint.text.prefix(8))"
  }
}
