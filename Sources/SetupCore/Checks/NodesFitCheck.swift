import Kubernetes
import Text

extension Check {
  /// One node has room for the agent and its image builder.
  static let nodesFit = Check(
    "nodes.fit", title: "A node that fits",
    required:
      "one Ready, schedulable amd64 node with 2 CPU, 6 GB (5.5 GiB) memory and 40 GB (37.2 GiB) ephemeral storage free",
    why:
      "Images of models are built on one node: neither a sum over several nodes helps, nor room that others have reserved.",
    needs: [.nodes, .nodeRoom], after: ["cluster.credentials"]
  ) { survey, _, requirements in
    .judging(survey.nodes) { nodes in
      .judging(survey.nodeRoom) { room in
        .judging(room.placement) { placement in
          NodeFit(NodeCandidate.ranked(nodes, placement, requirements), placement, room, Room(requirements)).finding
        }
      }
    }
  }
}

/// The verdict on all nodes.
private struct NodeFit {
  let candidates: [NodeCandidate]
  let placement: Placement
  let room: NodeRoom
  let needed: Room

  init(_ candidates: [NodeCandidate], _ placement: Placement, _ room: NodeRoom, _ needed: Room) {
    self.candidates = candidates
    self.placement = placement
    self.room = room
    self.needed = needed
  }

  /// Nodes that would do when empty.
  private var large: [NodeCandidate] { candidates.filter(\.isWorthReading) }
  private func load(_ candidate: NodeCandidate) -> NodeLoad? { room.loads[candidate.name]?.value }
  private var need: String {
    "\(Amount.cpu(needed.cpu)) CPU, \(Amount.gigabytes(needed.memory)) GB memory, \(Amount.gigabytes(needed.storage)) GB storage"
  }

  var finding: Finding {
    if let fitting = large.first(where: { $0.fits(room.loads[$0.name]) }), let load = load(fitting) {
      return fits(fitting, load)
    }
    let unread = large.filter { load($0) == nil }
    if !unread.isEmpty { return unknown(unread) }
    return softened(nothingFits)
  }

  // MARK: It fits

  private func fits(_ node: NodeCandidate, _ load: NodeLoad) -> Finding {
    let free = node.free(load)
    let name = OutsideText.clean(node.name)
    let observed =
      "\(name): \(Amount.cpu(free.cpu)) CPU, \(Amount.bytes(free.memory)) memory, \(Amount.bytes(free.storage)) storage free"
    let message =
      "Node \(name) has room: \(Amount.cpu(free.cpu)) CPU, \(Amount.bytes(free.memory)) memory and \(Amount.bytes(free.storage)) storage are free."
    guard !node.tolerated.isEmpty, placement.section != "imageBuilder" else {
      return Finding(.pass, observed: observed, message: message, details: table)
    }
    // The agent may go there, the builder's pods may not: the chart's values give them no toleration.
    return Finding(
      .warn, observed: observed,
      message:
        "Node \(name) has room, but only pods with the tolerations of \(placement.section ?? "the values") may run there (\(node.tolerated.joined(separator: ", "))): builds of images may stay Pending.",
      remedy: Remedy(
        "Give imageBuilder the same tolerations where the chart takes them, or keep a node without that taint."),
      details: table)
  }

  // MARK: It cannot be told

  private func unknown(_ unread: [NodeCandidate]) -> Finding {
    let failures = unread.compactMap { node -> ObservationFailure? in
      if case .failed(let failure)? = room.loads[node.name] { failure } else { nil }
    }
    let names = unread.prefix(3).map { OutsideText.clean($0.name) }.joined(separator: ", ")
    if let failure = failures.first {
      return Finding(
        .unknown, observed: "\(names): large enough, load not seen",
        message:
          "\(plural(unread.count, "node")) would be large enough, but what runs there cannot be seen: \(failure.message)",
        remedy: Remedy(
          "Ask someone who may list pods in all namespaces to look at the requests.",
          command: "kubectl describe node \(Shell.quote(unread[0].name))"),
        details: table)
    }
    let tested = large.count - unread.count
    return Finding(
      .unknown, observed: "none of \(tested) nodes has room, \(unread.count) not looked at",
      message:
        "None of the \(tested) largest nodes has room; \(plural(unread.count, "more node")) would be large enough and \(unread.count == 1 ? "was" : "were") not looked at.",
      remedy: Remedy("Look at the others by hand.", command: "kubectl describe node \(Shell.quote(unread[0].name))"),
      details: table)
  }

  // MARK: Nothing fits

  private var nothingFits: Finding {
    if candidates.isEmpty {
      return Finding(
        .fail, observed: "no nodes", message: "The cluster has no nodes.",
        remedy: Remedy("Add a node with \(need).", command: "kubectl get nodes"))
    }
    let open = candidates.filter(\.obstacles.isEmpty)
    if open.isEmpty {
      return Finding(
        .fail, observed: "\(plural(candidates.count, "node")), none takes new pods",
        message: "No node takes the agent's pods (\(commonObstacles)).",
        remedy: opening, details: table)
    }
    if !large.isEmpty { return full }
    let sum = open.reduce(Room()) { $0 + $1.allocatable }
    if open.count > 1, sum.holds(needed) {
      return Finding(
        .fail, observed: "\(plural(open.count, "node")), enough only together",
        message:
          "Together the nodes are large enough (\(Amount.cpu(sum.cpu)) CPU, \(Amount.gigabytes(sum.memory)) GB memory, \(Amount.gigabytes(sum.storage)) GB storage), but no single one is; a pod runs on one node.",
        remedy: Remedy("Add one node with \(need) free.", command: "kubectl describe nodes"), details: table)
    }
    return Finding(
      .fail, observed: "\(plural(candidates.count, "node")), none large enough",
      message: "No node is large enough, even when empty.",
      remedy: Remedy("Add a node with \(need) free.", command: "kubectl describe nodes"), details: table)
  }

  /// What makes the nearest node take pods, where one thing alone keeps it out.
  private var opening: Remedy {
    let general = Remedy(
      "Mend what excludes the nearest one, or add tolerations and a nodeSelector to a file under chart.values.",
      command: "kubectl describe nodes")
    guard let nearest = candidates.first, nearest.obstacles.count == 1 else { return general }
    let name = OutsideText.clean(nearest.name)
    switch nearest.obstacles[0] {
    case "cordoned":
      return Remedy(
        "Let \(name) take pods again once the work on it is done.",
        command: "kubectl uncordon \(Shell.quote(nearest.name))")
    case "not Ready":
      return Remedy(
        "Find out why \(name) is not Ready, and mend it.", command: "kubectl describe node \(Shell.quote(nearest.name))"
      )
    case let other where other.contains(", not "):
      // Neither tolerations nor selectors make a machine another one.
      return Remedy(
        "Add a Linux node of amd64 with \(need).", command: "kubectl get nodes --label-columns kubernetes.io/arch")
    default: return general
    }
  }

  /// Large enough, and taken.
  private var full: Finding {
    let nodes = large.compactMap { node in load(node).map { (node, $0) } }
    let nearest = nodes.min { ($0.0.missing($0.1).count, $0.0.name) < ($1.0.missing($1.1).count, $1.0.name) }
    let free = nodes.reduce(Room()) { $0 + $1.0.free($1.1) }
    let together =
      nodes.count > 1 && free.holds(needed) ? " Together they have the room, but a pod runs on one node." : ""
    let name = nearest.map { OutsideText.clean($0.0.name) } ?? ""
    var details = table
    if let (node, load) = nearest, !load.largest.isEmpty {
      details.append("the biggest requests on \(OutsideText.clean(node.name)):")
      details += load.largest.map {
        "  \(OutsideText.clean($0.pod)): \(Amount.cpu($0.requests.cpu)) CPU, \(Amount.gigabytes($0.requests.memory)) GB memory"
          + ($0.requests.storage > .zero ? ", \(Amount.gigabytes($0.requests.storage)) GB storage" : "")
      }
    }
    return Finding(
      .fail, observed: "\(plural(nodes.count, "node")) large enough, none has room",
      message:
        "\(nodes.count == 1 ? "One node is" : "\(nodes.count) nodes are") large enough, but other pods have reserved the room; nearest is \(name): \(nearest?.0.missing(nearest?.1 ?? NodeLoad()).joined(separator: ", ") ?? "").\(together)",
      remedy: Remedy(
        "Move or shrink one of the biggest requests on \(name), or add a node with \(need) free.",
        command: nearest.map { "kubectl describe node \(Shell.quote($0.0.name))" }),
      details: details)
  }

  /// A failure where nodes can be added by themselves is a warning.
  private func softened(_ finding: Finding) -> Finding {
    guard case .seen(let seen?) = room.autoscaler else { return finding }
    return Finding(
      .warn, observed: "\(finding.observed); \(seen)",
      message: "\(finding.message) \(seen.prefix(1).uppercased() + seen.dropFirst()) may add a node.",
      remedy: Remedy(
        "See that it has a node size with \(need) free: it adds no larger ones than it was told of.",
        command: "kubectl describe nodes"),
      details: finding.details)
  }

  private var commonObstacles: String {
    var seen: [String] = []
    for obstacle in candidates.flatMap(\.obstacles) where !seen.contains(obstacle) { seen.append(obstacle) }
    let shown = seen.prefix(4).map { OutsideText.clean($0) }.joined(separator: ", ")
    return seen.count > 4 ? shown + " …" : shown
  }

  // MARK: The table

  /// The nearest nodes: what they have, what is free, and what keeps each out.
  private var table: [String] {
    let limit = 10
    func isRead(_ node: NodeCandidate) -> Bool { load(node) != nil || node.isWorthReading }
    let read = candidates.lazy.filter(isRead).prefix(limit)
    let shown = Array(read) + candidates.lazy.filter { !isRead($0) }.prefix(limit - read.count)
    let header = ["NODE", "CPU FREE/ALL", "MEMORY FREE/ALL GB", "STORAGE FREE/ALL GB", "VERDICT"]
    let rows = shown.map { node -> [String] in
      let load = load(node)
      func cell(_ amount: (Room) -> String) -> String {
        (load.map { amount(node.free($0)) } ?? "-") + "/" + amount(node.allocatable)
      }
      return [
        shortened(OutsideText.clean(node.name)), cell { Amount.cpu($0.cpu) }, cell { Amount.gigabytes($0.memory) },
        cell { Amount.gigabytes($0.storage) }, OutsideText.clean(verdict(node, load)),
      ]
    }
    let widths = (0..<4).map { column in ([header] + rows).map { $0[column].count }.max() ?? 0 }
    var lines = ([header] + rows).map { row in
      (0..<4).map { row[$0].padding(to: widths[$0]) }.joined(separator: "  ") + "  " + row[4]
    }
    if candidates.count > limit { lines.append("and \(plural(candidates.count - limit, "more node"))") }
    if let section = placement.section { lines.append("tolerations and nodeSelector are those of \(section)") }
    return lines
  }

  private func verdict(_ node: NodeCandidate, _ load: NodeLoad?) -> String {
    let reasons = node.obstacles + node.shortages
    if !reasons.isEmpty { return "excluded: " + reasons.joined(separator: ", ") }
    guard let load else {
      if case .failed(let failure)? = room.loads[node.name] {
        return failure.kind == .denied ? "unknown: its pods may not be read" : "unknown: its pods could not be read"
      }
      return "not looked at"
    }
    let missing = node.missing(load)
    let own = load.own > 0 ? "; \(plural(load.own, "pod")) of this release not counted" : ""
    return (missing.isEmpty ? "fits" : "full: free " + missing.joined(separator: ", ")) + own
  }

  private func shortened(_ name: String) -> String { name.count <= 40 ? name : name.prefix(39) + "…" }

  private func plural(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
}
