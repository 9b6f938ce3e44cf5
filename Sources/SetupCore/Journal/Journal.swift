import FoundationEssentials

/// What was done and when, a line of JSON each, on the disk before the next thing begins (mode 0600). After a kill it
/// says which step was under way. Secrets never come here: it holds step names, texts for people and times.
public struct Journal: Sendable {
  /// One line.
  public struct Entry: Codable, Sendable, Equatable {
    /// ISO 8601, UTC.
    public var time: String
    /// `run-started`, `step-started`, `step-finished`, `run-finished`; of an uninstall `uninstall-started`,
    /// `undo-started`, `undo-finished`, `uninstall-finished`.
    public var event: String
    /// The step.
    public var step: String?
    /// `changed`, `unchanged`, `failed`; of a whole run `done`, `part`, `failed`.
    public var outcome: String?
    /// For a person.
    public var message: String?
  }

  /// Where it stands.
  public let path: String
  private let world: World

  /// The journal at an absolute path.
  public init(path: String, world: World) {
    self.path = path
    self.world = world
  }

  /// Adds a line.
  public func write(event: String, step: StepID? = nil, outcome: String? = nil, message: String? = nil) throws {
    let entry = Entry(
      time: world.now().formatted(.iso8601), event: event, step: step?.name, outcome: outcome, message: message)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    try world.files.append(path, Array(encoder.encode(entry)) + [UInt8(ascii: "\n")])
  }

  /// The last that was written of a step since the last uninstall; nil: nothing.
  func lastEntry(of step: StepID) throws -> Entry? {
    try entries().last { $0.step == step.name || ($0.event == "uninstall-finished" && $0.outcome == "done") }
      .flatMap { $0.step == nil ? nil : $0 }
  }

  private func entries() throws -> [Entry] {
    try (world.files.read(path) ?? []).split(separator: UInt8(ascii: "\n")).compactMap { line in
      // A kill can cut the last line; what it would have said is then not known, and not needed.
      try? JSONDecoder().decode(Entry.self, from: Data(line))
    }
  }

  /// The steps that killed runs were in the middle of and that no later run came to the end of, in order.
  public func interruptedSteps() throws -> [StepID] {
    var underway: [String] = []
    for entry in try entries() {
      switch entry.event {
      case "step-started":
        underway.removeAll { $0 == entry.step }
        underway += entry.step.map { [$0] } ?? []
      case "step-finished": underway.removeAll { $0 == entry.step }
      // A run that failed may not have come to a step that an earlier one left open.
      case "run-finished" where entry.outcome == "done": underway = []
      // Nothing is left that could be in the middle of anything.
      case "uninstall-finished" where entry.outcome == "done": underway = []
      default: break
      }
    }
    return underway.map { StepID($0) }
  }
}
