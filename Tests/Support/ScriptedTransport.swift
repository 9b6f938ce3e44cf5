public import HTTP
import Synchronization

/// A transport that answers from a script and remembers what it was asked.
public final class ScriptedTransport: HTTPTransport {
  /// The script; another script may ask it too.
  public let answer: @Sendable (HTTPRequest) throws -> HTTPResponse
  private let log = Mutex<[HTTPRequest]>([])

  /// A transport that answers each request by a closure, which may throw `HTTPError`.
  public init(_ answer: @escaping @Sendable (HTTPRequest) throws -> HTTPResponse) { self.answer = answer }

  /// The requests so far, in order.
  public var requests: [HTTPRequest] { log.withLock { $0 } }

  /// `METHOD URL` of each request.
  public var lines: [String] { requests.map { "\($0.method) \($0.url)" } }

  /// Answers one request.
  public func send(_ request: HTTPRequest) async throws -> HTTPResponse {
    log.withLock { $0.append(request) }
    return try answer(request)
  }

  /// No script here has a stream.
  public func stream(_ request: HTTPRequest) async throws -> HTTPStream {
    throw HTTPError(code: .protocolFailed, message: "the script has no stream", url: request.url)
  }
}

extension HTTPResponse {
  /// A response with a text as its body.
  public static func text(_ status: Int, _ text: String = "", headers: HTTPHeaders = [:]) -> HTTPResponse {
    HTTPResponse(status: status, headers: headers, body: Array(text.utf8))
  }
}
