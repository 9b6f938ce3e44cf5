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
