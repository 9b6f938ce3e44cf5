import FoundationEssentials
import Glibc
import Synchronization
import TestSupport
import Testing

@testable import SetupCore

/// A real file system and real tools around a folder of the test's own.
final class PackageStage: Sendable {
  let scratch: ScratchDirectory
  private let log = Mutex<[ProcessCommand]>([])

  init(_ scratch: ScratchDirectory) {
    self.scratch = scratch
    // As the program does.
    signal(SIGPIPE, SIG_IGN)
  }

  /// What has been run.
  var commands: [ProcessCommand] { log.withLock { $0 } }

  /// How often tar has unpacked.
  var extractions: Int { commands.count { $0.arguments.contains("--extract") } }

  var world: World {
    var world = World.fake(environment: ["XDG_CACHE_HOME": scratch.file("cache")])
    world.files = .live
    let live = Processes.live(environment: ["PATH": "/usr/bin:/bin"])
    world.processes = Processes(
      find: live.find,
      run: { [self] command in
        log.withLock { $0.append(command) }
        return try await live.run(command)
      },
      follow: { [self] command, follower in
        log.withLock { $0.append(command) }
        return try await live.follow(command, follower)
      })
    world.sleep = { try await Task.sleep(for: $0) }
    world.workingDirectory = scratch.path
    return world
  }

  /// What stands in the cache besides its lock.
  func cached() throws -> [String] {
    try Files.live.list(scratch.file("cache/mlops-setup/packages")).filter { $0 != ".lock" }
  }

  /// Unpacks an archive and tells its folder; nothing is asked of what is in it.
  func unpack(_ path: String, _ limits: TarLimits = .package, in world: World? = nil) async throws -> String {
    let world = world ?? self.world
    let archive = try await TarArchive(path, world: world)
    return try await PackageCache(world: world).unpack(archive, limits, report: nil) { $0 }
  }

  /// Expects that an archive is refused in these words, and that nothing is left of it.
  func expectRefusal(
    of path: String, _ limits: TarLimits = .package, says words: String..., location: SourceLocation = #_sourceLocation
  ) async throws {
    do {
      _ = try await unpack(path, limits)
      Issue.record("it was unpacked: \(try cached())", sourceLocation: location)
    } catch let error as SetupError {
      for word in words {
        #expect(error.message.contains(word), sourceLocation: location)
      }
      #expect(error.message.contains(path), sourceLocation: location)
      #expect(!error.next.isEmpty, sourceLocation: location)
    }
    #expect(extractions == 0, sourceLocation: location)
    #expect(try Files.live.kind(scratch.file("cache")) == nil, sourceLocation: location)
  }
}

/// Runs `body` with a stage whose folder is removed afterwards.
func withPackageStage<Result>(_ body: (PackageStage) async throws -> Result) async throws -> Result {
  try await withScratchDirectory { try await body(PackageStage($0)) }
}
