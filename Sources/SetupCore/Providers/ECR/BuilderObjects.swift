import FoundationEssentials
import Kubernetes
import OrderedCollections
import Text

/// The image builder's service account. One that is there is used where it serves.
struct BuilderAccountStep: Step {
  private let target: ECRTarget
  private let object: ObjectStep

  init(_ target: ECRTarget, _ answers: Answers) {
    self.target = target
    // With Pod Identity the annotation must not be there: AWS' SDKs ask for IRSA's credentials first.
    let role: JSONValue = target.identity == .podIdentity ? .null : .string(target.roleARN)
    object = ObjectStep(
      id: "builder-account", title: "Builder account",
      [
        WantedObject(
          .serviceAccounts, "ServiceAccount", target.serviceAccount, namespace: target.namespace,
          ["metadata": ["annotations": .object([BuilderAccount.annotation: role])]])
      ], answers)
  }

  var id: StepID { object.id }
  var title: String { object.title }
  var objects: [Resource] { object.objects }
  func commands(_ setup: Setup) -> [EquivalentCommand] { object.commands(setup) }
  func access(namespaceExists: Bool) -> [AccessRequest] { object.access(namespaceExists: namespaceExists) }
  func inspect(_ setup: Setup) async throws -> StepState { try await object.inspect(setup) }
  func perform(_ setup: Setup, progress: @escaping @Sendable (StepProgress) -> Void) async throws {
    if target.identity != .podIdentity {
      // The annotation comes last: while it is missing, the next run tries the push again.
      try await prepare(setup)
      try await BuilderProof.prove(target, setup, progress: progress)
    }
    try await object.perform(setup, progress: progress)
  }

  /// Makes the account where there is none.
  private func prepare(_ setup: Setup) async throws {
    let account = ManagedObject(
      resource: .serviceAccounts, kind: "ServiceAccount", name: target.serviceAccount, namespace: target.namespace)
    let live = try await setup.kubernetes().find(
      PartialObject.self, account.resource, name: account.name, namespace: account.namespace)
    if live == nil { try await account.apply([:], setup.kubernetes()) }
  }

  func traces(_ setup: Setup) async throws -> [Trace] { try await object.traces(setup) }
}

/// The ConfigMap with kaniko's docker configuration, which lets it log in by its role. It holds no secret: the login's
/// password lives twelve hours, so none is ever stored.
struct BuilderConfigStep: Step {
  static let name = "docker-config"
  /// The plugin mounts the whole ConfigMap where kaniko looks for a file of this name.
  static let key = "config.json"
  static let helper = "ecr-login"

  let id: StepID = "builder-config"
  let title = "Builder config"
  private let object: ObjectStep
  private let registries: [String]
  private let namespace: String

  init(_ target: ECRTarget, _ answers: Answers) {
    registries = target.registries
    namespace = target.namespace
    object = ObjectStep(
      id: id, title: title,
      [
        WantedObject(
          .configMaps, "ConfigMap", Self.name, namespace: target.namespace,
          ["data": .object([Self.key: .string(Self.config(registries))])])
      ], answers)
  }

  /// The docker configuration: the helper for these registries and no others.
  static func config(_ registries: [String]) -> String {
    "{\"credHelpers\":{" + registries.map { "\"\($0)\":\"\(helper)\"" }.joined(separator: ",") + "}}"
  }

  /// Whether a docker configuration lets kaniko log in to all of these; the procedure's sets the helper for everything.
  static func serves(_ text: String, _ registries: [String]) -> Bool {
    let config: JSONValue
    do { config = try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8)) } catch { return false }  // no JSON
    return registries.allSatisfy { registry in
      if let helper = config["credHelpers"]?[registry]?.string { return helper == Self.helper }
      return config["credsStore"]?.string == Self.helper
    }
  }

  var objects: [Resource] { object.objects }
  func commands(_ setup: Setup) -> [EquivalentCommand] { object.commands(setup) }
  func access(namespaceExists: Bool) -> [AccessRequest] { object.access(namespaceExists: namespaceExists) }

  func inspect(_ setup: Setup) async throws -> StepState {
    let live = try await setup.kubernetes().find(
      ConfigMap.self, .configMaps, name: Self.name, namespace: namespace)?.value
    if let live, let text = live.data[Self.key], Self.serves(text, registries) {
      return .done("ConfigMap \(Self.name) sets \(Self.helper) for \(registries.joined(separator: ", "))")
    }
    return try await object.inspect(setup)
  }

  func perform(_ setup: Setup, progress: @escaping @Sendable (StepProgress) -> Void) async throws {
    try await object.perform(setup, progress: progress)
  }

  func traces(_ setup: Setup) async throws -> [Trace] { try await object.traces(setup) }
}
