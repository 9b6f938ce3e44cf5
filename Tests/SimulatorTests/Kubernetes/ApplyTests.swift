import Kubernetes
import Testing

@testable import Simulator

@Suite("Server-side apply")
struct ApplyTests {
  private static let path = "/apis/apps/v1/namespaces/default/deployments/web"

  private func deployment(
    image: String? = "nginx:1", replicas: Int? = 1, environment: [(String, String)] = []
  ) -> JSONValue {
    var container: JSONValue = ["name": "c"]
    if let image { container["image"] = .string(image) }
    if !environment.isEmpty {
      container["env"] = .array(environment.map { ["name": .string($0.0), "value": .string($0.1)] })
    }
    var spec: JSONValue = [
      "selector": ["matchLabels": ["app": "web"]],
      "template": ["metadata": ["labels": ["app": "web"]], "spec": ["containers": [container]]],
    ]
    if let replicas { spec["replicas"] = .integer(replicas) }
    return ["apiVersion": "apps/v1", "kind": "Deployment", "metadata": ["name": "web"], "spec": spec]
  }

  private func container(_ object: JSONValue) -> JSONValue? {
    object.value(at: ["spec", "template", "spec", "containers"])?.array?.first
  }

  @Test("What the only owner leaves out is removed; what another owns too stays")
  func givesUp() async throws {
    try await withCluster(.healthy) { client in
      _ = try await client.apply(deployment(environment: [("A", "1"), ("B", "2")]), Self.path, manager: "one")
      let shared = try await client.apply(
        deployment(image: "nginx:1", environment: [("B", "2")]), Self.path, manager: "two")
      #expect(shared.status == 200)
      let after = try await client.apply(deployment(), Self.path, manager: "one")
      #expect(container(after.json)?["env"] == [["name": "B", "value": "2"]])
      let last = try await client.apply(deployment(), Self.path, manager: "two")
      #expect(container(last.json)?["env"] == nil)
    }
  }

  @Test("A changed value of another manager is a conflict that names manager and field, until it is forced")
  func conflicts() async throws {
    try await withCluster(.healthy) { client in
      _ = try await client.apply(deployment(), Self.path, manager: "one")
      let refused = try await client.apply(deployment(image: "nginx:2", replicas: 3), Self.path, manager: "two")
      #expect(refused.status == 409)
      #expect(
        refused.json["message"]?.string == """
          Apply failed with 2 conflicts: conflicts with "one":
          - .spec.replicas
          - .spec.template.spec.containers[name="c"].image
          """)
      #expect(refused.json["details"]?["causes"]?.array?.count == 2)
      #expect(refused.json["details"]?["causes"]?.array?.first?["reason"] == "FieldManagerConflict")
      let forced = try await client.apply(
        deployment(image: "nginx:2", replicas: 3), Self.path, manager: "two", force: true)
      #expect(forced.status == 200)
      // The first now owns neither, and applying its old values conflicts in turn.
      let back = try await client.apply(deployment(), Self.path, manager: "one")
      #expect(back.json["message"]?.string?.hasPrefix("Apply failed with 2 conflicts: conflicts with \"two\"") == true)
    }
  }

  @Test("An update takes the fields it changes, and a later apply of another value conflicts with it")
  func updates() async throws {
    try await withCluster(.healthy) { client in
      _ = try await client.apply(deployment(), Self.path, manager: "one")
      let scaled = try await client.send(
        "PATCH", "\(Self.path)?fieldManager=hand", ["spec": ["replicas": 2]], type: "application/merge-patch+json")
      let entries = scaled.json["metadata"]?["managedFields"]?.array ?? []
      let hand = entries.first { $0["manager"] == "hand" }
      #expect(hand?["fieldsV1"] == ["f:spec": ["f:replicas": [:]]])
      #expect(entries.first { $0["manager"] == "one" }?.value(at: ["fieldsV1", "f:spec", "f:replicas"]) == nil)
      let refused = try await client.apply(deployment(replicas: 5), Self.path, manager: "one")
      #expect(refused.json["message"]?.string?.contains("conflict with \"hand\" using apps/v1 at ") == true)
      let silent = try await client.apply(deployment(replicas: nil), Self.path, manager: "one")
      #expect(silent.json.value(at: ["spec", "replicas"]) == 2)
    }
  }

  @Test("Applying the same again writes nothing, and a dry run stores nothing")
  func writesNothing() async throws {
    try await withCluster(.recorded) { client in
      let path = "/api/v1/namespaces/default/configmaps/c"
      let map: JSONValue = ["apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": "c"], "data": ["a": "1"]]
      let first = try await client.apply(map, path, manager: "one")
      let second = try await client.apply(map, path, manager: "one")
      #expect(first.json == second.json)
      let dry = try await client.send(
        "PATCH", "\(path)?fieldManager=one&dryRun=All", MergePatch.apply(["data": ["a": "2"]], to: map),
        type: "application/apply-patch+yaml")
      #expect(dry.json["data"] == ["a": "2"])
      #expect(try await client.send("GET", path).json == first.json)
      let other = try await client.send(
        "PATCH", "/api/v1/namespaces/default/configmaps/new?fieldManager=one&dryRun=All",
        MergePatch.apply(["metadata": ["name": "new"]], to: map), type: "application/apply-patch+yaml")
      #expect(other.status == 201)
      #expect(try await client.send("GET", "/api/v1/namespaces/default/configmaps/new").status == 404)
    }
  }

  @Test("A body of real YAML is applied as well")
  func yaml() async throws {
    try await withCluster(.recorded) { client in
      let answer = try await client.send(
        "PATCH", "/api/v1/namespaces/default/configmaps/real?fieldManager=one", type: "application/apply-patch+yaml",
        text: "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: real\ndata:\n  a: \"1\"\n")
      #expect(answer.status == 201, "\(answer.text)")
      #expect(answer.json["data"] == ["a": "1"])
    }
  }

  @Test("fieldsV1 is read and written without loss")
  func fieldSets() throws {
    let json: JSONValue = [
      "f:spec": ["f:containers": ["k:{\"name\":\"c\"}": [".": [:], "f:image": [:]]]], "f:type": [:],
    ]
    let set = FieldSet(json: json)
    #expect(set.json == json)
    #expect(set.paths == [".spec.containers[name=\"c\"]", ".spec.containers[name=\"c\"].image", ".type"])
    #expect(set.subtracting(set).isEmpty)
    #expect(set.intersection(FieldSet(json: ["f:type": [:]])).paths == [".type"])
  }
}
