/// Why a registry could not be asked, or did not do what was asked.
public struct RegistryError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What kind of failure it was; what a caller decides on.
  public enum Code: String, Sendable, Equatable {
    /// Something answered, and it was no registry (V2).
    case notARegistry
    /// The user name or password was refused.
    case credentialsRejected
    /// Who we are may not do this.
    case denied
    /// The repository is not there.
    case repositoryMissing
    /// The manifest or blob is not there.
    case notFound
    /// We asked for https, the registry speaks http.
    case speaksHTTP
    /// We asked for http, the registry speaks https.
    case speaksHTTPS
    case certificateUntrusted
    case certificateExpired
    case certificateNameMismatch
    case tlsFailed
    case nameNotResolved
    case connectionFailed
    case timedOut
    case proxyFailed
    /// Status 429.
    case tooManyRequests
    /// Status 5xx.
    case serverFailed
    /// The token server's address is unusable or not safe enough for a password.
    case realmRefused
    /// The token server did not give a token.
    case tokenFailed
    /// The registry does not allow such a repository name.
    case nameInvalid
    /// An answer that the protocol does not allow.
    case malformedAnswer
    /// No credential could be had, or it cannot be sent: the file or the helper failed, the user name has a colon.
    case credentialUnavailable
    case cancelled
  }

  /// The kind of failure.
  public var code: Code
  /// What was tried and what came back, one sentence without a full stop.
  public var message: String
  /// What to do next, one sentence without a full stop; nil where nothing can be said.
  public var nextStep: String?

  /// An error from its parts.
  public init(code: Code, message: String, nextStep: String? = nil) {
    self.code = code
    self.message = message
    self.nextStep = nextStep
  }

  /// `message: next step`.
  public var description: String { nextStep.map { "\(message): \($0)" } ?? message }
}
