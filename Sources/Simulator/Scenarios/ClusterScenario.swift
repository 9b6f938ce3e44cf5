public import Kubernetes

/// What a simulated cluster is at the start.
public struct ClusterScenario: Sendable {
  /// A name for `--demo NAME`.
  public var name: String
  /// What it shows, in one sentence.
  public var summary: String
  /// The version it reports.
  public var version: ClusterVersion
  /// What makes it an OpenShift; nil: it is none.
  public var openShift: OpenShiftPlatform?
  /// Its nodes.
  public var nodes: [SimulatedNode]
  /// Namespaces beside those that every cluster has.
  public var namespaces: [String]
  /// Everything else that is there, in the order it is made: whole objects with apiVersion, kind and metadata.
  public var objects: [JSONValue]
  /// Who may ask.
  public var users: [SimulatedUser]
  /// What becomes of what runs in it.
  public var behaviour: ClusterBehaviour
  /// What goes wrong with requests.
  public var faults: [Fault]
  /// Where its random names come from.
  public var seed: UInt64
  /// What was installed in it before it begins; nil: nothing.
  public var installation: Installation?

  /// An agent that is there already, made of the demonstration's own answers.
  public struct Installation: Sendable, Equatable {
    /// Whether the registry still takes pushes of the user whose login the image builder has.
    public var mayPush: Bool

    /// An installation; all is well with it unless it is told otherwise.
    public init(mayPush: Bool = true) { self.mayPush = mayPush }
  }

  /// A scenario from its parts.
  public init(
    name: String, summary: String = "", version: ClusterVersion = ClusterVersion(minor: 36),
    openShift: OpenShiftPlatform? = nil,
    nodes: [SimulatedNode] = [], namespaces: [String] = [], objects: [JSONValue] = [],
    users: [SimulatedUser] = [.admin, .viewer], behaviour: ClusterBehaviour = ClusterBehaviour(), faults: [Fault] = [],
    seed: UInt64 = 42
  ) {
    self.name = name
    self.summary = summary
    self.version = version
    self.openShift = openShift
    self.nodes = nodes
    self.namespaces = namespaces
    self.objects = objects
    self.users = users
    self.behaviour = behaviour
    self.faults = faults
    self.seed = seed
  }

  /// The scenario with something changed.
  public func with(_ change: (inout ClusterScenario) -> Void) -> ClusterScenario {
    var copy = self
    change(&copy)
    return copy
  }
}

extension SimulatedUser {
  /// May do everything.
  public static let admin = SimulatedUser(name: "admin", groups: ["system:masters"], token: "admin-token")
  /// May see what everybody may see: no more than the version and its own rights.
  public static let viewer = SimulatedUser(name: "viewer", token: "viewer-token")
}

/// A node of a simulated cluster.
public struct SimulatedNode: Sendable, Equatable {
  /// A taint: `key=value:effect`.
  public struct Taint: Sendable, Equatable {
    /// `node-role.kubernetes.io/control-plane`.
    public var key: String
    /// Often empty.
    public var value: String
    /// `NoSchedule`, `PreferNoSchedule`, `NoExecute`.
    public var effect: String

    /// A taint from its parts.
    public init(key: String, value: String = "", effect: String = "NoSchedule") {
      self.key = key
      self.value = value
      self.effect = effect
    }
  }

  /// Its name.
  public var name: String
  /// A quantity: `4`.
  public var cpu: String
  /// A quantity: `16Gi`.
  public var memory: String
  /// A quantity: `100Gi`.
  public var ephemeralStorage: String
  /// `amd64`, `arm64`.
  public var architecture: String
  /// `containerd://1.7.24`.
  public var runtime: String
  /// Labels beside those that every node has.
  public var labels: [String: String]
  /// Its taints.
  public var taints: [Taint]
  /// Whether it is cordoned.
  public var isCordoned: Bool
  /// Whether its kubelet reports it ready.
  public var isReady: Bool
  /// `aws:///us-east-1a/i-0…`.
  public var providerID: String?

  /// A node from its parts.
  public init(
    _ name: String, cpu: String = "4", memory: String = "16Gi", ephemeralStorage: String = "100Gi",
    architecture: String = "amd64", runtime: String = "containerd://1.7.24", labels: [String: String] = [:],
    taints: [Taint] = [], isCordoned: Bool = false, isReady: Bool = true, providerID: String? = nil
  ) {
    self.name = name
    self.cpu = cpu
    self.memory = memory
    self.ephemeralStorage = ephemeralStorage
    self.architecture = architecture
    self.runtime = runtime
    self.labels = labels
    self.taints = taints
    self.isCordoned = isCordoned
    self.isReady = isReady
    self.providerID = providerID
  }

  /// The object without its status.
  func object() -> JSONValue {
    var labels: JSONValue = [
      "kubernetes.io/arch": .string(architecture), "kubernetes.io/hostname": .string(name), "kubernetes.io/os": "linux",
    ]
    for (key, value) in self.labels { labels[key] = .string(value) }
    var spec: JSONValue = [:]
    if let providerID { spec["providerID"] = .string(providerID) }
    if isCordoned { spec["unschedulable"] = true }
    if !taints.isEmpty {
      spec["taints"] = .array(
        taints.map { taint in
          var value: JSONValue = ["key": .string(taint.key), "effect": .string(taint.effect)]
          if !taint.value.isEmpty { value["value"] = .string(taint.value) }
          return value
        })
    }
    return [
      "apiVersion": "v1", "kind": "Node", "metadata": ["name": .string(name), "labels": labels], "spec": spec,
    ]
  }

  /// The status as a kubelet reports it.
  func status(index: Int, version: ClusterVersion, now: String) -> JSONValue {
    let sizes: JSONValue = [
      "cpu": .string(cpu), "ephemeral-storage": .string(ephemeralStorage), "memory": .string(memory), "pods": "110",
    ]
    func condition(_ type: String, _ status: String, _ reason: String) -> JSONValue {
      [
        "type": .string(type), "status": .string(status), "lastHeartbeatTime": .string(now),
        "lastTransitionTime": .string(now), "reason": .string(reason),
      ]
    }
    let release = "v1.\(version.minor).\(version.patch)\(version.vendorSuffix)"
    return [
      "capacity": sizes, "allocatable": sizes,
      "conditions": [
        condition("Ready", isReady ? "True" : "False", isReady ? "KubeletReady" : "KubeletNotReady"),
        condition("DiskPressure", "False", "KubeletHasNoDiskPressure"),
        condition("MemoryPressure", "False", "KubeletHasSufficientMemory"),
      ],
      "addresses": [["type": "InternalIP", "address": .string("10.1.0.\(index + 1)")]],
      "daemonEndpoints": ["kubeletEndpoint": ["Port": 10250]],
      "nodeInfo": [
        "machineID": "m", "systemUUID": "s", "bootID": "b", "kernelVersion": "6.1.0", "osImage": "Linux",
        "containerRuntimeVersion": .string(runtime), "kubeletVersion": .string(release),
        "kubeProxyVersion": .string(release), "operatingSystem": "linux", "architecture": .string(architecture),
      ],
    ]
  }
}
