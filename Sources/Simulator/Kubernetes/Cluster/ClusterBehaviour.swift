/// What a simulated cluster does with what runs in it.
public struct ClusterBehaviour: Sendable, Equatable {
  /// How a pod ends up.
  public enum Outcome: Sendable, Equatable {
    /// Running and ready.
    case ready
    /// The registry does not give the image: `ErrImagePull`, then `ImagePullBackOff`, with that message.
    case imagePullBackOff(message: String)
    /// The program ends again and again; its log says that.
    case crashLoop(exitCode: Int, log: String)
    /// Scheduled and running, never ready.
    case neverReady
  }

  /// Which pods an outcome holds for.
  public struct Rule: Sendable, Equatable {
    /// A text that an image of the pod contains; empty matches all.
    public var image: String
    /// The owning deployment's name; nil matches all.
    public var deployment: String?
    /// What becomes of them.
    public var outcome: Outcome

    /// A rule from its parts.
    public init(image: String = "", deployment: String? = nil, outcome: Outcome) {
      self.image = image
      self.deployment = deployment
      self.outcome = outcome
    }
  }

  /// The first rule that matches decides; a pod with no rule becomes ready.
  public var rules: [Rule]
  /// The time that each stage of a pod's life takes, in all about four of them until it is ready.
  public var pace: Duration
  /// Whether nodes run what is scheduled on them; without, pods stay Pending.
  public var hasKubelets: Bool
  /// What a ready container's log says, by a text that its image contains.
  public var logs: [String: String]
  /// How long a namespace stays Terminating.
  public var namespaceRemoval: Duration

  /// A behaviour from its parts; by default all is well and fast.
  public init(
    rules: [Rule] = [], pace: Duration = .milliseconds(100), hasKubelets: Bool = true, logs: [String: String] = [:],
    namespaceRemoval: Duration = .milliseconds(300)
  ) {
    self.rules = rules
    self.pace = pace
    self.hasKubelets = hasKubelets
    self.logs = logs
    self.namespaceRemoval = namespaceRemoval
  }
}
