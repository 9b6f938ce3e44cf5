extension KubernetesClient {
  /// The server's version.
  public func version() async throws(KubernetesError) -> Answer<ServerVersion> {
    let request = KubernetesRequest.raw("/version", accept: "application/json")
    return try reader(request).decode(ServerVersion.self, await send(request))
  }

  /// The API groups that the server serves, the core group not among them.
  public func apiGroups() async throws(KubernetesError) -> Answer<APIGroupList> { try await object(.raw("/apis")) }

  /// Whether we may do something.
  public func review(
    _ attributes: ResourceAttributes
  ) async throws(KubernetesError) -> Answer<SelfSubjectAccessReview.Status> {
    let body: JSONValue = ["apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview"]
    let answer: Answer<SelfSubjectAccessReview> = try await object(
      .create(
        .selfSubjectAccessReviews,
        body: KubernetesError.encode(Review(body, SelfSubjectAccessReview.Spec(attributes)))))
    return try answer.map { $0.status }
  }

  /// Whether somebody else may do something: `system:serviceaccount:NAMESPACE:NAME`. Asking needs a permission of its own,
  /// and another one where the question is asked in a namespace (LocalSubjectAccessReview), which must be the question's.
  public func review(
    _ attributes: ResourceAttributes, user: String, groups: [String] = [], namespace: String? = nil
  ) async throws(KubernetesError) -> Answer<SelfSubjectAccessReview.Status> {
    var head: JSONValue = ["apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview"]
    if let namespace {
      head["kind"] = "LocalSubjectAccessReview"
      head["metadata"] = ["namespace": .string(namespace)]
    }
    var spec = SelfSubjectAccessReview.Spec(attributes)
    spec.user = user
    spec.groups = groups
    let answer: Answer<SelfSubjectAccessReview> = try await object(
      .create(
        namespace == nil ? .subjectAccessReviews : .localSubjectAccessReviews, namespace: namespace,
        body: KubernetesError.encode(Review(head, spec))))
    return try answer.map { $0.status }
  }

  /// Whom the server takes us for; nil before Kubernetes 1.28, which cannot be asked.
  public func whoAmI() async throws(KubernetesError) -> Answer<SelfSubjectReview.UserInfo>? {
    let body: JSONValue = ["apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"]
    do {
      let answer: Answer<SelfSubjectReview> = try await object(
        .create(.selfSubjectReviews, body: KubernetesError.encode(body)))
      return try answer.map { $0.status.userInfo }
    } catch {
      if error.isNotFound { return nil }
      throw error
    }
  }

  /// What we may do in a namespace; the list can be incomplete.
  public func rules(namespace: String) async throws(KubernetesError) -> Answer<SelfSubjectRulesReview.Status> {
    let body: JSONValue = [
      "apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectRulesReview",
      "spec": ["namespace": .string(namespace)],
    ]
    let answer: Answer<SelfSubjectRulesReview> = try await object(
      .create(.selfSubjectRulesReviews, body: KubernetesError.encode(body)))
    return try answer.map { $0.status }
  }

  /// The log of a pod's container.
  public func logs(
    pod: String, namespace: String, container: String? = nil, tailLines: Int? = nil, previous: Bool = false
  ) async throws(KubernetesError) -> Answer<String> {
    let request = KubernetesRequest.logs(
      pod: pod, namespace: namespace, container: container, tailLines: tailLines, previous: previous)
    return try await send(request).map { String(decoding: $0, as: UTF8.self) }
  }

  /// Reads a path as it stands.
  public func raw(_ path: String) async throws(KubernetesError) -> Answer<[UInt8]> { try await send(.raw(path)) }

  /// Reads a path that answers with JSON.
  public func raw<Object: Decodable & Sendable>(
    _ type: Object.Type, _ path: String
  ) async throws(KubernetesError) -> Answer<Object> { try await object(.raw(path)) }
}

/// The two parts of an access review's body, side by side.
private struct Review<Spec: Encodable>: Encodable {
  var head: JSONValue
  var spec: Spec
  init(_ head: JSONValue, _ spec: Spec) {
    self.head = head
    self.spec = spec
  }

  private enum Keys: String, CodingKey { case spec }

  func encode(to encoder: any Encoder) throws {
    try head.encode(to: encoder)
    var container = encoder.container(keyedBy: Keys.self)
    try container.encode(spec, forKey: .spec)
  }
}

extension SelfSubjectAccessReview.Spec {
  fileprivate init(_ attributes: ResourceAttributes) {
    self.init()
    resourceAttributes = attributes
  }
}
