import Glibc
import Subprocess
import Synchronization
import SystemPackage

/// One child process with all that it starts. Its output is read to the end even while it is being stopped: a child that
/// cleans up writes about it, and would die of a closed pipe before it is done.
final class ChildProcess: Sendable {
  /// Why a child is stopped before its end.
  private enum Cause {
    case deadline
    case idle
    case cancelled
    case follower(any Error)
  }

  private struct State {
    /// The child's process id, which is its session's and its group's too.
    var leader: pid_t?
    var hasEnded = false
    var lastOutput = ContinuousClock.now
    var cause: Cause?
    var stopping: Task<Void, Never>?
  }

  private let command: ProcessCommand
  private let follower: Processes.Follower?
  private let state = Mutex(State())
  /// Held while a line is handed over.
  private let turn = Mutex(())
  /// From being asked to stop to being killed.
  private static let grace = Duration.seconds(5)

  init(_ command: ProcessCommand, follower: Processes.Follower?) {
    self.command = command
    self.follower = follower
  }

  /// Runs it to its end. Where it takes too long, its task is cancelled or its follower throws, it is asked to stop, then
  /// killed with all that it started.
  func run(_ configuration: Configuration) async throws -> ProcessResult {
    // A task of its own, because cancelling this one would close the pipes at once.
    let work = Task {
      defer { state.withLock { $0.hasEnded = true } }
      return try await command.terminal == nil ? runOnPipes(configuration) : runOnTerminal(configuration)
    }
    let timers = [Task { try await watchDeadline() }, Task { try await watchIdleness() }]
    defer { for timer in timers { timer.cancel() } }
    let result = try await withTaskCancellationHandler {
      try await work.value
    } onCancel: {
      stop(.cancelled)
    }
    await state.withLock { $0.stopping }?.value
    try Task.checkCancellation()
    switch state.withLock({ $0.cause }) {
    case .follower(let error)?: throw error
    case .cancelled?: throw CancellationError()
    case .deadline?: return ProcessResult(exitCode: 124, timedOut: true)
    case .idle?: return ProcessResult(exitCode: 124, timedOut: true, wasIdle: true)
    case nil: return result
    }
  }

  private func runOnPipes(_ configuration: Configuration) async throws -> ProcessResult {
    let result = try await Subprocess.run(
      configuration, input: .inputWriter, output: .sequence, error: .sequence
    ) { execution in
      started(execution.processIdentifier.value)
      async let fed: Void = feed(execution.standardInputWriter)
      async let output = collect(execution.standardOutput, .output, limit: follower == nil ? 16 << 20 : 0)
      async let errors = collect(execution.standardError, .errors, limit: 1 << 20)
      try await fed
      return (output: try await output, errors: try await errors)
    }
    return ProcessResult(
      exitCode: Self.exitCode(result.terminationStatus),
      output: String(decoding: result.closureResult.output, as: UTF8.self),
      errors: String(decoding: result.closureResult.errors, as: UTF8.self))
  }

  private func runOnTerminal(_ configuration: Configuration) async throws -> ProcessResult {
    let (ours, childs) = try Self.openTerminal()
    defer { Glibc.close(ours.rawValue) }
    let result = try await Subprocess.run(
      configuration, input: .inputWriter,
      output: .fileDescriptor(childs, closeAfterSpawningProcess: true), error: .combinedWithOutput
    ) { execution in
      let leader = execution.processIdentifier.value
      started(leader)
      async let fed: Void = feed(execution.standardInputWriter)
      async let output = collect(ours, leader: leader, limit: follower == nil ? 16 << 20 : 0)
      try await fed
      return try await output
    }
    return ProcessResult(
      exitCode: Self.exitCode(result.terminationStatus),
      output: String(decoding: result.closureResult, as: UTF8.self))
  }

  private static func exitCode(_ status: TerminationStatus) -> Int32 {
    switch status {
    case .exited(let code): code
    case .signaled(let signal): 128 + signal
    }
  }
}

// MARK: Input and output

extension ChildProcess {
  /// Writes the input as far as the child reads it, and closes it in any case.
  private func feed(_ writer: StandardInputWriter) async throws {
    do {
      if let input = command.input, !input.isEmpty { _ = try await writer.write(input) }
    } catch {
      // A child may end without having read it all; how it ended says what that means.
    }
    try await writer.finish()
  }

  /// Reads it all; the first bytes are kept, the rest is dropped.
  private func collect(
    _ stream: SubprocessOutputSequence, _ source: ProcessLine.Source, limit: Int
  ) async throws -> [UInt8] {
    var kept: [UInt8] = []
    var splitter = LineSplitter(source)
    for try await chunk in stream {
      chunk.withUnsafeBytes { take($0, &splitter, &kept, limit: limit) }
    }
    splitter.finish(to: handOver)
    return kept
  }

  /// The same from a terminal. Its end is no end of file where somebody else still has it open.
  private func collect(_ terminal: FileDescriptor, leader: pid_t, limit: Int) async throws -> [UInt8] {
    var kept: [UInt8] = []
    var splitter = LineSplitter(.output)
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 14, alignment: 16)
    defer { buffer.deallocate() }
    reading: while true {
      // Looked at before reading: what it wrote until its end is read then.
      let isLast = Self.hasEnded(leader)
      do {
        let count = try terminal.read(into: buffer)
        if count == 0 { break }
        take(UnsafeRawBufferPointer(rebasing: buffer[..<count]), &splitter, &kept, limit: limit)
      } catch Errno.ioError {
        break reading  // Nobody has it open any more.
      } catch Errno.resourceTemporarilyUnavailable {
        if isLast { break reading }
        try await Task.sleep(for: .milliseconds(20))
      }
    }
    splitter.finish(to: handOver)
    return kept
  }

  private func take(
    _ bytes: UnsafeRawBufferPointer, _ splitter: inout LineSplitter, _ kept: inout [UInt8], limit: Int
  ) {
    state.withLock { $0.lastOutput = .now }
    let room = limit - kept.count
    if room > 0 { kept.append(contentsOf: bytes.prefix(room)) }
    if follower != nil { splitter.add(bytes, to: handOver) }
  }

  private func handOver(_ line: ProcessLine) {
    guard let follower else { return }
    turn.withLock { _ in
      if state.withLock({ $0.cause != nil }) { return }
      do { try follower(line) } catch { stop(.follower(error)) }
    }
  }

  /// A terminal of 80 columns and 24 rows: our end, which does not block, and the child's.
  private static func openTerminal() throws -> (ours: FileDescriptor, childs: FileDescriptor) {
    var ours: Int32 = -1
    var childs: Int32 = -1
    var size = winsize(ws_row: 24, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0)
    guard openpty(&ours, &childs, nil, nil, &size) == 0 else {
      throw SetupError(.tool, "cannot open a terminal for a child process: \(Errno(rawValue: errno))")
    }
    for descriptor in [ours, childs] { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
    _ = fcntl(ours, F_SETFL, O_NONBLOCK)
    return (FileDescriptor(rawValue: ours), FileDescriptor(rawValue: childs))
  }

  /// Whether a child of ours has ended; its exit code is left for whoever waits for it.
  private static func hasEnded(_ id: pid_t) -> Bool {
    var info = siginfo_t()
    let result = waitid(P_PID, id_t(id), &info, WEXITED | WNOHANG | WNOWAIT)
    // Without a child in that state the structure stays as it was, all zero.
    return result != 0 ? errno == ECHILD : info.si_signo != 0
  }
}

// MARK: Stopping

extension ChildProcess {
  private func started(_ leader: pid_t) {
    state.withLock { $0.leader = leader }
  }

  private func watchDeadline() async throws {
    try await Task.sleep(for: command.deadline)
    stop(.deadline)
  }

  private func watchIdleness() async throws {
    guard let limit = command.idleLimit else { return }
    while true {
      let end = state.withLock { $0.lastOutput } + limit
      if end <= .now { return stop(.idle) }
      try await Task.sleep(until: end, clock: .continuous)
    }
  }

  /// Begins to stop it, once; nothing happens where it has ended.
  private func stop(_ cause: Cause) {
    state.withLock { state in
      if state.hasEnded || state.stopping != nil { return }
      state.cause = cause
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
