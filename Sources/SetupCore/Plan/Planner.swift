/// Makes plans.
public enum Planner {
  /// The steps for these answers, in the order they are run.
  public static func steps(_ answers: Answers) -> [any Step] {
    var steps: [any Step] = [NamespaceStep(answers)]
    if case .existing? = answers[.apiToken] {} else { steps.append(SecretStep.apiToken(answers)) }
    if let name = answers.newEnvironmentName { steps.append(PredictionEnvironmentStep(answers, name: name)) }
    steps += RegistryProviders.chosen(answers)?.steps(answers) ?? []
    if ImagesStep.applies(answers) { steps.append(ImagesStep(answers)) }
    steps += [ValuesFileStep(answers), ReleaseStep(answers), RolloutStep(answers)]
    return steps
  }

  /// Lets every step look at the world, in order. Nothing is changed. Throws where one cannot even look.
  public static func plan(_ setup: Setup) async throws -> Plan {
    var entries: [Plan.Entry] = []
    for step in steps(setup.answers) {
      try Task.checkCancellation()
      let state = try await step.inspect(setup)
      entries.append(Plan.Entry(step: step, state: state, commands: try await step.commands(setup)))
    }
    return Plan(target: target(setup.answers), entries: entries)
  }

  /// `context prod, namespace datarobot-mlops`.
  static func target(_ answers: Answers) -> String {
    [answers[.context].map { "context \($0)" } ?? "in-cluster", answers[.namespace].map { "namespace \($0)" }]
      .compactMap { $0 }.joined(separator: ", ")
  }
}
