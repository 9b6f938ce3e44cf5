import HTTP
import Kubernetes
import Testing

@Suite("Lists of nodes")
struct NodeListTests {
  static let type: HTTPHeaders = ["Content-Type": "application/vnd.kubernetes.protobuf"]

  static func body(_ names: [String], _ continuation: String = "", version: String = "7") -> [UInt8] {
    ProtobufWriter.list(
      names.map(ProtobufWriter.node), continuation: continuation, resourceVersion: version)
  }

  static func first(_ names: [String], _ continuation: String = "") -> ScriptedTransport.Reply {
    .answer(HTTPResponse(status: 200, headers: type, body: body(names, continuation)))
  }

  static func more(
    _ names: [String], _ continuation: String = "", headers: HTTPHeaders = [:], version: String = "7"
  ) -> ScriptedTransport.Reply {
    let bytes = body(names, continuation, version: version)
    var all = type
    all.fields += headers.fields
    return .stream(200, [Array(bytes.prefix(100)), Array(bytes.dropFirst(100))], headers: all)
  }

  static func names(_ test: TestClient) async throws -> [String] {
    try await test.client.nodes().value.items.map(\.metadata.name)
  }

  @Test("A small cluster is one request, in protobuf where the server has it")
  func small() async throws {
    let test = TestClient([Self.first(["a", "b"])])
    #expect(try await Self.names(test) == ["a", "b"])
    let request = try #require(test.transport.requests.first)
    #expect(request.url.hasSuffix("/api/v1/nodes?limit=100"))
    #expect(request.headers["Accept"] == "application/vnd.kubernetes.protobuf,application/json")
  }

  @Test("A large cluster is read in pages of 500, each while it arrives")
  func large() async throws {
    let test = TestClient([
      Self.first(["a"], "p2"), Self.more(["b"], "p3", headers: ["Warning": #"299 - "slow""#]),
      Self.more(["c"], version: "9"),
    ])
    let answer = try await test.client.nodes()
    #expect(answer.value.items.map(\.metadata.name) == ["a", "b", "c"])
    #expect(answer.value.resourceVersion == "9")
    #expect(answer.metadata.warnings == ["slow"])
    #expect(
      test.transport.requests.map { $0.url.drop { $0 != "?" } } == [
        "?limit=100", "?limit=500&continue=p2", "?limit=500&continue=p3",
      ])
  }

  @Test("A server that answers in JSON is read too, and no more of it than in protobuf")
  func json() async throws {
    let text = { (name: String, next: String) in
      """
      {"kind":"NodeList","metadata":{"resourceVersion":"7","continue":"\(next)"},"items":[\(ProtobufWriter.nodeJSON(name))]}
      """
    }
    let test = TestClient([.json(200, text("a", "p2")), .json(200, text("b", ""))])
    let nodes = try await test.client.nodes().value.items
    #expect(nodes.map(\.metadata.name) == ["a", "b"])
    #expect(nodes.allSatisfy { $0.metadata.annotations.isEmpty && $0.metadata.managedFields.isEmpty })
    #expect(nodes == (try await TestClient([Self.first(["a", "b"])]).client.nodes().value.items))
  }

  @Test("A continuation that has expired begins the list anew, and nothing of the old one stays")
  func expired() async throws {
    let test = TestClient([
      Self.first(["old"], "p2"), .json(410, ClientTests.expired), Self.first(["a"], "p2"), Self.more(["b"]),
    ])
    #expect(try await Self.names(test) == ["a", "b"])
  }

  @Test("A list that keeps expiring ends as an error")
  func keepsExpiring() async {
    let test = TestClient((0..<4).flatMap { _ in [Self.first(["a"], "p2"), .json(410, ClientTests.expired)] })
    let error = await #expect(throws: KubernetesError.self) { try await test.client.nodes() }
    #expect(error?.code == .expired)
  }

  @Test("A page whose connection breaks is read once more from its beginning")
  func broken() async throws {
    let part = Array(Self.body(["b", "c"]).dropLast(500))
    let failure = HTTPError(code: .connectionFailed, message: "it broke", url: "https://cluster.example")
    let test = TestClient([
      Self.first(["a"], "p2"), .stream(200, [part], failure, headers: Self.type), Self.more(["b", "c"]),
    ])
    #expect(try await Self.names(test) == ["a", "b", "c"])
    let twice = TestClient([
      Self.first(["a"], "p2"), .stream(200, [part], failure, headers: Self.type),
      .stream(200, [part], failure, headers: Self.type),
    ])
    let error = await #expect(throws: KubernetesError.self) { try await twice.client.nodes() }
    #expect(error?.code == .transport)
  }

  @Test("A page that ends too early, or is none, is told and never a shorter list")
  func unreadable() async throws {
    let cut = Array(Self.body(["b"]).dropLast(200))
    let test = TestClient([Self.first(["a"], "p2"), .stream(200, [cut], headers: Self.type)])
    let error = await #expect(throws: KubernetesError.self) { try await test.client.nodes() }
    #expect(error?.code == .undecodable)
    #expect(error?.message.contains("cannot list nodes: the answer of https://cluster.example:6443") == true)
    for body in [Array("k8s".utf8), []] {
      let test = TestClient([Self.first(["a"], "p2"), .stream(200, [body], headers: Self.type)])
      let error = await #expect(throws: KubernetesError.self) { try await test.client.nodes() }
      #expect(error?.code == .notKubernetes)
    }
    let whole = TestClient([.answer(HTTPResponse(status: 200, headers: Self.type, body: cut))])
    #expect((await #expect(throws: KubernetesError.self) { try await whole.client.nodes() })?.code == .undecodable)
  }

  @Test("Who may not list nodes is told so, on any page")
  func forbidden() async throws {
    let no = #"{"kind":"Status","status":"Failure","reason":"Forbidden","message":"no","code":403}"#
    for replies in [[ScriptedTransport.Reply.json(403, no)], [Self.first(["a"], "p2"), .json(403, no)]] {
      let error = await #expect(throws: KubernetesError.self) { try await TestClient(replies).client.nodes() }
      #expect(error?.code == .forbidden)
    }
  }

  @Test("A server that sends us in circles is not followed")
  func circle() async throws {
    let test = TestClient([Self.first(["a"], "p2"), Self.more(["b"], "p2")])
    #expect(try await Self.names(test) == ["a", "b"])
  }
}
