import HTTP
import Kubernetes
import Testing
import Text

@Suite("Requests")
struct RequestTests {
  static func line(_ request: KubernetesRequest, _ connection: ClusterConnection = .test) -> String {
    let http = request.httpRequest(connection: connection)
    return "\(http.method) \(http.url.dropFirst(connection.server.count))"
  }

  @Test("Paths name the group, the namespace, the object and the subresource")
  func paths() {
    #expect(Resource.nodes.path() == "/api/v1/nodes")
    #expect(Resource.nodes.path(namespace: "ignored", name: "n") == "/api/v1/nodes/n")
    #expect(Resource.pods.path() == "/api/v1/pods")
    #expect(Resource.pods.path(namespace: "a", name: "p", subresource: "log") == "/api/v1/namespaces/a/pods/p/log")
    #expect(Resource.deployments.path(namespace: "a", name: "d") == "/apis/apps/v1/namespaces/a/deployments/d")
    #expect(Resource.secrets.path(namespace: "../b", name: "x/y") == "/api/v1/namespaces/..%2Fb/secrets/x%2Fy")
    #expect(Resource.deployments.qualifiedName == "deployments.apps")
    #expect(Resource.ingressClasses.apiVersion == "networking.k8s.io/v1")
  }

  @Test("Reads are GETs with their selectors encoded")
  func reads() {
    #expect(Self.line(.get(.secrets, name: "s", namespace: "a")) == "GET /api/v1/namespaces/a/secrets/s")
    #expect(
      Self.line(.list(.deployments, labelSelector: "app.kubernetes.io/name=ingress-nginx,a in (b, c)"))
        == "GET /apis/apps/v1/deployments?labelSelector=app.kubernetes.io%2Fname%3Dingress-nginx%2Ca%20in%20%28b%2C%20c%29&limit=500"
    )
    #expect(
      Self.line(.list(.nodes, limit: 1, continueToken: "a+b/c=")) == "GET /api/v1/nodes?limit=1&continue=a%2Bb%2Fc%3D")
    #expect(
      Self.line(
        .watch(.pods, namespace: "a", resourceVersion: "5", fieldSelector: "metadata.name=p", timeoutSeconds: 2))
        == "GET /api/v1/namespaces/a/pods?watch=true&allowWatchBookmarks=true&fieldSelector=metadata.name%3Dp&resourceVersion=5&timeoutSeconds=2"
    )
    #expect(KubernetesRequest.watch(.pods).httpRequest(connection: .test).deadline == .seconds(330))
    #expect(
      Self.line(.logs(pod: "p", namespace: "a", container: "c", tailLines: 50, previous: true))
        == "GET /api/v1/namespaces/a/pods/p/log?container=c&tailLines=50&previous=true&limitBytes=1048576")
    #expect(Self.line(.raw("/readyz?verbose")) == "GET /readyz?verbose")
  }

  @Test("Writes carry the field manager, and say when they are only tried")
  func writes() throws {
    #expect(
      Self.line(.create(.namespaces, body: [])) == "POST /api/v1/namespaces?fieldManager=mlops-setup")
    let apply = KubernetesRequest.apply(
      .secrets, name: "s", namespace: "a", body: [1], force: true, dryRun: true, fieldValidation: .strict)
    #expect(
      Self.line(apply)
        == "PATCH /api/v1/namespaces/a/secrets/s?fieldManager=mlops-setup&force=true&dryRun=All&fieldValidation=Strict")
    let http = apply.httpRequest(connection: .test)
    #expect(http.headers["Content-Type"] == "application/apply-patch+yaml")
    #expect(http.body == [1])
    #expect(
      Self.line(.apply(.secrets, name: "s", namespace: "a", body: [], fieldManager: "x"))
        == "PATCH /api/v1/namespaces/a/secrets/s?fieldManager=x")
    let patch = KubernetesRequest.mergePatch(.namespaces, name: "a", body: [])
    #expect(Self.line(patch) == "PATCH /api/v1/namespaces/a?fieldManager=mlops-setup")
    #expect(patch.httpRequest(connection: .test).headers["Content-Type"] == "application/merge-patch+json")
  }

  @Test("A deletion carries how and under which conditions")
  func deletion() throws {
    let request = try KubernetesRequest.delete(
      .secrets, name: "s", namespace: "a", propagation: .foreground, uid: "u", resourceVersion: "7", dryRun: true)
    #expect(Self.line(request) == "DELETE /api/v1/namespaces/a/secrets/s")
    #expect(
      String(decoding: request.body ?? [], as: UTF8.self)
        == #"{"apiVersion":"v1","dryRun":["All"],"kind":"DeleteOptions","preconditions":{"resourceVersion":"7","uid":"u"},"propagationPolicy":"Foreground"}"#
    )
    let plain = try KubernetesRequest.delete(.nodes, name: "n")
    #expect(
      String(decoding: plain.body ?? [], as: UTF8.self)
        == #"{"apiVersion":"v1","kind":"DeleteOptions","propagationPolicy":"Background"}"#)
  }

  @Test("The server's path comes before ours; the credential, the identity and the impersonation are sent")
  func connection() {
    let connection = ClusterConnection(
      server: "https://rancher.example/k8s/clusters/c-1", tls: TLSOptions(serverName: "inner"), proxy: .url("http://p"),
      impersonation: Impersonation(user: "jane", groups: ["a", "b"], extra: ["k%": ["v"]]))
    let http = KubernetesRequest.raw("/version").httpRequest(
      connection: connection, authorization: Authorization(header: SecretText("Bearer t")))
    #expect(http.url == "https://rancher.example/k8s/clusters/c-1/version")
    #expect(http.tls.serverName == "inner")
    #expect(http.proxy == .url("http://p"))
    #expect(http.headers["Authorization"] == "Bearer t")
    #expect(http.headers["Impersonate-User"] == "jane")
    #expect(http.headers.values("Impersonate-Group") == ["a", "b"])
    #expect(http.headers["Impersonate-Extra-k%25"] == "v")
  }

  @Test("Without TLS neither credential nor impersonation is sent")
  func plain() {
    let connection = ClusterConnection(server: "http://x", impersonation: Impersonation(user: "jane"))
    let http = KubernetesRequest.raw("/version").httpRequest(
      connection: connection, authorization: Authorization(header: SecretText("Bearer t")))
    #expect(http.headers.fields.map(\.name) == ["Accept", "User-Agent"])
  }
}
