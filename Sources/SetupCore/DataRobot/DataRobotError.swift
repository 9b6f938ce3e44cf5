/// Why DataRobot could not be asked, or refused.
public struct DataRobotError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What kind of failure it was; what a caller decides on.
  public enum Code: String, Sendable, Equatable {
    /// The address or the API token has not the right form.
    case invalidEndpoint
    case invalidToken
    /// Status 401: the API token is wrong, expired or revoked.
    case unauthorized
    /// Status 403: the token is good, but its owner may not do this.
    case forbidden
    /// Status 404: no such thing, or none that the token's owner may see.
    case notFound
    /// The request was refused as it is: 400, 409, 422.
    case invalidRequest
    case tooManyRequests
    case serverFailed
    /// Something else than DataRobot's API answered: a web page, a proxy.
    case notDataRobot
    /// There was no answer at all.
    case transport
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
