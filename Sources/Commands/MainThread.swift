import Dispatch
import Synchronization

/// The process' first thread. Curses is bound to one thread, signals arrive on this one, and Swift's main actor is not
/// bound to it on Linux; so the thread serves jobs itself.
public final class MainThread: Sendable {
  private enum Job {
    case run(@Sendable () -> Void)
    case finish(Int32)
  }

  private let jobs = Mutex<[Job]>([])
  private let count = DispatchSemaphore(value: 0)

  /// The thread that will call `serve()`.
  public init() {}

  /// Runs a job there and waits for its value.
  func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      add(.run { continuation.resume(with: Result { try body() }) })
    }
  }

  /// Ends `serve()`.
  public func finish(_ exitCode: Int32) { add(.finish(exitCode)) }

  /// Serves jobs until `finish` is called; returns its exit code.
  public func serve() -> Int32 {
    while true {
      count.wait()
      switch jobs.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) {
      case .run(let body)?: body()
      case .finish(let exitCode)?: return exitCode
      case nil: break
      }
    }
  }

  private func add(_ job: Job) {
    jobs.withLock { $0.append(job) }
    count.signal()
  }
}
