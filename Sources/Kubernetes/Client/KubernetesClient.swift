public import HTTP

/// A client of one API server as one user.
public struct KubernetesClient: Sendable {
  /// Whom it speaks to, and as whom.
  public let connection: ClusterConnection
  private let transport: any HTTPTransport
  private let credentials: CredentialProvider
  private let time: ClientTime

  /// How often an answer that asks to be retried is (client-go, rest.maxRetries).
  static let maximumRetries = 10
  /// How often a list begins anew when its continuation has expired.
  static let maximumRestarts = 3

  /// A client from its parts.
  public init(
    connection: ClusterConnection, transport: any HTTPTransport, credentials: CredentialProvider,
    time: ClientTime = .system
  ) {
    self.connection = connection
    self.transport = transport
    self.credentials = credentials
    self.time = time
  }

  // MARK: Objects

  /// Reads an object.
  public func get<Object: Decodable & Sendable>(
    _ type: Object.Type, _ resource: Resource, name: String, namespace: String? = nil
  ) async throws(KubernetesError) -> Answer<Object> {
    try await object(.get(resource, name: name, namespace: namespace))
  }

  /// Reads an object, or nil where there is none. A missing namespace or resource counts as none.
  public func find<Object: Decodable & Sendable>(
    _ type: Object.Type, _ resource: Resource, name: String, namespace: String? = nil
  ) async throws(KubernetesError) -> Answer<Object>? {
    do {
      return try await get(type, resource, name: name, namespace: namespace)
    } catch {
      if error.isNotFound { return nil }
      throw error
    }
  }

  /// Creates an object.
  public func create<Object: Decodable & Sendable>(
    _ type: Object.Type = JSONValue.self, _ resource: Resource, _ value: some Encodable, name: String? = nil,
    namespace: String? = nil, subresource: String? = nil, dryRun: Bool = false, fieldValidation: FieldValidation? = nil
  ) async throws(KubernetesError) -> Answer<Object> {
    try await object(
      .create(
        resource, name: name, namespace: namespace, subresource: subresource, body: KubernetesError.encode(value),
        dryRun: dryRun, fieldValidation: fieldValidation))
  }

  /// Applies an object on the server. The value must carry `apiVersion` and `kind`.
  public func apply<Object: Decodable & Sendable>(
    _ type: Object.Type = JSONValue.self, _ resource: Resource, name: String, namespace: String? = nil,
    _ value: some Encodable, fieldManager: String = KubernetesRequest.fieldManager, force: Bool = false,
    dryRun: Bool = false, fieldValidation: FieldValidation? = nil
  ) async throws(KubernetesError) -> Answer<Object> {
    try await object(
      .apply(
        resource, name: name, namespace: namespace, body: KubernetesError.encode(value), fieldManager: fieldManager,
        force: force, dryRun: dryRun, fieldValidation: fieldValidation))
  }

  /// Changes an object by a JSON merge patch.
  public func mergePatch<Object: Decodable & Sendable>(
    _ type: Object.Type = JSONValue.self, _ resource: Resource, name: String, namespace: String? = nil,
    subresource: String? = nil, _ patch: some Encodable, dryRun: Bool = false
  ) async throws(KubernetesError) -> Answer<Object> {
    try await object(
      .mergePatch(
        resource, name: name, namespace: namespace, subresource: subresource, body: KubernetesError.encode(patch),
        dryRun: dryRun))
  }

  /// Deletes an object; with a uid or a version only if it still is that one.
  public func delete(
    _ resource: Resource, name: String, namespace: String? = nil, propagation: DeletePropagation = .background,
    uid: String? = nil, resourceVersion: String? = nil, dryRun: Bool = false
  ) async throws(KubernetesError) -> Answer<Deletion> {
    let request = try KubernetesRequest.delete(
      resource, name: name, namespace: namespace, propagation: propagation, uid: uid, resourceVersion: resourceVersion,
      dryRun: dryRun)
    let answer: Answer<DeletionAnswer> = try await object(request)
    return Answer(
      value: answer.value.kind == "Status" || answer.value.metadata.deletionTimestamp == nil ? .gone : .begun,
      metadata: answer.metadata)
  }

  // MARK: Lists

  /// Reads a whole list, page by page. An expired continuation begins anew, so the list is of one version.
  public func list<Object: Decodable & Sendable>(
    _ type: Object.Type, _ resource: Resource, namespace: String? = nil, labelSelector: String? = nil,
    fieldSelector: String? = nil, pageSize: Int = 500
  ) async throws(KubernetesError) -> Answer<ObjectList<Object>> {
    try await pages { continuation in
      .list(
        resource, namespace: namespace, labelSelector: labelSelector, fieldSelector: fieldSelector, limit: pageSize,
        continueToken: continuation)
    }
  }

  /// Reads the metadata of a whole list: secrets without their data.
  public func listMetadata(
    _ resource: Resource, namespace: String? = nil, labelSelector: String? = nil, fieldSelector: String? = nil,
    pageSize: Int = 500
  ) async throws(KubernetesError) -> Answer<ObjectList<PartialObject>> {
    try await pages { continuation in
      .list(
        resource, namespace: namespace, labelSelector: labelSelector, fieldSelector: fieldSelector, limit: pageSize,
        continueToken: continuation, metadataOnly: true)
    }
  }

  private func pages<Object: Decodable & Sendable>(
    _ page: (String?) -> KubernetesRequest
  ) async throws(KubernetesError) -> Answer<ObjectList<Object>> {
    var restarts = 0
    var items: [Object] = []
    var warnings: [String] = []
    var continuation: String?
    while true {
      let answer: Answer<ObjectPage<Object>>
      do {
        answer = try await object(page(continuation))
      } catch {
        guard error.code == .expired, continuation != nil, restarts < Self.maximumRestarts else { throw error }
        restarts += 1
        items = []
        continuation = nil
        continue
      }
      items += answer.value.items
      for warning in answer.metadata.warnings where !warnings.contains(warning) { warnings.append(warning) }
      let next = answer.value.metadata.continue
      if let next, !next.isEmpty, next != continuation {
        continuation = next
        continue
      }
      var metadata = answer.metadata
      metadata.warnings = warnings
      return Answer(
        value: ObjectList(items: items, resourceVersion: answer.value.metadata.resourceVersion), metadata: metadata)
    }
  }

  // MARK: Questions

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

  // MARK: Exchanges

  /// Makes a request and decodes its answer, which must be an object of the API.
  public func object<Object: Decodable & Sendable>(
    _ request: KubernetesRequest
  ) async throws(KubernetesError) -> Answer<Object> {
    let answer = try await send(request)
    return try reader(request).decode(APIObject<Object>.self, answer).map { $0.object }
  }

  /// Makes a request; an answer that is no success is an error.
  public func send(_ request: KubernetesRequest) async throws(KubernetesError) -> Answer<[UInt8]> {
    let transport = transport
    let reply = try await exchange(request) { Reply(response: try await transport.send($0)) }
    return try reader(request).read(reply.response)
  }

  /// Makes a request whose answer is read while it arrives; an answer that is no success is an error.
  func stream(_ request: KubernetesRequest) async throws(KubernetesError) -> HTTPStream {
    let transport = transport
    let reply = try await exchange(request) { http in
      let stream = try await transport.stream(http)
      let head = HTTPResponse(status: stream.status, headers: stream.headers)
      if (200..<300).contains(stream.status) { return Reply(response: head, stream: stream) }
      var response = head
      for try await chunk in stream.body where response.body.count < 1 << 20 { response.body += chunk }
      return Reply(response: response)
    }
    guard let stream = reply.stream else {
      let answer = try reader(request).read(reply.response)
      throw KubernetesError(.notKubernetes, "cannot \(request.phrase)", httpStatus: answer.metadata.status)
    }
    return stream
  }

  /// Time as the client was given it.
  func now() -> Duration { time.now() }

  /// Waits; throws where the task is cancelled.
  func pause(_ duration: Duration) async throws { try await time.sleep(duration) }

  func reader(_ request: KubernetesRequest) -> ResponseReader {
    ResponseReader(request: request, connection: connection)
  }

  private struct Reply {
    var response: HTTPResponse
    var stream: HTTPStream?
  }

  /// Sends until there is an answer to keep: after a 401 once with a new credential, after a broken connection once (GET
  /// alone), and while the server asks to come back later, up to ten times and within the deadline.
  private func exchange(
    _ request: KubernetesRequest, _ perform: (HTTPRequest) async throws -> Reply
  ) async throws(KubernetesError) -> Reply {
    let begin = time.now()
    var retries = 0
    var isReconnected = false
    var isRefreshed = false
    while true {
      let authorization = try await authorization(request)
      let left = request.deadline.map { $0 - (time.now() - begin) }
      if let left, left <= .zero { throw outOfTime(request) }
      let http = request.httpRequest(connection: connection, authorization: authorization, deadline: left)
      let reply: Reply
      do {
        reply = try await perform(http)
      } catch {
        if request.method == "GET", !isReconnected, !Task.isCancelled, Self.isBroken(error) {
          isReconnected = true
          continue
        }
        throw KubernetesError(error, request, connection)
      }
      if reply.response.status == 401, !isRefreshed, await credentials.refused(authorization) {
        isRefreshed = true
        continue
      }
      guard retries < Self.maximumRetries, let wait = Self.delay(reply.response) else { return reply }
      if let deadline = request.deadline, time.now() - begin + wait >= deadline { return reply }
      retries += 1
      do {
        try await time.sleep(wait)
      } catch {
        throw KubernetesError(CancellationError(), request, connection)
      }
    }
  }

  private func authorization(_ request: KubernetesRequest) async throws(KubernetesError) -> Authorization {
    do {
      return try await credentials.authorization()
    } catch {
      throw KubernetesError(error, request)
    }
  }

  private func outOfTime(_ request: KubernetesRequest) -> KubernetesError {
    KubernetesError(
      .timeout, "cannot \(request.phrase): no answer within \(request.deadline?.components.seconds ?? 0) s",
      nextStep: "Try again in a while")
  }

  private static func isBroken(_ error: any Error) -> Bool {
    guard let code = (error as? HTTPError)?.code else { return false }
    return code == .connectionFailed || code == .protocolFailed
  }

  /// How long the server asks to wait: 429 or 5xx with Retry-After in seconds.
  static func delay(_ response: HTTPResponse) -> Duration? {
    guard response.status == 429 || (500..<600).contains(response.status),
      let seconds = response.headers["Retry-After"].flatMap({ Int($0) }), (0...86_400).contains(seconds)
    else { return nil }
    return .seconds(seconds)
  }
}

/// How far a deletion is.
public enum Deletion: Sendable, Equatable {
  /// The object is gone.
  case gone
  /// It goes once its finalizers are done.
  case begun
}

private struct DeletionAnswer: Decodable, Sendable {
  var kind: String?
  @Defaulted var metadata: ObjectMeta
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
