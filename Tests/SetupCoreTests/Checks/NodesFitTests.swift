import FoundationEssentials
import HTTP
import Kubernetes
import TestSupport
import Testing

@testable import SetupCore

@Suite("The check for a node that fits")
struct NodesFitTests {
  private static func nodeText(
    _ name: String, cpu: String? = "4", memory: String? = "16G", storage: String? = "100G", pods: String = "110",
    ready: String = "True", cordoned: Bool = false, taints: [String] = [], labels: String = "{}",
    architecture: String = "amd64"
  ) -> String {
    let resources = [("cpu", cpu), ("memory", memory), ("ephemeral-storage", storage), ("pods", pods)]
      .compactMap { key, value in value.map { #""\#(key)":"\#($0)""# } }.joined(separator: ",")
    let taintList = taints.map { taint in
      let halves = taint.components(":")
      let pair = halves[0].components("=")
      return #"{"key":"\#(pair[0])","value":"\#(pair.count > 1 ? pair[1] : "")","effect":"\#(halves[1])"}"#
    }.joined(separator: ",")
    return """
      {"metadata":{"name":"\(name)","labels":\(labels)},"spec":{"unschedulable":\(cordoned),"taints":[\(taintList)]},
       "status":{"allocatable":{\(resources)},"conditions":[{"type":"Ready","status":"\(ready)"}],
       "nodeInfo":{"architecture":"\(architecture)","operatingSystem":"linux"}}}
      """
  }

  private static func pod(
    _ name: String, on node: String, cpu: String = "0", memory: String = "0", storage: String = "0",
    phase: String = "Running", nominated: String = "", namespace: String = "shop", labels: String = "{}"
  ) -> String {
    """
    {"metadata":{"name":"\(name)","namespace":"\(namespace)","labels":\(labels)},
     "spec":{"nodeName":"\(node)","containers":[{"name":"c","resources":{"requests":
     {"cpu":"\(cpu)","memory":"\(memory)","ephemeral-storage":"\(storage)"}}}]},
     "status":{"phase":"\(phase)","nominatedNodeName":"\(nominated)"}}
    """
  }

  private static func list(_ items: [String]) -> String {
    #"{"kind":"List","metadata":{},"items":[\#(items.joined(separator: ","))]}"#
  }

  /// What the check says of a cluster, and how often pods were asked for.
  private static func run(
    nodes: [String], pods: [String] = [], objects: [String: String] = [:], values: String? = nil,
    override: @escaping ScriptedCluster.Override = { _ in nil }
  ) async throws -> (finding: Finding, podRequests: Int) {
    var all = objects
    all["/api/v1/nodes"] = list(nodes)
    all["/api/v1/pods"] = list(pods)
    let cluster = try ScriptedCluster(all, override: override)
    var answers = Samples.answers()
    if values != nil { answers["chart.values"] = Answer(.list(["more.yaml"])) }
    let files = try Samples.files(values.map { ["/home/admin/work/more.yaml": $0] } ?? [:])
    let setup = try Samples.setup(answers, files: files, http: cluster)
    let result = try #require(await CheckRunner(setup: setup, checks: [.nodesFit]).run().results.first)
    return (result.finding, cluster.requests.count { $0.url.contains("/api/v1/pods") })
  }

  // MARK: What a node itself tells

  @Test(
    "What keeps a node out is named with what it has and what is needed",
    arguments: [
      (nodeText("n", ready: "False"), "not Ready"),
      (nodeText("n", ready: "Unknown", taints: ["node.kubernetes.io/unreachable:NoExecute"]), "not Ready"),
      (nodeText("n", cordoned: true), "cordoned"),
      (nodeText("n", cordoned: true, taints: ["node.kubernetes.io/unschedulable:NoSchedule"]), "cordoned"),
      (
        nodeText("n", taints: ["node-role.kubernetes.io/control-plane:NoSchedule"]),
        "taint node-role.kubernetes.io/control-plane:NoSchedule"
      ),
      (nodeText("n", taints: ["gpu=yes:NoExecute"]), "taint gpu=yes:NoExecute"),
      (nodeText("n", architecture: "arm64"), "arm64, not amd64"),
      (nodeText("n", cpu: "1900m"), "CPU 1.9 of 2"),
      (nodeText("n", memory: "5Gi"), "memory 5.3 of 6 GB"),
      (nodeText("n", memory: "5999999999"), "memory 5.9 of 6 GB"),
      (nodeText("n", storage: "39G"), "storage 39 of 40 GB"),
      (nodeText("n", storage: nil), "no storage reported"),
      (nodeText("n", cpu: "1", memory: "1G", storage: nil), "CPU 1 of 2, memory 1 of 6 GB, no storage reported"),
    ])
  func excluded(_ node: String, _ reason: String) async throws {
    let (found, requests) = try await Self.run(nodes: [node])
    #expect(found.status == .fail)
    #expect(found.details.count == 2)
    #expect(found.details.last?.components("  excluded: ").last == reason)
    #expect(requests == 0)
  }

  @Test(
    "Exactly enough is enough, in decimal and binary units, and a preference is no obstacle",
    arguments: [
      nodeText("n", cpu: "2", memory: "6G", storage: "40G"), nodeText("n", cpu: "2000m", memory: "6000000000"),
      nodeText("n", memory: "6Gi", storage: "40Gi"), nodeText("n", storage: "40000000000"),
      nodeText("n", taints: ["spot:PreferNoSchedule"]),
    ])
  func included(_ node: String) async throws {
    let (found, requests) = try await Self.run(nodes: [node])
    #expect(found.status == .pass, "\(found)")
    #expect(found.message.hasPrefix("Node n has room: "))
    #expect(requests == 2)
  }

  // MARK: The verdicts

  @Test("A node fits when what its pods leave is enough; it is named, with both kinds of gigabytes")
  func fits() async throws {
    let (found, _) = try await Self.run(
      nodes: [Self.nodeText("a"), Self.nodeText("b", cpu: "1")],
      pods: [
        Self.pod("web", on: "a", cpu: "500m", memory: "4G", storage: "10G"),
        Self.pod("done", on: "a", cpu: "4", memory: "16G", phase: "Succeeded"),
        Self.pod("elsewhere", on: "b", cpu: "4", memory: "16G"),
      ])
    #expect(found.status == .pass)
    #expect(
      found.observed == "a: 3.5 CPU, 12 GB (11.1 GiB) memory, 90 GB (83.8 GiB) storage free")
    #expect(
      found.details == [
        "NODE  CPU FREE/ALL  MEMORY FREE/ALL GB  STORAGE FREE/ALL GB  VERDICT",
        "a     3.5/4         12/16               90/100               fits",
        "b     -/1           -/16                -/100                excluded: CPU 1 of 2",
      ])
  }

  @Test("Allocatable that others have reserved is not free: where other tools are green this fails, with the biggest")
  func full() async throws {
    let (found, _) = try await Self.run(
      nodes: [Self.nodeText("a")],
      pods: [
        Self.pod("small", on: "a", cpu: "100m", memory: "1G"), Self.pod("database", on: "a", cpu: "2", memory: "12G"),
      ])
    #expect(found.status == .fail)
    #expect(found.observed == "1 node large enough, none has room")
    #expect(
      found.message
        == "One node is large enough, but other pods have reserved the room; nearest is a: CPU 1.9 of 2, memory 3 of 6 GB."
    )
    #expect(
      found.details.suffix(3) == [
        "the biggest requests on a:", "  shop/database: 2 CPU, 12 GB memory", "  shop/small: 0.1 CPU, 1 GB memory",
      ])
    #expect(found.remedy?.command == "kubectl describe node a --context prod")
  }

  @Test("Pods for which room is being made count, those of this release and finished ones do not")
  func counted() async throws {
    let nominated = Self.pod("urgent", on: "", memory: "12G", phase: "Pending", nominated: "a")
    #expect(try await Self.run(nodes: [Self.nodeText("a")], pods: [nominated]).finding.status == .fail)
    let own = Self.pod(
      "bosun-1", on: "a", memory: "12G", namespace: "datarobot-mlops",
      labels: #"{"app.kubernetes.io/instance":"bosun"}"#)
    let (found, _) = try await Self.run(nodes: [Self.nodeText("a")], pods: [own])
    #expect(found.status == .pass)
    #expect(found.details.last?.hasSuffix("fits; 1 pod of this release not counted") == true)
    let others = Self.pod(
      "bosun-1", on: "a", memory: "12G", namespace: "other", labels: #"{"app.kubernetes.io/instance":"bosun"}"#)
    #expect(try await Self.run(nodes: [Self.nodeText("a")], pods: [others]).finding.status == .fail)
  }

  @Test("A node that may run no more pods is full")
  func podLimit() async throws {
    let (found, _) = try await Self.run(
      nodes: [Self.nodeText("a", pods: "2")], pods: [Self.pod("x", on: "a"), Self.pod("y", on: "a")])
    #expect(found.status == .fail)
    #expect(found.details[1].hasSuffix("full: free 2 of 2 pods taken"))
  }

  @Test("Nodes that are enough together do not help, and it is said")
  func sum() async throws {
    let (found, _) = try await Self.run(nodes: [
      Self.nodeText("a", cpu: "1"), Self.nodeText("b", cpu: "1"), Self.nodeText("c", memory: "2G"),
    ])
    #expect(found.status == .fail)
    #expect(found.observed == "3 nodes, enough only together")
    #expect(
      found.message
        == "Together the nodes are large enough (6 CPU, 34 GB memory, 300 GB storage), but no single one is; a pod runs on one node."
    )
    let small = try await Self.run(nodes: [Self.nodeText("a", cpu: "1")]).finding
    #expect(small.message == "No node is large enough, even when empty.")
  }

  @Test("Nodes that all repel pods fail by what they repel with")
  func repelled() async throws {
    let (found, _) = try await Self.run(nodes: [
      Self.nodeText("a", cordoned: true), Self.nodeText("b", taints: ["dedicated=training:NoSchedule"]),
    ])
    #expect(found.status == .fail)
    #expect(
      found.message == "No node takes the agent's pods (cordoned, taint dedicated=training:NoSchedule).")
  }

  @Test("Where something adds nodes a failure is a warning; a status that is no longer written does not count")
  func autoscaler() async throws {
    func status(_ time: String) -> [String: String] {
      [
        "/api/v1/namespaces/kube-system/configmaps/cluster-autoscaler-status":
          #"{"kind":"ConfigMap","metadata":{"name":"s","annotations":{"cluster-autoscaler.kubernetes.io/last-updated":"\#(time) +0000 UTC"}}}"#
      ]
    }
    let small = [Self.nodeText("a", cpu: "1")]
    let alive = try await Self.run(nodes: small, objects: status("2027-01-15 07:59:50.123")).finding
    #expect(alive.status == .warn)
    #expect(
      alive.message
        == "No node is large enough, even when empty. The cluster autoscaler (ConfigMap kube-system/cluster-autoscaler-status) may add a node."
    )
    let stale = try await Self.run(nodes: small, objects: status("2026-01-15 07:59:50.123")).finding
    #expect(stale.status == .fail)
    let karpenter = try await Self.run(
      nodes: small, objects: ["/apis": #"{"kind":"APIGroupList","groups":[{"name":"karpenter.sh"}]}"#]
    ).finding
    #expect(karpenter.status == .warn)
    #expect(karpenter.observed == "1 node, none large enough; Karpenter (API group karpenter.sh)")
    let none = try await Self.run(
      nodes: [], objects: ["/apis": #"{"kind":"APIGroupList","groups":[{"name":"karpenter.sh"}]}"#]
    ).finding
    #expect(none.status == .warn)
  }

  @Test("Pods that may not be listed leave it unknown, unless no node is large enough anyway")
  func podsDenied() async throws {
    let denied: ScriptedCluster.Override = {
      $0.url.contains("/api/v1/pods") ? .status(403, "Forbidden", "pods is forbidden") : nil
    }
    let (found, requests) = try await Self.run(
      nodes: (1...9).map { Self.nodeText("n\($0)") }, override: denied)
    #expect(found.status == .unknown)
    #expect(found.message.hasPrefix("9 nodes would be large enough, but what runs there cannot be seen: "))
    #expect(found.details[1].hasSuffix("unknown: its pods may not be read"))
    #expect(requests == 2)
    let small = try await Self.run(nodes: [Self.nodeText("a", cpu: "1")], override: denied).finding
    #expect(small.status == .fail)
  }

  @Test("Nodes that may not be listed are unknown, and a cluster without any fails")
  func none() async throws {
    let denied = finding(.nodesFit) {
      $0.nodes = .failed(ObservationFailure(.denied, "nodes is forbidden"))
      $0.nodeRoom = .seen(NodeRoom())
    }
    #expect(denied == Finding(.unknown, observed: "nodes is forbidden", message: "nodes is forbidden"))
    let found = try await Self.run(nodes: []).finding
    #expect(found.status == .fail)
    #expect(found.message == "The cluster has no nodes.")
  }

  // MARK: How much is read

  @Test("The largest node is read first, and nothing more once one fits")
  func economy() async throws {
    let nodes = (1...50).map { Self.nodeText("n\($0)", memory: "16G") } + [Self.nodeText("big", memory: "64G")]
    let (found, requests) = try await Self.run(nodes: nodes)
    #expect(found.status == .pass)
    #expect(found.message.hasPrefix("Node big has room"))
    #expect(requests == 2)
    #expect(found.details.count == 12)
    #expect(found.details.last == "and 41 more nodes")
  }

  @Test("At most twenty nodes are read; if none of them fits and there are more, it is unknown and not red or green")
  func cap() async throws {
    let nodes = (1...30).map { Self.nodeText("n\($0)") }
    let pods = (1...30).map { Self.pod("p\($0)", on: "n\($0)", memory: "12G") }
    let (found, requests) = try await Self.run(nodes: nodes, pods: pods)
    #expect(requests == 40)
    #expect(found.status == .unknown)
    #expect(
      found.message
        == "None of the 20 largest nodes has room; 10 more nodes would be large enough and were not looked at.")
    let all = try await Self.run(nodes: Array(nodes.prefix(20)), pods: pods)
    #expect(all.finding.status == .fail)
    #expect(all.finding.message.hasSuffix("Together they have the room, but a pod runs on one node."))
  }

  // MARK: The chart's values

  @Test("Tolerations and the node selector of the values files count; builds that do not share them are warned of")
  func placement() async throws {
    let tainted = Self.nodeText("ml", taints: ["dedicated=ml:NoSchedule"], labels: #"{"pool":"ml"}"#)
    let toleration = "tolerations: [{key: dedicated, value: ml, effect: NoSchedule}]"
    #expect(try await Self.run(nodes: [tainted]).finding.status == .fail)
    let agent = try await Self.run(nodes: [tainted], values: "managementAgent: {\(toleration)}").finding
    #expect(agent.status == .warn)
    #expect(agent.message.contains("tolerations of managementAgent may run there (dedicated=ml:NoSchedule)"))
    let builder = try await Self.run(nodes: [tainted], values: "imageBuilder: {\(toleration)}").finding
    #expect(builder.status == .pass)
    let wrong = try await Self.run(
      nodes: [tainted], values: "imageBuilder: {tolerations: [{key: dedicated, value: other}]}"
    ).finding
    #expect(wrong.status == .fail)
    let selector = try await Self.run(
      nodes: [Self.nodeText("a", memory: "64G"), Self.nodeText("b", labels: #"{"pool":"ml"}"#)],
      values: "managementAgent: {nodeSelector: {pool: ml}}"
    ).finding
    #expect(selector.message.hasPrefix("Node b has room"))
    #expect(selector.details.contains { $0.hasSuffix("excluded: no label pool=ml") })
  }

  @Test("A values file that is not there could say anything: unknown")
  func valuesMissing() async throws {
    let cluster = try ScriptedCluster(["/api/v1/nodes": Self.list([Self.nodeText("a")])])
    var answers = Samples.answers()
    answers["chart.values"] = Answer(.list(["gone.yaml"]))
    let setup = try Samples.setup(answers, http: cluster)
    let result = try #require(await CheckRunner(setup: setup, checks: [.nodesFit]).run().results.first)
    #expect(result.finding.status == .unknown)
    #expect(result.finding.message.hasPrefix("there is no values file /home/admin/work/gone.yaml"))
  }

  @Test(
    "Amounts are rounded down, so that too little never looks like enough",
    arguments: [
      ("5999999999", "5.9"), ("6G", "6"), ("6Gi", "6.4"), ("0", "0"), ("-5G", "0"),
      ("9223372036854775807", "9223372036.8"),
    ])
  func amounts(_ text: String, _ expected: String) throws {
    #expect(Amount.gigabytes(try Quantity(text)) == expected)
  }

  @Test(
    "A toleration matches as the scheduler does",
    arguments: [
      (Placement.Toleration(operation: "Exists"), true), (.init(key: "k", value: "v"), true),
      (.init(key: "k", operation: "Exists", effect: "NoSchedule"), true), (.init(key: "k", value: "w"), false),
      (.init(key: "k", operation: "Exists", effect: "NoExecute"), false), (.init(value: "v"), false),
    ])
  func tolerations(_ toleration: Placement.Toleration, _ expected: Bool) throws {
    let taint = try object(Node.Taint.self, #"{"key":"k","value":"v","effect":"NoSchedule"}"#)
    #expect(toleration.tolerates(taint) == expected)
  }
}
