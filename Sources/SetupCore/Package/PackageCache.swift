import Synchronization

/// Where what was unpacked is kept: below `~/.cache/mlops-setup` (XDG Base Directory Specification). All of it can be
/// removed at any time.
struct PackageCache: Sendable {
  /// What is kept. Each has a folder and a lock of its own: a package may hold a packed chart.
  enum Shelf: String {
    case packages
    case charts
  }

  let world: World
  var shelf = Shelf.packages

  /// The folder of all packages, or of all charts.
  var folder: String {
    let base = world.environment["XDG_CACHE_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
    return (base ?? world.homeDirectory + "/.cache") + "/mlops-setup/\(shelf.rawValue)"
  }

  /// The folder of one archive, whether it is there or not.
  func place(of archive: TarArchive) throws -> String {
    let name = FileNames.withoutArchiveSuffix(FileNames.last(of: archive.path))
    let plain = name.map { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) ? $0 : "_" }
    return "\(folder)/\(String(plain).prefix(100))-\(try fingerprint(archive))"
  }

  /// Its size, its age and both its ends: the end of a gzip file holds a checksum of all that is in it.
  private func fingerprint(_ archive: TarArchive) throws -> String {
    let count = 64 << 10
    var fingerprint = Fingerprint()
    fingerprint.add("\(archive.status.size) \(archive.status.modified)".utf8)
    fingerprint.add(try world.files.readPart(archive.path, 0, count))
    let tail = archive.status.size - min(archive.status.size, UInt64(count))
    fingerprint.add(try world.files.readPart(archive.path, tail, count))
    return fingerprint.text
  }

  /// The archive's folder, unpacked if it is not there yet. `judge` looks at what it holds before any of it is unpacked.
  /// `prove` looks at a folder and throws where it is not what it should be; then, and in any other failure, nothing is
  /// left of it.
  func unpack<Value: Sendable>(
    _ archive: TarArchive, _ limits: TarLimits, report: PackageReport?,
    judge: (TarContents) throws -> Void = { _ in }, prove: (String) async throws -> Value
  ) async throws -> Value {
    let target = try place(of: archive)
    if let found = await proven(target, prove) { return found }
    report?(.reading)
    let contents = try await archive.contents(limits)
    try judge(contents)
    return try await locked {
      // Another run may have been at it.
      if let found = await proven(target, prove) { return found }
      try world.files.removeFolder(target)
      try proveRoom(contents)
      try await withPart(target) { part in
        let counter = Counter(total: contents.memberCount, report: report)
        try await archive.extract(into: part, report: counter.step)
        try await openUp(part)
        _ = try await prove(part)
        guard try world.files.move(part, target) else {
          throw SetupError(.tool, "cannot unpack into \(target): something stands there", next: "Remove that folder.")
        }
      }
      return try await prove(target)
    }
  }

  /// Runs with some members of an archive unpacked into a folder that is removed afterwards.
  func withMembers<Value: Sendable>(
    _ members: [String], of archive: TarArchive, _ body: (String) async throws -> Value
  ) async throws -> Value {
    let target = try place(of: archive)
    return try await locked {
      try await withPart(target) { part in
        try await archive.extract(into: part, only: members)
        return try await body(part)
      }
    }
  }

  /// What is in the folder, where it is there and whole. One that somebody took something out of is unpacked anew.
  private func proven<Value: Sendable>(_ folder: String, _ prove: (String) async throws -> Value) async -> Value? {
    do {
      return try world.files.kind(folder) == .directory ? try await prove(folder) : nil
    } catch {
      return nil
    }
  }

  private func withPart<Value: Sendable>(
    _ target: String, _ body: (String) async throws -> Value
  ) async throws -> Value {
    let part = target + Self.partSuffix
    try world.files.makeFolder(part)
    do {
      let value = try await body(part)
      try world.files.removeFolder(part)
      return value
    } catch {
      try world.files.removeFolder(part)
      throw error
    }
  }

  /// The folder is its owner's alone. What is in it is readable, whatever the archive and the umask say, because images
  /// are built of it.
  private func openUp(_ folder: String) async throws {
    for arguments in [["-R", "u=rwX,go=rX", folder], ["0700", folder]] {
      let result = try await world.processes.run(ProcessCommand("chmod", arguments, deadline: .seconds(600)))
      guard result.exitCode == 0 else {
        throw SetupError(.tool, "cannot make \(folder) readable: \(result.errors.trimmed(to: 200))")
      }
    }
  }

  private func proveRoom(_ contents: TarContents) throws {
    // Blocks and folders take some on top.
    let needed = contents.totalSize + contents.totalSize / 20 + UInt64(contents.memberCount) * 4096 + 32 << 20
    let free = try world.files.freeSpace(folder)
    if free < needed {
      throw SetupError(
        .tool,
        "\(contents.archive) needs \(ByteCount(needed)) once unpacked, and the disk with \(folder) has \(ByteCount(free))",
        next: "Make room there, or set XDG_CACHE_HOME to a folder on another disk.")
    }
  }

  private static let partSuffix = ".part"

  /// Runs while no other run unpacks. What a killed one left half done is removed first.
  private func locked<Value: Sendable>(_ body: () async throws -> Value) async throws -> Value {
    let path = folder + "/.lock"
    var held: (any AnyObject & Sendable)?
    do {
      held = try world.files.lock(path, "mlops-setup is unpacking\n")
    } catch let error as SetupError {
      throw SetupError(.tool, error.message, next: "Set XDG_CACHE_HOME to a folder that can be written to.")
    }
    // Half an hour: unpacking takes a minute or two.
    var attempts = 0
    while held == nil {
      attempts += 1
      if attempts > 9000 {
        throw SetupError(
          .tool, "another mlops-setup has been unpacking for half an hour: it holds \(path)", next: "End it.")
      }
      try await world.sleep(.milliseconds(200))
      held = try world.files.lock(path, "mlops-setup is unpacking\n")
    }
    defer { withExtendedLifetime(held) {} }
    for name in try world.files.list(folder) where name.hasSuffix(Self.partSuffix) {
      try world.files.removeFolder(folder + "/" + name)
    }
    return try await body()
  }
}

/// Counts members and tells of every hundredth part.
private final class Counter: Sendable {
  private let count = Atomic(0)
  private let total: Int
  private let report: PackageReport?

  init(total: Int, report: PackageReport?) {
    self.total = total
    self.report = report
  }

  @Sendable func step() {
    let count = count.add(1, ordering: .relaxed).newValue
    if count % max(1, total / 100) == 0 || count == total { report?(.unpacking(members: count, of: total)) }
  }
}

/// Told of what is going on with a package.
public typealias PackageReport = @Sendable (PackageProgress) -> Void

/// How far a package is.
public enum PackageProgress: Sendable, Equatable {
  /// It is listed and judged.
  case reading
  /// So many of its members have been unpacked.
  case unpacking(members: Int, of: Int)
}
