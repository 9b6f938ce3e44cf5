public import Kubernetes

/// CPU, memory and storage, of a node or of what runs on it.
public struct Room: Sendable, Equatable {
  /// CPUs.
  public var cpu: Quantity
  /// Bytes of memory.
  public var memory: Quantity
  /// Bytes of ephemeral storage.
  public var storage: Quantity

  /// Room from its parts.
  public init(cpu: Quantity = .zero, memory: Quantity = .zero, storage: Quantity = .zero) {
    self.cpu = cpu
    self.memory = memory
    self.storage = storage
  }

  static func + (left: Room, right: Room) -> Room {
    Room(cpu: left.cpu + right.cpu, memory: left.memory + right.memory, storage: left.storage + right.storage)
  }

  static func - (left: Room, right: Room) -> Room {
    Room(cpu: left.cpu - right.cpu, memory: left.memory - right.memory, storage: left.storage - right.storage)
  }

  /// Whether there is as much of everything.
  func holds(_ other: Room) -> Bool { cpu >= other.cpu && memory >= other.memory && storage >= other.storage }
}

extension Room {
  /// What a node offers to pods; what it does not report it does not have.
  init(allocatable node: Node) {
    let all = node.status.allocatable
    self.init(
      cpu: all["cpu"] ?? .zero, memory: all["memory"] ?? .zero, storage: all["ephemeral-storage"] ?? .zero)
  }

  /// What the scheduler reserves for a pod.
  init(requests pod: Pod) {
    self.init(
      cpu: pod.request(of: "cpu"), memory: pod.request(of: "memory"), storage: pod.request(of: "ephemeral-storage"))
  }

  /// What one node must have free.
  init(_ requirements: Requirements) {
    self.init(cpu: requirements.cpu, memory: requirements.memory, storage: requirements.storage)
  }
}

/// What runs on one node.
public struct NodeLoad: Sendable, Equatable {
  /// A pod and what is reserved for it.
  public struct Consumer: Sendable, Equatable {
    /// `namespace/name`.
    public var pod: String
    /// What is reserved.
    public var requests: Room
  }

  /// All requests together.
  public var requested = Room()
  /// How many pods there are.
  public var pods = 0
  /// The largest, by memory.
  public var largest: [Consumer] = []
  /// How many pods of the release itself were left out: an upgrade replaces them.
  public var own = 0

  /// Nothing runs.
  public init() {}

  /// The load of the pods that are on a node or for which room is being made on it, without those that have ended and
  /// without the release's own.
  init(_ pods: [Pod], on node: String, isOwn: (Pod) -> Bool) {
    var seen: Set<String> = []
    var consumers: [Consumer] = []
    for pod in pods where !pod.isFinished {
      let isNominated = pod.spec.nodeName ?? "" == "" && pod.status.nominatedNodeName == node
      let name = "\(pod.metadata.namespace ?? "default")/\(pod.metadata.name)"
      guard pod.spec.nodeName == node || isNominated, seen.insert(name).inserted else { continue }
      if isOwn(pod) {
        own += 1
        continue
      }
      let requests = Room(requests: pod)
      requested = requested + requests
      consumers.append(Consumer(pod: name, requests: requests))
    }
    self.pods = consumers.count
    largest = Array(
      consumers.sorted { ($1.requests.memory, $1.requests.cpu, $0.pod) < ($0.requests.memory, $0.requests.cpu, $1.pod) }
        .prefix(5))
  }
}

/// What was found out about room on the nodes.
public struct NodeRoom: Sendable, Equatable {
  /// Where the chart's pods may go; a failure: the values could not be read, and nothing else was looked at.
  public var placement: Observed<Placement>
  /// The load of each node that was looked at.
  public var loads: [String: Observed<NodeLoad>]
  /// What adds nodes by itself; nil inside: nothing was seen. Not asked where a node fits.
  public var autoscaler: Observed<String?>

  /// Room from its parts.
  public init(
    placement: Observed<Placement> = .seen(Placement()), loads: [String: Observed<NodeLoad>] = [:],
    autoscaler: Observed<String?> = .notAsked
  ) {
    self.placement = placement
    self.loads = loads
    self.autoscaler = autoscaler
  }
}

extension Survey {
  /// Room on the nodes.
  public var nodeRoom: Observed<NodeRoom> {
    get { self["cluster/nodeRoom"] }
    set { self["cluster/nodeRoom"] = newValue }
  }
}
