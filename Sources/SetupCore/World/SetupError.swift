/// An error for a person: what was tried and came back, and what to do next.
public struct SetupError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What kind of failure it was; it decides the exit code.
  public enum Code: Sendable, Equatable {
    /// The command line or the answers are wrong.
    case usage
    /// A cluster, registry or tool did not do what was asked.
    case tool
    /// A blocking check failed.
    case checkFailed
    /// A blocking check could not be decided.
    case checkUnknown
    /// The installation failed after the checks.
    case installFailed
    /// The user stopped it.
    case interrupted
  }

  /// The kind of failure.
  public var code: Code
  /// What was tried and what came back.
  public var message: String
  /// What to do next; empty where nothing sensible can be said.
  public var next: String

  /// An error from its parts.
  public init(_ code: Code, _ message: String, next: String = "") {
    self.code = code
    self.message = message
    self.next = next
  }

  /// The message and, on a line of its own, what to do.
  public var description: String { next.isEmpty ? message : "\(message)\n\(next)" }
}

extension SetupError {
  /// The process' exit code (README, "Exit codes").
  public var exitCode: Int32 {
    switch code {
    case .tool: 1
    case .usage: 2
    case .checkFailed: 3
    case .checkUnknown: 5
    case .installFailed: 6
    case .interrupted: 130
    }
  }
}
