/// Why there is no credential to show.
public struct CredentialError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What kind of failure it was.
  public enum Code: String, Sendable, Equatable {
    case pluginNotFound
    case pluginFailed
    case pluginOutput
    /// The plugin must ask a person and there is no terminal for it.
    case noTerminal
    case tokenFile
    /// The token or password cannot stand in a header.
    case unsendable
    case clientCertificateExpired
    case clientCertificateInvalid
    case cancelled
  }

  /// The kind of failure.
  public var code: Code
  /// What was tried and what came back.
  public var message: String
  /// What to do.
  public var nextStep: String

  /// An error from its parts.
  public init(_ code: Code, _ message: String, nextStep: String) {
    self.code = code
    self.message = message
    self.nextStep = nextStep
  }

  /// The message and what to do.
  public var description: String { "\(message). \(nextStep)" }
}
