import FoundationEssentials
import HTTP
import Registry
import Synchronization
import Text

/// One image on its way into the registry: tried again on a broken connection, and proved at the end.
struct ImageTransfer: Sendable {
  let task: ImageTask
  let engine: ImageEngine
  let access: RegistryAccess
  let login: RegistryLogin?
  let setup: Setup

  /// Pauses before the next attempt. What has arrived is not sent again, so trying is cheap.
  private static let pauses: [Duration] = [.seconds(2), .seconds(5), .seconds(15), .seconds(30)]

  func run(tell: @escaping @Sendable (String) -> Void) async throws {
    let folder = try workingFolder()
    // The folder holds a login.
    defer {
      do { try setup.world.files.removeFolder(folder) } catch { tell("cannot remove \(folder): \(error)") }
    }
    try prepare(folder)
    switch task.source {
    case .archive(let archive, let image):
      let push = push(archive, member: ImageTask.member(archive, image), folder)
      if engine.loadsFirst {
        tell("loading \(FileNames.last(of: archive.path))")
        let local = try await load(push) ?? image.references.first ?? image.configDigest
        try await plain(push.tag(engine, local))
      } else {
        try proveRoom(archive, image)
      }
      try await send(push.push(engine), expected: image.size, tell)
      try await verify(push)
    case .build(let build):
      tell("building in \(build.folder)")
      try await make(build, tell)
      let push = push(nil, member: nil, folder)
      try await plain(push.tag(.docker, build.localName(task.use, task.reference.tag)))
      try await send(push.push(.docker), expected: nil, tell)
      try await verify(push)
    case .nowhere:
      throw SetupError(
        .installFailed, "the registry has no \(task.reference), and nothing here has it",
        next: "Push it, or name its archive under images.archives.")
    }
    tell("is in the registry")
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
    "\(try setup.stateFolder().path)/push-\(task.use.imageName)-\(ProcessInfo.processInfo.processIdentifier)"
  }

  private func prepare(_ folder: String) throws {
    let files = setup.world.files
    try files.makeFolder(folder)
    let host = String(task.target(access).prefix { $0 != "/" })
    let logins = login.map { [host: $0.credential] } ?? [:]
    try files.write(folder + "/config.json", try DockerConfigSecret.bytes(logins), 0o600)
    if let authority { try files.write(folder + "/ca.crt", authority, 0o600) }
  }

  /// skopeo unpacks a compressed archive before it reads it.
  private func proveRoom(_ archive: DockerArchive, _ image: DockerArchive.Image) throws {
    guard !archive.path.hasSuffix(".tar") else { return }
    let folder = setup.world.environment["TMPDIR"].flatMap { $0.isEmpty ? nil : $0 } ?? "/var/tmp"
    let free = try setup.world.files.freeSpace(folder)
    let needed = archive.images.reduce(0) { $0 + $1.size }
    guard free < needed else { return }
    throw SetupError(
      .installFailed,
      "skopeo needs \(ByteCount(needed)) in \(folder) for \(FileNames.last(of: archive.path)), and there are \(ByteCount(free))",
      next: "Make room there, or set TMPDIR to a folder on another disk.")
  }

  /// The name under which the engine says that it loaded the archive.
  private func load(_ push: ImagePush) async throws -> String? {
    let name = Mutex<String?>(nil)
    try await follow(push.load(engine)) { line in
      if let loaded = ImagePush.loaded(line) { name.withLock { $0 = $0 ?? loaded } }
    }
    return name.withLock { $0 }
  }

  private func make(_ build: ImageBuild, _ tell: @escaping @Sendable (String) -> Void) async throws {
    let command = ProcessCommand(
      "make", ["-C", build.folder, "build"], deadline: .seconds(2 * 3600), idleLimit: .seconds(1800))
    let throttle = Throttle(setup.world)
    try await follow(command) { line in
      if throttle.passes() { tell("building: \(OutsideText.clean(line, limit: 60))") }
    }
  }

  private func plain(_ command: ProcessCommand) async throws { try await follow(command) { _ in } }

  /// Sends, and tries again where the connection broke.
  private func send(
    _ command: ProcessCommand, expected: UInt64?, _ tell: @escaping @Sendable (String) -> Void
  ) async throws {
    var attempt = 0
    while true {
      let state = Mutex((progress: PushProgress(expected: expected), rate: TransferRate()))
      let throttle = Throttle(setup.world)
      let start = setup.world.now()
      do {
        try await follow(command) { line in
          let text: String? = state.withLock { state in
            guard state.progress.add(line), throttle.passes() else { return nil }
            state.rate.add(state.progress.done, at: .seconds(setup.world.now().timeIntervalSince(start)))
            return PushLine.text("", state.progress, state.rate)
          }
          if let text { tell(text.trimmingBlanks) }
        }
        return
      } catch let error as SetupError where error.code == .installFailed {
        guard attempt < Self.pauses.count, Self.isWorthAnother(error.message) else { throw error }
        tell("broken off, trying again in \(Self.pauses[attempt].components.seconds) s: \(error.message)")
        try await setup.world.sleep(Self.pauses[attempt])
        attempt += 1
      }
    }
  }

  /// What another attempt will not change.
  private static let final = [
    "unauthorized", "authentication required", "denied", "forbidden", "no space left", "no such file",
    "certificate signed by unknown authority", "server gave http response to https client", "name unknown",
    "invalid reference", "manifest invalid", "unknown flag", "unknown shorthand flag",
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
      let words = OutsideText.clean(said.text, limit: 400)
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

  /// The registry has it, and it is what was sent.
  private func verify(_ push: ImagePush) async throws {
    let client = setup.registryClient(access, as: login)
    let sent = try setup.world.files.read(push.digestFile).map { String(decoding: $0, as: UTF8.self).trimmingBlanks }
    let repository = task.reference.repository
    switch await client.manifest(repository, reference: task.reference.tag ?? "latest") {
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
  fileprivate var trimmingBlanks: String {
    var text = self[...]
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }
}
