import FoundationEssentials
import Glibc
import Synchronization
import TestSupport
import Testing

@testable import SetupCore

@Suite("Unpacking into the cache", .serialized, .timeLimit(.minutes(2)))
struct PackageCacheTests {
  private static func mode(_ path: String) -> UInt32 {
    var status = stat()
    return lstat(path, &status) == 0 ? status.st_mode & 0o7777 : 0
  }

  private static let members = TarBuilder().adding("./", .directory, mode: 0o755).adding(
    "./pkg/", .directory, mode: 0o755
  )
  .adding("./pkg/lib/a \"b\" -> ü", text: "text").adding("./pkg/link", .symbolicLink, link: "lib/../lib")
  .adding("./pkg/hard", .hardLink, link: "./pkg/lib/a \"b\" -> ü")
  .adding("./pkg/twice", text: "first").adding("pkg/twice", text: "second")

  @Test(
    "A harmless archive is unpacked once, by its content and not by its name",
    arguments: [".tar", ".tar.gz", ".tgz", ".tar.xz"])
  func once(suffix: String) async throws {
    try await withPackageStage { stage in
      let path = stage.scratch.file("pkg-1.0 (2)\(suffix)")
      try await Self.members.write(to: path)
      let folder = try await stage.unpack(path)
      #expect(FileNames.last(of: folder).hasPrefix("pkg-1.0__2_-"))
      let files = Files.live
      #expect(try files.read(folder + "/pkg/lib/a \"b\" -> ü").map { String(decoding: $0, as: UTF8.self) } == "text")
      #expect(try files.read(folder + "/pkg/link/a \"b\" -> ü") != nil)
      #expect(try files.read(folder + "/pkg/hard") == Array("text".utf8))
      #expect(try files.read(folder + "/pkg/twice") == Array("second".utf8))
      #expect(Self.mode(folder) == 0o700)
      #expect(try await stage.unpack(path) == folder)
      #expect(stage.extractions == 1)
      #expect(try stage.cached() == [FileNames.last(of: folder)])
      // Other content is another package.
      try await Self.members.adding("pkg/new").write(to: path)
      let other = try await stage.unpack(path)
      #expect(other != folder)
      #expect(try files.kind(other + "/pkg/new") == .file)
    }
  }

  @Test("Set-uid and other people's rights are left behind, and what its owner may not read becomes readable")
  func rights() async throws {
    try await withPackageStage { stage in
      let path = stage.scratch.file("p.tar")
      try await TarBuilder().adding("d/", .directory, mode: 0o000).adding("d/suid", mode: 0o6777).adding(
        "secret", mode: 0
      )
      .write(to: path)
      let folder = try await stage.unpack(path)
      #expect(Self.mode(folder + "/d/suid") == 0o755)
      #expect(Self.mode(folder + "/d") == 0o755)
      #expect(Self.mode(folder + "/secret") == 0o644)
      #expect(Self.mode(folder) == 0o700)
    }
  }

  @Test("Names are never options or hosts")
  func names() async throws {
    try await withPackageStage { stage in
      let path = stage.scratch.file("host:--checkpoint-action=exec=x.tar.gz")
      try await TarBuilder().adding("--checkpoint=1").adding("-rf").adding("a:b").write(to: path)
      let folder = try await stage.unpack(path)
      #expect(try Files.live.list(folder) == ["--checkpoint=1", "-rf", "a:b"])
    }
  }

  @Test("A user's own settings of tar change nothing")
  func settings() async throws {
    try await withPackageStage { stage in
      let path = stage.scratch.file("p.tar.gz")
      try await TarBuilder().adding("a/b").write(to: path)
      var world = stage.world
      world.processes = .live(environment: [
        "PATH": "/usr/bin:/bin", "TAR_OPTIONS": "--strip-components=1 --exclude=b", "LC_ALL": "de_DE.UTF-8",
      ])
      let folder = try await stage.unpack(path, in: world)
      #expect(try Files.live.kind(folder + "/a/b") == .file)
    }
  }

  @Test("Two runs at once end with one folder, and one of them did the work")
  func together() async throws {
    try await withPackageStage { stage in
      let path = stage.scratch.file("p.tar.gz")
      try await Self.members.write(to: path)
      let folders = try await withThrowingTaskGroup(of: String.self) { group in
        for _ in 0..<4 { group.addTask { try await stage.unpack(path) } }
        return try await group.reduce(into: Set<String>()) { $0.insert($1) }
      }
      #expect(folders.count == 1)
      #expect(stage.extractions == 1)
      #expect(try stage.cached().count == 1)
    }
  }

  @Test("What a killed run left half done is cleaned up by the next one")
  func leftover() async throws {
    try await withPackageStage { stage in
      let path = stage.scratch.file("p.tar.gz")
      try await Self.members.write(to: path)
      let root = stage.scratch.file("cache/mlops-setup/packages")
      for name in ["p-0123.part", "other-45.part"] {
        try Files.live.write("\(root)/\(name)/pkg/half", [], 0o600)
        chmod("\(root)/\(name)/pkg", 0o000)
      }
      let folder = try await stage.unpack(path)
      #expect(try stage.cached() == [FileNames.last(of: folder)])
    }
  }

  @Test("A folder that is not what it should be any more is unpacked anew; an archive that never was leaves nothing")
  func damaged() async throws {
    try await withPackageStage { stage in
      let path = stage.scratch.file("p.tar.gz")
      try await Self.members.write(to: path)
      let world = stage.world
      let archive = try await TarArchive(path, world: world)
      @Sendable func prove(_ folder: String) throws -> String {
        guard try world.files.kind(folder + "/pkg/hard") == .file else { throw SetupError(.usage, "hard is missing") }
        return folder
      }
      let cache = PackageCache(world: world)
      let folder = try await cache.unpack(archive, .package, report: nil, prove: prove)
      try Files.live.remove(folder + "/pkg/hard")
      #expect(try await cache.unpack(archive, .package, report: nil, prove: prove) == folder)
      #expect(try Files.live.kind(folder + "/pkg/hard") == .file)
      #expect(stage.extractions == 2)

      try await TarBuilder().adding("a").write(to: path)
      let empty = try await TarArchive(path, world: world)
      let error = await #expect(throws: SetupError.self) {
        try await cache.unpack(empty, .package, report: nil, prove: prove)
      }
      #expect(error?.message == "hard is missing")
      #expect(try stage.cached() == [FileNames.last(of: folder)])
    }
  }

  @Test("A disk without room is told before anything is unpacked")
  func room() async throws {
    try await withPackageStage { stage in
      let path = stage.scratch.file("p.tar.gz")
      try await TarBuilder().adding("a", text: String(repeating: "x", count: 1 << 20)).write(to: path)
      var world = stage.world
      world.files.freeSpace = { _ in 20 << 20 }
      let full = world
      let error = await #expect(throws: SetupError.self) { try await stage.unpack(path, in: full) }
      #expect(error?.message.contains("has 20 MiB") == true)
      #expect(error?.next.contains("XDG_CACHE_HOME") == true)
      #expect(stage.extractions == 0)
      #expect(try stage.cached() == [])
      #expect(try Files.live.freeSpace(stage.scratch.file("not/there/yet")) > 0)
    }
  }

  @Test("A cache that cannot be written to is told with what to set")
  func unwritable() async throws {
    try await withPackageStage { stage in
      let path = stage.scratch.file("p.tar.gz")
      try await TarBuilder().adding("a").write(to: path)
      var world = stage.world
      world.environment["XDG_CACHE_HOME"] = "/proc/nowhere"
      let closed = world
      let error = await #expect(throws: SetupError.self) { try await stage.unpack(path, in: closed) }
      #expect(error?.message.contains("/proc/nowhere") == true)
      #expect(error?.next == "Set XDG_CACHE_HOME to a folder that can be written to.")
    }
  }

  @Test("An archive that changes while it is read is refused")
  func changed() async throws {
    try await withPackageStage { stage in
      let path = stage.scratch.file("p.tar.gz")
      try await Self.members.write(to: path)
      var world = stage.world
      let follow = world.processes.follow
      world.processes.follow = { command, follower in
        let result = try await follow(command, follower)
        if command.arguments.contains("--list") {
          try Files.live.write(path, (try Files.live.read(path) ?? []), 0o600)
        }
        return result
      }
      let changing = world
      let error = await #expect(throws: SetupError.self) { try await stage.unpack(path, in: changing) }
      #expect(error?.message == "\(path) was changed while it was read")
      #expect(try stage.cached() == [])
    }
  }

  @Test("Cancelled while it unpacks, nothing is left")
  func cancelled() async throws {
    try await withPackageStage { stage in
      let path = stage.scratch.file("p.tar.gz")
      try await Self.members.write(to: path)
      var world = stage.world
      let follow = world.processes.follow
      let isUnpacking = Mutex(false)
      world.processes.follow = { command, follower in
        let result = try await follow(command, follower)
        guard command.arguments.contains("--extract") else { return result }
        isUnpacking.withLock { $0 = true }
        try await Task.sleep(for: .seconds(60))
        return result
      }
      let slow = world
      let task = Task { try await stage.unpack(path, in: slow) }
      while !isUnpacking.withLock({ $0 }) { try await Task.sleep(for: .milliseconds(10)) }
      #expect(try stage.cached().contains { $0.hasSuffix(".part") })
      task.cancel()
      await #expect(throws: CancellationError.self) { try await task.value }
      #expect(try stage.cached() == [])
    }
  }

  @Test("Progress is told up to the last member")
  func progress() async throws {
    try await withPackageStage { stage in
      let path = stage.scratch.file("p.tar.gz")
      var builder = TarBuilder()
      for number in 0..<250 { builder = builder.adding("f\(number)") }
      try await builder.write(to: path)
      let told = Mutex<[PackageProgress]>([])
      let archive = try await TarArchive(path, world: stage.world)
      _ = try await PackageCache(world: stage.world).unpack(
        archive, .package, report: { step in told.withLock { $0.append(step) } }, prove: { $0 })
      let steps = told.withLock { $0 }
      #expect(steps.first == .reading)
      #expect(steps.last == .unpacking(members: 250, of: 250))
      #expect(steps.count == 126)
    }
  }
}
