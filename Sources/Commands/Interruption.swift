import Dispatch
import Glibc
import SetupCore

/// SIGINT, SIGTERM and a hang-up as cancellation, so that children end, the journal is closed and the exit code is 130.
enum Interruption {
  /// Runs the work; a signal cancels it and it ends with `SetupError.interrupted`.
  static func catching<Value: Sendable>(_ work: @escaping @Sendable () async throws -> Value) async throws -> Value {
    let task = Task { try await work() }
    let numbers = [SIGINT, SIGTERM] + (isIgnored(SIGHUP) ? [] : [SIGHUP])
    let sources = numbers.map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler { task.cancel() }
      source.resume()
      return source
    }
    defer {
      for source in sources { source.cancel() }
      for number in numbers { signal(number, SIG_DFL) }
    }
    do {
      return try await withTaskCancellationHandler {
        try await task.value
      } onCancel: {
        task.cancel()
      }
    } catch {
      guard task.isCancelled else { throw error }
      if let error = error as? SetupError, error.code == .interrupted { throw error }
      throw SetupError(.interrupted, "interrupted", next: "Run it again to go on from there.")
    }
  }

  /// Whether whoever started us wants that signal to be ignored, as nohup does.
  private static func isIgnored(_ number: Int32) -> Bool {
    var action = sigaction()
    guard sigaction(number, nil, &action) == 0 else { return false }
    return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
  }
}
