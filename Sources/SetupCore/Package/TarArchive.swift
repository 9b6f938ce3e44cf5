import Synchronization
import Text

/// An archive that GNU tar reads. Nothing is unpacked that has not been listed and judged before.
struct TarArchive: Sendable {
  /// How an archive is compressed, as its first bytes tell: names lie.
  enum Compression: Sendable, Equatable, CaseIterable {
    case none
    case gzip
    case xz
    case zstd
    case bzip2

    /// The program that tar runs, and Debian's name for its package.
    var program: (name: String, package: String)? {
      switch self {
      case .none: nil
      case .gzip: ("gzip", "gzip")
      case .xz: ("xz", "xz-utils")
      case .zstd: ("zstd", "zstd")
      case .bzip2: ("bzip2", "bzip2")
      }
    }

    fileprivate var magic: [UInt8] {
      switch self {
      case .none: Array("ustar".utf8)
      case .gzip: [0x1f, 0x8b]
      case .xz: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]
      case .zstd: [0x28, 0xb5, 0x2f, 0xfd]
      case .bzip2: Array("BZh".utf8)
      }
    }
  }

  let path: String
  let compression: Compression
  /// What the file was when it was looked at.
  let status: Files.Status
  let world: World

  /// Looks at a file's first and last bytes, and whether the tools for it are there.
  init(_ path: String, world: World) async throws {
    let kind = try world.files.kind(path)
    if kind == .directory {
      throw SetupError(.usage, "\(path) is a folder", next: "Name the archive, as a file; of several, each.")
    }
    guard kind == .file, let status = try world.files.status(path) else {
      throw SetupError(.usage, "there is no file \(path)", next: "Name the archive as it was downloaded.")
    }
    self.path = path
    self.status = status
    self.world = world
    compression = try Self.compression(path, head: world.files.readPart(path, 0, 512), size: status.size)
    if compression == .none {
      let tail = try world.files.readPart(path, status.size - min(status.size, 1024), 1024)
      if tail.contains(where: { $0 != 0 }) {
        throw SetupError(
          .usage, "\(path) does not end as a tar archive does: it is cut short, or something was added to it",
          next: "Fetch it again and compare its size and checksum.")
      }
    }
    try await proveTools()
  }

  /// Lists it all and judges each member as it comes.
  func contents(_ limits: TarLimits) async throws -> TarContents {
    let contents = Mutex(TarContents(archive: path, limits: limits))
    let result = try await world.processes.follow(command(TarMember.listing)) { line in
      if line.source == .output { try contents.withLock { contents throws(SetupError) in try contents.add(line) } }
    }
    try prove(result)
    return try contents.withLock { contents throws(SetupError) in
      try contents.finish()
      return contents
    }
  }

  /// Unpacks members that have been judged, or all, into a folder that is there and empty. Owners, set-uid bits and
  /// permissions beyond the user's umask are left behind.
  func extract(into folder: String, only members: [String]? = nil, report: (@Sendable () -> Void)? = nil) async throws {
    var arguments = [
      "--extract", "--verbose", "--quoting-style=c", "--directory=\(folder)", "--no-same-owner",
      "--no-same-permissions",
      "--delay-directory-restore",
    ]
    var input: [UInt8]?
    if let members {
      arguments += ["--no-recursion", "--verbatim-files-from", "--null", "--files-from=-"]
      input = members.flatMap { Array($0.utf8) + [0] }
    }
    let result = try await world.processes.follow(command(arguments, input: input)) { line in
      if line.source == .output { report?() }
    }
    try prove(result)
    guard try world.files.status(path) == status else {
      throw SetupError(.usage, "\(path) was changed while it was read", next: "Start again when it is complete.")
    }
  }

  private func command(_ arguments: [String], input: [UInt8]? = nil) -> ProcessCommand {
    var options = arguments + ["--force-local", "--file=\(path)"]
    if let program = compression.program { options.append("--\(program.name)") }
    return ProcessCommand("tar", options, environment: Self.environment, input: input, deadline: .seconds(3600))
  }

  /// No locale, and nothing that a user's own settings could add.
  private static let environment = [
    "LC_ALL": "C", "TZ": "UTC", "TAR_OPTIONS": "", "GZIP": "", "XZ_OPT": "", "XZ_DEFAULTS": "",
  ]
}

// MARK: What can be wrong

extension TarArchive {
  private static func compression(_ path: String, head: [UInt8], size: UInt64) throws(SetupError) -> Compression {
    for compression in Compression.allCases where compression != .none && head.starts(with: compression.magic) {
      return compression
    }
    if head.count >= 512, head[257...].starts(with: Compression.none.magic) || isOldHeader(head) { return .none }
    let text = String(decoding: head.prefix(200), as: UTF8.self).lowercased()
    let what =
      if size == 0 {
        "is empty"
      } else if head.starts(with: Array("PK".utf8)) {
        "is a zip archive"
      } else if text.contains("<!doctype html") || text.contains("<html") {
        "is a web page, perhaps a login page that was saved in the archive's place"
      } else if head.allSatisfy({ $0 >= 0x20 || (0x09...0x0d).contains($0) }) {
        "is a text"
      } else {
        "is no tar archive that is known"
      }
    throw SetupError(
      .usage, "\(path) \(what)",
      next: "A .tar.gz, .tar.xz, .tar.zst, .tar.bz2 or .tar is expected: fetch it again from where it is offered.")
  }

  /// A header from before there was a magic number is known by its checksum: the sum of its bytes, with blanks in the
  /// checksum's own place.
  private static func isOldHeader(_ head: [UInt8]) -> Bool {
    let field = head[148..<156]
    let digits = field.drop { $0 == UInt8(ascii: " ") }.prefix { (UInt8(ascii: "0")...UInt8(ascii: "7")).contains($0) }
    let sum = head.reduce(0) { $0 + Int($1) } - field.reduce(0) { $0 + Int($1) } + 8 * Int(UInt8(ascii: " "))
    return Int(String(decoding: digits, as: UTF8.self), radix: 8) == sum
  }

  private func proveTools() async throws {
    guard world.processes.find("tar") != nil else {
      throw SetupError(.tool, "cannot read \(path): there is no tar on PATH", next: "Install GNU tar.")
    }
    let version = try await world.processes.run(
      ProcessCommand("tar", ["--version"], environment: Self.environment, deadline: .seconds(10)))
    guard version.output.contains("GNU tar") else {
      throw SetupError(
        .tool, "cannot read \(path): the tar on PATH is not GNU tar",
        next: "Install GNU tar, and have it come first on PATH.")
    }
    if let program = compression.program, world.processes.find(program.name) == nil {
      throw SetupError(
        .tool, "cannot read \(path): it is compressed with \(program.name), which is not on PATH",
        next: "Install \(program.name) (Debian's package \(program.package)).")
    }
  }

  static func cutShort(_ path: String) -> SetupError {
    SetupError(
      .usage, "\(path) is cut short",
      next: "It was probably not downloaded to its end: fetch it again and compare its size and checksum.")
  }

  /// Throws where tar did not do it all; its message tells why.
  private func prove(_ result: ProcessResult) throws(SetupError) {
    if result.timedOut {
      throw SetupError(.tool, "tar was still at work on \(path) after an hour", next: "See what the disk is busy with.")
    }
    guard result.exitCode != 0 else { return }
    let said = result.errors.lowercased()
    func isSaid(_ phrases: String...) -> Bool { phrases.contains { said.contains($0) } }
    if isSaid("no space left", "disk quota exceeded") {
      throw SetupError(.tool, "the disk is full: \(path) could not be unpacked", next: "Make room and start again.")
    }
    if isSaid("unexpected end of", "unexpected eof", "premature end", "file ends unexpectedly") {
      throw Self.cutShort(path)
    }
    let problem =
      if isSaid("trailing garbage", "unknown header") {
        "has something behind its end that does not belong to it"
      } else if isSaid("does not look like a tar archive") {
        "is compressed, but what is in it is no tar archive"
      } else if isSaid("crc error", "corrupt", "invalid compressed data", "integrity", "checksum", "next header") {
        "is damaged"
      } else {
        "cannot be read by tar"
      }
    throw SetupError(
      .usage, "\(path) \(problem): \(OutsideText.clean(result.errors).trimmed(to: 300))",
      next: "Fetch it again and compare its size and checksum.")
  }
}
