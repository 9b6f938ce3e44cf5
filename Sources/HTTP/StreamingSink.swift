import Synchronization

/// Holds the pieces of a body that were not read yet, up to a limit; beyond it the transfer pauses.
final class StreamingSink: TransferSink {
  private struct State {
    var head: Result<ResponseHead, HTTPError>?
    var headWaiter: CheckedContinuation<ResponseHead, any Error>?
    var chunks: [[UInt8]] = []
    var bytes = 0
    var isPaused = false
    var isCancelled = false
    /// nil: it goes on.
    var end: Result<Void, HTTPError>?
    /// Only while `chunks` is empty and `end` is nil.
    var waiters: [CheckedContinuation<[UInt8]?, any Error>] = []
  }

  private let limit: Int
  private let url: String
  private let loop: TransferLoop
  private let state = Mutex(State())

  /// A sink that holds about `limit` bytes.
  init(limit: Int, url: String, loop: TransferLoop) {
    self.limit = limit
    self.url = url
    self.loop = loop
  }

  var isCancelled: Bool { state.withLock { $0.isCancelled } }

  /// Ends the transfer; the reader sees `.cancelled`.
  func cancel() {
    let isNews = state.withLock { state in
      defer { state.isCancelled = true }
      return !state.isCancelled && state.end == nil
    }
    if isNews { loop.enqueue(.cancel(ObjectIdentifier(self))) }
  }

  func waitForHead(_ continuation: CheckedContinuation<ResponseHead, any Error>) {
    let head = state.withLock { state in
      if state.head == nil { state.headWaiter = continuation }
      return state.head
    }
    if let head { continuation.resume(with: head.mapError { $0 }) }
  }

  /// The next piece; nil at the end.
  func next() async throws -> [UInt8]? {
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let (answer, resumes): (Result<[UInt8]?, any Error>?, Bool) = state.withLock { state in
          if state.isCancelled {
            return (.failure(HTTPError(code: .cancelled, message: "the exchange was cancelled", url: url)), false)
          }
          if !state.chunks.isEmpty {
            let chunk = state.chunks.removeFirst()
            state.bytes -= chunk.count
            let resumes = state.isPaused && state.bytes <= limit / 2
            if resumes { state.isPaused = false }
            return (.success(chunk), resumes)
          }
          switch state.end {
          case .success: return (.success(nil), false)
          case .failure(let error): return (.failure(error), false)
          case nil:
            state.waiters.append(continuation)
            return (nil, false)
          }
        }
        if resumes { loop.enqueue(.resume(ObjectIdentifier(self))) }
        if let answer { continuation.resume(with: answer) }
      }
    } onCancel: {
      cancel()
    }
  }

  func begin(_ head: ResponseHead) {
    let waiter = state.withLock { state in
      state.head = .success(head)
      defer { state.headWaiter = nil }
      return state.headWaiter
    }
    waiter?.resume(returning: head)
  }

  func accept(_ bytes: UnsafeRawBufferPointer) -> Intake {
    enum Delivery {
      case kept
      case full
      case to(CheckedContinuation<[UInt8]?, any Error>)
    }
    let delivery: Delivery = state.withLock { state in
      if !state.waiters.isEmpty { return .to(state.waiters.removeFirst()) }
      guard state.bytes < limit else {
        state.isPaused = true
        return .full
      }
      state.bytes += bytes.count
      // Small pieces are joined, or a slow reader of many one-byte chunks would hold a long list.
      if let last = state.chunks.last, last.count + bytes.count <= 16 << 10 {
        state.chunks[state.chunks.count - 1].append(contentsOf: bytes)
      } else {
        state.chunks.append(Array(bytes))
      }
      return .kept
    }
    switch delivery {
    case .kept: return .taken
    case .full: return .full
    case .to(let waiter):
      waiter.resume(returning: Array(bytes))
      return .taken
    }
  }

  func end(_ error: HTTPError?) {
    let (headWaiter, waiters) = state.withLock { state in
      defer {
        state.headWaiter = nil
        state.waiters = []
      }
      state.end = error.map { .failure($0) } ?? .success(())
      if state.head == nil, let error { state.head = .failure(error) }
      return (state.headWaiter, state.waiters)
    }
    if let error {
      headWaiter?.resume(throwing: error)
    } else {
      headWaiter?.resume(throwing: HTTPError(code: .protocolFailed, message: "the answer has no head", url: url))
    }
    for waiter in waiters {
      if let error { waiter.resume(throwing: error) } else { waiter.resume(returning: nil) }
    }
  }
}

/// Ends a stream's transfer when the last one who could read it lets go.
final class StreamGuard: Sendable {
  private let sink: StreamingSink
  /// The client lives as long as its streams.
  private let client: HTTPClient

  init(sink: StreamingSink, client: HTTPClient) {
    self.sink = sink
    self.client = client
  }

  deinit { sink.cancel() }

  func next() async throws -> [UInt8]? { try await sink.next() }
}
