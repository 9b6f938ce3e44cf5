import Kubernetes
import TestSupport
import Testing

@testable import SetupCore

@Suite("The check for a node that fits")
struct NodesFitTests {
  private static func node(
    _ name: String, cpu: String? = "4", memory: String? = "16Gi", storage: String? = "100Gi",
    ready: String = "True", cordoned: Bool = false, taints: [String] = []
  ) throws -> Node {
    let resources = [("cpu", cpu), ("memory", memory), ("ephemeral-storage", storage)]
      .compactMap { key, value in value.map { #""\#(key)":"\#($0)""# } }.joined(separator: ",")
    let taintList = taints.map { taint in
      let halves = taint.components(":")
      return #"{"key":"\#(halves[0])","effect":"\#(halves[1])"}"#
    }.joined(separator: ",")
    return try object(
      Node.self,
      """
      {"metadata":{"name":"\(name)"},"spec":{"unschedulable":\(cordoned),"taints":[\(taintList)]},
       "status":{"allocatable":{\(resources)},"conditions":[{"type":"Ready","status":"\(ready)"}]}}
      """)
  }

  private static func verdict(_ nodes: [Node]) -> Finding { finding(.nodesFit) { $0.nodes = .seen(nodes) } }

  @Test(
    "What keeps a node out is named with what it has and what is needed",
    arguments: [
      (try node("n", ready: "False"), "not Ready"),
      (try node("n", ready: "Unknown"), "not Ready"),
      (try node("n", cordoned: true), "cordoned"),
      (
        try node("n", cordoned: true, taints: ["node.kubernetes.io/unschedulable:NoSchedule"]), "cordoned"
      ),
      (
        try node("n", taints: ["node-role.kubernetes.io/control-plane:NoSchedule"]),
        "taint node-role.kubernetes.io/control-plane:NoSchedule"
      ),
      (try node("n", taints: ["gpu:NoExecute"]), "taint gpu:NoExecute"),
      (try node("n", cpu: "1900m"), "CPU 1900m below 2"),
      (try node("n", memory: "5Gi"), "memory 5Gi below 6G"),
      (try node("n", memory: "5999999999"), "memory 5999999999 below 6G"),
      (try node("n", storage: "39G"), "storage 39G below 40G"),
      (try node("n", storage: nil), "no storage reported"),
      (try node("n", cpu: "1", memory: "1Gi", storage: nil), "CPU 1 below 2, memory 1Gi below 6G, no storage reported"),
    ])
  func excluded(_ node: Node, _ reason: String) throws {
    let found = Self.verdict([node])
    #expect(found.status == .fail)
    #expect(found.observed == "1 node, none fits")
    #expect(found.details.count == 1)
    #expect(found.details.first?.components("; excluded: ").last == reason)
    #expect(found.remedy?.command == "kubectl describe nodes")
  }

  @Test(
    "Exactly enough is enough, in decimal and binary units, and a preference is no obstacle",
    arguments: [
      try node("n", cpu: "2", memory: "6G", storage: "40G"), try node("n", cpu: "2000m", memory: "6000000000"),
      try node("n", memory: "6Gi", storage: "40Gi"), try node("n", storage: "40000000000"),
      try node("n", taints: ["spot:PreferNoSchedule"]),
    ])
  func included(_ node: Node) {
    let found = Self.verdict([node])
    #expect(found.status == .pass, "\(found)")
    #expect(found.message == "Node n is large enough.")
  }

  @Test("Nodes that are enough together do not help")
  func sum() throws {
    let found = Self.verdict([
      try Self.node("a", cpu: "1"), try Self.node("b", cpu: "1"), try Self.node("c", memory: "2Gi"),
    ])
    #expect(found.status == .fail)
    #expect(found.observed == "3 nodes, none fits")
    #expect(found.message == "No node is large enough and free to be scheduled on.")
    #expect(
      found.details == [
        "a: CPU 1, memory 16Gi, storage 100Gi; excluded: CPU 1 below 2",
        "b: CPU 1, memory 16Gi, storage 100Gi; excluded: CPU 1 below 2",
        "c: CPU 4, memory 2Gi, storage 100Gi; excluded: memory 2Gi below 6G",
      ])
  }

  @Test("The nearest nodes come first, ten at most, and one that fits is enough")
  func nearest() throws {
    var nodes = try (0..<12).map { try Self.node("small-\($0)", cpu: "1", memory: "1Gi") }
    nodes.append(try Self.node("nearly", cpu: "1"))
    let failed = Self.verdict(nodes)
    #expect(failed.details.count == 10)
    #expect(failed.details.first?.hasPrefix("nearly: ") == true)
    nodes.append(try Self.node("large"))
    let passed = Self.verdict(nodes)
    #expect(passed.status == .pass)
    #expect(passed.observed == "CPU 4, memory 16Gi, storage 100Gi")
    #expect(passed.details.count == 5)
  }

  @Test("No nodes fail, and nodes that may not be listed are unknown")
  func none() {
    #expect(
      Self.verdict([])
        == Finding(.fail, observed: "no nodes", message: "The cluster has no nodes.", remedy: Remedy("Add a node.")))
    let denied = finding(.nodesFit) { $0.nodes = .failed(ObservationFailure(.denied, "nodes is forbidden")) }
    #expect(denied == Finding(.unknown, observed: "nodes is forbidden", message: "nodes is forbidden"))
  }
}
