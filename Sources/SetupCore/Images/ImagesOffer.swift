/// What can be brought into the registry before the rest of the plan is run.
public enum ImagesOffer: Sendable, Equatable {
  /// Nothing: the registry has all, or the answers name nothing that images could come from.
  case nothing
  /// These, a line each: `push REFERENCE from FILE (12 MiB) by skopeo`.
  case bring([String])
  /// It is for the installation to bring them, and why.
  case later(String)

  /// Whether the answers name anything to look for.
  public static func isWorthALook(_ completed: Answers) -> Bool { ImagesStep.applies(completed) }

  /// Looks into the registry. Nothing is changed.
  public static func look(_ setup: Setup) async throws -> ImagesOffer {
    guard isWorthALook(setup.answers) else { return .nothing }
    if let missing = try await RegistryProviders.chosen(setup.answers)?.missingForPush(setup) {
      return .later(missing)
    }
    let plan = try await Planner.plan(setup, only: ImagesStep.name)
    switch plan.entries.first?.state {
    case .needed(let lines): return .bring(lines)
    case .blocked(let reason): return .later(reason)
    case .done, nil: return .nothing
    }
  }

  /// The questions whose answers decide what is pushed, and where to.
  public static func concerns(_ question: Question) -> Bool {
    question.page == .registry
      || ([AnswerKey<String>.agentTarball.id, AnswerKey<[String]>.imageArchives.id]
        + ImageUse.allCases.filter { $0 != .generated }.map(\.key.id)).contains(question.id)
  }
}

extension Step {
  /// The first thing that it would change, or why it cannot; nil: all is there.
  func firstChange(_ setup: Setup) async throws -> String? {
    switch try await inspect(setup) {
    case .done: nil
    case .needed(let changes): changes.first ?? title
    case .blocked(let reason): reason
    }
  }
}
