import Synchronization

/// What a transfer hands its answer to. The loop's thread calls `begin`, `accept` and `end`; tasks call the rest.
protocol TransferSink: AnyObject, Sendable {
  /// Whether the consumer has gone.
  var isCancelled: Bool { get }
  /// The final head.
  func begin(_ head: ResponseHead)
  /// A piece of the decoded body.
  func accept(_ bytes: UnsafeRawBufferPointer) -> Intake
  /// The peer's certificates, before the end, where the plan looks at them.
  func present(_ certificates: [PresentedCertificate])
  /// The end, once; nil: the answer is complete.
  func end(_ error: HTTPError?)
}

extension TransferSink {
  func present(_ certificates: [PresentedCertificate]) {}
}

/// What became of a piece of the body.
enum Intake {
  case taken
  /// Not taken: to be offered again when the consumer has asked for more.
  case full
  /// Not taken: the consumer has seen enough, and knows why.
  case refused
}

/// Collects an answer and resumes one continuation with it. A success' body goes to `pieces` instead, where there is one.
final class CollectingSink: TransferSink {
  private struct State {
    var continuation: CheckedContinuation<HTTPResponse, any Error>?
    var response = HTTPResponse(status: 0)
    var certificates: [PresentedCertificate] = []
    var isCancelled = false
    /// Why `pieces` refused one.
    var refusal: (any Error)?
  }

  private let pieces: HTTPPieceReader?
  private let state = Mutex(State())

  init(pieces: HTTPPieceReader? = nil) { self.pieces = pieces }

  var isCancelled: Bool { state.withLock { $0.isCancelled } }

  /// What the peer showed, where the plan looks at it.
  var certificates: [PresentedCertificate] { state.withLock { $0.certificates } }

  func present(_ certificates: [PresentedCertificate]) { state.withLock { $0.certificates = certificates } }

  func markCancelled() { state.withLock { $0.isCancelled = true } }

  func wait(_ continuation: CheckedContinuation<HTTPResponse, any Error>) {
    state.withLock { $0.continuation = continuation }
  }

  func begin(_ head: ResponseHead) {
    state.withLock { $0.response = HTTPResponse(status: head.status, headers: head.headers, version: head.version) }
  }

  func accept(_ bytes: UnsafeRawBufferPointer) -> Intake {
    if let pieces, state.withLock({ (200..<300).contains($0.response.status) }) {
      do {
        try pieces(bytes)
        return .taken
      } catch {
        state.withLock { $0.refusal = error }
        return .refused
      }
    }
    state.withLock { $0.response.body.append(contentsOf: bytes) }
    return .taken
  }

  func end(_ error: HTTPError?) {
    let (continuation, response, refusal) = state.withLock { state in
      defer { state.continuation = nil }
      return (state.continuation, state.response, state.refusal)
    }
    if let error = refusal ?? error {
      continuation?.resume(throwing: error)
    } else {
      continuation?.resume(returning: response)
    }
  }
}
