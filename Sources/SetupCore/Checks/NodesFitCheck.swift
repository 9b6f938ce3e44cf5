import Kubernetes

extension Check {
  /// One node can take the agent and its image builder.
  static let nodesFit = Check(
    "nodes.fit", title: "A node that fits",
    required: "one Ready, schedulable node with 2 CPU, 6 GB memory and 40 GB storage",
    why: "Images of models are built on one node: a sum over several nodes does not help.", needs: [.nodes],
    after: ["cluster.credentials"]
  ) { survey, _, requirements in
    .judging(survey.nodes) { nodes in
      if nodes.isEmpty {
        return Finding(
          .fail, observed: "no nodes", message: "The cluster has no nodes.", remedy: Remedy("Add a node."))
      }
      let judged = nodes.map { NodeVerdict($0, requirements) }
      let table = judged.sorted { ($0.exclusions.count, $0.name) < ($1.exclusions.count, $1.name) }
      if let fitting = table.first(where: \.fits) {
        return Finding(
          .pass, observed: fitting.summary, message: "Node \(fitting.name) is large enough.",
          details: table.prefix(5).map(\.line))
      }
      return Finding(
        .fail, observed: "\(nodes.count) node\(nodes.count == 1 ? "" : "s"), none fits",
        message: "No node is large enough and free to be scheduled on.",
        remedy: Remedy(
          "Add a node of that size, or mend what excludes the nearest one.", command: "kubectl describe nodes"),
        details: table.prefix(10).map(\.line))
    }
  }
}

/// Why a node does or does not fit.
private struct NodeVerdict {
  let name: String
  let exclusions: [String]
  let summary: String

  var fits: Bool { exclusions.isEmpty }
  var line: String { "\(name): \(summary)\(fits ? "" : "; excluded: " + exclusions.joined(separator: ", "))" }

  init(_ node: Node, _ requirements: Requirements) {
    name = node.metadata.name
    let allocatable = node.status.allocatable
    var exclusions: [String] = []
    if !node.isReady { exclusions.append("not Ready") }
    if node.spec.unschedulable { exclusions.append("cordoned") }
    for taint in node.spec.taints where taint.effect == "NoSchedule" || taint.effect == "NoExecute" {
      // The cordon's own taint says nothing new.
      if taint.key == "node.kubernetes.io/unschedulable" && node.spec.unschedulable { continue }
      exclusions.append("taint \(taint.key):\(taint.effect)")
    }
    let needs = [
      ("cpu", requirements.cpu, "CPU"), ("memory", requirements.memory, "memory"),
      ("ephemeral-storage", requirements.storage, "storage"),
    ]
    for (resource, minimum, word) in needs {
      guard let has = allocatable[resource] else {
        exclusions.append("no \(word) reported")
        continue
      }
      if has < minimum { exclusions.append("\(word) \(has) below \(minimum)") }
    }
    self.exclusions = exclusions
    summary = needs.map { "\($0.2) \(allocatable[$0.0].map(\.description) ?? "?")" }.joined(separator: ", ")
  }
}
