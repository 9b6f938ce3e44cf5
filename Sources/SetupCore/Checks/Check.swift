/// A check's stable name: `nodes.fit`.
public struct CheckID: Sendable, Hashable, ExpressibleByStringLiteral, CustomStringConvertible {
  /// The name.
  public let name: String

  /// The id of that name.
  public init(_ name: String) { self.name = name }
  /// The id of that name.
  public init(stringLiteral value: String) { name = value }
  /// The name.
  public var description: String { name }
}

/// One thing that must hold before an installation can work: a pure function from what was surveyed to a finding.
public struct Check: Sendable, Identifiable {
  /// The stable name, which reports, waivers and options use.
  public let id: CheckID
  /// A few words for a list.
  public let title: String
  /// What is required, for the report and `preflight --list`.
  public let required: String
  /// Why it matters.
  public let why: String
  /// Whether an installation is refused when it fails.
  public let isBlocking: Bool
  /// What must be surveyed first.
  public let needs: [Probe]
  /// What must have passed first; otherwise this one is skipped and says so.
  public let after: [CheckID]
  /// Why it does not apply to these answers; nil: it does.
  public let exemption: @Sendable (Answers, Survey) -> String?
  /// The verdict.
  public let evaluate: @Sendable (Survey, Answers, Requirements) -> Finding

  /// A check from its parts.
  public init(
    _ id: CheckID, title: String, required: String, why: String, isBlocking: Bool = true, needs: [Probe],
    after: [CheckID] = [], exemption: @escaping @Sendable (Answers, Survey) -> String? = { _, _ in nil },
    evaluate: @escaping @Sendable (Survey, Answers, Requirements) -> Finding
  ) {
    self.id = id
    self.title = title
    self.required = required
    self.why = why
    self.isBlocking = isBlocking
    self.needs = needs
    self.after = after
    self.exemption = exemption
    self.evaluate = evaluate
  }
}

/// What is told while checks run.
public enum CheckEvent: Sendable {
  /// Its turn has come: what it needs is being surveyed, or it needs nothing more.
  case started(CheckID)
  /// Its verdict.
  case finished(CheckResult)
  /// More of the world has been seen.
  case surveyed(Survey)
}

/// A check's verdict in a report.
public struct CheckResult: Sendable, Equatable {
  /// The check.
  public var id: CheckID
  /// Its title.
  public var title: String
  /// Whether an installation is refused when it fails.
  public var isBlocking: Bool
  /// What is required.
  public var required: String
  /// Why it matters.
  public var why: String
  /// The verdict.
  public var finding: Finding
  /// How long it took from when its probes were sent to its verdict.
  public var duration: Duration

  /// A result from its parts.
  public init(
    id: CheckID, title: String, isBlocking: Bool, required: String, why: String = "", finding: Finding,
    duration: Duration
  ) {
    self.id = id
    self.title = title
    self.isBlocking = isBlocking
    self.required = required
    self.why = why
    self.finding = finding
    self.duration = duration
  }
}
