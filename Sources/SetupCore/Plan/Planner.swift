import Kubernetes

/// Makes plans.
public enum Planner {
  /// The steps for these answers, in the order they are run.
  public static func steps(_ answers: Answers) -> [any Step] {
    var steps: [any Step] = [namespaceStep(answers)]
    if case .existing? = answers[.apiToken] {} else { steps.append(SecretStep.apiToken(answers)) }
    if let name = answers.newEnvironmentName { steps.append(PredictionEnvironmentStep(answers, name: name)) }
    steps += RegistryProviders.chosen(answers)?.steps(answers) ?? []
    if ImagesStep.applies(answers) { steps.append(ImagesStep(answers)) }
    steps += IngressStep.steps(answers)
    steps += [ValuesFileStep(answers), AgentAttachStep(answers), ReleaseStep(answers), RolloutStep(answers)]
    return steps
  }

  /// What makes the agent's namespace.
  static func namespaceStep(_ answers: Answers) -> any Step {
    RegistryProviders.chosen(answers)?.namespaceStep(answers) ?? NamespaceStep(answers)
  }

  /// Lets every step look at the world, in order. Nothing is changed. Throws where one cannot even look.
  ///
  /// - Parameter part: Plans this step alone, if the answers ask for it; nil: all of them.
  public static func plan(_ setup: Setup, only part: StepID? = nil) async throws -> Plan {
    var entries: [Plan.Entry] = []
    for step in steps(setup.answers) where part == nil || step.id == part {
      try Task.checkCancellation()
      let state = try await inspect(step, setup, after: entries.first)
      entries.append(Plan.Entry(step: step, state: state, commands: try await step.commands(setup)))
    }
    var plan = Plan(target: target(setup.answers), entries: entries, isWhole: part == nil)
    plan.interrupted = try setup.journal().interruptedSteps()
    return plan
  }

  /// A project that is yet to be asked for may not be looked into; its administrator may.
  private static func inspect(_ step: any Step, _ setup: Setup, after first: Plan.Entry?) async throws -> StepState {
    guard let first, first.step is ProjectStep, case .needed = first.state else { return try await step.inspect(setup) }
    do {
      return try await step.inspect(setup)
    } catch let error as KubernetesError where error.code == .forbidden {
      return .needed(["look again once the project is there: only then it may be looked into"])
    }
  }

  /// `context prod, namespace datarobot-mlops`.
  static func target(_ answers: Answers) -> String {
    [answers[.context].map { "context \($0)" } ?? "in-cluster", answers[.namespace].map { "namespace \($0)" }]
      .compactMap { $0 }.joined(separator: ", ")
  }
}
