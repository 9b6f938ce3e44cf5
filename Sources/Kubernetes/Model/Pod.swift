/// A pod (core/v1 Pod).
public struct Pod: Codable, Sendable, Equatable, Emptiable {
  /// Name, labels and the rest.
  @Defaulted public var metadata: ObjectMeta
  /// What is wanted.
  @Defaulted public var spec: Spec
  /// What is.
  @Defaulted public var status: Status

  /// Everything empty.
  public init() {}

  /// What is wanted of a pod.
  public struct Spec: Codable, Sendable, Equatable, Emptiable {
    /// The node it is bound to.
    public var nodeName: String?
    /// Its service account.
    public var serviceAccountName: String?
    /// Its containers.
    @Defaulted public var containers: [Container]
    /// Run before the containers; those that restart always are sidecars.
    @Defaulted public var initContainers: [Container]
    /// What the runtime class adds.
    @Defaulted public var overhead: [String: Quantity]

    /// Everything empty.
    public init() {}
  }

  /// A container.
  public struct Container: Codable, Sendable, Equatable, Emptiable {
    /// The name.
    @Defaulted public var name: String
    /// The image.
    @Defaulted public var image: String
    /// Its arguments.
    @Defaulted public var args: [String]
    /// What it asks for.
    @Defaulted public var resources: Resources
    /// `Always` makes an init container a sidecar.
    public var restartPolicy: String?

    /// Everything empty.
    public init() {}
  }

  /// What a container asks for.
  public struct Resources: Codable, Sendable, Equatable, Emptiable {
    /// What the scheduler reserves.
    @Defaulted public var requests: [String: Quantity]
    /// What it may not exceed.
    @Defaulted public var limits: [String: Quantity]

    /// Everything empty.
    public init() {}
  }

  /// What is known of a pod.
  public struct Status: Codable, Sendable, Equatable, Emptiable {
    /// `Pending`, `Running`, `Succeeded`, `Failed` or `Unknown`.
    @Defaulted public var phase: String
    /// The node on which room is being made for it by evicting others.
    public var nominatedNodeName: String?
    /// `Evicted`.
    public var reason: String?
    /// A sentence for a person.
    public var message: String?
    /// `PodScheduled`, `Initialized`, `ContainersReady`, `Ready`.
    @Defaulted public var conditions: [Condition]
    /// One a container.
    @Defaulted public var containerStatuses: [ContainerStatus]
    /// One an init container.
    @Defaulted public var initContainerStatuses: [ContainerStatus]

    /// Everything empty.
    public init() {}
  }

  /// What is known of a container.
  public struct ContainerStatus: Codable, Sendable, Equatable, Emptiable {
    /// The container's name.
    @Defaulted public var name: String
    /// Whether its readiness probe passes.
    @Defaulted public var ready: Bool
    /// How often it was started again.
    @Defaulted public var restartCount: Int
    /// The image.
    public var image: String?
    /// The image with its digest.
    public var imageID: String?
    /// Now.
    @Defaulted public var state: ContainerState
    /// Before the last restart.
    @Defaulted public var lastState: ContainerState

    /// Everything empty.
    public init() {}
  }

  /// A container's state; at most one of the three is set.
  public struct ContainerState: Codable, Sendable, Equatable, Emptiable {
    /// Not started.
    public var waiting: Waiting?
    /// Started.
    public var running: Running?
    /// Ended.
    public var terminated: Terminated?

    /// Everything empty.
    public init() {}
  }

  /// Why a container has not started.
  public struct Waiting: Codable, Sendable, Equatable, Emptiable {
    /// `ImagePullBackOff`, `CrashLoopBackOff`, `CreateContainerConfigError`.
    public var reason: String?
    /// A sentence for a person.
    public var message: String?

    /// Everything empty.
    public init() {}
  }

  /// Since when a container runs.
  public struct Running: Codable, Sendable, Equatable, Emptiable {
    /// RFC 3339.
    public var startedAt: String?

    /// Everything empty.
    public init() {}
  }

  /// How a container ended.
  public struct Terminated: Codable, Sendable, Equatable, Emptiable {
    /// The exit status.
    @Defaulted public var exitCode: Int
    /// `OOMKilled`, `Error`, `Completed`.
    public var reason: String?
    /// The termination message.
    public var message: String?
    /// RFC 3339.
    public var finishedAt: String?

    /// Everything empty.
    public init() {}
  }

  /// Whether its `Ready` condition is `True`.
  public var isReady: Bool { status.conditions["Ready"]?.isTrue == true }

  /// Whether it has ended and holds no resources.
  public var isFinished: Bool { status.phase == "Succeeded" || status.phase == "Failed" }

  /// What the scheduler reserves for it: the larger of its containers' sum and its neediest moment of initialisation,
  /// sidecars counted in both, plus the overhead (k8s.io/component-helpers, resource.PodRequests).
  public func request(of resource: String) -> Quantity {
    var sidecars = Quantity.zero
    var neediest = Quantity.zero
    for container in spec.initContainers {
      let request = container.resources.requests[resource] ?? .zero
      if container.restartPolicy == "Always" {
        sidecars += request
        neediest = max(neediest, sidecars)
      } else {
        neediest = max(neediest, sidecars + request)
      }
    }
    let running = spec.containers.reduce(sidecars) { $0 + ($1.resources.requests[resource] ?? .zero) }
    return max(running, neediest) + (spec.overhead[resource] ?? .zero)
  }
}
