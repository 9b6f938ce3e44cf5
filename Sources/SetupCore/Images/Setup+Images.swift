import Kubernetes
import Registry
import Synchronization
import Text

/// Packages and archives that were read, for as long as their files stay as they are: reading one takes a minute.
final class PackageMemory: Sendable {
  private let packages = Mutex<[String: AgentPackage]>([:])
  private let archives = Mutex<[String: DockerArchive]>([:])

  func package(_ key: String) -> AgentPackage? { packages.withLock { $0[key] } }
  func keep(_ package: AgentPackage, _ key: String) { packages.withLock { $0[key] = package } }
  func archive(_ key: String) -> DockerArchive? { archives.withLock { $0[key] } }
  func keep(_ archive: DockerArchive, _ key: String) { archives.withLock { $0[key] = archive } }
}

extension Setup {
  /// The agent package of the answers, unpacked; nil: none was named.
  func agentPackage() async throws -> AgentPackage? {
    guard let text = answers[.agentTarball] else { return nil }
    let source = try PackageSource.find(text, world: world, relativeTo: answers.baseDirectory)
    // A folder may change at any time and is quick to read.
    guard case .archive(let path) = source else { return try await AgentPackage.open(source, world: world) }
    let key = try key(path)
    if let known = packages.package(key) { return known }
    let package = try await AgentPackage.open(source, world: world)
    packages.keep(package, key)
    return package
  }

  /// The image archives of the answers.
  func imageArchives() async throws -> [DockerArchive] {
    var archives: [DockerArchive] = []
    for text in answers[.imageArchives] {
      let path = self.path(text)
      let key = try key(path)
      if let known = packages.archive(key) {
        archives.append(known)
        continue
      }
      let archive = try await DockerArchive.read(path, world: world)
      packages.keep(archive, key)
      archives.append(archive)
    }
    return archives
  }

  private func key(_ path: String) throws -> String {
    let status = try world.files.status(path)
    return "\(path) \(status?.size ?? 0) \(status?.modified ?? 0)"
  }
}

extension Probe {
  /// The agent package of the answers, unpacked into the cache.
  static let agentPackage = Probe("agent.package", \.agentPackage, page: .images) { setup, _ in
    guard let package = try await setup.agentPackage() else {
      throw ObservationFailure(.absent, "no agent package was named")
    }
    return package
  }

  /// The image archives of the answers.
  static let imageArchives = Probe("image.archives", \.imageArchives, page: .images) { setup, _ in
    try await setup.imageArchives()
  }

  /// Which programs here bring images into a registry, each with its version, or why it does not work.
  static let imageEngines = Probe("image.engines", \.imageEngines, page: .cluster) { setup, _ in
    await ImageEngine.look(setup.world)
  }
}

extension Survey {
  /// The agent package of the answers.
  public var agentPackage: Observed<AgentPackage> {
    get { self["agent/package"] }
    set { self["agent/package"] = newValue }
  }

  /// The image archives of the answers.
  public var imageArchives: Observed<[DockerArchive]> {
    get { self["agent/archives"] }
    set { self["agent/archives"] = newValue }
  }

  /// Which programs bring images into a registry.
  public var imageEngines: Observed<[ImageEngineState]> {
    get { self["agent/engines"] }
    set { self["agent/engines"] = newValue }
  }
}

/// Whether an engine works here.
public struct ImageEngineState: Sendable, Equatable {
  /// Which.
  public var engine: ImageEngine
  /// Its version; nil: it does not work.
  public var version: String?
  /// What it said, for a person.
  public var said: String

  /// What is wrong with one that does not work, as the end of a sentence that begins with its name.
  var complaint: String {
    Self.own.contains(said) ? said : "does not work (\(said))"
  }

  fileprivate static let notInstalled = "is not installed"
  fileprivate static let silent = "gives no answer"
  fileprivate static let useless = "does not work"
  private static let own = [notInstalled, silent, useless]
}

extension ImageEngine {
  /// Asks each that is there whether it works, side by side.
  static func look(_ world: World) async -> [ImageEngineState] {
    await withTaskGroup(of: ImageEngineState.self) { group in
      for engine in allCases { group.addTask { await engine.state(world) } }
      var states: [ImageEngineState] = []
      for await state in group { states.append(state) }
      return allCases.compactMap { engine in states.first { $0.engine == engine } }
    }
  }

  func state(_ world: World) async -> ImageEngineState {
    guard world.processes.find(rawValue) != nil else {
      return ImageEngineState(engine: self, version: nil, said: ImageEngineState.notInstalled)
    }
    do {
      let result = try await world.processes.run(proof)
      let output = OutsideText.clean(result.output, limit: 100)
      let version = output.split(separator: " ").first { $0.first?.isNumber == true }.map(String.init)
      if result.exitCode == 0, let version {
        return ImageEngineState(engine: self, version: version, said: "\(rawValue) \(version) works")
      }
      let words = OutsideText.clean(result.errors.isEmpty ? result.output : result.errors, limit: 200).trimmingBlanks
      return ImageEngineState(
        engine: self, version: nil,
        said: result.timedOut ? ImageEngineState.silent : words.isEmpty ? ImageEngineState.useless : words)
    } catch {
      return ImageEngineState(engine: self, version: nil, said: SetupError(wrapping: error, code: .tool).message)
    }
  }

  /// The one that is taken where none was chosen: the first that works.
  static func usual(_ states: [ImageEngineState]) -> ImageEngine? {
    states.first { $0.version != nil }?.engine
  }
}
