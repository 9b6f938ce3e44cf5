/// A child process to run: a value, asserted in tests without running it. Secrets never stand in `arguments`.
public struct ProcessCommand: Sendable, Equatable {
  /// A path, or a name that is looked up on PATH.
  public var executable: String
  /// Without the program's own name.
  public var arguments: [String]
  /// Set on top of the world's environment.
  public var environment: [String: String]
  /// What the child reads; nil: nothing.
  public var input: [UInt8]?
  /// Where it runs; nil: where we run.
  public var workingDirectory: String?
  /// After this time it is asked to stop, then killed with all it started.
  public var deadline: Duration
  /// So is one that has written nothing for this long; nil: it may be silent.
  public var idleLimit: Duration?
  /// Its outputs are one terminal of this type (TERM) with 80 columns and 24 rows, because some programs tell their
  /// progress to nothing else; nil: they are two pipes. It never has a terminal to ask on.
  public var terminal: String?

  /// A command from its parts.
  public init(
    _ executable: String, _ arguments: [String] = [], environment: [String: String] = [:], input: [UInt8]? = nil,
    workingDirectory: String? = nil, deadline: Duration = .seconds(60), idleLimit: Duration? = nil,
    terminal: String? = nil
  ) {
    self.executable = executable
    self.arguments = arguments
    self.environment = environment
    self.input = input
    self.workingDirectory = workingDirectory
    self.deadline = deadline
    self.idleLimit = idleLimit
    self.terminal = terminal
  }
}

/// How a child process ended. An exit code other than 0 is a value, not an error.
public struct ProcessResult: Sendable, Equatable {
  /// The exit code; 128 and the signal's number where a signal ended it, as shells count.
  public var exitCode: Int32
  /// Standard output, the first 16 MiB; empty where it was handed over line by line.
  public var output: String
  /// Standard error, the first 1 MiB.
  public var errors: String
  /// Whether the deadline or the idle limit ended it.
  public var timedOut: Bool
  /// Whether it was the idle limit.
  public var wasIdle: Bool

  /// A result from its parts.
  public init(
    exitCode: Int32, output: String = "", errors: String = "", timedOut: Bool = false, wasIdle: Bool = false
  ) {
    self.exitCode = exitCode
    self.output = output
    self.errors = errors
    self.timedOut = timedOut
    self.wasIdle = wasIdle
  }
}

/// Child processes.
public struct Processes: Sendable {
  /// Takes one line after the other, never two at once, and returns soon: the child waits meanwhile.
  public typealias Follower = @Sendable (_ line: ProcessLine) throws -> Void

  /// The path of a program on PATH; nil: there is none.
  public var find: @Sendable (_ name: String) -> String?
  /// Runs a child to its end. Throws a `SetupError` where it cannot be started; cancelling the task ends it.
  public var run: @Sendable (_ command: ProcessCommand) async throws -> ProcessResult
  /// The same, with each line of both outputs handed over as it comes. Where the follower throws, the child is ended with
  /// all it started, and the error comes out here.
  public var follow: @Sendable (_ command: ProcessCommand, _ follower: @escaping Follower) async throws -> ProcessResult

  /// Processes from closures. Without one for `follow`, the lines are handed over at the end of `run`.
  public init(
    find: @escaping @Sendable (String) -> String?,
    run: @escaping @Sendable (ProcessCommand) async throws -> ProcessResult,
    follow: (@Sendable (ProcessCommand, @escaping Follower) async throws -> ProcessResult)? = nil
  ) {
    self.find = find
    self.run = run
    self.follow =
      follow ?? { command, follower in
        var result = try await run(command)
        for (source, text) in [(ProcessLine.Source.output, result.output), (.errors, result.errors)] {
          var splitter = LineSplitter(source)
          try splitter.add(text.utf8, to: follower)
          try splitter.finish(to: follower)
        }
        result.output = ""
        return result
      }
  }
}
