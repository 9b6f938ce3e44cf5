/// One run of a plugin: what is started.
public struct ExecPluginInvocation: Sendable, Equatable {
  /// A name for PATH, or a path.
  public var command: String
  /// Its arguments.
  public var arguments: [String]
  /// The whole environment.
  public var environment: [String: String]
  /// Whether the program gets the terminal as its standard input; else it gets none.
  public var interactive: Bool

  /// A run from its parts.
  public init(command: String, arguments: [String], environment: [String: String], interactive: Bool) {
    self.command = command
    self.arguments = arguments
    self.environment = environment
    self.interactive = interactive
  }
}

/// What a plugin's run left.
public struct ExecPluginOutput: Sendable, Equatable {
  /// The exit status; a signal counts as 128 and its number.
  public var exitCode: Int
  /// Standard output.
  public var stdout: [UInt8]
  /// Standard error.
  public var stderr: [UInt8]

  /// A run's end from its parts.
  public init(exitCode: Int, stdout: [UInt8], stderr: [UInt8] = []) {
    self.exitCode = exitCode
    self.stdout = stdout
    self.stderr = stderr
  }
}

/// What the closure that runs plugins throws where no program could be started.
public enum ExecPluginStartError: Error, Sendable, Equatable {
  /// There is no such program.
  case notFound
  /// The system's reason, for a person.
  case failed(String)
}
