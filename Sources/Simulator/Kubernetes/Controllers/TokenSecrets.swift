import FoundationEssentials
import Kubernetes

/// Secrets of the type kubernetes.io/service-account-token (k8s.io/kubernetes, pkg/controller/serviceaccount).
extension KubernetesCluster {
  private static let accountName = "kubernetes.io/service-account.name"
  private static let accountID = "kubernetes.io/service-account.uid"

  /// Fills a token Secret a moment after it was made, and removes it where its account is not or no longer there.
  func reconcileTokenSecret(_ secret: JSONValue) {
    guard let name = secret.annotations[Self.accountName] else { return }
    let uid = secret.annotations[Self.accountID]
    guard let account = find("serviceaccounts", secret.namespace, name), uid == nil || uid == account.uid else {
      remove("secrets", namespace: secret.namespace, name: secret.name)
      return
    }
    guard secret["data"]?["token"] == nil else { return }
    let key = "token/\(secret.uid)"
    if reported.insert(key).inserted { schedule[key] = time.now() + behaviour.pace.seconds }
    guard schedule[key] == nil else { return }
    var filled = secret
    filled.set(.string(account.uid), at: "metadata", "annotations", Self.accountID)
    let token = issueToken(namespace: secret.namespace, account: name)
    var data = [("ca.crt", Self.authority), ("namespace", secret.namespace), ("token", token)]
    if discovery.openShift != nil { data.append(("service-ca.crt", Self.authority)) }
    for (key, value) in data { filled.set(.string(Base64.encode(Array(value.utf8))), at: "data", key) }
    write(filled, over: secret, type: knownType("v1", "Secret"))
  }

  /// Gives an account the token Secret that it got by itself before Kubernetes 1.24.
  func reconcileOwnToken(of account: JSONValue) {
    guard discovery.version.minor < 24 else { return }
    let names = (account["secrets"]?.array ?? []).compactMap { $0["name"]?.string }
    guard !names.contains(where: { $0.hasPrefix("\(account.name)-token-") }) else { return }
    guard let secret = makeTokenSecret(for: account) else { return }
    var new = account
    new["secrets"] = .array((account["secrets"]?.array ?? []) + [["name": .string(secret.name)]])
    write(new, over: account, type: knownType("v1", "ServiceAccount"))
  }

  @discardableResult
  func makeTokenSecret(for account: JSONValue, annotations: JSONValue = [:]) -> JSONValue? {
    var annotations = annotations
    annotations[Self.accountName] = .string(account.name)
    annotations[Self.accountID] = .string(account.uid)
    let made = make(
      [
        "metadata": [
          "name": .string("\(account.name)-token-\(random.suffix())"), "namespace": .string(account.namespace),
          "annotations": annotations,
        ],
        "type": "kubernetes.io/service-account-token",
      ], type: knownType("v1", "Secret"))
    // Refused by a quota: tried again with the next change.
    guard case .success(let secret) = made else { return nil }
    return secret
  }
}
