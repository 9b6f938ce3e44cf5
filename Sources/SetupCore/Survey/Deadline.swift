import Synchronization

/// Runs `work` for at most that long; nil where the time ran out. Work that does not heed its cancellation is left behind
/// after `grace`, so that whoever waits here is never kept: time enough for a child to be stopped, and no more.
func within<Value: Sendable>(
  _ deadline: Duration, grace: Duration = .seconds(5), _ work: @escaping @Sendable () async throws -> Value
) async throws -> Value? {
  let race = Race<Value?>()
  let task = Task {
    do {
      let value = try await work()
      race.finish(.success(value))
    } catch {
      race.finish(.failure(error))
    }
  }
  let timer = Task {
    try await Task.sleep(for: deadline)
    race.overrule(by: .success(nil))
    task.cancel()
    try await Task.sleep(for: grace)
    race.finish(.success(nil))
  }
  return try await withTaskCancellationHandler {
    defer { timer.cancel() }
    return try await withCheckedThrowingContinuation { race.wait($0) }
  } onCancel: {
    task.cancel()
    Task {
      try await Task.sleep(for: grace)
      race.finish(.failure(CancellationError()))
    }
  }
}

/// The first end of several; later ones are dropped.
private final class Race<Value: Sendable>: Sendable {
  private struct State {
    var continuation: CheckedContinuation<Value, any Error>?
    var end: Result<Value, any Error>?
    var verdict: Result<Value, any Error>?
  }

  private let state = Mutex(State())

  /// From now on the end is this one, whatever it is called.
  func overrule(by verdict: Result<Value, any Error>) { state.withLock { $0.verdict = verdict } }

  func finish(_ result: Result<Value, any Error>) {
    let (continuation, end) = state.withLock { state in
      if state.end == nil { state.end = state.verdict ?? result }
      defer { state.continuation = nil }
      return (state.continuation, state.end ?? result)
    }
    continuation?.resume(with: end)
  }

  func wait(_ continuation: CheckedContinuation<Value, any Error>) {
    let end = state.withLock { state in
      if state.end == nil { state.continuation = continuation }
      return state.end
    }
    if let end { continuation.resume(with: end) }
  }
}
