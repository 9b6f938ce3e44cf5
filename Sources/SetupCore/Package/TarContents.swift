import Text

/// How much an archive may hold before it is refused.
public struct TarLimits: Sendable, Equatable {
  /// Members, folders that are only implied included.
  public var members = 200_000
  /// Links, each of which has to be followed.
  public var links = 10_000
  /// Bytes of one file once unpacked.
  public var fileSize: UInt64 = 4 << 30
  /// Bytes of all files once unpacked.
  public var totalSize: UInt64 = 8 << 30

  /// The limits for DataRobot's agent package, which holds a few hundred megabytes.
  public static let package = TarLimits()
  /// The limits for charts: Helm takes no more than these bytes.
  static let chart = TarLimits(members: 10_000, links: 100, fileSize: 100 << 20, totalSize: 100 << 20)
  /// The limits for images, whose layers may be large.
  public static let images = TarLimits(members: 20_000, fileSize: 32 << 30, totalSize: 64 << 30)
}

/// What an archive holds, judged while its listing arrives. An archive comes from outside: nothing in it may be written
/// anywhere but below the folder that it is unpacked into, and it may not fill the disk.
struct TarContents: Sendable {
  enum Entry: Sendable, Equatable {
    case file(size: UInt64)
    case directory
    case link(target: String)
  }

  /// The archive, for messages.
  let archive: String
  let limits: TarLimits
  /// By path, without `.` and slashes at the end. Folders that are only implied are here too.
  private(set) var entries: [String: Entry] = [:]
  /// How files are called in the archive where that is not their path: `./manifest.json`.
  private(set) var storedNames: [String: String] = [:]
  private(set) var memberCount = 0
  private(set) var totalSize: UInt64 = 0
  private var links: [String] = []
  private var hasEnd = false

  /// Folders within folders, and bytes of a path. Real packages have a tenth of it.
  private static let maximumDepth = 64
  private static let maximumPathLength = 2048
  private static let maximumNameLength = 255

  init(archive: String, limits: TarLimits) {
    self.archive = archive
    self.limits = limits
  }

  /// Judges a line of the listing.
  mutating func add(_ line: ProcessLine) throws(SetupError) {
    guard !line.isCut, let read = TarMember.read(line.text) else {
      throw refusal("tar describes a member in a way that is not understood: \(shown(line.text))")
    }
    switch read {
    case .end: hasEnd = true
    case .missingEnd: break
    case .member(let member): try add(member)
    }
  }

  /// Judges what can be seen only with all members known. `hasEnd` is false where the archive has been cut off.
  mutating func finish() throws(SetupError) {
    if memberCount == 0 { throw refusal("there is nothing in it that tar knows") }
    guard hasEnd else { throw TarArchive.cutShort(archive) }
    // A link that came first may lead through one that came later.
    for path in links {
      if case .link(let target)? = entries[path] { try follow(target, from: path) }
    }
  }

  private mutating func add(_ member: TarMember) throws(SetupError) {
    let name = member.path
    memberCount += 1
    if memberCount > limits.members { throw refusal("it has more than \(limits.members) members") }
    let components = try self.components(name)
    if components.isEmpty {
      // The folder that everything else is in.
      if member.kind == .directory { return }
      throw refusal("the member \(shown(name)) has no name")
    }
    try addParents(of: components, name)
    let path = components.joined(separator: "/")
    switch member.kind {
    case .file:
      try addSize(member.size, name)
      try enter(.file(size: member.size), path, name)
      storedNames[path] = name == path ? nil : name
    case .directory: try enter(.directory, path, name)
    case .symbolicLink(let target):
      try enter(.link(target: target), path, name)
      try follow(target, from: path)
      links.append(path)
      if links.count > limits.links { throw refusal("it has more than \(limits.links) links") }
    case .hardLink(let target):
      let source = try self.components(target, linkedBy: name).joined(separator: "/")
      guard case .file(let size)? = entries[source] else {
        throw refusal("\(shown(name)) is a hard link to \(shown(target)), which is no file that came before it")
      }
      try enter(.file(size: size), path, name)
    case .other(let what): throw refusal("\(shown(name)) is \(what)")
    }
  }

  private mutating func addSize(_ size: UInt64, _ name: String) throws(SetupError) {
    if size > limits.fileSize {
      throw refusal("\(shown(name)) has \(ByteCount(size)); \(ByteCount(limits.fileSize)) is the most for one file")
    }
    totalSize += size
    if totalSize > limits.totalSize {
      throw refusal(
        "with \(shown(name)) its files have more than \(ByteCount(limits.totalSize)) together once unpacked")
    }
  }

  /// The folders above a member are there even where the archive does not say so; none of them may be anything else.
  private mutating func addParents(of components: [String], _ name: String) throws(SetupError) {
    for count in 1..<max(1, components.count) {
      let path = components[..<count].joined(separator: "/")
      switch entries[path] {
      case .directory?: break
      case .link?: throw refusal("\(shown(name)) lies behind the link \(shown(path))")
      case .file?: throw refusal("\(shown(name)) lies in \(shown(path)), which is a file")
      case nil:
        if entries.count >= limits.members { throw refusal("it has more than \(limits.members) members") }
        entries[path] = .directory
      }
    }
  }

  private mutating func enter(_ entry: Entry, _ path: String, _ name: String) throws(SetupError) {
    switch (entries[path], entry) {
    case (nil, _), (.directory?, .directory), (.file?, .file): entries[path] = entry
    case (let old?, _) where old == entry: break
    case (let old?, _):
      throw refusal("\(shown(name)) is there twice, first as \(Self.words(old)), then as \(Self.words(entry))")
    }
  }

  private static func words(_ entry: Entry) -> String {
    switch entry {
    case .file: "a file"
    case .directory: "a folder"
    case .link(let target): "a link to \(OutsideText.clean(target, limit: 200))"
    }
  }
}

// MARK: Names and links

extension TarContents {
  /// A path in parts, without `.` and empty ones. `link`: it is where this hard link leads.
  private func components(_ path: String, linkedBy link: String? = nil) throws(SetupError) -> [String] {
    func refuse(_ problem: String) -> SetupError {
      guard let link else { return refusal("the member \(shown(path)) \(problem)") }
      return refusal("\(shown(link)) is a hard link to \(shown(path)), which \(problem)")
    }
    if path.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
      throw refuse("has control characters in its name")
    }
    if Self.isAbsolute(path) { throw refuse("has an absolute path") }
    if path.utf8.count > Self.maximumPathLength {
      throw refuse("has a path of more than \(Self.maximumPathLength) bytes")
    }
    let parts = Self.parts(path)
    if parts.contains("..") { throw refuse("has \"..\" in its path") }
    if parts.count > Self.maximumDepth { throw refuse("lies in more than \(Self.maximumDepth) folders") }
    if parts.contains(where: { $0.utf8.count > Self.maximumNameLength }) {
      throw refuse("has a name of more than \(Self.maximumNameLength) bytes")
    }
    return parts
  }

  /// Goes where a symbolic link leads, through all links known so far; throws where that is out of the archive.
  private func follow(_ target: String, from path: String) throws(SetupError) {
    func refuse(_ problem: String) -> SetupError {
      refusal("\(shown(path)) is a link to \(shown(target)), which \(problem)")
    }
    if target.utf8.count > Self.maximumPathLength { throw refuse("has more than \(Self.maximumPathLength) bytes") }
    var place = Self.parts(path).dropLast()
    var ahead: [String] = []
    var followed = 0
    func enter(_ target: String) throws(SetupError) {
      if Self.isAbsolute(target) { throw refuse("is an absolute path") }
      let parts = Self.parts(target)
      if parts.count > Self.maximumDepth { throw refuse("leads through more than \(Self.maximumDepth) folders") }
      ahead += parts.reversed()
    }
    try enter(target)
    while let part = ahead.popLast() {
      if part == ".." {
        if place.isEmpty { throw refuse("leads out of the archive") }
        place.removeLast()
        continue
      }
      place.append(part)
      if case .link(let next)? = entries[place.joined(separator: "/")] {
        followed += 1
        if followed > 16 { throw refuse("leads through more than 16 links") }
        place.removeLast()
        try enter(next)
      }
    }
  }

  /// By bytes, as the system does it: a slash with an accent on it is one character to Swift, and a slash to the system.
  private static func parts(_ path: String) -> [String] {
    path.utf8.split(separator: UInt8(ascii: "/")).map { String(Substring($0)) }.filter { $0 != "." }
  }

  private static func isAbsolute(_ path: String) -> Bool { path.utf8.first == UInt8(ascii: "/") }

  private func refusal(_ problem: String) -> SetupError {
    SetupError(
      .usage, "\(archive) is refused: \(problem)",
      next: "Nothing was unpacked. Fetch the archive anew from where it is offered, and compare its checksum.")
  }

  private func shown(_ name: String) -> String { OutsideText.clean(name, limit: 200) }
}

/// A number of bytes for people: `10 GiB`.
struct ByteCount: CustomStringConvertible {
  let bytes: UInt64

  init(_ bytes: UInt64) { self.bytes = bytes }

  var description: String {
    var value = Double(bytes)
    var units = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB"][...]
    while value >= 1024, units.count > 1 {
      value /= 1024
      units.removeFirst()
    }
    let tenths = (value * 10).rounded()
    let number = tenths.truncatingRemainder(dividingBy: 10) == 0 ? "\(Int(tenths / 10))" : "\(tenths / 10)"
    return "\(number) \(units.first ?? "")"
  }
}
