import HTTP
import Kubernetes
import TestSupport
import Testing

@testable import Simulator

@Suite("The integrated registry of a simulated OpenShift", .timeLimit(.minutes(1)))
struct IntegratedRegistryTests {
  /// A registry, asked as the given host.
  private struct Asked {
    var client: HTTPClient
    var port: UInt16
    var host = OpenShiftPlatform.registryService

    func send(
      _ method: String, _ path: String, password: String? = nil, bearer: String? = nil, body: String? = nil
    ) async throws -> HTTPResponse {
      var headers: HTTPHeaders = ["X-Forwarded-Host": host, "X-Forwarded-Proto": "https"]
      if let password { headers["Authorization"] = "Basic " + Base64.encode(Array("anyone:\(password)".utf8)) }
      if let bearer { headers["Authorization"] = "Bearer \(bearer)" }
      if body != nil { headers["Content-Type"] = "application/vnd.oci.image.manifest.v1+json" }
      return try await client.send(
        HTTPRequest(
          method: method, url: "http://127.0.0.1:\(port)\(path)", headers: headers, body: body.map { Array($0.utf8) },
          proxy: .none))
    }
  }

  private func withRegistry(_ body: (TestClient, Asked) async throws -> Void) async throws {
    let scenario = ClusterScenario.openShift(OpenShiftPlatform(release: "4.18.9")).with {
      $0.namespaces.append("team")
    }
    try await withCluster(scenario) { client in
      let registry = try #require(RegistryServer(integratedIn: client.server))
      let port = try await registry.start()
      do {
        try await body(client, Asked(client: client.client, port: port))
      } catch {
        await registry.stop()
        throw error
      }
      await registry.stop()
    }
  }

  private func token(_ account: String, _ client: TestClient) async throws -> String {
    let path = "/api/v1/namespaces/team/serviceaccounts/\(account)/token"
    return try #require(
      try await client.send("POST", path, ["spec": [:]]).json.value(at: ["status", "token"])?.string)
  }

  @Test("Any user name with a token of the cluster logs in")
  func login() async throws {
    try await withRegistry { client, registry in
      let challenge = try await registry.send("GET", "/v2/")
      #expect(challenge.status == 401)
      #expect(
        challenge.headers["WWW-Authenticate"]
          == "Bearer realm=\"https://image-registry.openshift-image-registry.svc:5000/openshift/token\"")
      let head = try await registry.send("HEAD", "/v2/team/model/manifests/1")
      #expect(head.status == 401)
      #expect(head.body.isEmpty)
      let builder = try await token("builder", client)
      let granted = try await registry.send("GET", "/openshift/token?account=anyone", password: builder)
      #expect(try JSONText.parse(granted.body)["token"] == .string(builder))
      #expect(try await registry.send("GET", "/v2/", bearer: builder).status == 200)
      #expect(try await registry.send("GET", "/openshift/token", password: "wrong").status == 401)
    }
  }

  @Test("Names have two parts")
  func names() async throws {
    try await withRegistry { client, registry in
      let builder = try await token("builder", client)
      let refused = try await registry.send(
        "GET", "/openshift/token?scope=repository%3Ateam%2Fx%2Fcache%3Apull%2Cpush", password: builder)
      #expect(refused.status == 401)
      #expect(
        try JSONText.parse(refused.body)["details"]
          == "repository name \"team/x/cache\" invalid: it must be of the format <project>/<name>")
      #expect(try await registry.send("POST", "/v2/team/x/cache/blobs/uploads/", bearer: builder).status == 400)
    }
  }

  @Test("A push needs the right to it and makes an image stream; a pull needs one too")
  func push() async throws {
    try await withRegistry { client, registry in
      let builder = try await token("builder", client)
      let other = try await token("default", client)
      let denied = try await registry.send("POST", "/v2/team/model/blobs/uploads/", bearer: other)
      #expect(denied.status == 401)
      #expect(denied.headers["WWW-Authenticate"] == "Basic realm=openshift,error=\"access denied\"")
      #expect(try await registry.send("POST", "/v2/team/model/blobs/uploads/", bearer: builder).status == 202)
      #expect(try await registry.send("POST", "/v2/default/model/blobs/uploads/", bearer: builder).status == 401)
      let path = "/v2/team/model/manifests/1"
      #expect(try await registry.send("PUT", path, bearer: builder, body: "{}").status == 201)
      let stream = await client.server.object("imagestreams.image.openshift.io", namespace: "team", name: "model")
      #expect(stream?.value(at: ["status", "tags"])?.array?.first?["tag"] == "1")
      #expect(
        stream?.value(at: ["status", "dockerImageRepository"])
          == "image-registry.openshift-image-registry.svc:5000/team/model")
      #expect(try await registry.send("GET", path, bearer: other).status == 200)
      let role: JSONValue = [
        "metadata": ["name": "push"],
        "roleRef": ["apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "registry-editor"],
        "subjects": [["kind": "ServiceAccount", "name": "default", "namespace": "team"]],
      ]
      _ = try await client.send("POST", "/apis/rbac.authorization.k8s.io/v1/namespaces/team/rolebindings", role)
      #expect(try await registry.send("POST", "/v2/team/model/blobs/uploads/", bearer: other).status == 202)
    }
  }

  @Test("Its host outside is there once the default route is")
  func outside() async throws {
    try await withRegistry { client, inside in
      var registry = inside
      registry.host = "default-route-openshift-image-registry.apps.cluster.example.com"
      #expect(try await registry.send("GET", "/v2/").status == 503)
      _ = try await client.send(
        "PATCH", "/apis/imageregistry.operator.openshift.io/v1/configs/cluster", ["spec": ["defaultRoute": true]],
        type: "application/merge-patch+json")
      #expect(try await eventually { try await registry.send("GET", "/v2/").status == 401 })
      #expect(
        try await registry.send("GET", "/v2/").headers["WWW-Authenticate"]
          == "Bearer realm=\"https://\(registry.host)/openshift/token\"")
    }
  }
}
