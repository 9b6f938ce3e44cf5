import FoundationEssentials
import Glibc
import TestSupport
import Testing

@testable import SetupCore

@Suite("Real child processes", .timeLimit(.minutes(1)))
struct LiveProcessesTests {
  private static let path = "/usr/bin:/bin"
  private let processes = Processes.live(environment: ["PATH": path, "FROM_WORLD": "world", "BOTH": "world"])

  /// As the program does: writing to a child that does not read is an error and no signal.
  init() { Glibc.signal(SIGPIPE, SIG_IGN) }

  private func shell(
    _ script: String, input: [UInt8]? = nil, environment: [String: String] = [:], folder: String? = nil,
    deadline: Duration = .seconds(20)
  ) async throws -> ProcessResult {
    try await processes.run(
      ProcessCommand(
        "sh", ["-c", script], environment: environment, input: input, workingDirectory: folder, deadline: deadline))
  }

  @Test("A child's exit code and its two outputs are told apart", arguments: [Int32(0), 1, 3, 127])
  func exitCode(_ code: Int32) async throws {
    #expect(
      try await shell("echo out; echo err >&2; exit \(code)")
        == ProcessResult(exitCode: code, output: "out\n", errors: "err\n"))
  }

  @Test("A signal counts as shells count it", arguments: [SIGTERM, SIGKILL, SIGSEGV])
  func signal(_ signal: Int32) async throws {
    #expect(try await shell("kill -\(signal) $$").exitCode == 128 + signal)
  }

  @Test("A program is found on PATH; one that is not there says so")
  func find() async throws {
    #expect(processes.find("sh")?.hasSuffix("/sh") == true)
    #expect(processes.find("no-such-program") == nil)
    #expect(processes.find("/bin/sh") == "/bin/sh")
    #expect(processes.find("/etc/passwd") == nil)
    #expect(processes.find("/tmp") == nil)
    let error = await #expect(throws: SetupError.self) {
      try await processes.run(ProcessCommand("no-such-program"))
    }
    #expect(error?.message == "cannot run no-such-program: no such program on PATH")
    #expect(error?.next == "Install it, or add its folder to PATH.")
  }

  @Test("A command's environment lies on top of the world's, and nothing else is passed on")
  func environment() async throws {
    let result = try await shell("env | sort", environment: ["BOTH": "command", "MORE": "x"])
    let names = result.output.split(separator: "\n").filter {
      !$0.hasPrefix("PWD=") && !$0.hasPrefix("_=") && !$0.hasPrefix("OLDPWD=") && !$0.hasPrefix("SHLVL=")
    }
    #expect(names == ["BOTH=command", "FROM_WORLD=world", "MORE=x", "PATH=\(Self.path)"])
  }

  @Test("A child reads what it is given, and an empty input where it is given nothing")
  func input() async throws {
    #expect(try await shell("cat", input: Array("secret\n".utf8)).output == "secret\n")
    #expect(try await shell("cat; echo end").output == "end\n")
    let large = Array(repeating: UInt8(ascii: "x"), count: 1 << 20)
    #expect(try await shell("wc -c", input: large).output.filter { $0.isNumber } == "1048576")
  }

  @Test("A child that does not read its input is no error")
  func unreadInput() async throws {
    let large = Array(repeating: UInt8(ascii: "x"), count: 1 << 20)
    #expect(try await shell("exit 3", input: large).exitCode == 3)
  }

  @Test("A child has no terminal and a session of its own, and runs where it is told")
  func place() async throws {
    try await withScratchDirectory { scratch in
      let result = try await shell(
        "pwd; ps -o sid= -p $$ | tr -d ' '; echo $$; (: </dev/tty) 2>/dev/null || echo none", folder: scratch.path)
      let lines = result.output.split(separator: "\n")
      #expect(lines.first.map(String.init) == scratch.path)
      #expect(lines.last == "none")
      if lines.count == 4 { #expect(lines[1] == lines[2]) }
    }
  }

  @Test("Output up to the limit is whole; what is beyond it does not take the result away")
  func limits() async throws {
    let whole = try await shell("head -c 16777216 /dev/zero | tr '\\0' x; head -c 1048576 /dev/zero | tr '\\0' y >&2")
    #expect(whole.output.utf8.count == 16 << 20)
    #expect(whole.errors.utf8.count == 1 << 20)
    #expect(whole.exitCode == 0)
    let beyond = try await shell("head -c 1048600 /dev/zero | tr '\\0' y >&2; echo out; exit 7")
    #expect(beyond.errors.utf8.count == 1 << 20)
    #expect(beyond.output == "out\n")
    #expect(beyond.exitCode == 7)
  }

  @Test("A deadline ends the child with all that it started, also what does not listen to SIGTERM")
  func deadline() async throws {
    try await withScratchDirectory { scratch in
      let start = ContinuousClock.now
      let result = try await shell(
        "sh -c 'trap \"\" TERM; echo $$ > grandchild; while :; do sleep 1; done' & echo $$ > child; wait",
        folder: scratch.path, deadline: .seconds(1))
      #expect(result == ProcessResult(exitCode: 124, timedOut: true))
      #expect(ContinuousClock.now - start < .seconds(15))
      for name in ["child", "grandchild"] {
        let id = try await TestChild.id(in: scratch.file(name))
        #expect(try await TestChild.isGone(id), "\(name)")
        if TestChild.isAlive(id) { kill(id, SIGKILL) }
      }
    }
  }

  @Test("A child that listens to SIGTERM is given time to clean up")
  func graceful() async throws {
    try await withScratchDirectory { scratch in
      let result = try await shell(
        "trap 'echo cleaned > cleaned; exit 0' TERM; while :; do sleep 0.05; done", folder: scratch.path,
        deadline: .milliseconds(500))
      #expect(result.timedOut)
      #expect(try String(decoding: scratch.read("cleaned"), as: UTF8.self) == "cleaned\n")
    }
  }

  @Test("Cancelling the task ends the child and throws")
  func cancellation() async throws {
    try await withScratchDirectory { scratch in
      let task = Task { try await shell("echo $$ > child; sleep 60", folder: scratch.path, deadline: .seconds(60)) }
      let id = try await TestChild.id(in: scratch.file("child"))
      task.cancel()
      await #expect(throws: CancellationError.self) { try await task.value }
      #expect(!TestChild.isAlive(id))
    }
  }

  @Test("What a child leaves running does not hold the result up, and is left alone")
  func background() async throws {
    try await withScratchDirectory { scratch in
      let start = ContinuousClock.now
      let result = try await shell("sleep 30 & echo $! > left; echo out", folder: scratch.path)
      #expect(result == ProcessResult(exitCode: 0, output: "out\n"))
      #expect(ContinuousClock.now - start < .seconds(10))
      let id = try await TestChild.id(in: scratch.file("left"))
      #expect(TestChild.isAlive(id))
      kill(id, SIGKILL)
    }
  }

  @Test("Many children at once each get their own input and output")
  func many() async throws {
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for number in 0..<40 {
        group.addTask {
          try await shell("cat; echo e\(number) >&2", input: Array("i\(number)".utf8))
            == ProcessResult(exitCode: 0, output: "i\(number)", errors: "e\(number)\n")
        }
      }
      for try await isRight in group { #expect(isRight) }
    }
  }
}
