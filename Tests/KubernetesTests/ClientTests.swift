import FoundationEssentials
import HTTP
import Kubernetes
import Synchronization
import Testing

@Suite("Client")
struct ClientTests {
  static let expired =
    #"{"kind":"Status","status":"Failure","reason":"Expired","message":"The provided continue parameter is too old","code":410}"#

  static func page(_ names: [String], _ continuation: String? = nil) -> ScriptedTransport.Reply {
    let items = names.map { #"{"metadata":{"name":"\#($0)"}}"# }.joined(separator: ",")
    let next = continuation.map { #","continue":"\#($0)""# } ?? ""
    return .json(200, #"{"kind":"NodeList","metadata":{"resourceVersion":"7"\#(next)},"items":[\#(items)]}"#)
  }

  @Test("A recorded list is read page by page")
  func pages() async throws {
    let test = TestClient([
      try Recording.reply("20-nodes-page-1"), try Recording.reply("21-nodes-page-2"), Self.page(["last"]),
    ])
    let nodes = try await test.client.list(Node.self, .nodes, pageSize: 1).value
    #expect(nodes.items.map(\.metadata.name) == ["n00000", "n00001", "last"])
    #expect(nodes.resourceVersion == "7")
    #expect(test.transport.requests[1].url.contains("limit=1&continue=eyJ2IjoibWV0YS5rOHMuaW8vdjEi"))
  }

  @Test("A list whose continuation has expired begins anew, and nothing of the old one stays")
  func restart() async throws {
    let test = TestClient([
      Self.page(["old"], "a"), .json(410, Self.expired), Self.page(["one"], "b"), Self.page(["two"]),
    ])
    let nodes = try await test.client.list(Node.self, .nodes).value
    #expect(nodes.items.map(\.metadata.name) == ["one", "two"])
    #expect(test.transport.requests[2].url.hasSuffix("/api/v1/nodes?limit=500"))
  }

  @Test("A list that keeps expiring ends as an error")
  func restartsEnd() async {
    let test = TestClient((0..<4).flatMap { _ in [Self.page(["a"], "x"), .json(410, Self.expired)] })
    let error = await #expect(throws: KubernetesError.self) { try await test.client.list(Node.self, .nodes) }
    #expect(error?.code == .expired)
    #expect(test.transport.requests.count == 8)
  }

  @Test("An empty list that Go writes as null is empty")
  func nullItems() async throws {
    let test = TestClient([.json(200, #"{"kind":"NodeList","metadata":{},"items":null}"#)])
    #expect(try await test.client.list(Node.self, .nodes).value.items.isEmpty)
  }

  @Test("Secrets can be listed without their data")
  func metadataOnly() async throws {
    let test = TestClient([try Recording.reply("45-secret-metadata-only")])
    let list = try await test.client.listMetadata(.secrets, namespace: "recorded").value
    #expect(list.items.map(\.metadata.name) == ["mlops-api-key", "registry-creds"])
    #expect(
      test.transport.requests[0].headers["Accept"]?.hasPrefix(
        "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1") == true)
  }

  @Test("The version, the server's clock and its warnings come with the answer")
  func version() async throws {
    let test = TestClient([
      try Recording.reply(
        "01-version",
        headers: ["Date": "Sun, 06 Nov 1994 08:49:37 GMT", "Warning": #"299 - "old \"API\"", 199 - "no""#])
    ])
    let answer = try await test.client.version()
    #expect(answer.value.version?.description == "1.24.0+0")
    #expect(answer.metadata.serverDate?.timeIntervalSince1970 == 784_111_777)
    #expect(answer.metadata.warnings == [#"old "API""#])
  }

  @Test("The recorded warning about pods that would break a namespace's policy is handed out")
  func warnings() async throws {
    let test = TestClient([try Recording.reply("72-namespace-label-psa-warning")])
    let answer = try await test.client.mergePatch(
      Namespace.self, .namespaces, name: "recorded", ["metadata": [:]] as JSONValue)
    #expect(answer.value.metadata.labels["pod-security.kubernetes.io/enforce"] == "restricted")
    #expect(answer.metadata.warnings.first?.hasPrefix("nginx-ingress-ingress-nginx-controller") == true)
  }

  @Test("Access reviews ask and answer as recorded")
  func reviews() async throws {
    let test = TestClient([
      try Recording.reply("51-access-allowed"), try Recording.reply("52-access-denied"),
      try Recording.reply("54-access-rules-viewer"),
    ])
    #expect(try await test.client.review(ResourceAttributes("create", .secrets, namespace: "recorded")).value.allowed)
    #expect(
      try await !test.client.review(ResourceAttributes("create", .deployments, namespace: "recorded")).value.allowed)
    #expect(
      String(decoding: test.transport.requests[1].body ?? [], as: UTF8.self)
        == #"{"apiVersion":"authorization.k8s.io/v1","kind":"SelfSubjectAccessReview","spec":{"resourceAttributes":{"group":"apps","namespace":"recorded","resource":"deployments","verb":"create"}}}"#
    )
    let rules = try await test.client.rules(namespace: "recorded").value
    #expect(rules.resourceRules.first?.resources == ["selfsubjectaccessreviews", "selfsubjectrulesreviews"])
    #expect(!rules.incomplete)
  }

  @Test("Another's permissions can be asked for, and who we are where the server can say")
  func others() async throws {
    let test = TestClient([
      .json(201, #"{"kind":"SubjectAccessReview","status":{"allowed":true}}"#),
      .json(201, #"{"kind":"SelfSubjectReview","status":{"userInfo":{"username":"jane","groups":["ops"]}}}"#),
      try Recording.reply("69-path-unknown"),
    ])
    let attributes = ResourceAttributes("create", .pods, namespace: "a", subresource: "attach")
    #expect(try await test.client.review(attributes, user: "system:serviceaccount:a:b", groups: ["g"]).value.allowed)
    #expect(
      String(decoding: test.transport.requests[0].body ?? [], as: UTF8.self)
        == #"{"apiVersion":"authorization.k8s.io/v1","kind":"SubjectAccessReview","spec":{"groups":["g"],"resourceAttributes":{"namespace":"a","resource":"pods","subresource":"attach","verb":"create"},"user":"system:serviceaccount:a:b"}}"#
    )
    #expect(test.transport.requests[0].url.contains("/subjectaccessreviews"))
    let me = try await test.client.whoAmI()?.value
    #expect(me?.username == "jane")
    #expect(me?.groups == ["ops"])
    #expect(try await test.client.whoAmI() == nil)
  }

  @Test("A login that waits for a person takes nothing of the request's time")
  func slowLogin() async throws {
    let plugin = ExecPlugin(apiVersion: "client.authentication.k8s.io/v1", command: "p", interactiveMode: .never)
    let clock = TestClock()
    let test = TestClient(
      [try Recording.reply("01-version")],
      connection: ClusterConnection(server: "https://x", credential: .exec(plugin)),
      clock: clock
    ) { _ in
      clock.advance(.seconds(100))
      return CredentialTests.output(#"{"token":"a"}"#)
    }
    _ = try await test.client.version()
    #expect(test.transport.requests[0].deadline == .seconds(30))
  }

  @Test("Deletions tell what is gone from what is going")
  func deletions() async throws {
    let test = TestClient([try Recording.reply("74-namespace-delete"), try Recording.reply("76-ingressclass-delete")])
    #expect(try await test.client.delete(.namespaces, name: "recorded").value == .begun)
    #expect(try await test.client.delete(.ingressClasses, name: "mlops").value == .gone)
  }

  @Test("Finding nothing is nil, being forbidden is an error")
  func find() async throws {
    let test = TestClient([
      try Recording.reply("43-secret-absent"), try Recording.reply("18-viewer-forbidden"),
      try Recording.reply("42-secret-get"),
    ])
    #expect(try await test.client.find(Secret.self, .secrets, name: "absent", namespace: "recorded") == nil)
    await #expect(throws: KubernetesError.self) { try await test.client.find(Node.self, .nodes, name: "n") }
    let secret = try await test.client.find(Secret.self, .secrets, name: "registry-creds", namespace: "recorded")?.value
    #expect(secret?.type == "kubernetes.io/dockerconfigjson")
    let text = String(decoding: secret?.data[".dockerconfigjson"]?.reveal() ?? [], as: UTF8.self)
    #expect(text.hasPrefix(#"{"auths""#))
    #expect(!"\(secret as Any)".contains("eyJhdXRocyI6"))
  }

  @Test("API groups and plain texts are read")
  func groupsAndTexts() async throws {
    let test = TestClient([
      try Recording.reply("04-apis"), try Recording.reply("03-readyz"),
      .answer(HTTPResponse(status: 200, body: Array("<log line>\n".utf8))),
    ])
    let groups = try await test.client.apiGroups().value
    #expect(groups.serves("apps", version: "v1"))
    #expect(!groups.serves("route.openshift.io"))
    #expect(try await test.client.raw("/readyz").value == Array("ok".utf8))
    #expect(try await test.client.logs(pod: "p", namespace: "a").value == "<log line>\n")
  }

  // MARK: Retries

  @Test("What asks to be retried is, after the time it asks for")
  func retries() async throws {
    let test = TestClient([
      .json(429, "{}", ["Retry-After": "2"]), .json(503, "", ["Retry-After": "3"]), try Recording.reply("01-version"),
    ])
    _ = try await test.client.version()
    #expect(test.clock.waits == [.seconds(2), .seconds(3)])
    #expect(test.transport.requests.map(\.deadline) == [.seconds(30), .seconds(28), .seconds(25)])
  }

  @Test("Retries end after ten, at the deadline, and without Retry-After there are none")
  func retriesEnd() async {
    let busy = ScriptedTransport.Reply.json(429, "{}", ["Retry-After": "1"])
    let many = TestClient(Array(repeating: busy, count: 20))
    let error = await #expect(throws: KubernetesError.self) { try await many.client.version() }
    #expect(error?.code == .tooManyRequests)
    #expect(many.transport.requests.count == 11)
    let long = TestClient([.json(503, "", ["Retry-After": "31"])])
    await #expect(throws: KubernetesError.self) { try await long.client.version() }
    #expect(long.clock.waits.isEmpty)
    let bare = TestClient([.json(500, "")])
    await #expect(throws: KubernetesError.self) { try await bare.client.version() }
    #expect(bare.transport.requests.count == 1)
  }

  @Test("A broken connection is tried again once, for reads alone")
  func reconnect() async throws {
    let once = TestClient([.broken(.connectionFailed), try Recording.reply("01-version")])
    _ = try await once.client.version()
    let twice = TestClient([.broken(.protocolFailed), .broken(.protocolFailed)])
    await #expect(throws: KubernetesError.self) { try await twice.client.version() }
    let write = TestClient([.broken(.connectionFailed), .json(200, "{}")])
    await #expect(throws: KubernetesError.self) {
      try await write.client.send(.create(.secrets, namespace: "a", body: []))
    }
    #expect(write.transport.requests.count == 1)
  }

  @Test("After a 401 the plugin runs once more, and only once")
  func refresh() async throws {
    let plugin = ExecPlugin(apiVersion: "client.authentication.k8s.io/v1", command: "p", interactiveMode: .never)
    let connection = ClusterConnection(server: "https://x", credential: .exec(plugin))
    let runs = Mutex(0)
    let run: @Sendable (ExecPluginInvocation) async throws -> ExecPluginOutput = { _ in
      let run = runs.withLock {
        $0 += 1
        return $0
      }
      return CredentialTests.output(#"{"token":"t\#(run)"}"#)
    }
    let unauthorized = try Recording.reply("16-token-wrong")
    let test = TestClient(
      [unauthorized, try Recording.reply("01-version"), unauthorized, unauthorized], connection: connection, run: run)
    _ = try await test.client.version()
    #expect(test.transport.requests.map { $0.headers["Authorization"] } == ["Bearer t1", "Bearer t2"])
    let error = await #expect(throws: KubernetesError.self) { try await test.client.version() }
    #expect(error?.code == .unauthorized)
    #expect(runs.withLock { $0 } == 3)
    #expect(test.transport.requests.count == 4)
  }

  @Test("After a 401 a changed token file is used; an unchanged one is not sent again")
  func tokenFileRefresh() async throws {
    let files = TestFiles(["/t": "one"])
    let connection = ClusterConnection(server: "https://x", credential: .tokenFile("/t", fallback: nil))
    let unauthorized = try Recording.reply("16-token-wrong")
    let test = TestClient(
      [try Recording.reply("01-version"), unauthorized, try Recording.reply("01-version"), unauthorized],
      connection: connection,
      files: files)
    _ = try await test.client.version()
    files["/t"] = "two"
    _ = try await test.client.version()
    #expect(test.transport.requests.map { $0.headers["Authorization"] } == ["Bearer one", "Bearer one", "Bearer two"])
    await #expect(throws: KubernetesError.self) { try await test.client.version() }
    #expect(test.transport.requests.count == 4)
  }
}
