import Glibc
import Subprocess
import Synchronization
import SystemPackage

/// One child process with all that it starts. Its output is read to the end even while it is being stopped: a child that
/// cleans up writes about it, and would die of a closed pipe before it is done.
final class ChildProcess: Sendable {
  private struct State {
    /// The child's process id, which is its session's and its group's too.
    var leader: pid_t?
    var hasEnded = false
    var hasTimedOut = false
    var stopping: Task<Void, Never>?
  }

  private let state = Mutex(State())
  /// From being asked to stop to being killed.
  private static let grace = Duration.seconds(5)

  /// Runs it to its end. After `deadline`, or where the task is cancelled, it is asked to stop, then killed with all that
  /// it started. Of each output the first bytes are kept, the rest is read and dropped.
  func run(
    _ configuration: Configuration, input: [UInt8], outputLimit: Int, errorLimit: Int, deadline: Duration
  ) async throws -> ProcessResult {
    // A task of its own, because cancelling this one would close the pipes at once.
    let work = Task {
      defer { state.withLock { $0.hasEnded = true } }
      return try await Subprocess.run(
        configuration, input: .inputWriter, output: .sequence, error: .sequence
      ) { execution in
        started(execution.processIdentifier.value)
        async let fed: Void = Self.feed(input, execution.standardInputWriter)
        async let output = Self.collect(execution.standardOutput, limit: outputLimit)
        async let errors = Self.collect(execution.standardError, limit: errorLimit)
        try await fed
        return (output: try await output, errors: try await errors)
      }
    }
    let timer = Task {
      try await Task.sleep(for: deadline)
      stop(isTimeout: true)
    }
    defer { timer.cancel() }
    let result = try await withTaskCancellationHandler {
      try await work.value
    } onCancel: {
      stop(isTimeout: false)
    }
    await state.withLock { $0.stopping }?.value
    try Task.checkCancellation()
    if state.withLock({ $0.hasTimedOut }) { return ProcessResult(exitCode: 124, timedOut: true) }
    let code: Int32 =
      switch result.terminationStatus {
      case .exited(let code): code
      case .signaled(let signal): 128 + signal
      }
    return ProcessResult(
      exitCode: code, output: String(decoding: result.closureResult.output, as: UTF8.self),
      errors: String(decoding: result.closureResult.errors, as: UTF8.self))
  }

  /// Writes the input as far as the child reads it, and closes it in any case.
  private static func feed(_ input: [UInt8], _ writer: StandardInputWriter) async throws {
    do {
      if !input.isEmpty { _ = try await writer.write(input) }
    } catch {
      // A child may end without having read it all; how it ended says what that means.
    }
    try await writer.finish()
  }

  private static func collect(_ stream: SubprocessOutputSequence, limit: Int) async throws -> [UInt8] {
    var bytes: [UInt8] = []
    for try await chunk in stream {
      let room = limit - bytes.count
      if room > 0 { chunk.withUnsafeBytes { bytes.append(contentsOf: $0.prefix(room)) } }
    }
    return bytes
  }

  private func started(_ leader: pid_t) {
    state.withLock { $0.leader = leader }
  }

  /// Begins to stop it, once; nothing happens where it has ended.
  private func stop(isTimeout: Bool) {
    state.withLock { state in
      if state.hasEnded || state.stopping != nil { return }
      state.hasTimedOut = isTimeout
      state.stopping = Task { await end() }
    }
  }

  /// SIGTERM to the whole group, and SIGKILL to what is left of it when its leader has ended or the grace is over.
  private func end() async {
    let limit = ContinuousClock.now + Self.grace
    var isAsked = false
    var leader: pid_t?
    while ContinuousClock.now < limit {
      let (found, hasEnded) = state.withLock { ($0.leader, $0.hasEnded) }
      leader = found
      if hasEnded { break }
      // It may not have been started yet.
      if let leader, !isAsked { isAsked = kill(-leader, SIGTERM) == 0 }
      do { try await Task.sleep(for: .milliseconds(10)) } catch { break }
    }
    // The id stays the group's as long as anyone is in it, also after its leader has ended.
    if let leader { kill(-leader, SIGKILL) }
  }
}
