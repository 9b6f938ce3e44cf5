/// The steps for these answers, each with what it found. What is shown, exported and run is this one value.
public struct Plan: Sendable {
  /// A step together with what it found.
  public struct Entry: Sendable {
    /// The step.
    public var step: any Step
    /// What it found when the plan was made.
    public var state: StepState
    /// What a person would type in its place.
    public var commands: [EquivalentCommand]

    /// An entry from its parts.
    public init(step: any Step, state: StepState, commands: [EquivalentCommand] = []) {
      self.step = step
      self.state = state
      self.commands = commands
    }
  }

  /// Where it goes, for the heading: `context prod, namespace datarobot-mlops`.
  public var target: String
  /// In the order they are run.
  public var entries: [Entry]
  /// Whether these are all steps that the answers ask for.
  public var isWhole: Bool
  /// The steps that earlier runs were stopped or killed in the middle of.
  public var interrupted: [StepID] = []

  /// A plan from its parts.
  public init(target: String, entries: [Entry], isWhole: Bool = true) {
    self.target = target
    self.entries = entries
    self.isWhole = isWhole
  }

  /// All that cannot be done; nil: all can.
  public var obstacle: SetupError? {
    let blocked = entries.compactMap { entry in
      if case .blocked(let reason) = entry.state { "\(entry.step.title): \(reason)" } else { nil }
    }
    guard blocked.count > 1 else { return blocked.first.map { SetupError(.checkFailed, "Nothing was changed: \($0)") } }
    let lines = blocked.map { "  \($0)" }
    return SetupError(
      .checkFailed,
      (["Nothing was changed: \(blocked.count) steps cannot be done."] + lines).joined(separator: "\n"))
  }

  /// Whether nothing is to be done.
  public var isDone: Bool { entries.allSatisfy { if case .done = $0.state { true } else { false } } }
}

/// What is told while a plan runs.
public enum RunEvent: Sendable {
  case started(StepID)
  case progress(StepID, StepProgress)
  case finished(StepID, StepOutcome)
}

/// How a step ended.
public enum StepOutcome: Sendable, Equatable {
  /// It was already so.
  case unchanged(String)
  /// It is so now.
  case changed(String)
  /// It is not, and why.
  case failed(SetupError)
  /// It was not tried, because an earlier one failed.
  case notReached
}
