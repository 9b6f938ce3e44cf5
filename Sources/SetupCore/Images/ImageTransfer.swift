import FoundationEssentials
import HTTP
import Registry
import Synchronization
import Text

/// What is new of a transfer.
enum TransferNews: Sendable, Equatable {
  /// Something else goes on now.
  case state(String)
  /// It went on as it was going; the bytes, where they are counted.
  case amount(String, TransferAmount?)
}

/// One image on its way into the registry: tried again on a broken connection, and proved at the end.
struct ImageTransfer: Sendable {
  let task: ImageTask
  let engine: ImageEngine
  let access: RegistryAccess
  let login: RegistryLogin?
  let setup: Setup

  typealias Tell = @Sendable (TransferNews) -> Void

  /// How the folders of transfers begin.
  static let folderPrefix = "push-"
  /// Pauses before the next attempt. What has arrived is not sent again, so trying is cheap.
  private static let pauses: [Duration] = [.seconds(2), .seconds(5), .seconds(15), .seconds(30)]

  /// Removes what killed runs left, a login in it. The target must be locked, so that no other run's is taken away.
  static func removeLeftovers(_ setup: Setup) throws {
    let folder = try setup.stateFolder().path
    for name in try setup.world.files.list(folder) where name.hasPrefix(folderPrefix) {
      try setup.world.files.removeFolder(folder + "/" + name)
    }
  }

  func run(tell: @escaping Tell) async throws {
    let folder = try workingFolder()
    // It holds a login.
    defer {
      do { try setup.world.files.removeFolder(folder) } catch { tell(.state("cannot remove \(folder): \(error)")) }
    }
    try prepare(folder)
    switch task.source {
    case .archive(let archive, let image):
      var push = push(archive, member: ImageTask.member(archive, image), folder)
      if engine.loadsFirst {
        tell(.state("loading \(FileNames.last(of: archive.path))"))
        let local = try await load(push) ?? image.references.first ?? image.configDigest
        try await plain(push.tag(engine, local))
      } else {
        try await prepareSource(&push, archive, tell)
      }
      try await verify(push, sent: try await send(push.push(engine), push, expected: image, tell))
    case .build(let build):
      tell(.state("building in \(build.folder)"))
      try await make(build, tell)
      let push = push(nil, member: nil, folder)
      try await plain(push.tag(.docker, try await built(build)))
      try await verify(push, sent: try await send(push.push(.docker), push, expected: nil, tell))
    case .nowhere:
      throw SetupError(
        .installFailed, "the registry has no \(task.reference), and nothing here has it",
        next: "Push it, or name its archive under images.archives.")
    }
    tell(.state("is in the registry"))
  }

  private func push(_ archive: DockerArchive?, member: String?, _ folder: String) -> ImagePush {
    ImagePush(
      archive: archive?.path ?? "", member: member, layout: archive?.layout ?? .docker, target: task.target(access),
      folder: folder, isPlain: access.endpoint.scheme == .http, hasAuthority: authority != nil)
  }

  private var authority: [UInt8]? {
    guard case .pem(let bytes)? = access.endpoint.tls.certificateAuthority else { return nil }
    return bytes
  }

  /// Of this run and image alone.
  private func workingFolder() throws -> String {
    "\(try setup.stateFolder().path)/\(Self.folderPrefix)\(task.use.imageName)-\(ProcessInfo.processInfo.processIdentifier)"
  }

  private func prepare(_ folder: String) throws {
    let files = setup.world.files
    try files.makeFolder(folder + "/scratch")
    let host = String(task.target(access).prefix { $0 != "/" })
    let logins = login.map { [host: $0.credential] } ?? [:]
    try files.write(folder + "/config.json", try DockerConfigSecret.bytes(logins), 0o600)
    if let authority { try files.write(folder + "/ca.crt", authority, 0o600) }
  }

  /// A compressed archive is unpacked for skopeo: its own way to read gzip fails in some builds, Debian 12's among them.
  /// It unpacks the members of an OCI layout by itself.
  private func prepareSource(_ push: inout ImagePush, _ archive: DockerArchive, _ tell: Tell) async throws {
    let compression = try await TarArchive(archive.path, world: setup.world).compression
    let layers = archive.images.reduce(0) { $0 + $1.size }
    let copies: UInt64 = (compression == .none ? 0 : 1) + (archive.layout == .oci ? 1 : 0)
    try proveRoom(copies * layers, archive)
    guard let program = compression.program?.name else { return }
    tell(.state("unpacking \(FileNames.last(of: archive.path))"))
    let target = push.scratch + "/image.tar"
    let result = try await setup.world.processes.run(
      ProcessCommand(
        "sh", ["-c", "exec \"$0\" --decompress --stdout -- \"$1\" > \"$2\"", program, archive.path, target],
        deadline: .seconds(2 * 3600)))
    guard result.exitCode == 0, !result.timedOut else {
      throw SetupError(
        .installFailed, "\(program) cannot unpack \(archive.path): \(OutsideText.clean(result.errors, limit: 300))",
        next: "Fetch the archive again and compare its size and checksum.")
    }
    push.archive = target
  }

  private func proveRoom(_ needed: UInt64, _ archive: DockerArchive) throws {
    let folder = try setup.stateFolder().path
    let free = try setup.world.files.freeSpace(folder)
    guard free < needed else { return }
    throw SetupError(
      .installFailed,
      "\(ByteCount(needed)) in \(folder) are needed to unpack \(FileNames.last(of: archive.path)), "
        + "and there are \(ByteCount(free))",
      next: "Make room there, or set XDG_STATE_HOME to a folder on another disk.")
  }

  /// The name under which the engine says that it loaded the archive.
  private func load(_ push: ImagePush) async throws -> String? {
    let name = Mutex<String?>(nil)
    try await follow(push.load(engine)) { line in
      if let loaded = ImagePush.loaded(line) { name.withLock { $0 = $0 ?? loaded } }
    }
    return name.withLock { $0 }
  }

  private func make(_ build: ImageBuild, _ tell: @escaping Tell) async throws {
    let command = ProcessCommand(
      "make", ["-C", build.folder, "build"], deadline: .seconds(2 * 3600), idleLimit: .seconds(1800))
    let throttle = Throttle(setup.world)
    try await follow(command) { line in
      if throttle.passes() { tell(.amount("building: \(OutsideText.clean(line, limit: 60))", nil)) }
    }
  }

  /// The name under which the image was built, as docker has it.
  private func built(_ build: ImageBuild) async throws -> String {
    let names = build.localNames(task.use, task.reference.tag)
    for name in names {
      let look = ProcessCommand("docker", ["image", "inspect", "--format", "{{.Id}}", name])
      if try await setup.world.processes.run(look).exitCode == 0 { return name }
    }
    throw SetupError(
      .installFailed,
      "make build in \(build.folder) ended well, but docker has none of \(names.joined(separator: ", "))",
      next: "Look with docker images what was built, tag it \(task.reference) and push it.")
  }

  private func plain(_ command: ProcessCommand) async throws { try await follow(command) { _ in } }

  /// Sends, and tries again where the connection broke. The digest that was sent; nil: the engine does not tell.
  private func send(
    _ command: ProcessCommand, _ push: ImagePush, expected: DockerArchive.Image?, _ tell: @escaping Tell
  ) async throws -> String? {
    var attempt = 0
    while true {
      let state = Mutex((progress: PushProgress(expected: expected), rate: TransferRate(), digest: String?.none))
      let throttle = Throttle(setup.world)
      let start = setup.world.now()
      do {
        try await follow(command) { line in
          let news: TransferNews? = state.withLock { state in
            state.digest = ImagePush.pushedDigest(line) ?? state.digest
            guard state.progress.add(line), throttle.passes() else { return nil }
            state.rate.add(state.progress.done, at: .seconds(setup.world.now().timeIntervalSince(start)))
            return .amount(PushLine.text(state.progress, state.rate), state.progress.amount(state.rate))
          }
          if let news { tell(news) }
        }
        let file = try setup.world.files.read(push.digestFile)
        return file.map { String(decoding: $0, as: UTF8.self).trimmingBlanks } ?? state.withLock { $0.digest }
      } catch let error as SetupError where error.code == .installFailed {
        guard attempt < Self.pauses.count, Self.isWorthAnother(error.message) else { throw error }
        tell(.state("broken off, trying again in \(Self.pauses[attempt].components.seconds) s: \(error.message)"))
        try await setup.world.sleep(Self.pauses[attempt])
        tell(.state("trying again"))
        attempt += 1
      }
    }
  }

  /// What another attempt will not change.
  private static let final = [
    "unauthorized", "authentication required", "denied", "forbidden", "no space left", "no such file",
    "certificate signed by unknown authority", "server gave http response to https client", "name unknown",
    "invalid reference", "manifest invalid", "initializing source", "unknown flag", "unknown shorthand flag",
  ]

  static func isWorthAnother(_ message: String) -> Bool {
    let lower = message.lowercased()
    return !final.contains { lower.contains($0) }
  }

  /// Runs a child to its end; its last words are the error.
  private func follow(_ command: ProcessCommand, line: @escaping @Sendable (String) -> Void) async throws {
    let last = Mutex<[String]>([])
    let result = try await setup.world.processes.follow(command) { said in
      line(said.text)
      let words = Self.message(OutsideText.clean(said.text, limit: 2000))
      guard !words.allSatisfy(\.isWhitespace), !words.hasPrefix("Copying ") else { return }
      last.withLock { $0 = $0.suffix(3) + [words] }
    }
    try Task.checkCancellation()
    guard result.exitCode != 0 || result.timedOut else { return }
    let said = (last.withLock { $0 }.joined(separator: " ") + " " + OutsideText.clean(result.errors, limit: 400))
      .trimmingBlanks
    let reason =
      result.wasIdle
      ? "it said nothing for \(command.idleLimit ?? command.deadline)"
      : result.timedOut ? "it did not end within \(command.deadline)" : said
    throw SetupError(
      .installFailed,
      "\(command.executable) could not bring \(task.reference) into the registry: \(reason.trimmed(to: 600))",
      next: "Run it again: what has arrived is not sent again.")
  }

  /// What a log line has to say: `time="…" level=fatal msg="writing blob: …"`.
  static func message(_ line: String) -> String {
    // On a terminal: `FATA[0001] writing blob: …`.
    if let end = line.firstRange(of: "] "), line.hasPrefix("FATA["), line[..<end.lowerBound].count < 12 {
      return String(line[end.upperBound...])
    }
    guard let start = line.firstRange(of: " msg=\""), line.hasPrefix("time="), line.hasSuffix("\"") else { return line }
    return String(line[start.upperBound...].dropLast()).replacing("\\\"", with: "\"")
  }

  /// The registry has it, and it is what was sent.
  private func verify(_ push: ImagePush, sent: String?) async throws {
    let client = setup.registryClient(access, as: login)
    switch await client.manifest(task.reference.repository, reference: task.reference.tag ?? "latest") {
    case .found(let head):
      guard let sent, let there = head.digest, there != sent else { return }
      throw SetupError(
        .installFailed, "\(task.reference) is \(there) in the registry, but \(sent) was sent",
        next: "Somebody else pushed under that tag: find out who, and run again.")
    case .absent:
      throw SetupError(
        .installFailed, "\(push.target) was sent, and the registry does not have it", next: "Run it again.")
    case .denied(let said):
      throw SetupError(.installFailed, "\(push.target) was sent, but may not be looked at: \(said)")
    case .unknown(let error): throw error
    }
  }
}

/// Lets through four a second.
private final class Throttle: Sendable {
  private let world: World
  private let last = Mutex<Date?>(nil)

  init(_ world: World) { self.world = world }

  func passes() -> Bool {
    let now = world.now()
    return last.withLock { last in
      if let last, now.timeIntervalSince(last) < 0.25, now >= last { return false }
      last = now
      return true
    }
  }
}

extension String {
  /// Without blanks and line ends at both ends.
  var trimmingBlanks: String {
    var text = self[...]
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }
}
