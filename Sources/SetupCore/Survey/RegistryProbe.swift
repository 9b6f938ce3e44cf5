import Registry

extension Probe {
  /// The registry of the answers.
  public static let registry = Probe("registry", \.registry, page: .registry) { setup, _ in
    try await RegistryProbe.look(setup)
  }
}

/// Looks at the registry: does it answer, does it take the credentials, does it let us push.
enum RegistryProbe {
  static func look(_ setup: Setup) async throws -> RegistrySummary {
    let access = try await setup.registryAccess()
    let login: RegistryLogin?
    var failure: ObservationFailure?
    do {
      login = try await access.login()
    } catch let error as SetupError where error.code == .usage {
      throw error
    } catch {
      // Whether it answers can be seen without a login.
      login = nil
      failure = ObservationFailure(error)
    }
    let client = setup.registryClient(access, as: login)
    let answer: String
    switch await client.ping() {
    case .open: answer = "answers /v2/, open to anyone"
    case .wantsCredential(let challenges):
      answer = "answers /v2/, wants a login (\(challenges.map(\.scheme).joined(separator: ", ")))"
    case .notARegistry(let error), .unknown(let error): throw error
    }
    var summary = RegistrySummary(
      server: access.server, answer: answer, credentials: failure.map { .failed($0) } ?? .notAsked, push: [:],
      builder: access.builder)
    guard let login else { return summary }
    switch await client.checkCredential() {
    case .accepted: summary.credentials = .seen(login.identity)
    case .notAsked: summary.credentials = .seen("anyone; it asks for no login")
    case .rejected(let error):
      summary.credentials = .failed(
        ObservationFailure(.unauthorized, error.message, remedy: error.nextStep.map { Remedy($0) }))
      return summary
    case .unknown(let error): summary.credentials = .failed(ObservationFailure(error))
    }
    if let repository = setup.answers[.generated] {
      let image = try ImageReference(repository)
      guard image.isAt(access) else {
        summary.push[repository] = .failed(elsewhere(image, than: summary.server))
        return summary
      }
      summary.push[repository] = await push(client, image.repository)
      if summary.push[repository] == .seen(true) {
        let cache = setup.answers.layerCache ?? ""
        let place = try ImageReference(cache).repository
        // The cache is no reason to lose what is known by now.
        let pushed = try await firstOf({ await push(client, place) }, deadline: .seconds(10))
        summary.push[cache] = pushed ?? .failed(ObservationFailure(.timedOut, "no answer within 10 seconds"))
      }
    }
    return summary
  }

  /// The one Secret holds the one registry's login, so a push to another registry has none.
  private static func elsewhere(_ image: ImageReference, than server: String) -> ObservationFailure {
    ObservationFailure(
      .absent, "images.generated lies at \(image.host), and the credentials are those of \(server)",
      remedy: Remedy("Let images.generated begin with \(server), or name \(image.host) as registry.server."))
  }

  private static func push(_ client: RegistryClient, _ repository: String) async -> Observed<Bool> {
    switch await client.checkPush(repository) {
    case .allowed: .seen(true)
    case .denied(let said):
      .failed(
        ObservationFailure(
          .denied, "the registry refuses a push to \(repository): \(said)",
          remedy: Remedy("Give the user push access to it, or choose another repository with images.generated.")))
    case .repositoryMissing:
      .failed(
        ObservationFailure(
          .absent, "the registry has no repository \(repository) and makes none by itself",
          remedy: Remedy("Create it in the registry first.")))
    case .readOnly:
      .failed(
        ObservationFailure(
          .denied, "the registry takes no uploads at all", remedy: Remedy("Have it switched from read-only.")))
    case .unknown(let error): .failed(ObservationFailure(error))
    }
  }
}

extension ImageReference {
  /// Whether it lies at that registry.
  func isAt(_ access: RegistryAccess) -> Bool {
    apiHost.lowercased() == RegistryEndpoint(host: access.server).host.lowercased()
  }
}

extension Survey {
  /// What the registry said.
  public var registry: Observed<RegistrySummary> {
    get { self["registry"] }
    set { self["registry"] = newValue }
  }
}

/// What the registry said.
public struct RegistrySummary: Sendable, Equatable {
  /// Its name as images carry it: `registry.example.com:5000`.
  public var server: String
  /// How it answered `/v2/`, for a person.
  public var answer: String
  /// Whether it took the credentials.
  public var credentials: Observed<String>
  /// Whether an upload could be opened, by repository.
  public var push: [String: Observed<Bool>]
  /// Who pushes models' images, where that is not who is logged in here.
  public var builder: String?

  /// A summary from its parts.
  public init(
    server: String, answer: String, credentials: Observed<String>, push: [String: Observed<Bool>],
    builder: String? = nil
  ) {
    self.server = server
    self.answer = answer
    self.credentials = credentials
    self.push = push
    self.builder = builder
  }
}

extension Answers {
  /// Where kaniko keeps layers of the images that it builds: where it is told to, else below the repository of the
  /// generated images (kaniko, pkg/cache/cache.go, Destination).
  var layerCache: String? { self[.generated].map { toldCache ?? $0 + "/cache" } }

  /// Where it is told to keep them, by an answer or because of the provider; nil: nowhere.
  var toldCache: String? { self[.cache] ?? RegistryProviders.chosen(self)?.cache(self) }
}
