/// A plan as a document: what `plan --format json` prints and the wizard's plan page shows. Secrets are references in it.
public struct PlanDocument: Sendable, Equatable, Codable {
  /// One step.
  public struct Entry: Sendable, Equatable, Codable {
    /// The step's stable name.
    public var id: String
    /// A few words.
    public var title: String
    /// `done`, `needed` or `blocked`.
    public var state: String
    /// Whether it changes nothing and waits for what an earlier one set going.
    public var onlyWaits: Bool
    /// What was found or would change or is in the way, a line each.
    public var details: [String]
    /// What a person would type in its place.
    public var commands: [EquivalentCommand]
  }

  /// `mlops-setup/v1`.
  public var apiVersion = "mlops-setup/v1"
  /// `Plan`.
  public var kind = "Plan"
  /// Where it goes.
  public var target: String
  /// The titles of steps that are yet to be done and that an earlier run was stopped or killed in the middle of.
  public var interrupted: [String]
  /// In the order they are run.
  public var steps: [Entry]

  /// A document from its parts; tests make them.
  public init(target: String, interrupted: [String] = [], steps: [Entry]) {
    self.target = target
    self.interrupted = interrupted
    self.steps = steps
  }

  /// The document of a plan.
  public init(_ plan: Plan) {
    let open = plan.entries.filter { entry in
      if case .done = entry.state { false } else { plan.interrupted.contains(entry.step.id) }
    }
    self.init(
      target: plan.target, interrupted: open.map(\.step.title),
      steps: plan.entries.map { entry in
        let (state, details) =
          switch entry.state {
          case .done(let found): ("done", [found])
          case .needed(let changes): ("needed", changes)
          case .blocked(let reason): ("blocked", [reason])
          }
        return Entry(
          id: entry.step.id.name, title: entry.step.title, state: state, onlyWaits: entry.step.onlyWaits,
          details: details, commands: entry.commands)
      })
  }
}

extension PlanDocument.Entry {
  /// An entry from its parts; tests make them.
  public init(
    step id: String, title: String, state: String, onlyWaits: Bool = false, details: [String],
    commands: [EquivalentCommand]
  ) {
    self.init(id: id, title: title, state: state, onlyWaits: onlyWaits, details: details, commands: commands)
  }
}

extension PlanDocument {
  /// The steps that would be run.
  public var needed: [Entry] { steps.filter { $0.state == "needed" } }

  /// `5 of 7 steps change things, 1 waits.`; nil: none is to be run.
  public var summary: String? {
    let waits = needed.count { $0.onlyWaits }
    let changes = needed.count - waits
    if needed.isEmpty { return nil }
    if changes == 0 { return "Nothing is changed: \(waits) of \(steps.count) steps \(waits == 1 ? "waits" : "wait")." }
    return "\(changes) of \(steps.count) steps \(changes == 1 ? "changes" : "change") things"
      + (waits == 0 ? "." : ", \(waits) \(waits == 1 ? "waits" : "wait").")
  }

  /// What is to be said of a run that did not come to its end; nil: there is none.
  public var interruption: String? {
    guard !interrupted.isEmpty else { return nil }
    return
      "An earlier run was interrupted during \(interrupted.joined(separator: ", ")). This one looks at what is there "
      + "and goes on from that."
  }
}
