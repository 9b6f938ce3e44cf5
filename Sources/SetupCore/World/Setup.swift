import HTTP
public import Kubernetes
import Registry
import Synchronization
import Text

/// What a probe or a step works with: the door to the outside, the answers and the typed secrets.
public struct Setup: Sendable {
  /// The door to the outside.
  public let world: World
  /// The answers; for steps and probes completed by what the questions suggest.
  public var answers: Answers
  /// The secrets typed in the wizard.
  public let secrets: SecretStore
  /// What the procedure requires.
  public let requirements: Requirements
  private let clients = ClientCache()
  private let logins = LoginMemory()
  let environments = EnvironmentMemory()
  let packages = PackageMemory()

  /// A set-up from its parts.
  public init(world: World, answers: Answers, secrets: SecretStore = SecretStore(), requirements: Requirements) {
    self.world = world
    self.answers = answers
    self.secrets = secrets
    self.requirements = requirements
  }

  /// The same with these answers, sharing clients and so their credentials.
  public func with(_ answers: Answers) -> Setup {
    var setup = self
    setup.answers = answers
    return setup
  }

  /// The same with clients that are yet to be made.
  var renewed: Setup { Setup(world: world, answers: answers, secrets: secrets, requirements: requirements) }

  /// The absolute form of a path in the answers.
  public func path(_ path: String) -> String { world.absolutePath(path, relativeTo: answers.baseDirectory) }
}

// MARK: The cluster

extension Setup {
  /// The kubeconfig of the answers, as kubectl would find it.
  func kubeconfig() throws -> Kubeconfig {
    try Kubeconfig.load(
      explicit: answers[.kubeconfig].map(path), environment: world.environment, home: world.homeDirectory,
      read: world.files.read)
  }

  /// A client of the context of the answers. One client serves a context for the life of this set-up, so that an exec
  /// plugin runs once.
  public func kubernetes() throws -> KubernetesClient {
    let context = answers[.context]
    let key = "\(answers[.kubeconfig] ?? "")\u{0}\(context ?? "")"
    if let client = clients.value(key) { return client }
    let connection = try kubeconfig().connection(context: context)
    let effects = CredentialEffects(
      read: world.files.read, run: { try await world.run($0) }, now: world.now, environment: world.environment,
      terminalAvailable: false)
    let client = KubernetesClient(
      connection: connection, transport: world.http,
      credentials: CredentialProvider(connection: connection, effects: effects))
    clients.keep(client, key)
    return client
  }

  /// Throws where the kubeconfig or the chosen context cannot be used at all: a mistake in the answers or the
  /// environment, told before anything is asked.
  public func proveConnection() throws { _ = try kubernetes() }

  /// The namespace of the answers; a step without one is a mistake in the answers.
  func namespace() throws -> String {
    guard let namespace = answers[.namespace] else {
      throw SetupError(.usage, "cluster.namespace is missing", next: "Set it in the answers.")
    }
    return namespace
  }

  /// An answer that a lookup cannot do without.
  func needed(_ key: AnswerKey<String>) throws -> String {
    guard let text = answers[key] else {
      throw ObservationFailure(.absent, "\(key.id) is not known yet", remedy: Remedy("Answer \(key.id)."))
    }
    return text
  }

  /// How helm finds the same cluster, and the namespace there; nil: that of the answers.
  func helmTarget(namespace: String? = nil) throws -> HelmCommand.Target {
    HelmCommand.Target(
      kubeconfig: answers[.kubeconfig].map(path), context: answers[.context],
      namespace: try namespace ?? self.namespace())
  }

  /// Where this target's files are kept.
  public func stateFolder() throws -> StateFolder {
    StateFolder(context: answers[.context] ?? "in-cluster", namespace: try namespace(), world: world)
  }

  /// What was done to this target so far.
  public func journal() throws -> Journal { Journal(path: try stateFolder().journal, world: world) }
}

/// Clients by kubeconfig and context.
private final class ClientCache: Sendable {
  private let clients = Mutex<[String: KubernetesClient]>([:])

  func value(_ key: String) -> KubernetesClient? { clients.withLock { $0[key] } }
  func keep(_ client: KubernetesClient, _ key: String) { clients.withLock { $0[key] = client } }
}

extension World {
  /// Runs a kubeconfig's credential plugin.
  fileprivate func run(_ invocation: ExecPluginInvocation) async throws -> ExecPluginOutput {
    guard processes.find(invocation.command) != nil else { throw ExecPluginStartError.notFound }
    // Less than a probe may take, so that the plugin is named and not the cluster.
    let limit = Duration.seconds(25)
    let result = try await processes.run(
      ProcessCommand(
        invocation.command, invocation.arguments, environment: invocation.environment, deadline: limit))
    if result.timedOut {
      throw SetupError(.tool, "it did not end within \(limit.components.seconds) seconds")
    }
    return ExecPluginOutput(
      exitCode: Int(result.exitCode), stdout: Array(result.output.utf8), stderr: Array(result.errors.utf8))
  }
}

// MARK: Secrets

extension Setup {
  /// The secret behind a reference. The one place where references become secrets.
  func secret(_ reference: SecretReference) throws -> SecretText {
    switch reference {
    case .environment(let name):
      guard let text = world.environment[name], !text.isEmpty else {
        throw SetupError(
          .usage, "the environment variable \(name) is not set", next: "Set \(name), or name another in the answers.")
      }
      return SecretText(text)
    case .file(let path):
      let absolute = self.path(path)
      guard let content = try world.files.read(absolute) else {
        throw SetupError(.usage, "there is no file \(absolute)", next: "Name the file that holds the secret.")
      }
      // Bytes, because CR and LF are one character of a String.
      var bytes = content[...]
      if bytes.last == UInt8(ascii: "\n") {
        bytes.removeLast()
        if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
      }
      if bytes.isEmpty { throw SetupError(.usage, "the file \(absolute) is empty", next: "Put the secret into it.") }
      guard let text = String(validating: bytes, as: UTF8.self) else {
        throw SetupError(.usage, "the file \(absolute) is not UTF-8 text", next: "Save it as UTF-8.")
      }
      return SecretText(text)
    case .prompted(let question):
      guard let secret = secrets.secret(for: question) else {
        throw SetupError(.usage, "\(question) was not typed in this run", next: "Type it again.")
      }
      return secret
    case .dataRobotConfiguration(let path):
      let absolute = self.path(path)
      guard let token = try DataRobotConfiguration.read(absolute, world)?.token else {
        throw SetupError(
          .usage, "\(absolute) holds no token", next: "Log in with DataRobot's own client, or name the token otherwise."
        )
      }
      return token
    case .existing(let name):
      throw SetupError(.usage, "the Secret \(name) is not read", next: "")
    }
  }

  /// What cannot be had of the secrets that the answers refer to, all at once.
  public func secretProblems(_ questionnaire: Questionnaire = .standard) -> [AnswerProblem] {
    questionnaire.questions.compactMap { question in
      guard question.applies(answers), case .secret(let reference)? = answers[question.id]?.value else { return nil }
      if case .existing = reference { return nil }
      do {
        _ = try secret(reference)
        return nil
      } catch {
        return AnswerProblem(
          question: question.id, text: "cannot be read: \((error as? SetupError)?.message ?? "\(error)")",
          isMissing: false)
      }
    }
  }
}

// MARK: The registry

extension Setup {
  /// The CA file of the answers, proved to hold a certificate; nil: none was named.
  func registryCertificateAuthority() throws -> [UInt8]? {
    guard let path = answers[.certificateAuthority] else { return nil }
    let absolute = self.path(path)
    guard let pem = try world.files.read(absolute) else {
      throw SetupError(.usage, "there is no CA file \(absolute)", next: "Correct registry.certificateAuthority.")
    }
    guard String(decoding: pem, as: UTF8.self).contains("-----BEGIN CERTIFICATE-----") else {
      throw SetupError(
        .usage, "the CA file \(absolute) holds no PEM certificate",
        next: "Name a file that begins with -----BEGIN CERTIFICATE-----.")
    }
    return pem
  }

  /// How this machine reaches the registry of the answers.
  func registryAccess() async throws -> RegistryAccess {
    guard let provider = RegistryProviders.chosen(answers), provider.server(answers) != nil else {
      throw ObservationFailure(.absent, "no registry was named", remedy: Remedy("Set registry.server."))
    }
    return try await provider.access(self)
  }

  /// A login that a cloud's program hands out, asked for once in a while.
  ///
  /// - Parameter name: Whose it is and where: `ecr 123456789012 eu-west-1`.
  func cloudLogin(_ name: String, make: () async throws -> RegistryLogin) async throws -> RegistryLogin {
    try await logins.login(name, at: world.now(), make: make)
  }

  /// A client of the registry of the answers; nil: nobody.
  func registryClient(_ access: RegistryAccess, as login: RegistryLogin?) -> RegistryClient {
    RegistryClient(transport: world.http, endpoint: access.endpoint, credential: login?.credential)
  }
}
