import SetupCore
import TestSupport

@testable import Commands

/// Runs of the program with `--demo`, whose files are in a folder of the test.
enum Demonstration {
  static func run(_ arguments: [String], in folder: ScratchDirectory) async -> ProgramEnding {
    await ProgramEnding(
      running: arguments, in: .live(in: folder, environment: ["HOME": folder.path, "LANG": "C.UTF-8"]))
  }
}
