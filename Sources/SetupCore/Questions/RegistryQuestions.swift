extension Questionnaire {
  /// Which kind of registry, then the chosen provider's own questions.
  static let registry: [Question] =
    [
      Question(
        "registry.provider", page: .registry, label: "Kind",
        why: "The kind of registry that holds the agent's images and takes the images it builds.",
        kind: .choice(RegistryProviders.all.map { Question.Choice($0.name, $0.label) }),
        suggestion: { _, survey in .text(RegistryProviders.usual(survey).name) })
    ]
    + RegistryProviders.all.flatMap { provider in
      provider.questions.map { $0.asked { $0[.provider] == provider.name } }
    }
}

/// What several providers ask.
extension Question {
  /// A path before the repositories' names, which may be left empty.
  static func registryPrefix(
    why: String, problem: @escaping @Sendable (String) -> String? = RegistryRules.prefixProblem
  ) -> Question {
    Question(
      "registry.prefix", page: .registry, label: "Path prefix", why: why, example: "team-a", isRequired: false,
      problem: { value, _ in value.text.flatMap { $0.isEmpty ? nil : problem($0) } })
  }

  /// The service account that gets the right to push.
  static let builderAccount = Question(
    "registry.serviceAccount", page: .registry, label: "Service acct.",
    why: "The Kubernetes service account that the image builder runs as. It is made where it does not exist.",
    example: ImageBuilder.usualAccount, suggestion: { _, _ in .text(ImageBuilder.usualAccount) },
    problem: { value, _ in value.text.flatMap(KubernetesNames.subdomainProblem) })
}
