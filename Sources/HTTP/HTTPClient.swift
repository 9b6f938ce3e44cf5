import FoundationEssentials

/// HTTP over libcurl: one event loop on one thread of its own, connections used again, HTTP/2 where the peer offers it.
///
/// - Cancelling the task that waits ends the exchange at once and throws `HTTPError` with code `.cancelled`.
/// - Redirects are not followed: a 3xx is a value, so no credentials ever travel to another origin.
/// - `stream` speaks HTTP/1.1 on a connection of its own, see `HTTPClient.stream(_:)`.
/// - The TLS connection to an `https://` proxy is verified against the system's CA bundle.
///
/// The thread starts with the first exchange and ends with `close()` or with the last reference to the client; a stream
/// that is still read keeps its client.
public final class HTTPClient: HTTPTransport {
  /// What all exchanges of a client have in common.
  public struct Configuration: Sendable {
    /// The User-Agent field: `mlops-setup/1.2.3`.
    public var userAgent: String
    /// Where proxies (`HTTPS_PROXY` and the like) and `SSL_CERT_FILE` are read from.
    public var environment: [String: String]
    /// Connections to one host and port at a time; further exchanges wait. Streams hold one each.
    public var maximumConnectionsPerHost: Int
    /// Bytes of a streamed body that are held for a slow reader before the transfer pauses.
    public var streamBufferBytes: Int
    /// Header bytes of one answer; more of them end the exchange with `.tooLarge`.
    public var maximumHeaderBytes: Int

    /// `environment` nil: the process' own. 16 connections, 256 KiB each of stream buffer and headers.
    public init(
      userAgent: String = "mlops-setup", environment: [String: String]? = nil,
      maximumConnectionsPerHost: Int = 16, streamBufferBytes: Int = 256 << 10, maximumHeaderBytes: Int = 256 << 10
    ) {
      self.userAgent = userAgent
      self.environment = environment ?? ProcessInfo.processInfo.environment
      self.maximumConnectionsPerHost = maximumConnectionsPerHost
      self.streamBufferBytes = streamBufferBytes
      self.maximumHeaderBytes = maximumHeaderBytes
    }
  }

  /// As given to `init`.
  public let configuration: Configuration
  let loop: TransferLoop

  /// A client; nothing is opened yet.
  public init(configuration: Configuration = Configuration()) {
    self.configuration = configuration
    loop = TransferLoop(configuration: configuration)
  }

  deinit { loop.close() }

  /// Ends all exchanges with `.cancelled` and the thread; later ones fail. Closing twice does no harm.
  public func close() { loop.close() }

  /// Makes the exchange. An HTTP error status is a value.
  /// - Throws: `HTTPError`.
  public func send(_ request: HTTPRequest) async throws -> HTTPResponse {
    let plan = try TransferPlan(request, isStream: false, environment: configuration.environment)
    return try await collect(plan, into: CollectingSink())
  }

  /// Makes the exchange; a success' body goes to `pieces` on the loop's thread while it arrives, over a connection that
  /// is shared as with `send`. Nothing of it is kept or copied.
  /// - Throws: `HTTPError`, or what `pieces` throws.
  public func send(_ request: HTTPRequest, pieces: @escaping HTTPPieceReader) async throws -> HTTPResponse {
    let plan = try TransferPlan(request, isStream: false, environment: configuration.environment)
    return try await collect(plan, into: CollectingSink(pieces: pieces))
  }

  /// Runs a plan to its end.
  func collect(_ plan: TransferPlan, into sink: CollectingSink) async throws -> HTTPResponse {
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        sink.wait(continuation)
        loop.start(plan, sink)
      }
    } onCancel: {
      // The mark comes first: a start that is still to come sees it.
      sink.markCancelled()
      loop.enqueue(.cancel(ObjectIdentifier(sink)))
    }
  }

  /// Makes the exchange and hands over the body while it arrives. `maximumBodyBytes` does not hold here: at most
  /// `streamBufferBytes` are in memory, then the transfer pauses until the reader has caught up.
  ///
  /// The transfer ends when the last reference to `HTTPStream.body` and its iterators is gone, or the reading task is
  /// cancelled. A cancelled task sees either `.cancelled` or, as with every `AsyncThrowingStream`, the end of the loop
  /// without an error: whoever takes the end for the answer's end calls `Task.checkCancellation()` after it.
  ///
  /// A stream has an HTTP/1.1 connection of its own, because a paused HTTP/2 stream holds up all others of
  /// its connection.
  /// - Throws: `HTTPError`, here until the head has come and from the body after it.
  public func stream(_ request: HTTPRequest) async throws -> HTTPStream {
    let plan = try TransferPlan(request, isStream: true, environment: configuration.environment)
    let sink = StreamingSink(limit: configuration.streamBufferBytes, url: plan.target.display, loop: loop)
    let reader = StreamGuard(sink: sink, client: self)
    let head = try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        sink.waitForHead(continuation)
        loop.start(plan, sink)
      }
    } onCancel: {
      sink.cancel()
    }
    return HTTPStream(
      status: head.status, headers: head.headers, body: AsyncThrowingStream { try await reader.next() })
  }
}
