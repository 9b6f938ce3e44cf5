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
  /// In the order they are run.
  public var steps: [Entry]

  /// A document from its parts; tests make them.
  public init(target: String, steps: [Entry]) {
    self.target = target
    self.steps = steps
  }

  /// The document of a plan.
  public init(_ plan: Plan) {
    self.init(
      target: plan.target,
      steps: plan.entries.map { entry in
        let (state, details) =
          switch entry.state {
          case .done(let found): ("done", [found])
          case .needed(let changes): ("needed", changes)
          case .blocked(let reason): ("blocked", [reason])
          }
        return Entry(
          id: entry.step.id.name, title: entry.step.title, state: state, details: details,
          commands: entry.commands)
      })
  }
}

extension PlanDocument.Entry {
  /// An entry from its parts; tests make them.
  public init(step id: String, title: String, state: String, details: [String], commands: [EquivalentCommand]) {
    self.init(id: id, title: title, state: state, details: details, commands: commands)
  }
}
