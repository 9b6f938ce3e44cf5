import ArgumentParser
public import SetupCore

/// What a command runs in: tests give it a world of their own.
public struct CommandContext: Sendable {
  /// The door to the outside.
  public var world: World
  /// Where it writes.
  public var console: Console

  /// The thread for the full screen; nil where none is served.
  var mainThread: MainThread?
  /// In the simulated world: the path of answers that fit it.
  var demonstrationAnswers: String?

  /// The folder that paths on the command line are relative to, in the simulated world too.
  let callerDirectory: String

  /// The absolute form of a path on the command line.
  func path(_ path: String) -> String { world.absolutePath(path, relativeTo: callerDirectory) }

  /// A file that the command line names; one that cannot be read is a mistake of whoever named it.
  func read(_ absolute: String) throws -> [UInt8]? {
    do {
      return try world.files.read(absolute)
    } catch let error as SetupError {
      throw SetupError(.usage, error.message, next: "Name a file that can be read.")
    }
  }

  /// A context from its parts.
  public init(world: World, console: Console, mainThread: MainThread? = nil) {
    self.world = world
    self.console = console
    self.mainThread = mainThread
    callerDirectory = world.workingDirectory
  }
}

/// A verb of the program: options in, report out, and errors that know their exit code.
protocol Verb: AsyncParsableCommand {
  /// Whether it runs in the simulated world, and in which scenario.
  var demo: DemoOptions { get }
  /// Does it; returns the exit code.
  func run(in context: CommandContext) async throws -> Int32
}
