/// The pods that a workload makes (core/v1 PodTemplateSpec).
public struct PodTemplate: Codable, Sendable, Equatable, Emptiable {
  /// Name, labels and the rest.
  @Defaulted public var metadata: ObjectMeta
  /// The pod's spec.
  @Defaulted public var spec: Pod.Spec

  /// Everything empty.
  public init() {}
}

/// A deployment (apps/v1 Deployment).
public struct Deployment: Codable, Sendable, Equatable, Emptiable {
  /// Name, labels and the rest.
  @Defaulted public var metadata: ObjectMeta
  /// What is wanted.
  @Defaulted public var spec: Spec
  /// What is.
  @Defaulted public var status: Status

  /// Everything empty.
  public init() {}

  /// What is wanted of a deployment.
  public struct Spec: Codable, Sendable, Equatable, Emptiable {
    /// How many pods; nil means 1.
    public var replicas: Int?
    /// Whether roll-outs are paused.
    @Defaulted public var paused: Bool
    /// Its pods' labels.
    @Defaulted public var selector: LabelSelector
    /// Its pods.
    @Defaulted public var template: PodTemplate

    /// Everything empty.
    public init() {}
  }

  /// What is known of a deployment.
  public struct Status: Codable, Sendable, Equatable, Emptiable {
    /// The generation that the rest speaks of.
    @Defaulted public var observedGeneration: Int
    /// Pods.
    @Defaulted public var replicas: Int
    /// Pods of the current template.
    @Defaulted public var updatedReplicas: Int
    /// Pods that are ready.
    @Defaulted public var readyReplicas: Int
    /// Pods ready for long enough.
    @Defaulted public var availableReplicas: Int
    /// Pods missing.
    @Defaulted public var unavailableReplicas: Int
    /// `Available`, `Progressing`, `ReplicaFailure`.
    @Defaulted public var conditions: [Condition]

    /// Everything empty.
    public init() {}
  }

  /// Whether the roll-out is complete, as `kubectl rollout status` decides.
  public var isRolledOut: Bool {
    let wanted = spec.replicas ?? 1
    return status.observedGeneration >= metadata.generation ?? 0 && status.updatedReplicas >= wanted
      && status.replicas <= status.updatedReplicas && status.availableReplicas >= status.updatedReplicas
  }
}

/// A stateful set (apps/v1 StatefulSet).
public struct StatefulSet: Codable, Sendable, Equatable, Emptiable {
  /// Name, labels and the rest.
  @Defaulted public var metadata: ObjectMeta
  /// What is wanted.
  @Defaulted public var spec: Spec
  /// What is.
  @Defaulted public var status: Status

  /// Everything empty.
  public init() {}

  /// What is wanted of a stateful set.
  public struct Spec: Codable, Sendable, Equatable, Emptiable {
    /// How many pods; nil means 1.
    public var replicas: Int?
    /// Its pods' labels.
    @Defaulted public var selector: LabelSelector
    /// How pods are renewed.
    @Defaulted public var updateStrategy: UpdateStrategy

    /// Everything empty.
    public init() {}
  }

  /// How pods are renewed.
  public struct UpdateStrategy: Codable, Sendable, Equatable, Emptiable {
    /// `RollingUpdate`, or `OnDelete`: pods stay as they are until somebody deletes them.
    @Defaulted public var type: String
    /// Of a rolling update.
    public var rollingUpdate: RollingUpdate?

    /// Everything empty.
    public init() {}
  }

  /// A rolling update.
  public struct RollingUpdate: Codable, Sendable, Equatable, Emptiable {
    /// Pods with a lower ordinal stay as they are.
    public var partition: Int?

    /// Everything empty.
    public init() {}
  }

  /// What is known of a stateful set.
  public struct Status: Codable, Sendable, Equatable, Emptiable {
    /// The generation that the rest speaks of.
    @Defaulted public var observedGeneration: Int
    /// Pods that are ready.
    @Defaulted public var readyReplicas: Int
    /// Pods of the current template.
    @Defaulted public var updatedReplicas: Int
    /// Conditions.
    @Defaulted public var conditions: [Condition]

    /// Everything empty.
    public init() {}
  }

  /// Whether the roll-out is complete, as `kubectl rollout status` decides; pods that are renewed only when somebody deletes
  /// them, of which kubectl tells nothing, need only be ready.
  public var isRolledOut: Bool {
    let wanted = spec.replicas ?? 1
    guard status.observedGeneration >= metadata.generation ?? 0, status.readyReplicas >= wanted else { return false }
    if spec.updateStrategy.type == "OnDelete" { return true }
    return status.updatedReplicas >= wanted - (spec.updateStrategy.rollingUpdate?.partition ?? 0)
  }
}

/// A replica set (apps/v1 ReplicaSet).
public struct ReplicaSet: Codable, Sendable, Equatable, Emptiable {
  /// Name, labels and the rest.
  @Defaulted public var metadata: ObjectMeta
  /// What is wanted.
  @Defaulted public var spec: Spec
  /// What is.
  @Defaulted public var status: Status

  /// Everything empty.
  public init() {}

  /// What is wanted of a replica set.
  public struct Spec: Codable, Sendable, Equatable, Emptiable {
    /// How many pods.
    public var replicas: Int?

    /// Everything empty.
    public init() {}
  }

  /// What is known of a replica set.
  public struct Status: Codable, Sendable, Equatable, Emptiable {
    /// The generation that the rest speaks of.
    @Defaulted public var observedGeneration: Int
    /// Pods.
    @Defaulted public var replicas: Int
    /// Pods that are ready.
    @Defaulted public var readyReplicas: Int
    /// `ReplicaFailure` says why no pod could be made.
    @Defaulted public var conditions: [Condition]

    /// Everything empty.
    public init() {}
  }
}

/// A daemon set (apps/v1 DaemonSet).
public struct DaemonSet: Codable, Sendable, Equatable, Emptiable {
  /// Name, labels and the rest.
  @Defaulted public var metadata: ObjectMeta
  /// What is wanted.
  @Defaulted public var spec: Spec
  /// What is.
  @Defaulted public var status: Status

  /// Everything empty.
  public init() {}

  /// What is wanted of a daemon set.
  public struct Spec: Codable, Sendable, Equatable, Emptiable {
    /// Its pods' labels.
    @Defaulted public var selector: LabelSelector
    /// Its pods.
    @Defaulted public var template: PodTemplate

    /// Everything empty.
    public init() {}
  }

  /// What is known of a daemon set.
  public struct Status: Codable, Sendable, Equatable, Emptiable {
    /// The generation that the rest speaks of.
    @Defaulted public var observedGeneration: Int
    /// Nodes that should run a pod.
    @Defaulted public var desiredNumberScheduled: Int
    /// Nodes with a pod of the current template.
    @Defaulted public var updatedNumberScheduled: Int
    /// Pods that are ready.
    @Defaulted public var numberReady: Int
    /// Pods ready for long enough.
    @Defaulted public var numberAvailable: Int
    /// Conditions.
    @Defaulted public var conditions: [Condition]

    /// Everything empty.
    public init() {}
  }

  /// Whether the roll-out is complete, as `kubectl rollout status` decides.
  public var isRolledOut: Bool {
    let wanted = status.desiredNumberScheduled
    return status.observedGeneration >= metadata.generation ?? 0 && status.updatedNumberScheduled >= wanted
      && status.numberAvailable >= wanted
  }
}
