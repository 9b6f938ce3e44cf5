public import Registry

/// A kind of registry: the questions it adds, its checks, its steps and its part of the values file.
/// A provider is one folder here and one line in `RegistryProviders.all`.
public protocol RegistryProvider: Sendable {
  /// The answers file's `registry.provider`.
  var name: String { get }
  /// For a list to choose from.
  var label: String { get }
  /// The distribution whose usual registry it is; nil: none.
  var home: Distribution.Kind? { get }
  /// What it needs to know. Each is asked only while this provider is chosen; two providers may use one id.
  var questions: [Question] { get }
  /// What is looked at while its questions are asked, so that they can suggest answers: who is logged in, which clusters
  /// there are. Their `page` is `.cluster`, and what they see is named below `registry/`.
  var lookups: [Probe] { get }
  /// What must hold.
  var checks: [Check] { get }
  /// What the lookups saw, in one line for the wizard's page, or why they saw nothing.
  func lookedUp(_ survey: Survey) -> Observed<String>
  /// Host and port as images carry it; nil: the answers do not tell yet.
  func server(_ answers: Answers) -> String?
  /// Full reference, without a tag, of one of the procedure's repositories: `datarobot/mlops-management-agent`.
  func repository(_ name: String, _ answers: Answers) -> String?
  /// Where the image builder is to keep its layers; nil: where it does by itself, which is `/cache` below the repository
  /// of the generated images.
  func cache(_ answers: Answers) -> String?
  /// Whether the plan makes repositories that are not there.
  var makesRepositories: Bool { get }
  /// Whether the plan makes the login of this machine, so that there may be none yet.
  func makesLogin(_ answers: Answers) -> Bool
  /// What only the plan makes and every push needs, as `create the repository mlops/agent`; nil: a push can begin now.
  func missingForPush(_ setup: Setup) async throws -> String?
  /// What logs an engine (`skopeo`, `docker`) in; nil: nothing is needed or known.
  func shellLogin(_ answers: Answers) -> ShellLogin?
  /// How this machine reaches the registry, and as whom.
  func access(_ setup: Setup) async throws -> RegistryAccess
  /// What makes the agent's namespace.
  func namespaceStep(_ answers: Answers) -> any Step
  /// What it changes before the chart is installed.
  func steps(_ answers: Answers) -> [any Step]
  /// What it puts into the values file, under the names of the current chart generation.
  func values(_ answers: Answers) -> [ValueSetting]
}

extension RegistryProvider {
  /// None: it can be anywhere.
  public var home: Distribution.Kind? { nil }
  /// None.
  public var lookups: [Probe] { [] }
  /// None beside the core's.
  public var checks: [Check] { [] }
  /// Nothing is looked up.
  public func lookedUp(_ survey: Survey) -> Observed<String> { .notAsked }
  /// Where the image builder keeps them by itself.
  public func cache(_ answers: Answers) -> String? { nil }
  /// It is given, or a cloud's program has it.
  public func makesLogin(_ answers: Answers) -> Bool { false }
  /// Nothing.
  public func missingForPush(_ setup: Setup) async throws -> String? { nil }
  /// None is known.
  public func shellLogin(_ answers: Answers) -> ShellLogin? { nil }
  /// The usual one.
  public func namespaceStep(_ answers: Answers) -> any Step { NamespaceStep(answers) }
  /// The registry's user does, or a push.
  public var makesRepositories: Bool { false }
}

/// The registries we know.
public enum RegistryProviders {
  /// In the order they are offered.
  public static let all: [any RegistryProvider] = [
    GenericRegistry(),
    ECRRegistry(),
    AzureRegistry(),
    GoogleRegistry(),
    OpenShiftRegistry(),
  ]

  /// The chosen one.
  public static func chosen(_ answers: Answers) -> (any RegistryProvider)? {
    answers[.provider].flatMap { name in all.first { $0.name == name } }
  }

  /// The one that usually goes with the cluster that was seen.
  static func usual(_ survey: Survey) -> any RegistryProvider {
    let kind = survey.distribution?.kind
    return all.first { $0.home != nil && $0.home == kind } ?? GenericRegistry()
  }
}

/// How this machine reaches the registry of the answers, and as whom.
public struct RegistryAccess: Sendable {
  /// Host and port as images carry it.
  public var server: String
  /// Where this machine finds it: of a registry inside the cluster, another name.
  public var endpoint: RegistryEndpoint
  /// Who pushes models' images, where that is not who is logged in here: `the role arn:aws:iam::…:role/builder`.
  public var builder: String?
  /// What this machine verifies its certificate with, where the answers do not name it: `the Secret router-certs-default`.
  public var authority: String?
  /// Logs in, which can mean to ask a cloud's program; nil: the credentials stand in the cluster and are not read.
  public var login: @Sendable () async throws -> RegistryLogin?

  /// An access from its parts.
  public init(
    server: String, endpoint: RegistryEndpoint, builder: String? = nil, authority: String? = nil,
    login: @escaping @Sendable () async throws -> RegistryLogin?
  ) {
    self.server = server
    self.endpoint = endpoint
    self.builder = builder
    self.authority = authority
    self.login = login
  }
}

/// A login, and whose it is.
public struct RegistryLogin: Sendable {
  /// What is sent.
  public var credential: RegistryCredential
  /// Whose it is, for a person: `user push`.
  public var identity: String

  /// A login from its parts.
  public init(_ credential: RegistryCredential, identity: String) {
    self.credential = credential
    self.identity = identity
  }
}

extension Answers {
  /// The registry's host and port as images carry it, whatever the provider.
  public var registryServer: String? { RegistryProviders.chosen(self)?.server(self) }
}
