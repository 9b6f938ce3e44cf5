import HTTP
import Kubernetes
import TestSupport
import Testing

@testable import SetupCore

@Suite("The namespace's step")
struct NamespaceStepTests {
  private static let path = "/api/v1/namespaces/datarobot-mlops"

  static func namespace(phase: String = "Active", labels: String = "{}", more: String = "") -> String {
    #"{"kind":"Namespace","metadata":{"name":"datarobot-mlops","uid":"u-1","labels":\#(labels)},"status":{"phase":"\#(phase)"\#(more)}}"#
  }

  private static let ours = #"{"app.kubernetes.io/managed-by":"mlops-setup"}"#

  private func step(_ cluster: ScriptedCluster) throws -> (NamespaceStep, Setup) {
    (NamespaceStep(Samples.answers()), try Samples.setup(http: cluster))
  }

  @Test("One that is not there is needed; applying it sends its name and our mark and nothing else")
  func absent() async throws {
    let cluster = try ScriptedCluster()
    let (step, setup) = try step(cluster)
    #expect(try await step.inspect(setup) == .needed(["create Namespace datarobot-mlops"]))
    #expect(cluster.writes == [])
    try await step.perform(setup) { _ in }
    #expect(cluster.writes == ["PATCH \(Self.path)?fieldManager=mlops-setup"])
    #expect(
      cluster.writeBodies == [
        #"{"apiVersion":"v1","kind":"Namespace","metadata":{"labels":{"app.kubernetes.io/managed-by":"mlops-setup"},"name":"datarobot-mlops"}}"#
      ])
    let request = try #require(cluster.requests.last)
    #expect(request.headers["Content-Type"] == "application/apply-patch+yaml")
    #expect(request.headers["Authorization"] == "Bearer cluster-token-55f1")
  }

  @Test("One that exists is used as it is, whoever made it")
  func active() async throws {
    for labels in ["{}", Self.ours] {
      let (step, setup) = try step(try ScriptedCluster([Self.path: Self.namespace(labels: labels)]))
      #expect(try await step.inspect(setup) == .done("Namespace datarobot-mlops exists"))
    }
  }

  @Test("One that is being deleted blocks and tells what still holds it")
  func terminating() async throws {
    let conditions =
      #","conditions":[{"type":"NamespaceContentRemaining","status":"True","message":"Some resources are remaining: pods. has 1 resource instances"},{"type":"NamespaceDeletionDiscoveryFailure","status":"False","message":"All resources successfully discovered"}]"#
    let (step, setup) = try step(
      try ScriptedCluster([Self.path: Self.namespace(phase: "Terminating", more: conditions)]))
    #expect(
      try await step.inspect(setup)
        == .blocked(
          "Namespace datarobot-mlops is being deleted. Wait until it is gone, or choose another with cluster.namespace. Some resources are remaining: pods. has 1 resource instances"
        ))
  }

  @Test("One that may not be read throws what the server said")
  func forbidden() async throws {
    let cluster = try ScriptedCluster { _ in
      .status(403, "Forbidden", "namespaces is forbidden: User viewer cannot get it")
    }
    let (step, setup) = try step(cluster)
    let error = try #require(await #expect(throws: KubernetesError.self) { try await step.inspect(setup) })
    #expect(error.code == .forbidden)
    #expect(error.message.contains("User viewer cannot get it"))
  }

  @Test("Taking back deletes ours by its uid, and leaves what is not ours or not there")
  func undo() async throws {
    let mine = try ScriptedCluster([Self.path: Self.namespace(labels: Self.ours)])
    let (step, setup) = try step(mine)
    #expect(try await step.undo(setup) == "deleted Namespace datarobot-mlops")
    #expect(mine.writes == ["DELETE \(Self.path)"])
    #expect(mine.writeBodies[0].contains(#""preconditions":{"uid":"u-1"}"#))

    let theirs = try ScriptedCluster([Self.path: Self.namespace()])
    #expect(
      try await step.undo(try Samples.setup(http: theirs)) == "Namespace datarobot-mlops stays: it is not ours")
    #expect(theirs.writes == [])
    #expect(
      try await step.undo(try Samples.setup(http: try ScriptedCluster())) == "Namespace datarobot-mlops is not there")
  }

  @Test("Where it exists, only reading it must be allowed")
  func access() {
    let step = NamespaceStep(Samples.answers())
    #expect(step.access(namespaceExists: true) == [AccessRequest("get", .namespaces, name: "datarobot-mlops")])
    #expect(step.access(namespaceExists: false).map(\.verb) == ["get", "create", "patch"])
  }
}
