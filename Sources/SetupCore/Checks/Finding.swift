/// What a check came to.
public enum FindingStatus: String, Sendable, Codable, CaseIterable {
  case pass
  case warn
  case fail
  /// It could not be decided: access denied, timed out, not understood. Never green.
  case unknown
  /// It was not asked: it does not apply, or what it builds on did not pass.
  case skipped
  /// It failed and the answers say, with a reason and until a date, that this is accepted.
  case waived

  /// What it makes of a sentence about a check: `nodes.fit failed`.
  var predicate: String {
    switch self {
    case .pass: "passed"
    case .warn: "warns"
    case .fail: "failed"
    case .unknown: "could not be decided"
    case .skipped: "was skipped"
    case .waived: "is waived"
    }
  }
}

/// How to mend what a check found.
public struct Remedy: Sendable, Equatable, Codable {
  /// What to do, in a sentence.
  public var text: String
  /// A command that does it or shows more.
  public var command: String?
  /// Where it is explained.
  public var url: String?

  /// A remedy from its parts.
  public init(_ text: String, command: String? = nil, url: String? = nil) {
    self.text = text
    self.command = command
    self.url = url
  }
}

/// A check's verdict with its evidence.
public struct Finding: Sendable, Equatable {
  /// The verdict.
  public var status: FindingStatus
  /// What was seen: `v1.24.17-eks-8cb36c9`.
  public var observed: String
  /// One sentence that stands by itself.
  public var message: String
  /// How to mend it.
  public var remedy: Remedy?
  /// More evidence, a line each: a table of nodes, the fields of an error.
  public var details: [String]
  /// The check that gives the verdict in place of this one, where it is skipped for that.
  var leftTo: CheckID?

  /// A finding from its parts.
  public init(
    _ status: FindingStatus, observed: String, message: String, remedy: Remedy? = nil, details: [String] = []
  ) {
    self.status = status
    self.observed = observed
    self.message = message
    self.remedy = remedy
    self.details = details
  }

  /// Another check gives the verdict on what keeps this one from being looked at.
  static func left(to check: CheckID, _ message: String) -> Finding {
    var finding = Finding(.skipped, observed: "", message: message)
    finding.leftTo = check
    return finding
  }
}
