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
    /// Pods that are ready.
    @Defaulted public var numberReady: Int
    /// Conditions.
    @Defaulted public var conditions: [Condition]

    /// Everything empty.
    public init() {}
  }
}
