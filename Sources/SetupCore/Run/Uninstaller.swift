import Kubernetes
import Text

/// Takes an installation back, in reverse: what still carries our mark and was changed by nobody since. It looks first,
/// says what would go and what stays, and looks again at each part before it acts.
public struct Uninstaller: Sendable {
  /// What is taken beside what goes anyway.
  public struct Choices: Sendable, Equatable {
    /// Parts that go although they stay unless they are named, or although another hand has written to them.
    public var named: Set<StepID>
    /// Whether the deployed models go.
    public var takesModels: Bool

    /// Choices from their parts.
    public init(named: Set<StepID> = [], takesModels: Bool = false) {
      self.named = named
      self.takesModels = takesModels
    }
  }

  /// A part of an installation.
  private struct Part: Sendable {
    let id: StepID
    let title: String
    /// What a person adds to the command to have it removed.
    let option: String
    let staysUnlessNamed: Bool
    let traces: @Sendable (_ known: [Trace]) async throws -> [Trace]
  }

  private let setup: Setup
  private let steps: [any Step]
  private let choices: Choices
  private let target: String

  private static let release: StepID = "release"
  private static let models: StepID = "models"
  private static let leftovers: StepID = "leftovers"
  private static let namespace: StepID = "namespace"

  /// An uninstaller of what these answers installed.
  public init(_ setup: Setup, _ choices: Choices) {
    self.setup = setup
    self.choices = choices
    steps = Planner.steps(setup.answers)
    target = Planner.target(setup.answers)
  }

  /// A named part that there is not, as an error that lists those there are.
  public func proveNames() throws {
    let known = steps.map(\.id) + [Self.leftovers]
    guard let unknown = choices.named.sorted(by: { $0.name < $1.name }).first(where: { !known.contains($0) }) else {
      return
    }
    let staying = steps.filter(\.staysUnlessNamed).map(\.id.name).joined(separator: ", ")
    throw SetupError(
      .usage, "there is nothing called \(unknown) to remove", next: "What stays unless named: \(staying).")
  }

  // MARK: Looking

  /// What would go and what stays, and why. Changes nothing.
  public func rehearse() async throws -> UninstallReport {
    var report = UninstallReport(target: target, entries: [])
    var known: [Trace] = []
    var needed: String?
    for part in parts {
      try Task.checkCancellation()
      let traces: [Trace]
      do {
        traces = try await part.traces(known)
      } catch  where part.staysUnlessNamed && !isNamed(part) && !Task.isCancelled {
        let reason = SetupError(wrapping: error, code: .tool).message
        report.entries.append(
          .init(id: part.id, title: part.title, items: [.init(.stays, "stays; it could not be looked at: \(reason)")]))
        continue
      }
      known += traces
      var items = traces.map { decide($0, part, needed: needed) }
      if part.id == Self.namespace, isNamed(part), items.contains(where: { $0.fate == .removable }) {
        items += try await NamespaceContent.foreign(setup).map {
          .init(.removable, "with it goes \($0), which is not ours")
        }
      }
      // What a release needs that stays is not pulled from under it.
      if part.id == Self.release, items.first?.fate == .stays {
        needed = "release \(setup.answers[.release] ?? "") stays and may need it"
      }
      report.entries.append(.init(id: part.id, title: part.title, items: items))
    }
    report.obstacle = obstacle(report)
    return report
  }

  /// The parts in the order in which they are taken back.
  private var parts: [Part] {
    steps.reversed().flatMap { step -> [Part] in
      let part = Part(
        id: step.id, title: step.title,
        option: step.id == Self.namespace ? "--namespace" : "--remove \(step.id)",
        staysUnlessNamed: step.staysUnlessNamed, traces: { _ in try await step.traces(setup) })
      switch step.id {
      // The agent would miss its models if they went before it.
      case Self.release: return [part, modelsPart]
      // It is made first, so it comes last here.
      case Self.namespace: return [leftoversPart, part]
      default: return [part]
      }
    }
  }

  private var modelsPart: Part {
    Part(
      id: Self.models, title: "Deployed models", option: "--models", staysUnlessNamed: true,
      traces: { _ in try await DeployedModels.traces(setup) })
  }

  private var leftoversPart: Part {
    Part(
      id: Self.leftovers, title: "Made with other answers", option: "--remove \(Self.leftovers)",
      staysUnlessNamed: false, traces: { try await NamespaceContent.leftovers(setup, beside: $0) })
  }

  private func isNamed(_ part: Part) -> Bool {
    part.id == Self.models ? choices.takesModels : choices.named.contains(part.id)
  }

  /// What becomes of something.
  private func decide(_ trace: Trace, _ part: Part, needed: String?) -> UninstallReport.Item {
    switch trace {
    case .gone(let text): return .init(.absent, text)
    case .stays(let text): return .init(.stays, text)
    case .removable(let removal):
      if let needed { return .init(.stays, "\(removal.title) stays: \(needed)") }
      if isNamed(part) { return .init(.removable, "\(removal.verb) \(removal.title)") }
      if let objection = removal.objection {
        return .init(.stays, "\(removal.title) stays: \(objection); \(part.option) removes it all the same")
      }
      if !part.staysUnlessNamed { return .init(.removable, "\(removal.verb) \(removal.title)") }
      let content = part.id == Self.namespace ? ", with whatever else is in it" : ""
      return .init(.stays, "\(removal.title) stays\(content); \(part.option) removes it too")
    }
  }

  /// A namespace takes all that is in it along: models only where they were named, and no release that stays.
  private func obstacle(_ report: UninstallReport) -> SetupError? {
    guard report.entries.contains(where: { $0.id == Self.namespace && $0.isRemovable }),
      let models = report.entries.first(where: { $0.id == Self.models })?.items.filter({ $0.fate == .stays }),
      !models.isEmpty
    else { return nil }
    return SetupError(
      .checkFailed,
      (["Nothing was removed: with the namespace these models would go, which serve requests now:"]
        + models.map { "  \($0.text)" }).joined(separator: "\n"),
      next: "Add --models to remove them too, or leave --namespace out.")
  }

  // MARK: Acting

  /// Takes back what a rehearsal found, and tells about it. Stops where something fails: what comes after may be needed
  /// by what is still there.
  public func run(_ rehearsal: UninstallReport, tell: @escaping @Sendable (RunEvent) -> Void) async throws
    -> UninstallReport
  {
    if let obstacle = rehearsal.obstacle { throw obstacle }
    let lock = try setup.lockTarget(target)
    defer { withExtendedLifetime(lock) {} }
    let journal = try setup.journal()
    try journal.write(event: "uninstall-started", message: target)
    var report = UninstallReport(target: target, entries: [])
    for entry in rehearsal.entries {
      guard entry.isRemovable, let part = parts.first(where: { $0.id == entry.id }) else {
        report.entries.append(entry)
        continue
      }
      if report.failure != nil {
        report.entries.append(entry.with(fate: .notReached))
        continue
      }
      tell(.started(part.id))
      var done = UninstallReport.Entry(id: part.id, title: part.title, items: [])
      do {
        try Task.checkCancellation()
        try journal.write(event: "undo-started", step: part.id)
        try await remove(part, entry, &done)
        try journal.write(event: "undo-finished", step: part.id, outcome: "done")
      } catch  where error is CancellationError || Task.isCancelled {
        throw SetupError(
          .interrupted, "stopped while removing: \(part.title)", next: "Run it again to go on from there.")
      } catch {
        let failure = SetupError(wrapping: error, code: .tool)
        done.items.append(.init(.failed, failure.message))
        report.failure = SetupError(.tool, failure.message, next: failure.next)
        try journal.write(event: "undo-finished", step: part.id, outcome: "failed", message: failure.message)
      }
      report.entries.append(done)
    }
    let isWhole = !report.entries.contains { $0.id == Self.release && $0.items.first?.fate == .stays }
    try journal.write(
      event: "uninstall-finished", outcome: report.failure != nil ? "failed" : isWhole ? "done" : "part")
    return report
  }

  /// Removes of a part what may go by now. What was found before and is gone meanwhile is no matter.
  private func remove(_ part: Part, _ found: UninstallReport.Entry, _ done: inout UninstallReport.Entry) async throws {
    var rest = found.items.filter { $0.fate == .removable }
    for trace in try await part.traces([]) {
      let item = decide(trace, part, needed: nil)
      // All that is ours and still there shows up among the leftovers here; those found before are meant.
      if part.id == Self.leftovers, !found.items.contains(item) { continue }
      rest.removeAll { $0 == item }
      guard case .removable(let removal) = trace, item.fate == .removable else {
        done.items.append(item)
        continue
      }
      switch try await removal.perform() {
      case .gone(let text): done.items.append(.init(.removed, text))
      case .stays(let text): done.items.append(.init(.stays, text))
      case .removable: done.items.append(.init(.failed, "\(removal.title) is still there"))
      }
    }
    if part.id == Self.namespace { done.items += rest.map { .init(.removed, $0.text) } }
  }
}

extension UninstallReport.Entry {
  /// The same, with what would have gone given another fate.
  fileprivate func with(fate: UninstallReport.Fate) -> UninstallReport.Entry {
    var entry = self
    for index in entry.items.indices where entry.items[index].fate == .removable { entry.items[index].fate = fate }
    return entry
  }
}
