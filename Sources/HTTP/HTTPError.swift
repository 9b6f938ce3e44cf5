/// Why an exchange had no answer. An HTTP status, whatever its number, is an answer and not an error.
public struct HTTPError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What kind of failure it was; what a caller decides on.
  public enum Code: String, Sendable, Equatable {
    case invalidURL
    case nameNotResolved
    case connectionRefused
    case connectionFailed
    case timedOut
    /// The peer's certificate is signed by nobody we trust.
    case certificateUntrusted
    case certificateExpired
    case certificateNameMismatch
    /// Any other failure of the TLS handshake; a server that wants a client certificate is one.
    case tlsFailed
    /// The client certificate or key could not be read, or do not belong together.
    case identityInvalid
    /// The CA bundle could not be read.
    case certificateAuthorityInvalid
    case proxyFailed
    /// The connection ended in the middle of the answer, or the answer was no HTTP.
    case protocolFailed
    case tooLarge
    case cancelled
    /// There is no libcurl on this machine that can be used.
    case libraryMissing
  }

  /// The kind of failure.
  public var code: Code
  /// What was tried and what came back, in one sentence without a full stop, for a person.
  public var message: String
  /// The URL without credentials and query.
  public var url: String

  /// An error from its parts.
  public init(code: Code, message: String, url: String) {
    self.code = code
    self.message = message
    self.url = url
  }

  /// `message (url)`.
  public var description: String { "\(message) (\(url))" }
}
