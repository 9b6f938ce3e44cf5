import Kubernetes
import Testing

@testable import Simulator

@Suite("Selectors")
struct SelectorTests {
  @Test(
    "A label selector matches as the API's does",
    arguments: [
      ("a=b", true), ("a==b", true), ("a!=b", false), ("a=c", false), ("a", true), ("!a", false), ("!z", true),
      ("z!=b", true), ("a in (b,c)", true), ("a in (c, d)", false), ("a notin (c)", true), ("a notin (b,c)", false),
      ("z notin (b)", true), ("a=b,x=y", true), ("a=b,x=z", false), ("a in (b,c),x", true), ("", true),
      ("app.kubernetes.io/name=agent", true),
    ])
  func labels(text: String, isMatch: Bool) throws {
    let labels = ["a": "b", "x": "y", "app.kubernetes.io/name": "agent"]
    #expect(try LabelSelector(text).matches(labels) == isMatch)
  }

  @Test("A label selector that cannot be read is a bad request")
  func badLabels() {
    #expect(throws: APIError.self) { try LabelSelector("a b c") }
  }

  private static let pods = ResourceType(
    group: "", version: "v1", name: "pods", kind: "Pod", isNamespaced: true, verbs: [])

  @Test(
    "A field selector matches as the API's does",
    arguments: [
      ("metadata.name=p", true), ("metadata.name!=p", false), ("metadata.namespace=n", true),
      ("status.phase=Running", true), ("status.phase!=Running", false), ("spec.nodeName=node-1", true),
      ("spec.nodeName=", false), ("status.phase=Running,spec.nodeName=node-2", false), ("metadata.name==p", true),
    ])
  func fields(text: String, isMatch: Bool) throws {
    let pod: JSONValue = [
      "metadata": ["name": "p", "namespace": "n"], "spec": ["nodeName": "node-1"], "status": ["phase": "Running"],
    ]
    #expect(try FieldSelector(text, for: Self.pods).matches(pod) == isMatch)
  }

  @Test("A field that has no index is a bad request that names it")
  func unknownField() {
    #expect {
      try FieldSelector("spec.color=red", for: Self.pods)
    } throws: { error in
      (error as? APIError)?.message.hasSuffix("field label not supported: spec.color") == true
    }
  }

  @Test("Lists go on by token, and a token from before a compaction is expired")
  func pages() async throws {
    try await withCluster(.healthy) { client in
      let first = try await client.send("GET", "/api/v1/nodes?limit=2")
      let token = try #require(first.json["metadata"]?["continue"]?.string)
      #expect(first.json["items"]?.array?.map(\.name) == ["node-1", "node-2"])
      let second = try await client.send("GET", "/api/v1/nodes?limit=2&continue=\(token)")
      #expect(second.json["items"]?.array?.map(\.name) == ["node-3"])
      #expect(second.json["metadata"]?["continue"] == nil)
      _ = try await client.send("POST", "/api/v1/namespaces", ["metadata": ["name": "more"]])
      await client.server.compact()
      let late = try await client.send("GET", "/api/v1/nodes?limit=2&continue=\(token)")
      #expect(late.status == 410)
      #expect(late.json["reason"] == "Expired")
    }
  }
}
