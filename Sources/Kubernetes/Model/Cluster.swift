/// An ingress class (networking.k8s.io/v1 IngressClass).
public struct IngressClass: Codable, Sendable, Equatable, Emptiable {
  /// Name, labels and the rest.
  @Defaulted public var metadata: ObjectMeta
  /// What is wanted.
  @Defaulted public var spec: Spec

  /// Everything empty.
  public init() {}

  /// What is wanted of an ingress class.
  public struct Spec: Codable, Sendable, Equatable, Emptiable {
    /// `k8s.io/ingress-nginx`.
    @Defaulted public var controller: String

    /// Everything empty.
    public init() {}
  }

  /// Whether ingresses without a class get this one.
  public var isDefault: Bool { metadata.annotations["ingressclass.kubernetes.io/is-default-class"] == "true" }
}

/// A storage class (storage.k8s.io/v1 StorageClass).
public struct StorageClass: Codable, Sendable, Equatable, Emptiable {
  /// Name, labels and the rest.
  @Defaulted public var metadata: ObjectMeta
  /// Who makes the volumes.
  @Defaulted public var provisioner: String
  /// `Delete` or `Retain`.
  public var reclaimPolicy: String?
  /// `Immediate` or `WaitForFirstConsumer`.
  public var volumeBindingMode: String?
  /// Whether volumes may grow.
  @Defaulted public var allowVolumeExpansion: Bool

  /// Everything empty.
  public init() {}

  /// Whether claims without a class get this one.
  public var isDefault: Bool { metadata.annotations["storageclass.kubernetes.io/is-default-class"] == "true" }
}

/// A namespace's quota (core/v1 ResourceQuota).
public struct ResourceQuota: Codable, Sendable, Equatable, Emptiable {
  /// Name, labels and the rest.
  @Defaulted public var metadata: ObjectMeta
  /// What is wanted.
  @Defaulted public var spec: Spec
  /// What is.
  @Defaulted public var status: Status

  /// Everything empty.
  public init() {}

  /// The limits.
  public struct Spec: Codable, Sendable, Equatable, Emptiable {
    /// Limits: `requests.cpu`, `secrets`, `pods`.
    @Defaulted public var hard: [String: Quantity]
    /// Which pods it counts: `BestEffort`, `NotTerminating`; empty is all.
    @Defaulted public var scopes: [String]
    /// The same with operators; read only to know that it is there.
    public var scopeSelector: JSONValue?

    /// Everything empty.
    public init() {}
  }

  /// The limits in force and what is used of them.
  public struct Status: Codable, Sendable, Equatable, Emptiable {
    /// Limits in force.
    @Defaulted public var hard: [String: Quantity]
    /// What is used.
    @Defaulted public var used: [String: Quantity]

    /// Everything empty.
    public init() {}
  }
}

/// A namespace's limits for each object (core/v1 LimitRange).
public struct LimitRange: Codable, Sendable, Equatable, Emptiable {
  /// Name, labels and the rest.
  @Defaulted public var metadata: ObjectMeta
  /// What is wanted.
  @Defaulted public var spec: Spec

  /// Everything empty.
  public init() {}

  /// The limits.
  public struct Spec: Codable, Sendable, Equatable, Emptiable {
    /// One a type.
    @Defaulted public var limits: [Limit]

    /// Everything empty.
    public init() {}
  }

  /// The limits of one type.
  public struct Limit: Codable, Sendable, Equatable, Emptiable {
    /// `Container`, `Pod`, `PersistentVolumeClaim`.
    @Defaulted public var type: String
    /// The most.
    @Defaulted public var max: [String: Quantity]
    /// The least.
    @Defaulted public var min: [String: Quantity]
    /// Limits of a container that names none.
    @Defaulted public var `default`: [String: Quantity]
    /// Requests of a container that names none.
    @Defaulted public var defaultRequest: [String: Quantity]

    /// Everything empty.
    public init() {}
  }
}

/// An event (core/v1 Event).
public struct Event: Codable, Sendable, Equatable, Emptiable {
  /// Name, labels and the rest.
  @Defaulted public var metadata: ObjectMeta
  /// What it is about.
  @Defaulted public var involvedObject: ObjectReference
  /// `Normal` or `Warning`.
  @Defaulted public var type: String
  /// `FailedScheduling`, `BackOff`.
  @Defaulted public var reason: String
  /// A sentence for a person.
  @Defaulted public var message: String
  /// How often it was seen.
  public var count: Int?
  /// RFC 3339; null for events of the newer API.
  public var firstTimestamp: String?
  /// RFC 3339; null for events of the newer API.
  public var lastTimestamp: String?
  /// RFC 3339 with microseconds, of the newer API.
  public var eventTime: String?
  /// Who saw it.
  public var reportingComponent: String?

  /// Everything empty.
  public init() {}

  /// When it was last seen, RFC 3339, whichever API wrote it.
  public var lastSeen: String? { lastTimestamp ?? eventTime ?? firstTimestamp ?? metadata.creationTimestamp }
}

/// A reference to an object (core/v1 ObjectReference).
public struct ObjectReference: Codable, Sendable, Equatable, Emptiable {
  /// `Pod`.
  @Defaulted public var kind: String
  /// Its namespace.
  public var namespace: String?
  /// Its name.
  @Defaulted public var name: String
  /// Its uid.
  public var uid: String?
  /// `v1`.
  public var apiVersion: String?
  /// `spec.containers{c}`.
  public var fieldPath: String?

  /// Everything empty.
  public init() {}
}

/// A group of the API (meta/v1 APIGroup).
public struct APIGroup: Codable, Sendable, Equatable, Emptiable {
  /// `apps`.
  @Defaulted public var name: String
  /// Its versions, the preferred not always first.
  @Defaulted public var versions: [Version]

  /// Everything empty.
  public init() {}

  /// A version of a group.
  public struct Version: Codable, Sendable, Equatable, Emptiable {
    /// `apps/v1`.
    @Defaulted public var groupVersion: String
    /// `v1`.
    @Defaulted public var version: String

    /// Everything empty.
    public init() {}
  }
}

/// What `/apis` answers.
public struct APIGroupList: Codable, Sendable, Equatable, Emptiable {
  /// The groups that this server serves.
  @Defaulted public var groups: [APIGroup]

  /// Everything empty.
  public init() {}

  /// Whether the server serves a group, in any version or in the one given.
  public func serves(_ group: String, version: String? = nil) -> Bool {
    groups.contains { $0.name == group && (version == nil || $0.versions.contains { $0.version == version }) }
  }
}
