/// Runs a plan: each step in turn, until one fails. Each looks again before it acts, so a plan that has grown old does
/// no harm.
public struct Runner: Sendable {
  private let plan: Plan
  private let setup: Setup
  private let journal: Journal

  /// A runner of a plan.
  public init(plan: Plan, setup: Setup, journal: Journal) {
    self.plan = plan
    self.setup = setup
    self.journal = journal
  }

  /// Runs to the end and tells about it. Cancelling the task stops between or within steps, and the journal says where.
  public func run(tell: @escaping @Sendable (RunEvent) -> Void) async throws -> RunReport {
    let lock = try setup.lockTarget(plan.target)
    defer { withExtendedLifetime(lock) {} }
    try ImageTransfer.removeLeftovers(setup)
    var outcomes: [RunReport.Entry] = []
    var failure: SetupError?
    try journal.write(event: "run-started", message: plan.target)
    for entry in plan.entries {
      let outcome: StepOutcome
      if failure != nil {
        outcome = .notReached
      } else {
        outcome = try await perform(entry.step, tell)
        if case .failed(let error) = outcome { failure = error }
      }
      tell(.finished(entry.step.id, outcome))
      outcomes.append(RunReport.Entry(id: entry.step.id, title: entry.step.title, outcome: outcome))
    }
    try journal.write(event: "run-finished", outcome: failure != nil ? "failed" : plan.isWhole ? "done" : "part")
    return RunReport(target: plan.target, entries: outcomes, isWhole: plan.isWhole)
  }

  private func perform(_ step: any Step, _ tell: @escaping @Sendable (RunEvent) -> Void) async throws -> StepOutcome {
    tell(.started(step.id))
    let outcome: StepOutcome
    do {
      switch try await step.inspect(setup) {
      case .done(let found):
        try journal.write(event: "step-finished", step: step.id, outcome: "unchanged")
        return .unchanged(found)
      case .blocked(let reason):
        return .failed(SetupError(.installFailed, reason))
      case .needed(let changes):
        try Task.checkCancellation()
        try journal.write(event: "step-started", step: step.id)
        try await step.perform(setup) { tell(.progress(step.id, $0)) }
        let limit = 3
        let rest = changes.count > limit ? ["and \(changes.count - limit) more"] : []
        outcome = .changed((changes.prefix(limit) + rest).joined(separator: "; "))
      }
    } catch  where error is CancellationError || Task.isCancelled {
      // Cancelled work throws as its client or its child does. The journal keeps the step open: the next run then knows
      // what was cut short.
      throw SetupError(.interrupted, "stopped during \(step.title)", next: "Run it again to go on from there.")
    } catch let error as SetupError where error.code == .interrupted {
      throw error
    } catch {
      let failure = SetupError(wrapping: error, code: .installFailed)
      try journal.write(event: "step-finished", step: step.id, outcome: "failed", message: failure.message)
      return .failed(failure)
    }
    try journal.write(event: "step-finished", step: step.id, outcome: "changed")
    return outcome
  }
}

/// How a run ended.
public struct RunReport: Sendable, Equatable {
  /// One step.
  public struct Entry: Sendable, Equatable {
    /// The step.
    public var id: StepID
    /// Its title.
    public var title: String
    /// How it ended.
    public var outcome: StepOutcome

    /// An entry from its parts.
    public init(id: StepID, title: String, outcome: StepOutcome) {
      self.id = id
      self.title = title
      self.outcome = outcome
    }
  }

  /// Where it went.
  public var target: String
  /// In order.
  public var entries: [Entry]
  /// Whether these were all steps that the answers ask for.
  public var isWhole: Bool

  /// A report from its parts.
  public init(target: String, entries: [Entry], isWhole: Bool = true) {
    self.target = target
    self.entries = entries
    self.isWhole = isWhole
  }

  /// The step that failed.
  public var failure: (step: Entry, error: SetupError)? {
    for entry in entries { if case .failed(let error) = entry.outcome { return (entry, error) } }
    return nil
  }

  /// Whether the run found all as it should be.
  public var changedNothing: Bool {
    entries.allSatisfy { if case .unchanged = $0.outcome { true } else { false } }
  }
}
