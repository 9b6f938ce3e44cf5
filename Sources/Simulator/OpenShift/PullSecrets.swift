import Kubernetes

/// The pull secrets for the integrated registry that OpenShift gives every service account
/// (openshift/openshift-controller-manager, pkg/serviceaccounts).
extension KubernetesCluster {
  private static let manager = "openshift-controller-manager"
  private static let reference = "openshift.io/internal-registry-pull-secret-ref"
  private static let creator = "openshift.io/create-dockercfg-secrets"

  func reconcilePullSecret(of account: JSONValue, platform: OpenShiftPlatform) {
    let prefix = "\(account.name)-dockercfg-"
    let secrets = all("secrets", in: account.namespace)
    let own = secrets.first { secret in
      secret["type"] == "kubernetes.io/dockercfg" && secret.name.hasPrefix(prefix)
        && Self.belongs(secret, to: account)
    }
    if let own {
      link(own.name, to: account, platform: platform)
      return
    }
    let name = prefix + random.suffix()
    switch platform.pullSecretToken {
    case .bound:
      let token = issueToken(namespace: account.namespace, account: account.name)
      makePullSecret(
        name, token: token, username: "<token>", account: account,
        annotations: [
          "openshift.io/internal-registry-auth-token.binding": "bound",
          "openshift.io/internal-registry-auth-token.service-account": .string(account.name),
        ])
    case .secret:
      let behind = secrets.first { secret in
        secret.annotations["kubernetes.io/created-by"] == Self.creator && Self.belongs(secret, to: account)
      }
      guard let behind else {
        makeTokenSecret(for: account, annotations: ["kubernetes.io/created-by": .string(Self.creator)])
        return
      }
      guard let token = behind["data"]?["token"]?.string.flatMap(Base64.decode) else { return }
      let text = String(decoding: token, as: UTF8.self)
      makePullSecret(
        name, token: text, username: "serviceaccount", account: account,
        annotations: [
          "kubernetes.io/service-account.name": .string(account.name),
          "kubernetes.io/service-account.uid": .string(account.uid),
          "openshift.io/token-secret.name": .string(behind.name), "openshift.io/token-secret.value": .string(text),
        ])
    }
  }

  private static func belongs(_ secret: JSONValue, to account: JSONValue) -> Bool {
    let annotations = secret.annotations
    if let uid = annotations["kubernetes.io/service-account.uid"] { return uid == account.uid }
    let name =
      annotations["openshift.io/internal-registry-auth-token.service-account"]
      ?? annotations["kubernetes.io/service-account.name"]
    return name == account.name
  }

  private func makePullSecret(
    _ name: String, token: String, username: String, account: JSONValue, annotations: JSONValue
  ) {
    var servers: JSONValue = [:]
    for server in ["image-registry.openshift-image-registry.svc.cluster.local:5000", OpenShiftPlatform.registryService]
    {
      servers[server] = [
        "username": .string(username), "password": .string(token), "email": "serviceaccount@example.org",
        "auth": .string(Base64.encode(Array("\(username):\(token)".utf8))),
      ]
    }
    make(
      [
        "metadata": [
          "name": .string(name), "namespace": .string(account.namespace), "annotations": annotations,
          "ownerReferences": [
            [
              "apiVersion": "v1", "kind": "ServiceAccount", "name": .string(account.name), "uid": .string(account.uid),
              "controller": true, "blockOwnerDeletion": false,
            ]
          ],
        ],
        "type": "kubernetes.io/dockercfg",
        "data": [".dockercfg": .string(Base64.encode(JSONText.format(servers)))],
      ], type: knownType("v1", "Secret"))
  }

  private func link(_ name: String, to account: JSONValue, platform: OpenShiftPlatform) {
    var new = account
    for list in ["secrets", "imagePullSecrets"] {
      let before = new[list]?.array ?? []
      if !before.contains(where: { $0["name"]?.string == name }) {
        new[list] = .array([["name": .string(name)]] + before)
      }
    }
    if case .bound = platform.pullSecretToken {
      new.set(.string(name), at: "metadata", "annotations", Self.reference)
    }
    write(new, over: account, type: knownType("v1", "ServiceAccount"), manager: Self.manager)
  }
}
