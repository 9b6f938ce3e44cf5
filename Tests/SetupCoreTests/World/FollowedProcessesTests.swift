import FoundationEssentials
import Glibc
import Synchronization
import TestSupport
import Testing

@testable import SetupCore

@Suite("Child processes whose output is read while they run", .timeLimit(.minutes(1)))
struct FollowedProcessesTests {
  private let processes = Processes.live(environment: ["PATH": "/usr/bin:/bin"])

  /// As the program does: writing to a child that does not read is an error and no signal.
  init() { Glibc.signal(SIGPIPE, SIG_IGN) }

  /// What was handed over, in its order.
  private final class Lines: Sendable {
    private let lines = Mutex<[ProcessLine]>([])
    var all: [ProcessLine] { lines.withLock { $0 } }
    func add(_ line: ProcessLine) { lines.withLock { $0.append(line) } }
    func texts(_ source: ProcessLine.Source) -> [String] { all.filter { $0.source == source }.map(\.text) }
  }

  private struct Refused: Error, Equatable {
    var text: String
  }

  private func follow(
    _ script: String, input: [UInt8]? = nil, folder: String? = nil, deadline: Duration = .seconds(20),
    idleLimit: Duration? = nil, terminal: String? = nil, _ follower: @escaping Processes.Follower
  ) async throws -> ProcessResult {
    try await processes.follow(
      ProcessCommand(
        "sh", ["-c", script], input: input, workingDirectory: folder, deadline: deadline, idleLimit: idleLimit,
        terminal: terminal), follower)
  }

  @Test("Lines of both outputs come, with the last one that has no end, and errors are in the result too")
  func lines() async throws {
    let lines = Lines()
    let result = try await follow("echo one; echo; echo bad >&2; printf 'a\\rb\\r\\nc'", lines.add)
    #expect(lines.texts(.output) == ["one", "", "a", "b", "c"])
    #expect(lines.texts(.errors) == ["bad"])
    #expect(result == ProcessResult(exitCode: 0, errors: "bad\n"))
  }

  @Test("A line comes while the child is still at work")
  func live() async throws {
    try await withScratchDirectory { scratch in
      let answer = scratch.file("answer")
      // The child goes on only when its first line has been seen.
      let result = try await follow(
        "echo ready; while ! [ -e answer ]; do sleep 0.02; done; exit 7", folder: scratch.path
      ) { line in
        if line.text == "ready" { try Files.live.write(answer, [], 0o600) }
      }
      #expect(result.exitCode == 7)
    }
  }

  @Test("A line that is too long is cut, and the next one is whole")
  func longLine() async throws {
    let lines = Lines()
    _ = try await follow("head -c 200000 /dev/zero | tr '\\0' x; echo; echo next", lines.add)
    #expect(lines.all.map(\.text.utf8.count) == [64 << 10, 4])
    #expect(lines.all.map(\.isCut) == [true, false])
  }

  @Test("Many lines all come, one after the other and in order")
  func manyLines() async throws {
    let lines = Lines()
    let isBusy = Atomic(false)
    _ = try await follow("seq 1 3000 & seq 1 3000 >&2; wait") { line in
      #expect(isBusy.exchange(true, ordering: .acquiring) == false)
      lines.add(line)
      isBusy.store(false, ordering: .releasing)
    }
    let expected = (1...3000).map(String.init)
    #expect(lines.texts(.output) == expected)
    #expect(lines.texts(.errors) == expected)
  }

  @Test("A follower that throws ends the child with all it started, hears no more and gets its error back")
  func refusal() async throws {
    try await withScratchDirectory { scratch in
      let lines = Lines()
      let error = await #expect(throws: Refused.self) {
        try await follow(
          "sleep 60 & echo $! > grandchild; echo $$ > child; echo good; echo bad; while :; do echo more; done",
          folder: scratch.path
        ) { line in
          lines.add(line)
          if line.text == "bad" { throw Refused(text: line.text) }
        }
      }
      #expect(error == Refused(text: "bad"))
      #expect(lines.texts(.output) == ["good", "bad"])
      for name in ["child", "grandchild"] {
        let id = try await TestChild.id(in: scratch.file(name))
        #expect(try await TestChild.isGone(id), "\(name)")
      }
    }
  }

  @Test("A follower that throws at the last line, which has no end, is heard too")
  func lateRefusal() async throws {
    await #expect(throws: Refused(text: "last")) {
      try await follow("printf 'first\\nlast'") { line in
        if line.text == "last" { throw Refused(text: line.text) }
      }
    }
  }

  @Test("The deadline and the idle limit hold, and are told apart", arguments: [nil, "dumb"])
  func limits(terminal: String?) async throws {
    let late = try await follow(
      "while :; do echo tick; sleep 0.1; done", deadline: .seconds(1), idleLimit: .seconds(10), terminal: terminal
    ) { _ in }
    #expect(late == ProcessResult(exitCode: 124, timedOut: true))
    let start = ContinuousClock.now
    // Output without a line's end counts.
    let idle = try await follow(
      "for i in 1 2 3 4 5 6; do printf .; sleep 0.2; done; sleep 60", idleLimit: .seconds(1), terminal: terminal
    ) { _ in }
    #expect(idle == ProcessResult(exitCode: 124, timedOut: true, wasIdle: true))
    #expect(ContinuousClock.now - start >= .seconds(2))
  }

  @Test("An idle limit holds without a follower as well")
  func idleRun() async throws {
    let result = try await processes.run(ProcessCommand("sleep", ["60"], idleLimit: .milliseconds(300)))
    #expect(result.wasIdle)
  }

  @Test("Cancelling the task ends the child and throws", arguments: [nil, "dumb"])
  func cancellation(terminal: String?) async throws {
    try await withScratchDirectory { scratch in
      let task = Task {
        try await follow("echo $$ > child; sleep 60", folder: scratch.path, terminal: terminal) { _ in }
      }
      let id = try await TestChild.id(in: scratch.file("child"))
      task.cancel()
      await #expect(throws: CancellationError.self) { try await task.value }
      #expect(!TestChild.isAlive(id))
    }
  }

  @Test("On a terminal both outputs are one, 80 columns wide, of the type asked for, and there is none to ask on")
  func terminal() async throws {
    let lines = Lines()
    let result = try await follow(
      """
      test -t 1 && test -t 2 && echo both
      echo error >&2
      stty size <&1
      echo $TERM
      (: </dev/tty) 2>/dev/null || echo none
      cat
      exit 5
      """, input: Array("given".utf8), terminal: "xterm", lines.add)
    #expect(lines.all.map(\.text) == ["both", "error", "24 80", "xterm", "none", "given"])
    #expect(lines.all.allSatisfy { $0.source == .output })
    #expect(result == ProcessResult(exitCode: 5))
  }

  @Test("What a child leaves running holds its terminal up no more than its pipes", arguments: [nil, "dumb"])
  func background(terminal: String?) async throws {
    try await withScratchDirectory { scratch in
      let lines = Lines()
      let result = try await follow(
        "trap '' HUP; sleep 30 & echo $! > left; echo out", folder: scratch.path, terminal: terminal, lines.add)
      #expect(lines.texts(.output) == ["out"])
      #expect(result.exitCode == 0)
      kill(try await TestChild.id(in: scratch.file("left")), SIGKILL)
    }
  }

  @Test("Much output on a terminal comes whole, and a follower that throws ends it")
  func muchOnTerminal() async throws {
    let lines = Lines()
    _ = try await follow("seq 1 3000", terminal: "dumb", lines.add)
    #expect(lines.all.map(\.text) == (1...3000).map(String.init))
    await #expect(throws: Refused.self) {
      try await follow("yes", terminal: "dumb") { throw Refused(text: $0.text) }
    }
  }

  @Test("Terminals are closed: forty children later none is open")
  func noLeak() async throws {
    func terminals() throws -> Int {
      try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count { name in
        // A descriptor that has been closed meanwhile has no target any more.
        (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(name)"))?.contains("pt") == true
      }
    }
    for _ in 0..<20 { _ = try await follow("echo x", terminal: "dumb") { _ in } }
    // One that cannot be started.
    for _ in 0..<20 {
      await #expect(throws: SetupError.self) {
        try await follow("echo x", folder: "/nowhere", terminal: "dumb") { _ in }
      }
    }
    // Other tests run beside this one and have terminals of their own.
    #expect(try terminals() < 20)
  }

  @Test("Without a way to follow, the lines of a run are handed over at its end")
  func derived() async throws {
    let processes = Processes(
      find: { $0 }, run: { _ in ProcessResult(exitCode: 3, output: "a\nb", errors: "c\n") })
    let lines = Lines()
    let result = try await processes.follow(ProcessCommand("x"), lines.add)
    #expect(lines.all == [ProcessLine(.output, "a"), ProcessLine(.output, "b"), ProcessLine(.errors, "c")])
    #expect(result == ProcessResult(exitCode: 3, errors: "c\n"))
  }

  @Test("Lines are the same however the bytes are split", arguments: [1, 2, 3, 100])
  func splitting(size: Int) {
    var splitter = LineSplitter(.output, limit: 4)
    var lines: [ProcessLine] = []
    let bytes = Array("a\r\nb\n\r\nlonger\r\r\n\nend".utf8)
    for start in stride(from: 0, to: bytes.count, by: size) {
      splitter.add(bytes[start..<min(start + size, bytes.count)]) { lines.append($0) }
    }
    splitter.finish { lines.append($0) }
    #expect(lines.map(\.text) == ["a", "b", "", "long", "", "", "end"])
    #expect(lines.map(\.isCut) == [false, false, false, true, false, false, false])
  }
}
