import HTTP
import Synchronization

/// Answers requests from a list, in order, and keeps what was asked.
final class ScriptedTransport: HTTPTransport {
  enum Reply: Sendable {
    case answer(HTTPResponse)
    case failure(HTTPError)
    /// The chunks, then the error if there is one.
    case stream(Int, [[UInt8]], (any Error)? = nil, headers: HTTPHeaders = [:])
  }

  struct Exhausted: Error {}

  private let replies: Mutex<[Reply]>
  private let asked = Mutex<[HTTPRequest]>([])

  init(_ replies: [Reply]) { self.replies = Mutex(replies) }

  var requests: [HTTPRequest] { asked.withLock { $0 } }

  private func next(_ request: HTTPRequest) throws -> Reply {
    asked.withLock { $0.append(request) }
    return try replies.withLock { replies in
      guard !replies.isEmpty else { throw Exhausted() }
      return replies.removeFirst()
    }
  }

  func send(_ request: HTTPRequest) async throws -> HTTPResponse {
    switch try next(request) {
    case .answer(let response): return response
    case .failure(let error): throw error
    case .stream: throw Exhausted()
    }
  }

  func stream(_ request: HTTPRequest) async throws -> HTTPStream {
    switch try next(request) {
    case .answer(let response):
      return HTTPStream(status: response.status, headers: response.headers, body: Self.body([response.body], nil))
    case .failure(let error): throw error
    case .stream(let status, let chunks, let error, let headers):
      return HTTPStream(status: status, headers: headers, body: Self.body(chunks, error))
    }
  }

  func send(_ request: HTTPRequest, pieces: @escaping HTTPPieceReader) async throws -> HTTPResponse {
    switch try next(request) {
    case .answer(var response):
      guard (200..<300).contains(response.status) else { return response }
      try response.body.withUnsafeBytes(pieces)
      response.body = []
      return response
    case .failure(let error): throw error
    case .stream(let status, let chunks, let error, let headers):
      for chunk in chunks { try chunk.withUnsafeBytes(pieces) }
      if let error { throw error }
      return HTTPResponse(status: status, headers: headers)
    }
  }

  private static func body(_ chunks: [[UInt8]], _ error: (any Error)?) -> AsyncThrowingStream<[UInt8], any Error> {
    AsyncThrowingStream { continuation in
      for chunk in chunks { continuation.yield(chunk) }
      continuation.finish(throwing: error)
    }
  }
}

extension ScriptedTransport.Reply {
  static func json(_ status: Int, _ text: String, _ headers: HTTPHeaders = [:]) -> Self {
    var headers = headers
    if headers["Content-Type"] == nil { headers["Content-Type"] = "application/json" }
    return .answer(HTTPResponse(status: status, headers: headers, body: Array(text.utf8)))
  }

  static func broken(_ code: HTTPError.Code) -> Self {
    .failure(HTTPError(code: code, message: "it broke", url: "https://cluster.example"))
  }
}
