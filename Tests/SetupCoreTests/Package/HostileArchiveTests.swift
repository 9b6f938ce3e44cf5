import FoundationEssentials
import TestSupport
import Testing

@testable import SetupCore

/// Each archive is a real one, judged by what the real tar says of it.
@Suite("An archive that would harm is refused, by the name of what would", .serialized, .timeLimit(.minutes(2)))
struct HostileArchiveTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var says: [String]
    var builder: TarBuilder

    init(_ name: String, says: String..., build: (TarBuilder) -> TarBuilder) {
      testDescription = name
      self.says = says
      builder = build(TarBuilder().adding("pkg/", .directory, mode: 0o755).adding("pkg/good"))
    }
  }

  static let cases: [Case] = [
    Case("an absolute path", says: "/etc/cron.d/x", "absolute") { $0.adding("/etc/cron.d/x") },
    Case("parents", says: "pkg/../../x", "\"..\"") { $0.adding("pkg/../../x") },
    Case("parents that stay inside", says: "pkg/a/../b", "\"..\"") { $0.adding("pkg/a/../b") },
    // To Swift a slash with an accent is one character, to the system it is a slash.
    Case("parents behind an accent", says: "\"..\"") { $0.adding("pkg/..\u{2f}\u{301}x/..\u{2f}\u{301}/../x") },
    Case("an absolute path with an accent", says: "absolute") { $0.adding("/\u{301}tmp") },
    Case("a link with an accent", says: "pkg/l", "leads out") {
      $0.adding("pkg/l", .symbolicLink, link: "../..\u{2f}\u{301}x")
    },
    Case("an absolute link", says: "pkg/l", "/etc/passwd", "absolute") {
      $0.adding("pkg/l", .symbolicLink, link: "/etc/passwd")
    },
    Case("a link out", says: "pkg/l", "../../x", "leads out") { $0.adding("pkg/l", .symbolicLink, link: "../../x") },
    Case("a file through a link", says: "pkg/l/x", "behind the link pkg/l") {
      $0.adding("pkg/l", .symbolicLink, link: "good").adding("pkg/l/x")
    },
    Case("a link out through a link", says: "pkg/z", "y/..", "leads out") {
      $0.adding("pkg/y", .symbolicLink, link: "..").adding("pkg/z", .symbolicLink, link: "y/../x")
    },
    Case("a link out through a link that comes later", says: "pkg/z", "leads out") {
      $0.adding("pkg/z", .symbolicLink, link: "y/../x").adding("pkg/y", .symbolicLink, link: "..")
    },
    Case("links in a circle", says: "pkg/b", "more than 16 links") {
      $0.adding("pkg/a", .symbolicLink, link: "b").adding("pkg/b", .symbolicLink, link: "a")
    },
    Case("a hard link out", says: "pkg/h", "/etc/passwd", "absolute") {
      $0.adding("pkg/h", .hardLink, link: "/etc/passwd")
    },
    Case("a hard link to the parents", says: "pkg/h", "../x", "\"..\"") {
      $0.adding("pkg/h", .hardLink, link: "pkg/../../x")
    },
    Case("a hard link to nothing", says: "pkg/h", "pkg/none", "no file that came before") {
      $0.adding("pkg/h", .hardLink, link: "pkg/none")
    },
    Case("a hard link to a link", says: "pkg/h", "no file that came before") {
      $0.adding("pkg/l", .symbolicLink, link: "good").adding("pkg/h", .hardLink, link: "pkg/l")
    },
    Case("a device", says: "pkg/null", "a device") { $0.adding("pkg/null", .characterDevice) },
    Case("a disk", says: "pkg/sda", "a device") { $0.adding("pkg/sda", .blockDevice) },
    Case("a pipe", says: "pkg/p", "a named pipe") { $0.adding("pkg/p", .pipe) },
    Case("an unknown kind", says: "pkg/u", "not known") { $0.adding("pkg/u", .unknown) },
    Case("a link over a folder", says: "pkg/d", "twice") {
      $0.adding("pkg/d/", .directory).adding("pkg/d", .symbolicLink, link: "good")
    },
    Case("a link over a folder that is only implied", says: "pkg/d", "first as a folder, then as a link") {
      $0.adding("pkg/d/x").adding("pkg/d", .symbolicLink, link: "good")
    },
    Case("a file over a link", says: "pkg/l", "twice") {
      $0.adding("pkg/l", .symbolicLink, link: "good").adding("pkg/l")
    },
    Case("another link over a link", says: "pkg/./l", "twice") {
      $0.adding("pkg/l", .symbolicLink, link: "good").adding("pkg/./l", .symbolicLink, link: ".")
    },
    Case("a file in a file", says: "pkg/good/x", "is a file") { $0.adding("pkg/good/x") },
    Case("a line end in a name", says: "pkg/a b", "control characters") { $0.adding("pkg/a\nb") },
    Case("an escape sequence in a name", says: "control characters") { $0.adding("pkg/\u{1b}[2Jx") },
    Case("a C1 control in a name", says: "control characters") { $0.adding("pkg/\u{9b}2Jx") },
    Case("a name that is too long", says: "pkg/yyyy", "255") { $0.adding("pkg/" + String(repeating: "y", count: 300)) },
    Case("a path that is too long", says: "pkg/aaa", "2048") {
      $0.adding("pkg/" + String(repeating: String(repeating: "a", count: 200) + "/", count: 11) + "x")
    },
    Case("too many folders", says: "64 folders") { $0.adding(String(repeating: "a/", count: 100) + "x") },
    // Its ten gigabytes do not follow: it is refused before they are missed.
    Case("ten gigabytes", says: "pkg/zeros", "10 GiB", "4 GiB") { $0.adding("pkg/zeros", claimed: 10 << 30) },
    Case("a size beyond all measure", says: "pkg/zeros") { $0.adding("pkg/zeros", claimed: 1 << 62) },
  ]

  @Test("Members", arguments: cases)
  func members(_ hostile: Case) async throws {
    try await withPackageStage { stage in
      let path = stage.scratch.file("p.tar")
      try await hostile.builder.write(to: path)
      do {
        _ = try await stage.unpack(path)
        Issue.record("it was unpacked")
      } catch let error as SetupError {
        for word in hostile.says { #expect(error.message.contains(word)) }
        #expect(error.message.hasPrefix("\(path) is refused: "))
        #expect(!error.message.unicodeScalars.contains { $0.properties.generalCategory == .control })
      }
      #expect(stage.extractions == 0)
      #expect(try Files.live.list(stage.scratch.path) == ["p.tar"])
    }
  }

  @Test("Limits of number and size, each by the member that is beyond it")
  func limits() async throws {
    try await withPackageStage { stage in
      let path = stage.scratch.file("p.tar.gz")
      let builder = TarBuilder().adding("a", text: "12345").adding("b", text: "12345").adding(
        "l", .symbolicLink, link: "a"
      )
      .adding("m", .symbolicLink, link: "a")
      try await builder.write(to: path)
      try await stage.expectRefusal(of: path, TarLimits(members: 3), says: "more than 3 members")
      try await stage.expectRefusal(of: path, TarLimits(links: 1), says: "more than 1 links")
      try await stage.expectRefusal(of: path, TarLimits(fileSize: 4), says: "a has 5 bytes; 4 bytes is the most")
      try await stage.expectRefusal(of: path, TarLimits(totalSize: 9), says: "with b ", "more than 9 bytes")
      // Folders that are only implied take room as well.
      try await TarBuilder().adding("a/b/c/d/e/f").write(to: path)
      try await stage.expectRefusal(of: path, TarLimits(members: 3), says: "more than 3 members")
    }
  }

  @Test("A sparse file counts with its holes", arguments: ["gnu", "pax"])
  func sparse(format: String) async throws {
    try await withPackageStage { stage in
      let tar = try TestProgram("tar", debianPackage: "tar")
      try await TestProgram("truncate", debianPackage: "coreutils").run(["-s", "10G", stage.scratch.file("holes")])
      let path = stage.scratch.file("p.tar")
      try await tar.run([
        "--create", "--sparse", "--format=\(format)", "--file=\(path)", "--directory=\(stage.scratch.path)", "holes",
      ])
      try await stage.expectRefusal(of: path, says: "holes has 10 GiB")
    }
  }
}

@Suite("An archive that is no whole one is refused in words that help", .serialized, .timeLimit(.minutes(2)))
struct BrokenArchiveTests {
  private static let members = TarBuilder().adding("pkg/", .directory, mode: 0o755)
    .adding("pkg/a", text: (0..<5000).map { "\($0 &* 2_654_435_761 % 9973)" }.joined())

  /// Writes a whole archive, changes its bytes and expects a refusal.
  private func expect(
    _ suffix: String, lacksEnd: Bool = false, says words: String, change: ([UInt8]) -> [UInt8] = { $0 }
  ) async throws {
    try await withPackageStage { stage in
      let path = stage.scratch.file("p\(suffix)")
      try await Self.members.write(to: path, lacksEnd: lacksEnd)
      let whole = try #require(try Files.live.read(path))
      try Files.live.write(path, change(whole), 0o600)
      try await stage.expectRefusal(of: path, says: words)
    }
  }

  @Test("Cut short", arguments: [".tar", ".tar.gz", ".tar.xz"])
  func cut(suffix: String) async throws {
    try await expect(suffix, says: "cut short") { Array($0.prefix($0.count - $0.count / 3 - 1)) }
    try await expect(suffix, says: "cut short") { suffix == ".tar" ? Array($0.prefix(512)) : Array($0.dropLast(3)) }
    // At a member's end the archive is whole but for the blocks that end it.
    try await expect(suffix, lacksEnd: true, says: "cut short")
  }

  @Test("With something behind its end", arguments: [".tar", ".tar.gz"])
  func garbage(suffix: String) async throws {
    try await expect(suffix, says: suffix == ".tar" ? "something was added" : "something behind its end") {
      $0 + Array("garbage".utf8)
    }
  }

  @Test("Damaged inside", arguments: [".tar.gz", ".tar.xz"])
  func damaged(suffix: String) async throws {
    try await expect(suffix, says: "p\(suffix)") { bytes in
      var bytes = bytes
      for index in bytes.count / 2..<(bytes.count / 2 + 20) { bytes[index] ^= 0x55 }
      return bytes
    }
  }

  @Test(
    "Something else",
    arguments: [
      ("hello, this is no archive\n", "is a text"), ("PK\u{3}\u{4}rest", "is a zip archive"), ("", "is empty"),
      ("<!DOCTYPE html><html><head><title>Sign in", "a web page"),
    ])
  func otherFormat(text: String, says: String) async throws {
    try await expect(".tar.gz", says: says) { _ in Array(text.utf8) }
  }

  @Test("Bytes of no known kind, and a compressed text")
  func unknown() async throws {
    try await expect(".tar.gz", says: "no tar archive that is known") { _ in (0..<2000).map { UInt8($0 % 251) } }
    try await withPackageStage { stage in
      let gzip = try TestProgram("gzip", debianPackage: "gzip")
      for (name, text, says) in [
        ("short", "hello", "nothing in it that tar knows"),
        ("long", String(repeating: "hello ", count: 1000), "what is in it is no tar archive"),
      ] {
        let path = try stage.scratch.write(text, to: name)
        try await gzip.run([path])
        try await stage.expectRefusal(of: path + ".gz", says: says)
      }
    }
  }

  @Test("A missing file, a folder, a tool that is not there and one that is not GNU's")
  func missing() async throws {
    try await withPackageStage { stage in
      let path = stage.scratch.file("none.tar.gz")
      for (path, message) in [
        (path, "there is no file \(path)"), (stage.scratch.path, "\(stage.scratch.path) is a folder"),
      ] {
        let error = await #expect(throws: SetupError.self) { try await stage.unpack(path) }
        #expect(error?.message == message)
      }
      try await TarBuilder().adding("a").write(to: path)
      for tool in ["tar", "gzip"] {
        var world = stage.world
        let find = world.processes.find
        world.processes.find = { $0 == tool ? nil : find($0) }
        let lacking = world
        let error = await #expect(throws: SetupError.self) { try await stage.unpack(path, in: lacking) }
        #expect(error?.message.contains(tool) == true)
        #expect(error?.next.contains("Install") == true)
      }
      var world = stage.world
      world.processes.run = { _ in ProcessResult(exitCode: 0, output: "bsdtar 3.6.2 - libarchive 3.6.2") }
      let other = world
      let error = await #expect(throws: SetupError.self) { try await stage.unpack(path, in: other) }
      #expect(error?.message.contains("not GNU tar") == true)
    }
  }
}
