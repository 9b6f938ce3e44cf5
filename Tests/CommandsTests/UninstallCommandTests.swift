import SetupCore
import Synchronization
import TestSupport
import Testing

@testable import Commands

@Suite("mlops-setup uninstall")
struct UninstallCommandTests {
  private struct Ending: Sendable {
    var code: Int32
    var out: String
    var asked: [String]
  }

  /// Runs it on a demonstration, with a person who answers so; nil: nobody sits there.
  private static func run(_ arguments: String..., answer: String? = nil) async throws -> Ending {
    try await withScratchDirectory { folder in
      let out = Mutex("")
      let asked = Mutex<[String]>([])
      var world = World.live(in: folder, environment: ["HOME": folder.path, "LANG": "C.UTF-8"])
      world.hasTerminal = answer != nil
      let console = Console(
        out: { text in out.withLock { $0 += text } }, progress: { _ in },
        ask: { question in
          asked.withLock { $0.append(question) }
          return answer
        })
      let context = CommandContext(world: world, console: console)
      let code = await Program.run(["uninstall", "--demo", "installed"] + arguments, in: context)
      return Ending(code: code, out: out.withLock { $0 }, asked: asked.withLock { $0 })
    }
  }

  @Test("On a terminal it asks, and removes nothing without a yes", arguments: ["no", "", "yes please"])
  func declined(_ answer: String) async throws {
    let ending = try await Self.run(answer: answer)
    #expect(ending.asked == ["\nRemove these 5? Type yes: "])
    #expect(ending.code == 130)
    #expect(ending.out.contains("\nWould be removed\n  Helm release: uninstall release bosun\n"), "\(ending.out)")
    #expect(!ending.out.contains("\nRemoved\n"))
  }

  @Test("With a yes, with --yes, or where nobody sits there, it removes", arguments: ["yes", "--yes", nil])
  func removes(_ how: String?) async throws {
    let ending =
      how == "--yes" ? try await Self.run("--yes", answer: "no") : try await Self.run(answer: how)
    #expect(ending.asked.count == (how == "yes" ? 1 : 0))
    #expect(ending.code == 0)
    #expect(ending.out.contains("\nRemoved\n  Helm release: uninstalled release bosun\n"), "\(ending.out)")
  }

  @Test("A dry run asks nobody and removes nothing")
  func dryRun() async throws {
    let ending = try await Self.run("--dry-run", "--namespace", answer: "yes")
    #expect(ending.asked == [])
    #expect(ending.code == 0)
    #expect(ending.out.contains("\n  Namespace: delete Namespace datarobot-mlops\n"), "\(ending.out)")
    #expect(!ending.out.contains("\nRemoved\n"))
  }
}
