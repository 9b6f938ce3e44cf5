import FoundationEssentials
import Kubernetes
import Registry
import Text

/// The Secret with the login that the image builder pushes with and that nodes pull with: a Docker configuration.
struct RegistrySecret: Sendable {
  /// The type that both read.
  static let type = "kubernetes.io/dockerconfigjson"
  /// Where the configuration stands in it.
  static let key = ".dockerconfigjson"

  let object: ManagedObject
  private let kubectl: Kubectl

  init(_ answers: Answers) {
    object = ManagedObject(
      resource: .secrets, kind: "Secret", name: answers.registrySecretName, namespace: answers[.namespace])
    kubectl = Kubectl(answers)
  }

  func find(_ client: KubernetesClient) async throws -> Secret? {
    try await client.find(Secret.self, .secrets, name: object.name, namespace: object.namespace)?.value
  }

  /// Why a Secret of another type cannot be used; nil: it has the right one.
  func blockedByType(_ live: Secret) -> StepState? {
    if live.type == Self.type { return nil }
    return .blocked(
      "\(object.title) has the type \(OutsideText.clean(live.type)), and the image builder reads only \(Self.type). "
        + "Kubernetes lets nobody change a type. Delete it first: "
        + Shell.line(["kubectl", "delete", "secret", object.name, "--namespace", object.namespace ?? ""]))
  }

  /// The login that a Secret holds for a host; what cannot be read gives none.
  static func credential(_ live: Secret, host: String) -> RegistryCredential? {
    guard let content = live.data[key]?.reveal() else { return nil }
    do {
      return try DockerConfig(parsing: content, name: "registry-creds").storedCredential(host: host)
    } catch {
      return nil
    }
  }

  /// Makes it, with the login for one host and nothing else.
  func apply(_ credential: RegistryCredential, host: String, _ client: KubernetesClient) async throws {
    let encoded = Data(try DockerConfigSecret.bytes([host: credential])).base64EncodedString()
    try await object.apply(["type": .string(Self.type), "data": [Self.key: .string(encoded)]], client)
  }

  /// What makes it of the Docker configuration that a command prints.
  func command(reading print: String) -> EquivalentCommand {
    kubectl.apply(
      created: ["secret", "generic", object.name, "--type=\(Self.type)", "--from-file=\(Self.key)=/dev/stdin"],
      reading: print)
  }
}
