public import Registry

extension Probe {
  /// The images of the answers, where they lie.
  public static let registryImages = Probe(
    "registry.images", \.registryImages, page: .images, after: [.registry, .chart]
  ) { setup, survey in try await RegistryImagesProbe.look(setup, survey) }
}

/// Looks for each image: is it there, what does it run on, and if it is not, is its repository. It only reads.
struct RegistryImagesProbe: Sendable {
  /// One registry that is slow takes only its own images' verdicts with it.
  static let deadline = Duration.seconds(15)

  private let setup: Setup
  private let ours: (access: RegistryAccess, client: RegistryClient)?
  /// Why our registry is not asked: it does not answer, or it refused the credentials, and asking again with wrong ones
  /// can lock an account.
  private let closed: ObservationFailure?

  static func look(_ setup: Setup, _ survey: Survey) async throws -> [ImageObservation] {
    let probe = try await RegistryImagesProbe(setup, survey)
    return try await withThrowingTaskGroup(of: (Int, ImageObservation).self) { group in
      for (index, use) in ImageUse.allCases.enumerated() {
        guard let text = setup.answers[use.key] else { continue }
        group.addTask { (index, try await probe.look(use, text)) }
      }
      var found: [(Int, ImageObservation)] = []
      for try await observation in group { found.append(observation) }
      let brought = await brought(setup)
      for index in found.indices {
        guard let source = brought[found[index].1.use] else { continue }
        found[index].1.isBrought = true
        if found[index].1.presence.failure?.kind == .absent { found[index].1.platforms = source.platforms }
      }
      return found.sorted { $0.0 < $1.0 }.map(\.1)
    }
  }

  /// What an archive or the agent package has.
  private static func brought(_ setup: Setup) async -> [ImageUse: ImageTask.Source] {
    guard ImagesStep.applies(setup.answers) else { return [:] }
    do {
      let tasks = try await ImageTask.all(
        setup.answers, package: setup.agentPackage(), archives: setup.imageArchives())
      return Dictionary(tasks.filter { $0.source != .nowhere }.map { ($0.use, $0.source) }) { first, _ in first }
    } catch {
      // What cannot be read brings nothing; why is told where the answers are judged.
      return [:]
    }
  }

  private init(_ setup: Setup, _ survey: Survey) async throws {
    self.setup = setup
    let closed: ObservationFailure? =
      switch survey.registry {
      case .failed(let failure): failure
      case .seen(let registry): if case .failed(let failure) = registry.credentials { failure } else { nil }
      case .notAsked: nil
      }
    self.closed = closed
    guard setup.answers.registryServer != nil else {
      ours = nil
      return
    }
    let access = try await setup.registryAccess()
    ours = (access, setup.registryClient(access, as: closed == nil ? try await access.login() : nil))
  }

  private func look(_ use: ImageUse, _ text: String) async throws -> ImageObservation {
    var observation = ImageObservation(use: use, reference: text)
    let image: ImageReference
    do {
      image = try ImageReference(text)
    } catch {
      observation.presence = .failed(ObservationFailure(.malformed, error.description))
      return observation
    }
    let client: RegistryClient
    if let ours, image.isAt(ours.access) {
      observation.isAtOurRegistry = true
      if let closed {
        observation.presence = .failed(closed)
        return observation
      }
      client = ours.client
    } else {
      client = RegistryClient(transport: setup.world.http, endpoint: RegistryEndpoint(of: image), credential: nil)
    }
    let asked = observation
    let seen = try await firstOf({ await Self.ask(client, image, asked) }, deadline: Self.deadline)
    if let seen { return seen }
    observation.presence = .failed(
      ObservationFailure(.timedOut, "\(image.host) gave no answer about \(text) within \(Self.deadline)"))
    return observation
  }

  private static func ask(
    _ client: RegistryClient, _ image: ImageReference, _ asked: ImageObservation
  ) async -> ImageObservation {
    var observation = asked
    // Of the repository for generated images only the repository can be there.
    guard asked.use != .generated else {
      observation.repository = await repository(client, image)
      return observation
    }
    switch await client.manifest(image.repository, reference: image.manifestReference) {
    case .found(let head):
      observation.presence = .seen(head.digest ?? "found")
      observation.repository = .seen(true)
      do {
        let details = try await client.manifestDetails(image.repository, reference: image.manifestReference)
        observation.platforms = .seen(details.platforms)
      } catch {
        observation.platforms = .failed(ObservationFailure(error))
      }
    case .absent:
      observation.presence = .failed(ObservationFailure(.absent, "\(image) is not there"))
      observation.repository = await repository(client, image)
    case .denied(let said):
      observation.presence = .failed(ObservationFailure(.denied, said))
      observation.repository = .failed(ObservationFailure(.denied, said))
    case .unknown(let error):
      observation.presence = .failed(ObservationFailure(error))
      observation.repository = .failed(ObservationFailure(error))
    }
    return observation
  }

  private static func repository(_ client: RegistryClient, _ image: ImageReference) async -> Observed<Bool> {
    switch await client.checkPull(image.repository) {
    case .allowed: .seen(true)
    case .repositoryMissing: .seen(false)
    case .denied(let said): .failed(ObservationFailure(.denied, said))
    case .unknown(let error): .failed(ObservationFailure(error))
    }
  }
}

extension ImageTask.Source {
  /// What the image will run on; not asked: it is yet to be built.
  fileprivate var platforms: Observed<[ImagePlatform]> {
    guard case .archive(_, let image) = self else { return .notAsked }
    return .seen(
      image.architecture.map { [ImagePlatform(operatingSystem: image.system ?? "linux", architecture: $0)] } ?? [])
  }
}

extension Survey {
  /// The images of the answers, in the order of `ImageUse`.
  public var registryImages: Observed<[ImageObservation]> {
    get { self["registry/images"] }
    set { self["registry/images"] = newValue }
  }
}

/// What an image is for.
public enum ImageUse: String, Sendable, Hashable, CaseIterable {
  case managementAgent = "management agent"
  case trackingAgent = "tracking agent"
  case predictionServer = "prediction server"
  case generated = "generated images"

  /// The answer that names it.
  var key: AnswerKey<String> {
    switch self {
    case .managementAgent: .managementAgent
    case .trackingAgent: .trackingAgent
    case .predictionServer: .predictionServer
    case .generated: .generated
    }
  }
}

/// What a registry said of an image.
public struct ImageObservation: Sendable, Equatable {
  /// What it is for.
  public var use: ImageUse
  /// The reference as it was answered.
  public var reference: String
  /// Whether it lies at the registry of the answers, whose login we have.
  public var isAtOurRegistry: Bool
  /// Its digest, or `found` where the registry tells none; absent: there is no such tag.
  public var presence: Observed<String>
  /// What it runs on; empty: the image does not say.
  public var platforms: Observed<[ImagePlatform]>
  /// Whether its repository is there.
  public var repository: Observed<Bool>
  /// Whether an archive or the agent package has it, so that the plan can bring it.
  public var isBrought: Bool

  /// An observation from its parts.
  public init(
    use: ImageUse, reference: String, isAtOurRegistry: Bool = false, presence: Observed<String> = .notAsked,
    platforms: Observed<[ImagePlatform]> = .notAsked, repository: Observed<Bool> = .notAsked, isBrought: Bool = false
  ) {
    self.use = use
    self.reference = reference
    self.isAtOurRegistry = isAtOurRegistry
    self.presence = presence
    self.platforms = platforms
    self.repository = repository
    self.isBrought = isBrought
  }
}
