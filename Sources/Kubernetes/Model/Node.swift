/// A node (core/v1 Node).
public struct Node: Codable, Sendable, Equatable, Emptiable {
  /// Name, labels and the rest.
  @Defaulted public var metadata: ObjectMeta
  /// What is wanted.
  @Defaulted public var spec: Spec
  /// What is.
  @Defaulted public var status: Status

  /// Everything empty.
  public init() {}

  /// What is wanted of a node.
  public struct Spec: Codable, Sendable, Equatable, Emptiable {
    /// `aws:///us-east-1a/i-0123`.
    public var providerID: String?
    /// Cordoned.
    @Defaulted public var unschedulable: Bool
    /// Taints.
    @Defaulted public var taints: [Taint]

    /// Everything empty.
    public init() {}
  }

  /// What keeps pods off (core/v1 Taint).
  public struct Taint: Codable, Sendable, Equatable, Emptiable {
    /// The key.
    @Defaulted public var key: String
    /// The value.
    public var value: String?
    /// `NoSchedule`, `PreferNoSchedule` or `NoExecute`.
    @Defaulted public var effect: String

    /// Everything empty.
    public init() {}
  }

  /// What a node reports.
  public struct Status: Codable, Sendable, Equatable, Emptiable {
    /// All it has: `cpu`, `memory`, `pods`, `ephemeral-storage`.
    @Defaulted public var capacity: [String: Quantity]
    /// What pods may have of it.
    @Defaulted public var allocatable: [String: Quantity]
    /// `Ready`, `MemoryPressure`, `DiskPressure`, `PIDPressure`.
    @Defaulted public var conditions: [Condition]
    /// Its addresses.
    @Defaulted public var addresses: [Address]
    /// Its system.
    @Defaulted public var nodeInfo: NodeInfo

    /// Everything empty.
    public init() {}
  }

  /// An address of a node.
  public struct Address: Codable, Sendable, Equatable, Emptiable {
    /// `InternalIP`, `ExternalIP`, `Hostname`.
    @Defaulted public var type: String
    /// The address.
    @Defaulted public var address: String

    /// Everything empty.
    public init() {}
  }

  /// A node's system (core/v1 NodeSystemInfo).
  public struct NodeInfo: Codable, Sendable, Equatable, Emptiable {
    /// `amd64`, `arm64`.
    @Defaulted public var architecture: String
    /// `linux`.
    @Defaulted public var operatingSystem: String
    /// `Ubuntu 22.04`.
    public var osImage: String?
    /// `v1.24.0`.
    @Defaulted public var kubeletVersion: String
    /// `containerd://1.6.8`.
    public var containerRuntimeVersion: String?

    /// Everything empty.
    public init() {}
  }

  /// Whether its `Ready` condition is `True`.
  public var isReady: Bool { status.conditions["Ready"]?.isTrue == true }
}
