import FoundationEssentials
import HTTP
import Kubernetes
import Testing
import Text

@Suite("Errors")
struct ErrorTests {
  static func failure(
    _ replies: [ScriptedTransport.Reply], _ request: KubernetesRequest = .list(.nodes),
    connection: ClusterConnection = .test
  ) async -> KubernetesError? {
    let test = TestClient(replies, connection: connection)
    do {
      let _: Answer<JSONValue> = try await test.client.object(request)
      return nil
    } catch { return error }
  }

  @Test("A recorded 401 names the credential and what to do")
  func unauthorized() async throws {
    let error = await Self.failure([try Recording.reply("16-token-wrong")])
    #expect(error?.code == .unauthorized)
    #expect(
      error?.description
        == #"cannot list nodes: the server does not accept the token of user "admin" (401 Unauthorized). The token has ended or belongs to another cluster; log in again to get a new one (OpenShift: oc login)"#
    )
    let plain = await Self.failure(
      [try Recording.reply("16-token-wrong")],
      connection: ClusterConnection(server: "http://x", credential: .token(SecretText("a"))))
    #expect(plain?.message.contains("no credential is sent to http://x without TLS") == true)
  }

  @Test("A recorded 403 says who may not do what, and the command that shows it")
  func forbidden() async throws {
    let error = await Self.failure([try Recording.reply("18-viewer-forbidden")])
    #expect(error?.code == .forbidden)
    #expect(error?.message == #"user "viewer" may not list nodes"#)
    #expect(error?.command == "kubectl auth can-i list nodes --context prod")
    #expect(
      error?.description.hasSuffix(
        ". Ask whoever runs the cluster for this permission (kubectl auth can-i list nodes --context prod)") == true)
    let anonymous = await Self.failure([try Recording.reply("17-anonymous-forbidden")])
    #expect(anonymous?.nextStep == "The request was made without a login; give the context a user with a credential")
    #expect(anonymous?.command == nil)
  }

  @Test(
    "A 403 keeps what is said beside the usual sentence",
    arguments: [
      (
        #"nodes is forbidden: User "a" cannot list resource "nodes" in API group "" at the cluster scope: requires one of ["container.nodes.list"] permission(s)."#,
        #"user "a" may not list nodes: requires one of ["container.nodes.list"] permission(s)."#
      ),
      (
        #"pods is forbidden: User "a" cannot list resource "pods" in API group "" in the namespace "n": no relationship found"#,
        #"user "a" may not list nodes: no relationship found"#
      ),
      (#"User "a" cannot list nodes today"#, #"user "a" may not list nodes: User "a" cannot list nodes today"#),
      ("go away", "we may not list nodes: go away"),
    ])
  func forbiddenWithMore(said: String, message: String) async throws {
    let status = Status(message: said, reason: "Forbidden", code: 403)
    var body = String(decoding: try JSONEncoder().encode(status), as: UTF8.self)
    body.replaceSubrange(body.startIndex...body.startIndex, with: #"{"kind":"Status","#)
    #expect(await Self.failure([.json(403, body)])?.message == message)
  }

  @Test("The command of a 403 names group, namespace, subresource and impersonation")
  func canI() async throws {
    var connection = ClusterConnection.test
    connection.context = "my prod"
    connection.impersonation = Impersonation(user: "jane", groups: ["ops"])
    let error = await Self.failure(
      [try Recording.reply("18-viewer-forbidden")],
      .create(.deployments, name: "d", namespace: "a", subresource: "scale", body: []), connection: connection)
    #expect(
      error?.command
        == "kubectl auth can-i create deployments.apps/d --subresource=scale --namespace a --context 'my prod' --as jane --as-group ops"
    )
    let all = await Self.failure([try Recording.reply("18-viewer-forbidden")], .list(.pods))
    #expect(all?.command == "kubectl auth can-i list pods --all-namespaces --context prod")
  }

  @Test(
    "A recorded 403 that is no matter of permissions says what it is",
    arguments: [
      ("64-quota-exceeded", "kubectl describe resourcequota --namespace recorded", "quota"),
      (
        "73-pod-refused-by-pod-security", "kubectl get namespace recorded --show-labels",
        "pod-security.kubernetes.io/enforce"
      ),
      (
        "75-create-in-terminating-namespace", "kubectl get namespace recorded --output yaml",
        "Wait until the namespace is gone"
      ),
    ])
  func forbiddenOtherwise(name: String, command: String, hint: String) async throws {
    let error = await Self.failure([try Recording.reply(name)], .create(.secrets, namespace: "recorded", body: []))
    #expect(error?.code == .forbidden)
    #expect(error?.command == command)
    #expect(error?.nextStep?.contains(hint) == true)
  }

  @Test("A recorded conflict names each field and its owner")
  func conflict() async throws {
    let error = await Self.failure(
      [try Recording.reply("37-secret-apply-other-manager-conflict")],
      .apply(.secrets, name: "mlops-api-key", namespace: "recorded", body: []))
    #expect(error?.code == .fieldManagerConflict)
    #expect(error?.conflicts == [.init(field: ".data.secret", manager: "recorder")])
    #expect(
      error?.message
        == #"cannot patch secrets "mlops-api-key" in namespace "recorded": other field managers own what would change: .data.secret is owned by "recorder""#
    )
  }

  @Test("A conflict's owner is found in the wording of updates too, and repetitions are told once")
  func conflictWording() async {
    let cause =
      #"{"reason":"FieldManagerConflict","message":"conflict with \"helm\" using apps/v1 at 2026-01-01T00:00:00Z","field":".spec.replicas"}"#
    let error = await Self.failure([
      .json(409, #"{"kind":"Status","reason":"Conflict","code":409,"details":{"causes":[\#(cause),\#(cause)]}}"#)
    ])
    #expect(error?.conflicts == [.init(field: ".spec.replicas", manager: "helm")])
  }

  @Test("A recorded 422 names each field")
  func invalid() async throws {
    let error = await Self.failure(
      [try Recording.reply("41-secret-type-immutable")], .mergePatch(.secrets, name: "k", namespace: "a", body: []))
    #expect(error?.code == .invalid)
    #expect(
      error?.message
        == #"cannot patch secrets "k" in namespace "a": the server refuses it: type: Invalid value: "kubernetes.io/basic-auth": field is immutable; data[username]: Required value; data[password]: Required value"#
    )
  }

  @Test(
    "Recorded answers have their codes",
    arguments: [
      ("22-nodes-continue-invalid", KubernetesError.Code.badRequest), ("24-namespace-absent", .notFound),
      ("26-namespace-create-again", .alreadyExists), ("27-namespace-name-invalid", .invalid),
      ("28-namespace-viewer-forbidden", .forbidden), ("33-secret-namespace-absent", .notFound),
      ("43-secret-absent", .notFound),
      ("69-path-unknown", .notFound), ("70-resource-unknown", .notFound), ("71-method-not-allowed", .methodNotAllowed),
    ])
  func codes(name: String, code: KubernetesError.Code) async throws {
    #expect(await Self.failure([try Recording.reply(name)])?.code == code)
  }

  @Test("A missing namespace and an unknown resource are told apart from a missing object")
  func notFound() async throws {
    let namespace = await Self.failure(
      [try Recording.reply("33-secret-namespace-absent")], .create(.secrets, namespace: "absent", body: []))
    #expect(namespace?.nextStep == "Create the namespace first")
    let resource = await Self.failure(
      [try Recording.reply("70-resource-unknown")],
      .list(Resource(group: "x.io", version: "v2", "widgets", namespaced: false)))
    #expect(resource?.message == "cannot list widgets: this server does not serve widgets.x.io in version v2")
  }

  @Test("Of a page its words are shown, and not its tags")
  func page() async {
    let error = await Self.failure([
      .json(
        502, "<!DOCTYPE html>\n<html><title>Gateway</title><h1 a='<'>Bad  gateway</h1>", ["Content-Type": "text/html"])
    ])
    #expect(error?.message.hasSuffix(" and no Kubernetes answer (text/html): Gateway Bad gateway") == true)
  }

  @Test(
    "What is no Kubernetes answer says what came, cleaned",
    arguments: [
      (200, "text/html", "<html><title>Sign in</title>"), (502, "text/html; charset=utf-8", "<h1>Bad Gateway</h1>"),
      (404, "text/plain", "default backend - 404"), (404, "application/json", #"{"message":"no Route matched"}"#),
      (200, "text/plain", "welcome"), (200, "application/json", "[1]"), (302, "", ""),
      (200, "text/html", "\u{1B}[31m<p>"),
    ])
  func notKubernetes(status: Int, type: String, body: String) async {
    let error = await Self.failure([
      .json(status, body, ["Content-Type": type, "Location": "https://login.example/?token=x"])
    ])
    #expect(error?.code == .notKubernetes)
    #expect(error?.httpStatus == status)
    #expect(error?.message.contains("\u{1B}") == false)
    #expect(error?.message.contains("token=x") == false)
    #expect(error?.nextStep?.contains("HTTPS_PROXY") == true)
    if !body.isEmpty, !type.hasPrefix("text/html") { #expect(error?.message.contains(String(body.suffix(3))) == true) }
  }

  @Test("A JSON object of another API is no Kubernetes object, and a login refused by a gateway stays a refused login")
  func otherAPI() async {
    #expect(await Self.failure([.json(200, #"{"message":"ok"}"#)])?.code == .undecodable)
    #expect(await Self.failure([.json(401, #"{"type":"error","message":"must authenticate"}"#)])?.code == .unauthorized)
    #expect(await Self.failure([.json(503, "no healthy upstream", ["Content-Type": "text/plain"])])?.code == .server)
  }

  @Test(
    "Failures below HTTP say what to look at",
    arguments: [
      (HTTPError.Code.certificateUntrusted, KubernetesError.Code.transport, "certificate-authority"),
      (.certificateNameMismatch, .transport, "tls-server-name"), (.connectionRefused, .transport, "VPN"),
      (.timedOut, .timeout, "proxy-url"), (.nameNotResolved, .transport, "server"),
    ])
  func transport(code: HTTPError.Code, expected: KubernetesError.Code, hint: String) async {
    let error = await Self.failure([.broken(code)])
    #expect(error?.code == expected)
    #expect(error?.message == "cannot list nodes: it broke (https://cluster.example:6443)")
    #expect(error?.nextStep?.contains(hint) == true)
    #expect(error?.transport?.code == code)
  }

  @Test("A credential that cannot be had is told before anything is sent")
  func credential() async {
    let test = TestClient(
      [], connection: ClusterConnection(server: "https://x", credential: .tokenFile("/t", fallback: nil)))
    let error = await #expect(throws: KubernetesError.self) { try await test.client.version() }
    #expect(error?.code == .credential)
    #expect(error?.message == "cannot get /version: the token file /t does not exist")
    #expect(test.transport.requests.isEmpty)
  }

  @Test("A field of a wrong kind is named with its path")
  func undecodable() async {
    let test = TestClient([.json(200, #"{"kind":"Node","metadata":{"name":"n"},"spec":{"taints":[{"key":5}]}}"#)])
    let error = await #expect(throws: KubernetesError.self) { try await test.client.get(Node.self, .nodes, name: "n") }
    #expect(error?.code == .undecodable)
    #expect(error?.message.contains("spec.taints[0].key is no String") == true, "\(error?.message ?? "")")
  }
}
