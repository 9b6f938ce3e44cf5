/// Why the full screen could not be opened.
public struct TerminalError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The kinds of reasons.
  public enum Code: Sendable, Equatable {
    /// Standard input or output is no terminal, or the terminal cannot do a full screen.
    case unavailable
    /// Another `Terminal` of this process is open, or the caller is not on the main thread.
    case misuse
    /// The system refused something.
    case system
  }

  /// The kind.
  public var code: Code
  /// What was tried, what came back, and what to do.
  public var description: String

  init(_ code: Code, _ description: String) {
    self.code = code
    self.description = description
  }
}
