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
}

/// Collects an answer and resumes one continuation with it.
final class CollectingSink: TransferSink {
  private struct State {
    var continuation: CheckedContinuation<HTTPResponse, any Error>?
    var response = HTTPResponse(status: 0)
    var certificates: [PresentedCertificate] = []
    var isCancelled = false
  }

  private let state = Mutex(State())

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
    state.withLock { $0.response.body.append(contentsOf: bytes) }
    return .taken
  }

  func end(_ error: HTTPError?) {
    let (continuation, response) = state.withLock { state in
      defer { state.continuation = nil }
      return (state.continuation, state.response)
    }
    if let error { continuation?.resume(throwing: error) } else { continuation?.resume(returning: response) }
  }
}
