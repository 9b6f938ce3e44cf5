import Kubernetes
import TestSupport
import Testing
import YAML

@testable import SetupCore

@Suite("What an upgrade changes")
struct ReleaseDifferenceTests {
  private static func json(_ yaml: String) throws -> JSONValue {
    JSONValue(try #require(try YAML.parse(yaml, source: "test")))
  }

  @Test(
    "Two trees are compared place by place, and elements of lists by their names",
    arguments: [
      ("a: 1", "a: 1", []), ("a: {b: x}", "a: {b: z}", [#"a.b: "x" -> "z""#]),
      ("a: {}", "a: {b: z}", [#"a.b: not set -> "z""#]), ("a: {b: true}", "a: {}", ["a.b: true -> not set"]),
      ("a: [1, 2]", "a: [1, 3]", ["a: [1, 2] -> [1, 3]"]),
      (
        "a: [{name: x, v: 1}, {name: p, v: 2}]", "a: [{name: p, v: 3}, {name: x, v: 1}, {name: q}]",
        ["a[p].v: 2 -> 3", "a[q]: not set -> {name}"]
      ),
      ("a: [{v: 1}, {v: 2}]", "a: [{v: 1}, {v: 3}]", ["a[1].v: 2 -> 3"]),
      ("a: {b: 1}", "a: text", [#"a: {b} -> "text""#]),
    ] as [(String, String, [String])])
  func changes(_ old: String, _ new: String, _ expected: [String]) throws {
    #expect(try ValueChange.between(Self.json(old), Self.json(new)).map { $0.text(isSecret: false) } == expected)
  }

  @Test("Long texts and what sounds like a secret are told without their content; names of Secrets are shown")
  func hidden() throws {
    let long = try ValueChange.between(Self.json("a: \"x\\ny\""), Self.json("a: \"x\\nz\""))
    #expect(long.map { $0.text(isSecret: false) } == ["a: another text"])
    for path in ["password", "a.apiToken", "x.clientSecret", "env[API_TOKEN].value", "b.AUTH"] {
      let change = ValueChange(path: path, old: "one", new: "two")
      #expect(change.soundsSecret, "\(path)")
      #expect(change.text(isSecret: change.soundsSecret) == "\(path): changes (not shown)")
    }
    for path in ["secretName", "datarobot.apiSecretName", "image", "env[LEVEL].value", "token.enabled"] {
      #expect(!ValueChange(path: path, old: "one", new: "two").soundsSecret, "\(path)")
    }
  }

  private static let before = """
    ---
    apiVersion: v1
    kind: Secret
    metadata: {name: s}
    data: {a: b25l}
    ---
    apiVersion: v1
    kind: ConfigMap
    metadata: {name: old}
    ---
    apiVersion: v1
    kind: ConfigMap
    metadata: {name: labelled, labels: {helm.sh/chart: agent-1}}
    ---
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: d, labels: {helm.sh/chart: agent-1}}
    spec:
      replicas: 1
      template: {spec: {containers: [{name: agent, image: "r/agent:1", env: [{name: API_TOKEN, value: one}]}]}}
    """

  @Test("Objects are added, removed and changed; of a Secret nothing is shown")
  func objects() throws {
    let after = Self.before.replacing("b25l", with: "dHdv").replacing("name: old", with: "name: new")
      .replacing("agent-1", with: "agent-2").replacing("r/agent:1", with: "r/agent:2").replacing("one", with: "two")
      .replacing("replicas: 1", with: "replicas: 2")
    let old = try RenderedChart(manifest: Self.before, source: "old")
    let new = try RenderedChart(manifest: after, source: "new")
    #expect(
      ReleaseDifference.between(old, new) == [
        #"image of Deployment d: "r/agent:1" -> "r/agent:2""#, "remove ConfigMap old", "add ConfigMap new",
        "change Secret s",
        "change Deployment d: spec.replicas: 1 -> 2; "
          + "spec.template.spec.containers[agent].env[API_TOKEN].value: changes (not shown)",
        "change the chart's version in the labels of 1 objects",
      ])
    #expect(ReleaseDifference.between(old, old) == [])
  }

  @Test("Very many changes are counted")
  func many() throws {
    let objects = (1...20).map { "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c\($0)}\n" }.joined()
    let lines = ReleaseDifference.between(
      RenderedChart(objects: []), try RenderedChart(manifest: objects, source: "new"))
    #expect(lines.count == 16)
    #expect(lines.last == "and 5 more objects")
  }

  @Test("What helm does not tell is said, and nobody takes it for nothing")
  func unseen() async throws {
    let setup = try Samples.setup(
      http: try ScriptedCluster(),
      programs: ["helm": { _ in ProcessResult(exitCode: 1, errors: "Error: unknown command \"get\"\n") }])
    #expect(
      try await ReleaseDifference(AgentSource(setup.answers), namespace: "datarobot-mlops").lines(setup) == [
        #"which values change could not be seen: Error: unknown command "get""#,
        #"which objects change could not be seen: Error: unknown command "get""#,
      ])
  }
}
