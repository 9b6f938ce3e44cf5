import FoundationEssentials
import Glibc
import TestSupport
import Testing

@testable import SetupCore

@Suite("The real file system")
struct LiveFilesTests {
  private let files = Files.live

  private static func mode(_ path: String) -> UInt32 {
    var status = stat()
    return stat(path, &status) == 0 ? status.st_mode & 0o7777 : 0
  }

  private static func message(_ body: () throws -> Void) -> String? {
    do {
      try body()
      return nil
    } catch {
      return (error as? SetupError)?.message ?? "\(error)"
    }
  }

  @Test("What is written is read, in folders made on the way for nobody else")
  func roundTrip() async throws {
    try await withScratchDirectory { scratch in
      let path = scratch.file("a/b/c.txt")
      #expect(try files.kind(path) == nil)
      #expect(try files.read(path) == nil)
      let content = (0..<200_000).map { UInt8(truncatingIfNeeded: $0) }
      try files.write(path, content, 0o600)
      #expect(try files.read(path) == content)
      #expect(try files.kind(path) == .file)
      #expect(try files.kind(scratch.file("a")) == .directory)
      #expect(Self.mode(path) == 0o600)
      #expect(Self.mode(scratch.file("a")) == 0o700)
      #expect(Self.mode(scratch.file("a/b")) == 0o700)
      #expect(try files.list(scratch.file("a/b")) == ["c.txt"])
    }
  }

  @Test("A pipe is written to, and stays one; so does a device")
  func pipes() async throws {
    try await withScratchDirectory { scratch in
      let pipe = scratch.file("pipe")
      #expect(mkfifo(pipe, 0o600) == 0)
      // Both ends at once: opening does not wait for the other one.
      let reader = open(pipe, O_RDWR | O_CLOEXEC)
      defer { close(reader) }
      try files.write(pipe, Array("report".utf8), 0o644)
      var buffer = [UInt8](repeating: 0, count: 16)
      #expect(read(reader, &buffer, buffer.count) == 6)
      #expect(buffer.prefix(6) == Array("report".utf8)[...])
      #expect(try files.kind(pipe) == .other)
      try files.write("/dev/fd/\(reader)", Array("again".utf8), 0o644)
      #expect(read(reader, &buffer, buffer.count) == 5)
    }
  }

  @Test("Rewriting sets the mode asked for, whatever the file and the umask had, and leaves nothing beside it")
  func rewrite() async throws {
    try await withScratchDirectory { scratch in
      let path = try scratch.write("old", to: "values.yaml")
      chmod(path, 0o644)
      try files.write(path, Array("new".utf8), 0o600)
      #expect(Self.mode(path) == 0o600)
      let script = scratch.file("script.sh")
      try files.write(script, [], 0o755)
      #expect(Self.mode(script) == 0o755)
      #expect(try files.list(scratch.path) == ["script.sh", "values.yaml"])
    }
  }

  @Test("A new file takes the old one's place: who has the old one open keeps it whole")
  func atomic() async throws {
    try await withScratchDirectory { scratch in
      let path = try scratch.write("old content", to: "f")
      let descriptor = open(path, O_RDONLY)
      defer { close(descriptor) }
      try files.write(path, Array("new".utf8), 0o600)
      var buffer = [UInt8](repeating: 0, count: 64)
      let count = read(descriptor, &buffer, buffer.count)
      #expect(String(decoding: buffer.prefix(max(0, count)), as: UTF8.self) == "old content")
      #expect(try files.read(path) == Array("new".utf8))
    }
  }

  @Test("A write that cannot end leaves the old file and no half of a new one")
  func failedWrite() async throws {
    try await withScratchDirectory { scratch in
      // A folder stands where the file should go: the rename fails.
      try files.write(scratch.file("target/inside"), Array("kept".utf8), 0o600)
      let message = Self.message { try files.write(scratch.file("target"), Array("x".utf8), 0o600) }
      #expect(message == "cannot write \(scratch.file("target")): Is a directory")
      #expect(try files.list(scratch.path) == ["target"])
      #expect(try files.read(scratch.file("target/inside")) == Array("kept".utf8))
    }
  }

  @Test("A link is replaced by the file and not written through")
  func link() async throws {
    try await withScratchDirectory { scratch in
      let victim = try scratch.write("victim", to: "victim")
      let path = scratch.file("link")
      symlink(victim, path)
      #expect(try files.kind(path) == .file)
      #expect(try files.read(path) == Array("victim".utf8))
      try files.write(path, Array("ours".utf8), 0o600)
      #expect(try files.read(victim) == Array("victim".utf8))
      #expect(try files.read(path) == Array("ours".utf8))
    }
  }

  @Test("A link that somebody laid where the new file is prepared is not written through")
  func plantedLink() async throws {
    try await withScratchDirectory { scratch in
      let victim = try scratch.write("victim", to: "victim")
      let path = scratch.file("values.yaml")
      symlink(victim, "\(path).\(getpid()).new")
      try files.write(path, Array("secret".utf8), 0o600)
      #expect(try files.read(victim) == Array("victim".utf8))
      #expect(try files.read(path) == Array("secret".utf8))
      #expect(Self.mode(victim) != 0o600)
    }
  }

  @Test("Appending makes the file for nobody else and adds at the end")
  func append() async throws {
    try await withScratchDirectory { scratch in
      let path = scratch.file("state/journal.jsonl")
      for line in ["one\n", "two\n"] { try files.append(path, Array(line.utf8)) }
      #expect(try files.read(path) == Array("one\ntwo\n".utf8))
      #expect(Self.mode(path) == 0o600)
    }
  }

  @Test("What cannot be read is told with its path and the system's reason, and is not taken for absent")
  func unreadable() async throws {
    try await withScratchDirectory { scratch in
      #expect(
        Self.message { _ = try files.read(scratch.path) } == "cannot read \(scratch.path): Is a directory")
      let loop = scratch.file("loop")
      symlink(loop, loop)
      #expect(
        Self.message { _ = try files.read(loop) }
          == "cannot read \(loop): Too many levels of symbolic links")
      #expect(
        Self.message { _ = try files.kind(loop) }
          == "cannot look at \(loop): Too many levels of symbolic links")
      let file = try scratch.write("x", to: "file")
      #expect(try files.kind(file + "/beneath") == nil)
      #expect(
        Self.message { try files.append(file + "/beneath", []) }
          == "cannot write to \(file)/beneath: Not a directory")
      #expect(
        Self.message { _ = try files.list(file) } == "cannot list \(file): Not a directory")
      #expect(
        Self.message { try files.remove(scratch.path) } == "cannot remove \(scratch.path): Is a directory")
    }
  }

  @Test("Removing and listing what is not there does nothing")
  func absent() async throws {
    try await withScratchDirectory { scratch in
      try files.remove(scratch.file("none"))
      #expect(try files.list(scratch.file("none")) == [])
      let path = try scratch.write("x", to: "file")
      try files.remove(path)
      #expect(try files.kind(path) == nil)
    }
  }

  @Test("A pipe is neither a file nor a folder")
  func other() async throws {
    try await withScratchDirectory { scratch in
      mkfifo(scratch.file("pipe"), 0o600)
      let kind = try files.kind(scratch.file("pipe"))
      #expect(kind == .other)
    }
  }
}
