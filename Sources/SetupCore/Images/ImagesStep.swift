import Kubernetes
import Registry
import Synchronization
import Text

/// Brings the images that the registry lacks into it, side by side: from an archive, or built from the agent package.
struct ImagesStep: Step {
  static let name: StepID = "images"
  var id: StepID { Self.name }
  let title = "Images"
  /// Other clusters may run them by now.
  let staysUnlessNamed = true
  private let answers: Answers

  init(_ answers: Answers) { self.answers = answers }

  /// Whether the answers name anything that images could come from.
  static func applies(_ answers: Answers) -> Bool {
    answers[.agentTarball] != nil || !answers[.imageArchives].isEmpty
  }

  func access(namespaceExists: Bool) -> [AccessRequest] { [] }

  // MARK: What is to be done

  private func tasks(_ setup: Setup) async throws -> [ImageTask] {
    try ImageTask.all(answers, package: try await setup.agentPackage(), archives: try await setup.imageArchives())
  }

  /// What brings the archives: the engine of the answers, or the first that works here.
  private func engine(_ setup: Setup) async throws -> ImageEngine {
    if let engine = chosen { return engine }
    let states = await ImageEngine.look(setup.world)
    guard let engine = ImageEngine.usual(states) else {
      let said = states.map { "\($0.engine.rawValue) \($0.said)" }.joined(separator: "; ")
      throw SetupError(
        .tool, "nothing here can push an image: \(said)",
        next: "Install skopeo, which needs no daemon; or push the images from another machine.")
    }
    return engine
  }

  private var chosen: ImageEngine? { answers[.imageEngine].flatMap(ImageEngine.init) }

  /// Why these cannot be brought from here; nil: they can.
  private func obstacle(_ tasks: [ImageTask], _ engine: ImageEngine, _ world: World) async -> String? {
    for task in tasks where task.reference.tag == nil && task.reference.digest != nil {
      return "the registry has no \(task.reference), and what is pushed gets a digest of its own: name it by a tag"
    }
    if tasks.contains(where: \.isBuild) {
      let state = await ImageEngine.docker.state(world)
      if state.version == nil {
        return "the images of the agents are built by docker, and docker \(state.complaint) here; build and push them "
          + "elsewhere (make -C tools/bosun_docker build), or name their archives under images.archives"
      }
      if world.processes.find("make") == nil {
        return "the images of the agents are built by make, which is not installed here; install it"
      }
    }
    if tasks.contains(where: { !$0.isBuild }) {
      let state = await engine.state(world)
      if state.version == nil {
        return "\(engine.rawValue) was chosen to push the images, and it \(state.complaint) here; "
          + "mend that, or choose another under images.engine"
      }
    }
    return nil
  }

  /// The images at our registry that are not there.
  private func missing(
    _ setup: Setup, _ access: RegistryAccess, _ login: RegistryLogin?
  ) async throws -> [ImageTask] {
    let client = setup.registryClient(access, as: login)
    var missing: [ImageTask] = []
    for task in try await tasks(setup) where task.reference.isAt(access) {
      switch await client.manifest(task.reference.repository, reference: task.reference.manifestReference) {
      case .found: continue
      case .absent: missing.append(task)
      case .denied(let said):
        throw SetupError(
          .tool, "the registry does not let \(login?.identity ?? "anybody") look for \(task.reference): \(said)",
          next: "Give it the right to pull there.")
      case .unknown(let error): throw error
      }
    }
    return missing
  }

  func inspect(_ setup: Setup) async throws -> StepState {
    let needed: [ImageTask]
    var doubt = ""
    do {
      let access = try await setup.registryAccess()
      needed = try await missing(setup, access, try await access.login())
    } catch  where !(error is CancellationError) {
      // The login may be one that the plan makes: then what is there is seen when its turn comes.
      guard RegistryProviders.chosen(answers)?.makesLogin(answers) == true else { throw error }
      let server = answers.registryServer ?? ""
      needed = try await tasks(setup).filter { "\($0.reference)".hasPrefix(server + "/") }
      doubt = ", unless it is there"
    }
    if needed.isEmpty { return .done("the registry has the images") }
    let orphans = needed.filter { $0.source == .nowhere }.map { "\($0.reference)" }
    if !orphans.isEmpty {
      if !doubt.isEmpty { return .needed(orphans.map { "see that the registry has \($0)" }) }
      let (them, their) = orphans.count == 1 ? ("it", "its archive") : ("them", "their archives")
      return .blocked(
        "the registry has no \(orphans.joined(separator: " and no ")), and neither an archive of images.archives nor the "
          + "agent package has \(them); push \(them), or name \(their)")
    }
    let engine: ImageEngine
    do {
      engine = try await self.engine(setup)
    } catch let error as SetupError where error.code == .tool {
      return .blocked("\(error.message). \(error.next)")
    }
    if let obstacle = await obstacle(needed, engine, setup.world) { return .blocked(obstacle) }
    return .needed(needed.map { $0.words(engine) + doubt })
  }

  // MARK: Doing it

  func perform(_ setup: Setup, progress: @escaping @Sendable (StepProgress) -> Void) async throws {
    let access = try await setup.registryAccess()
    let login = try await access.login()
    let needed = try await missing(setup, access, login)
    let engine = try await self.engine(setup)
    let board = ProgressBoard(needed, tell: progress)
    let failures = try await withThrowingTaskGroup(of: SetupError?.self) { group in
      for task in needed {
        group.addTask {
          let transfer = ImageTransfer(task: task, engine: engine, access: access, login: login, setup: setup)
          do {
            try await transfer.run { board.tell(task.use, $0) }
            board.end(task.use)
            return nil
          } catch  where error is CancellationError || Task.isCancelled {
            throw CancellationError()
          } catch {
            // The others go on: what they have sent need not be sent again.
            let failure = SetupError(wrapping: error, code: .installFailed)
            board.tell(task.use, .state("failed: \(failure.message)"))
            return failure
          }
        }
      }
      var failures: [SetupError] = []
      for try await failure in group { if let failure { failures.append(failure) } }
      return failures
    }
    guard let first = failures.first else { return }
    let rest = failures.dropFirst().map(\.message)
    throw rest.isEmpty
      ? first : SetupError(first.code, ([first.message] + rest).joined(separator: "; "), next: first.next)
  }

  func traces(_ setup: Setup) async throws -> [Trace] {
    [.stays("the images stay in the registry: remove them there where nobody else runs them")]
  }

  // MARK: By hand

  func commands(_ setup: Setup) async throws -> [EquivalentCommand] {
    let access: RegistryAccess
    do {
      access = try await setup.registryAccess()
    } catch let failure as ObservationFailure where failure.kind == .inapplicable {
      return [EquivalentCommand("echo \(Shell.quote("The images are not pushed here: \(failure.message)")) >&2")]
    }
    let engine = chosen ?? .skopeo
    let tasks = try await tasks(setup).filter { $0.reference.isAt(access) && $0.source != .nowhere }
    if tasks.isEmpty { return [] }
    let shell = ImageShell(engine: engine, access: access, answers: answers)
    var commands = shell.preparations
    for task in tasks { commands.append(try await shell.command(task, setup.world)) }
    return commands.map { EquivalentCommand($0) }
  }
}

/// The lines of several transfers, told together, and their bytes added up.
private final class ProgressBoard: Sendable {
  private struct Entry {
    var line = "waiting"
    var amount: TransferAmount?
  }

  private let uses: [ImageUse]
  private let entries: Mutex<[ImageUse: Entry]>
  private let progress: @Sendable (StepProgress) -> Void

  init(_ tasks: [ImageTask], tell progress: @escaping @Sendable (StepProgress) -> Void) {
    uses = tasks.map(\.use)
    let entries = tasks.map { task in (task.use, Entry(amount: task.size.map { TransferAmount(done: 0, total: $0) })) }
    self.entries = Mutex(Dictionary(entries) { first, _ in first })
    self.progress = progress
  }

  func tell(_ use: ImageUse, _ news: TransferNews) {
    switch news {
    case .state(let text):
      change(use, isGradual: false) { entry in
        entry.line = text
        entry.amount?.rate = nil
      }
    case .amount(let text, let amount):
      change(use, isGradual: true) { entry in
        entry.line = text
        entry.amount = amount ?? entry.amount
      }
    }
  }

  /// It has arrived: what was not sent was there before.
  func end(_ use: ImageUse) {
    change(use, isGradual: true) { entry in
      if let total = entry.amount?.total { entry.amount = TransferAmount(done: total, total: total) }
    }
  }

  private func change(_ use: ImageUse, isGradual: Bool, _ change: (inout Entry) -> Void) {
    let shown = entries.withLock { entries in
      change(&entries[use, default: Entry()])
      return uses.map { ($0, entries[$0] ?? Entry()) }
    }
    progress(
      StepProgress(
        "bringing images into the registry", details: shown.map { "\($0.rawValue): \($1.line)" }, isGradual: isGradual,
        amount: TransferAmount.sum(shown.compactMap { $1.amount })))
  }
}

extension ImageTask {
  var isBuild: Bool { if case .build = source { true } else { false } }

  /// The bytes of its layers; nil: it is yet to be built.
  var size: UInt64? { if case .archive(_, let image) = source { image.size } else { nil } }

  /// As this machine reaches it.
  func target(_ access: RegistryAccess) -> String {
    let host = access.endpoint.host == RegistryEndpoint(host: access.server).host ? access.server : access.endpoint.host
    return "\(host)/\(reference.repository):\(reference.tag ?? "latest")"
  }

  fileprivate func words(_ engine: ImageEngine) -> String {
    switch source {
    case .archive(let archive, let image):
      "push \(reference) from \(FileNames.last(of: archive.path)) (\(ByteCount(image.size))) by \(engine.rawValue)"
    case .build(let build): "build \(reference) in \(build.folder) and push it by docker"
    case .nowhere: "see that the registry has \(reference)"
    }
  }
}
