public import HTTP

/// A transport that never answers until it is cancelled.
public struct SilentTransport: HTTPTransport {
  /// The transport.
  public init() {}

  /// Waits until the task is cancelled.
  public func send(_ request: HTTPRequest) async throws -> HTTPResponse {
    try await Task.sleep(for: .seconds(600))
    return .text(500)
  }

  /// Waits until the task is cancelled.
  public func stream(_ request: HTTPRequest) async throws -> HTTPStream {
    _ = try await send(request)
    return HTTPStream(status: 500, headers: [:], body: AsyncThrowingStream { $0.finish() })
  }
}
