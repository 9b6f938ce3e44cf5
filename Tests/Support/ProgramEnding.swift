import Commands
public import SetupCore
import Synchronization

/// What a run of the program came to.
public struct ProgramEnding: Sendable {
  /// The exit code.
  public let code: Int32
  /// What it wrote to standard output.
  public let out: String
  /// What it told of its progress, a line each.
  public let progress: String

  /// Runs the program in this process, in a world of the test's.
  public init(running arguments: [String], in world: World) async {
    let out = Mutex("")
    let progress = Mutex("")
    let console = Console(
      out: { text in out.withLock { $0 += text } }, progress: { line in progress.withLock { $0 += line + "\n" } })
    code = await Program.run(arguments, in: CommandContext(world: world, console: console))
    self.out = out.withLock { $0 }
    self.progress = progress.withLock { $0 }
  }
}
