import FoundationEssentials
import Kubernetes

/// What OpenShift's registry has in front of an ordinary one: tokens of the cluster as passwords, its roles as rights,
/// names of exactly two parts, image streams (openshift/image-registry, pkg/dockerregistry/server).
struct IntegratedRegistry: Sendable {
  let cluster: KubernetesCluster
  let platform: OpenShiftPlatform

  /// The token that stands for nobody.
  private static let anonymous = "anonymous"

  /// The answer that is given before the registry itself is asked; nil where it may be.
  func answer(_ request: LoopbackRequest) async -> LoopbackResponse? {
    let host = request.header("x-forwarded-host") ?? request.header("host") ?? "127.0.0.1"
    if host == platform.registryHost, await !isExposed {
      return .html(503, "Application is not available")
    }
    if request.path == "/openshift/token" { return await token(request) }
    guard let target = RegistryTarget(request.path) else { return nil }
    let fields = (request.header("authorization") ?? "").split(separator: " ", maxSplits: 1).map(String.init)
    let given: String?
    switch (fields.first?.lowercased(), fields.count) {
    case ("bearer", 2): given = fields[1]
    case ("basic", 2): given = Self.password(fields[1])
    default:
      let scheme = request.header("x-forwarded-proto") ?? "http"
      return Self.unauthorized("Bearer realm=\"\(scheme)://\(host)/openshift/token\"")
    }
    guard let given, !given.isEmpty else {
      return Self.unauthorized("Basic realm=openshift,error=\"failed to decode credentials\"")
    }
    let user = given == Self.anonymous ? SimulatedUser.anonymous : await cluster.token(given)
    guard let user else { return Self.denied }
    guard let repository = target.repository else { return user == .anonymous ? Self.denied : nil }
    // The registry says nothing of what is wrong with a name here; it does where tokens are given out.
    guard let (namespace, name) = Self.parts(repository) else { return LoopbackResponse(status: 400) }
    let isPull = request.method == "GET" || request.method == "HEAD"
    for verb in isPull ? ["get"] : ["get", "update"] {
      let question = AccessQuestion(
        verb: verb, group: "image.openshift.io", resource: "imagestreams", subresource: "layers", name: name,
        namespace: namespace)
      guard await cluster.isAllowed(question, user: user) else { return Self.denied }
    }
    return await missing(target, namespace, name, isPull: isPull)
  }

  /// What needs an image stream, or a namespace for one, that is not there.
  private func missing(
    _ target: RegistryTarget, _ namespace: String, _ name: String, isPull: Bool
  ) async -> LoopbackResponse? {
    switch target {
    case .manifest where isPull:
      return await stream(namespace, name) == nil
        ? RegistryState.error(404, "MANIFEST_UNKNOWN", "manifest unknown") : nil
    case .tags where isPull:
      return await stream(namespace, name) == nil ? RegistryState.nameUnknown("\(namespace)/\(name)") : nil
    case .manifest:
      return await cluster.find("namespaces", "", namespace) == nil
        ? RegistryState.error(500, "UNKNOWN", "unknown error") : nil
    default: return nil
    }
  }

  /// Makes a pushed manifest known to the cluster.
  func didAnswer(_ request: LoopbackRequest, _ response: LoopbackResponse) async {
    guard request.method == "PUT", response.status == 201,
      case .manifest(let repository, let reference)? = RegistryTarget(request.path),
      let digest = response.headers["Docker-Content-Digest"]
    else { return }
    await didPush(repository, reference: reference, digest: digest)
  }

  func didPush(_ repository: String, reference: String, digest: String) async {
    guard let (namespace, name) = Self.parts(repository) else { return }
    let isExposed = await isExposed
    await cluster.recordPush(
      namespace: namespace, name: name, tag: reference.contains(":") ? nil : reference, digest: digest,
      publicHost: isExposed ? platform.registryHost : nil)
  }

  /// Any user name with a token as its password; what is granted is that token.
  private func token(_ request: LoopbackRequest) async -> LoopbackResponse {
    for scope in request.query where scope.name == "scope" {
      let parts = scope.value.split(separator: ":").map(String.init)
      guard parts.count >= 3, parts[0] == "repository" else { continue }
      let repository = parts[1..<parts.count - 1].joined(separator: ":")
      if Self.parts(repository) == nil {
        let text = "repository name \"\(repository)\" invalid: it must be of the format <project>/<name>"
        return .json(401, JSONText.string(["details": .string(text)]))
      }
    }
    guard let header = request.header("authorization") else { return Self.granted(Self.anonymous) }
    let fields = header.split(separator: " ", maxSplits: 1).map(String.init)
    guard fields.count == 2, fields[0].lowercased() == "basic", let given = Self.password(fields[1]),
      await cluster.token(given) != nil
    else { return .json(401, "") }
    return Self.granted(given)
  }

  private var isExposed: Bool {
    get async {
      await cluster.find("routes.route.openshift.io", OpenShiftPlatform.registryNamespace, "default-route") != nil
    }
  }

  private func stream(_ namespace: String, _ name: String) async -> Kubernetes.JSONValue? {
    await cluster.find("imagestreams.image.openshift.io", namespace, name)
  }

  private static func parts(_ repository: String) -> (namespace: String, name: String)? {
    let parts = repository.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    return parts.count == 2 && !parts.contains("") ? (parts[0], parts[1]) : nil
  }

  private static func password(_ encoded: String) -> String? {
    guard let bytes = Base64.decode(encoded) else { return nil }
    let text = String(decoding: bytes, as: UTF8.self)
    return text.firstIndex(of: ":").map { String(text[text.index(after: $0)...]) }
  }

  private static func granted(_ token: String) -> LoopbackResponse {
    .json(200, JSONText.string(["token": .string(token), "access_token": .string(token)]))
  }

  private static func unauthorized(_ challenge: String) -> LoopbackResponse {
    RegistryState.error(
      401, "UNAUTHORIZED", "authentication required",
      headers: ["WWW-Authenticate": challenge, "Docker-Distribution-Api-Version": "registry/2.0"])
  }

  private static let denied = unauthorized("Basic realm=openshift,error=\"access denied\"")
}

extension RegistryServer {
  /// The integrated registry of a simulated OpenShift; nil where the cluster is none. It answers to the name that it has
  /// inside the cluster, and to the host of its default route while that is there; a front says in `X-Forwarded-Host` and
  /// `X-Forwarded-Proto` which of them was asked.
  public convenience init?(
    integratedIn server: KubernetesServer, _ configuration: RegistryConfiguration = RegistryConfiguration()
  ) {
    guard let platform = server.cluster.discovery.openShift else { return nil }
    self.init(configuration, integrated: IntegratedRegistry(cluster: server.cluster, platform: platform))
  }

  /// Puts an image and its image stream there without a client, as a push does. Gives its digest.
  @discardableResult
  public func push(_ repository: String, tag: String, architectures: [String] = ["amd64"]) async -> String {
    let digest = addImage(repository, tag: tag, architectures: architectures)
    await integrated?.didPush(repository, reference: tag, digest: digest)
    return digest
  }
}

extension KubernetesCluster {
  func isAllowed(_ question: AccessQuestion, user: SimulatedUser) -> Bool {
    RBAC.isAllowed(question, user: user, policy: policy)
  }

  /// Notes a pushed image in its image stream, which is made where there is none.
  func recordPush(namespace: String, name: String, tag: String?, digest: String, publicHost: String?) {
    let type = knownType("image.openshift.io/v1", "ImageStream")
    if find(type.storageKey, namespace, name) == nil {
      make(
        [
          "metadata": ["name": .string(name), "namespace": .string(namespace)],
          "spec": ["lookupPolicy": ["local": false]],
        ], type: type)
    }
    guard let stored = find(type.storageKey, namespace, name) else { return }
    let path = "\(namespace)/\(name)"
    var new = stored
    new.set(.string("\(OpenShiftPlatform.registryService)/\(path)"), at: "status", "dockerImageRepository")
    if let publicHost {
      new.set(.string("\(publicHost)/\(path)"), at: "status", "publicDockerImageRepository")
    }
    if let tag {
      let item: JSONValue = [
        "created": .string(now), "generation": 1, "image": .string(digest),
        "dockerImageReference": .string("\(OpenShiftPlatform.registryService)/\(path)@\(digest)"),
      ]
      var tags = stored.value(at: ["status", "tags"])?.array ?? []
      if let index = tags.firstIndex(where: { $0["tag"]?.string == tag }) {
        tags[index].set(.array([item] + (tags[index]["items"]?.array ?? [])), at: "items")
      } else {
        tags.append(["tag": .string(tag), "items": [item]])
      }
      new.set(.array(tags), at: "status", "tags")
    }
    write(new, over: stored, type: type, manager: "image-registry", subresource: "status")
  }
}
