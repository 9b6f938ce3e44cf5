import Kubernetes
import Text

/// The token with which the image builder pushes, and where it stands. OpenShift up to 4.15 keeps one in a Secret behind
/// the account's pull secret, to which the procedure leads; newer ones do not, and a Secret of our own asks for one.
struct BuilderToken: Sendable {
  /// The Secret that holds it.
  let secret: String
  /// nil: it is not filled in yet.
  let token: SecretText?
  /// Whether the procedure's way led there.
  let isDocumented: Bool

  /// The annotation of a pull secret that names the token Secret behind it.
  static let annotation = "openshift.io/token-secret.name"
  /// What the names of an account's own pull secrets begin with.
  static let pullSecretPrefix = "\(OpenShiftRegistry.account)-dockercfg-"
  static let type = "kubernetes.io/service-account-token"
  static let accountAnnotation = "kubernetes.io/service-account.name"

  /// The Secret that asks for a token.
  static func own(_ namespace: String?) -> ManagedObject {
    ManagedObject(
      resource: .secrets, kind: "Secret", name: "\(OpenShiftRegistry.account)-token", namespace: namespace)
  }
  static let ownMembers: JSONValue = [
    "metadata": ["annotations": [accountAnnotation: .string(OpenShiftRegistry.account)]], "type": .string(type),
  ]

  /// What there is of it.
  enum Found: Sendable {
    case there(BuilderToken)
    /// The pull secret has no token Secret behind it, so one is to be made; its name.
    case toBeMade(after: String)
    /// There is no pull secret yet, or no account: OpenShift decides in a moment.
    case undecided
  }

  static func find(_ client: KubernetesClient, namespace: String) async throws -> Found {
    let account = try await client.find(
      ServiceAccount.self, .serviceAccounts, name: OpenShiftRegistry.account, namespace: namespace)?.value
    var bare: String?
    for name in pullSecrets(account) {
      guard let pull = try await client.find(Secret.self, .secrets, name: name, namespace: namespace)?.value else {
        continue
      }
      guard let behind = pull.metadata.annotations[annotation],
        let secret = try await client.find(Secret.self, .secrets, name: behind, namespace: namespace)?.value
      else {
        bare = name
        continue
      }
      return .there(BuilderToken(secret: behind, token: text(secret), isDocumented: true))
    }
    if account != nil,
      let secret = try await client.find(Secret.self, .secrets, name: own(nil).name, namespace: namespace)?.value,
      secret.type == type, secret.metadata.annotations[accountAnnotation] == OpenShiftRegistry.account
    {
      return .there(BuilderToken(secret: own(nil).name, token: text(secret), isDocumented: false))
    }
    return bare.map { .toBeMade(after: $0) } ?? .undecided
  }

  private static func pullSecrets(_ account: ServiceAccount?) -> [String] {
    let names = (account?.imagePullSecrets ?? []) + (account?.secrets ?? [])
    return names.map(\.name).filter { $0.hasPrefix(pullSecretPrefix) }.reduce(into: []) {
      if !$0.contains($1) { $0.append($1) }
    }
  }

  private static func text(_ secret: Secret) -> SecretText? {
    guard let bytes = secret.data["token"]?.reveal(), !bytes.isEmpty else { return nil }
    return SecretText(String(decoding: bytes, as: UTF8.self))
  }
}
