import Kubernetes
import OrderedCollections

extension KubernetesCluster {
  /// Why a node does not take a pod; nil where it does.
  private func refusal(of node: JSONValue, pod: JSONValue) -> String? {
    let spec = pod["spec"] ?? [:]
    if node.value(at: ["spec", "unschedulable"]) == true { return "node(s) were unschedulable" }
    for (key, value) in spec["nodeSelector"]?.texts ?? [:] where node.labels[key] != value {
      return "node(s) didn't match Pod's node affinity/selector"
    }
    for taint in node.value(at: ["spec", "taints"])?.array ?? []
    where ["NoSchedule", "NoExecute"].contains(taint["effect"]?.string ?? "") {
      if !(spec["tolerations"]?.array ?? []).contains(where: { Self.tolerates($0, taint) }) {
        return "node(s) had untolerated taint {\(taint["key"]?.string ?? ""): \(taint["value"]?.string ?? "")}"
      }
    }
    let isReady = (node.value(at: ["status", "conditions"])?.array ?? []).contains {
      $0["type"] == "Ready" && $0["status"] == "True"
    }
    if !isReady { return "node(s) had untolerated taint {node.kubernetes.io/not-ready: }" }
    let present = all("pods").filter { $0.value(at: ["spec", "nodeName"])?.string == node.name }
    for resource in ["cpu", "memory", "ephemeral-storage"] {
      let needed = Self.requests(pod, resource)
      let free =
        Thousandths(Quota.quantity(node.value(at: ["status", "allocatable", resource]) ?? .null)).value
        - present.reduce(0) { $0 + Self.requests($1, resource) }
      if needed > 0, needed > free { return "Insufficient \(resource)" }
    }
    return nil
  }

  private static func tolerates(_ toleration: JSONValue, _ taint: JSONValue) -> Bool {
    let effect = toleration["effect"]?.string ?? ""
    guard effect.isEmpty || effect == taint["effect"]?.string else { return false }
    let key = toleration["key"]?.string ?? ""
    if toleration["operator"] == "Exists" { return key.isEmpty || key == taint["key"]?.string }
    return key == taint["key"]?.string && (toleration["value"]?.string ?? "") == (taint["value"]?.string ?? "")
  }

  private static func requests(_ pod: JSONValue, _ resource: String) -> Double {
    (pod.value(at: ["spec", "containers"])?.array ?? []).reduce(0) { sum, container in
      let value = container.value(at: ["resources", "requests", resource]) ?? .null
      return sum + Thousandths(Quota.quantity(value)).value
    }
  }

  /// Puts a pod on the node with the most room, or reports why it fits nowhere.
  func bind(_ pod: JSONValue) {
    let nodes = all("nodes")
    var refusals: [String: Int] = [:]
    var fitting: [JSONValue] = []
    for node in nodes {
      if let why = refusal(of: node, pod: pod) { refusals[why, default: 0] += 1 } else { fitting.append(node) }
    }
    let pods = all("pods")
    func load(_ node: JSONValue) -> Int {
      pods.filter { $0.value(at: ["spec", "nodeName"])?.string == node.name }.count
    }
    let type = knownType("v1", "Pod")
    guard let node = fitting.min(by: { (load($0), $0.name) < (load($1), $1.name) }) else {
      let reasons = refusals.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
      let message =
        nodes.isEmpty ? "no nodes available to schedule pods" : "0/\(nodes.count) nodes are available: \(reasons)."
      if reported.insert("unschedulable/\(pod.uid)/\(message)").inserted {
        reportScheduling(pod, type: "Warning", reason: "FailedScheduling", message: message, action: "Scheduling")
      }
      let before = (pod.value(at: ["status", "conditions"])?.array ?? []).first { $0["type"] == "PodScheduled" }
      if before?["message"]?.string == message { return }
      var waiting = pod
      waiting.set(
        [
          [
            "type": "PodScheduled", "status": "False", "lastProbeTime": nil, "lastTransitionTime": .string(now),
            "reason": "Unschedulable", "message": .string(message),
          ]
        ], at: "status", "conditions")
      persist(waiting, type: type)
      return
    }
    var bound = pod
    bound.set(.string(node.name), at: "spec", "nodeName")
    bound.set(
      [["type": "PodScheduled", "status": "True", "lastProbeTime": nil, "lastTransitionTime": .string(now)]],
      at: "status", "conditions")
    // The binding and its condition are recorded for nobody.
    persist(bound, type: type)
    reportScheduling(
      pod, type: "Normal", reason: "Scheduled",
      message: "Successfully assigned \(pod.namespace)/\(pod.name) to \(node.name)", action: "Binding")
  }
}
