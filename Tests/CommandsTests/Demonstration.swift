import HTTP
import SetupCore
import Synchronization
import TestSupport

@testable import Commands

/// Runs of the program with `--demo`, whose files are in a folder of the test.
enum Demonstration {
  static func run(_ arguments: [String], in folder: ScratchDirectory) async -> PreflightStage.Ending {
    let out = Mutex("")
    let progress = Mutex("")
    var world = World.live(http: HTTPClient(configuration: .init(environment: [:])))
    world.environment = ["HOME": folder.path, "LANG": "C.UTF-8"]
    world.homeDirectory = folder.path
    world.workingDirectory = folder.path
    world.hasTerminal = false
    let console = Console(
      out: { text in out.withLock { $0 += text } }, progress: { line in progress.withLock { $0 += line + "\n" } })
    let code = await Program.run(arguments, in: CommandContext(world: world, console: console))
    return PreflightStage.Ending(code: code, out: out.withLock { $0 }, progress: progress.withLock { $0 })
  }
}
