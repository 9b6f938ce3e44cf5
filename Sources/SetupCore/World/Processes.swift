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

  /// A command from its parts.
  public init(
    _ executable: String, _ arguments: [String] = [], environment: [String: String] = [:], input: [UInt8]? = nil,
    workingDirectory: String? = nil, deadline: Duration = .seconds(60)
  ) {
    self.executable = executable
    self.arguments = arguments
    self.environment = environment
    self.input = input
    self.workingDirectory = workingDirectory
    self.deadline = deadline
  }
}

/// How a child process ended. An exit code other than 0 is a value, not an error.
public struct ProcessResult: Sendable, Equatable {
  /// The exit code; 128 and the signal's number where a signal ended it, as shells count.
  public var exitCode: Int32
  /// Standard output, the first 16 MiB.
  public var output: String
  /// Standard error, the first 1 MiB.
  public var errors: String
  /// Whether the deadline ended it.
  public var timedOut: Bool

  /// A result from its parts.
  public init(exitCode: Int32, output: String = "", errors: String = "", timedOut: Bool = false) {
    self.exitCode = exitCode
    self.output = output
    self.errors = errors
    self.timedOut = timedOut
  }
}

/// Child processes.
public struct Processes: Sendable {
  /// The path of a program on PATH; nil: there is none.
  public var find: @Sendable (_ name: String) -> String?
  /// Runs a child to its end. Throws a `SetupError` where it cannot be started; cancelling the task ends it.
  public var run: @Sendable (_ command: ProcessCommand) async throws -> ProcessResult

  /// Processes from closures.
  public init(
    find: @escaping @Sendable (String) -> String?,
    run: @escaping @Sendable (ProcessCommand) async throws -> ProcessResult
  ) {
    self.find = find
    self.run = run
  }
}
