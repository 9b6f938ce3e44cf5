import HTTP
import Kubernetes
import TestSupport
import Testing

@testable import Simulator

@Suite("The simulated API server")
struct ServerTests {
  @Test("The log knows method, target, user and status, and tells writes from reads and rehearsals")
  func log() async throws {
    try await withCluster(.recorded) { client in
      _ = try await client.send("GET", "/api/v1/namespaces?limit=1")
      _ = try await client.send("POST", "/api/v1/namespaces?dryRun=All", ["metadata": ["name": "x"]])
      _ = try await client.send("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", ["spec": [:]])
      #expect(client.server.log.writes.isEmpty)
      #expect(client.server.log.entries.first?.description == "GET 200 /api/v1/namespaces?limit=1 (admin)")
      _ = try await client.send("POST", "/api/v1/namespaces", ["metadata": ["name": "x"]])
      #expect(client.server.log.writes.map(\.description) == ["POST 201 /api/v1/namespaces (admin)"])
    }
  }

  @Test("Faults are shown to the requests they are for, as often as they say")
  func faults() async throws {
    try await withCluster(.recorded) { client in
      client.server.add(Fault(pathPrefix: "/api/v1/nodes", effect: .status(503, retryAfter: 2), times: 1))
      let busy = try await client.send("GET", "/api/v1/nodes")
      #expect(busy.status == 503)
      #expect(busy.headers["Retry-After"] == "2")
      #expect(try await client.send("GET", "/api/v1/nodes").status == 200)

      client.server.add(Fault(pathPrefix: "/version", effect: .htmlPage(status: 502), times: 1))
      let page = try await client.send("GET", "/version")
      #expect(page.status == 502)
      #expect(page.text.contains("<html>"))

      // A client tries once more where a connection that it kept turns out to be closed.
      client.server.add(Fault(method: "GET", pathPrefix: "/version", effect: .connectionClosed))
      await #expect(throws: HTTPError.self) { try await client.send("GET", "/version") }
      client.server.clearFaults()
      client.server.add(Fault(pathPrefix: "/version", effect: .truncatedBody, times: 1))
      await #expect(throws: HTTPError.self) { try await client.send("GET", "/version") }
      client.server.add(Fault(pathPrefix: "/version", effect: .delay(.milliseconds(200)), times: 1))
      let start = ContinuousClock.now
      #expect(try await client.send("GET", "/version").status == 200)
      #expect(ContinuousClock.now - start >= .milliseconds(200))
    }
  }

  @Test("A put with an old resource version is a conflict; without one it wins")
  func conflicts() async throws {
    try await withCluster(.recorded) { client in
      let path = "/api/v1/namespaces/default/configmaps"
      var object = try await client.send("POST", path, ["metadata": ["name": "c"], "data": ["a": "1"]]).json
      object.set("2", at: "data", "a")
      #expect(try await client.send("PUT", "\(path)/c", object).status == 200)
      object.set("3", at: "data", "a")
      let late = try await client.send("PUT", "\(path)/c", object)
      #expect(late.status == 409)
      #expect(
        late.json["message"]?.string
          == "Operation cannot be fulfilled on configmaps \"c\": the object has been modified; please apply your changes "
          + "to the latest version and try again")
      object.set(nil, at: "metadata", "resourceVersion")
      #expect(try await client.send("PUT", "\(path)/c", object).status == 200)
    }
  }

  @Test("A namespace goes with everything in it")
  func namespaces() async throws {
    try await withCluster(.healthy) { client in
      _ = try await client.send("POST", "/api/v1/namespaces", ["metadata": ["name": "gone"]])
      _ = try await client.send("POST", "/api/v1/namespaces/gone/secrets", ["metadata": ["name": "s"]])
      let marked = try await client.send("DELETE", "/api/v1/namespaces/gone")
      #expect(marked.json.value(at: ["status", "phase"]) == "Terminating")
      #expect(try await eventually { try await client.send("GET", "/api/v1/namespaces/gone").status == 404 })
      #expect(await client.server.objects("secrets", namespace: "gone").isEmpty)
    }
  }

  @Test("A finalizer holds an object until it is taken off")
  func finalizers() async throws {
    try await withCluster(.recorded) { client in
      let path = "/api/v1/namespaces/default/configmaps"
      _ = try await client.send("POST", path, ["metadata": ["name": "f", "finalizers": ["example.com/hold"]]])
      #expect(try await client.send("DELETE", "\(path)/f").json["metadata"]?["deletionTimestamp"] != nil)
      #expect(try await client.send("GET", "\(path)/f").status == 200)
      _ = try await client.send(
        "PATCH", "\(path)/f", ["metadata": ["finalizers": nil]], type: "application/merge-patch+json")
      #expect(try await client.send("GET", "\(path)/f").status == 404)
    }
  }

  @Test("Every named scenario starts, and answers with its version", arguments: ClusterScenario.named.map(\.name))
  func scenarios(name: String) async throws {
    let scenario = try #require(ClusterScenario.named(name))
    try await withCluster(scenario) { client in
      let version = try await client.send("GET", "/version")
      #expect(version.json["gitVersion"]?.string == scenario.version.gitVersion)
      #expect(await client.server.objects("nodes").count == scenario.nodes.count)
      for pod in await client.server.objects("pods") where name != "unschedulable" {
        #expect(KubernetesCluster.isReady(pod), "\(pod.name)")
      }
    }
  }
}
