import Kubernetes

/// A node with what keeps it out, as far as the node itself tells.
struct NodeCandidate: Sendable {
  let name: String
  let allocatable: Room
  /// How many pods it takes; nil: it does not say.
  let maximumPods: Int?
  /// What keeps pods off it whatever its size: `cordoned`, `taint gpu:NoSchedule`.
  let obstacles: [String]
  /// Where it is too small even when empty: `memory 3.9 of 6 GB`.
  let shortages: [String]
  /// The taints that only tolerations of the values make harmless.
  let tolerated: [String]
  private let needed: Room

  init(_ node: Node, _ placement: Placement, _ requirements: Requirements) {
    name = node.metadata.name
    allocatable = Room(allocatable: node)
    maximumPods = node.status.allocatable["pods"].map { Int($0.value) }
    needed = Room(requirements)
    var obstacles: [String] = []
    if !node.isReady { obstacles.append("not Ready") }
    if node.spec.unschedulable { obstacles.append("cordoned") }
    for taint in placement.untolerated(node) {
      // The node controller's own taints say what was said already.
      if taint.key == "node.kubernetes.io/unschedulable" && node.spec.unschedulable { continue }
      if ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"].contains(taint.key) && !node.isReady {
        continue
      }
      obstacles.append("taint \(Self.text(taint))")
    }
    for (key, value) in placement.nodeSelector.sorted(by: { $0.key < $1.key })
    where node.metadata.labels[key] != value {
      obstacles.append("no label \(key)=\(value)")
    }
    let architectures = requirements.platform.architectures
    let architecture = node.status.nodeInfo.architecture
    if !architecture.isEmpty, !architectures.isEmpty, !architectures.contains(architecture) {
      obstacles.append("\(architecture), not \(architectures.joined(separator: " or "))")
    }
    let system = node.status.nodeInfo.operatingSystem
    if !system.isEmpty, system != "linux" { obstacles.append("\(system), not linux") }
    self.obstacles = obstacles
    tolerated = placement.tolerated(node).map(Self.text)
    let names = node.status.allocatable
    shortages = Self.shortages(allocatable, needed, reported: names.keys.contains)
  }

  private static func text(_ taint: Node.Taint) -> String {
    "\(taint.key)\(taint.value.map { $0.isEmpty ? "" : "=\($0)" } ?? ""):\(taint.effect)"
  }

  /// Where there is less than needed.
  static func shortages(_ room: Room, _ needed: Room, reported: (String) -> Bool = { _ in true }) -> [String] {
    var shortages: [String] = []
    if !reported("cpu") {
      shortages.append("no CPU reported")
    } else if room.cpu < needed.cpu {
      shortages.append("CPU \(Amount.cpu(room.cpu)) of \(Amount.cpu(needed.cpu))")
    }
    if !reported("memory") {
      shortages.append("no memory reported")
    } else if room.memory < needed.memory {
      shortages.append("memory \(Amount.gigabytes(room.memory)) of \(Amount.gigabytes(needed.memory)) GB")
    }
    if !reported("ephemeral-storage") {
      shortages.append("no storage reported")
    } else if room.storage < needed.storage {
      shortages.append("storage \(Amount.gigabytes(room.storage)) of \(Amount.gigabytes(needed.storage)) GB")
    }
    return shortages
  }

  /// Whether its pods decide: nothing else keeps it out.
  var isWorthReading: Bool { obstacles.isEmpty && shortages.isEmpty }

  /// What is free on it under that load.
  func free(_ load: NodeLoad) -> Room { allocatable - load.requested }

  /// What is missing on it under that load.
  func missing(_ load: NodeLoad) -> [String] {
    var missing = Self.shortages(free(load), needed)
    if let maximumPods, load.pods >= maximumPods { missing.append("\(load.pods) of \(maximumPods) pods taken") }
    return missing
  }

  /// Whether it is known to have room.
  func fits(_ load: Observed<NodeLoad>?) -> Bool {
    guard isWorthReading, case .seen(let load)? = load else { return false }
    return missing(load).isEmpty
  }

  /// All nodes, the most promising first: those that nothing keeps out, without tolerations first, then the larger ones.
  static func ranked(_ nodes: [Node], _ placement: Placement, _ requirements: Requirements) -> [NodeCandidate] {
    nodes.map { NodeCandidate($0, placement, requirements) }
      .sorted { left, right in
        let (one, other) = (left.rank, right.rank)
        if one != other { return one < other }
        if left.allocatable.memory != right.allocatable.memory {
          return left.allocatable.memory > right.allocatable.memory
        }
        if left.allocatable.cpu != right.allocatable.cpu { return left.allocatable.cpu > right.allocatable.cpu }
        return left.name < right.name
      }
  }

  private var rank: Int { (obstacles.count + shortages.count) * 2 + (tolerated.isEmpty ? 0 : 1) }
}

/// Amounts for people, rounded down so that what is too little never looks like enough.
enum Amount {
  /// `2`, `1.95`, `0.1`.
  static func cpu(_ quantity: Quantity) -> String { decimal(quantity.milliValue, per: 1000, digits: 2) }

  /// `6`, `5.9`, in units of 10^9 bytes.
  static func gigabytes(_ quantity: Quantity) -> String { decimal(quantity.value, per: 1_000_000_000, digits: 1) }

  /// `6 GB (5.5 GiB)`.
  static func bytes(_ quantity: Quantity) -> String {
    "\(gigabytes(quantity)) GB (\(decimal(quantity.value, per: 1 << 30, digits: 1)) GiB)"
  }

  private static func decimal(_ value: Int64, per unit: Int64, digits: Int) -> String {
    let value = max(0, value)
    let scale: Int64 = digits == 2 ? 100 : 10
    let scaled = Int64((Double(value % unit) / Double(unit) * Double(scale)).rounded(.down))
    if scaled == 0 { return "\(value / unit)" }
    var fraction = String(scaled)
    while fraction.count < digits { fraction = "0" + fraction }
    while fraction.hasSuffix("0") { fraction.removeLast() }
    return "\(value / unit).\(fraction)"
  }
}
