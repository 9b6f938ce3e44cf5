/// What is asked of an access review (authorization.k8s.io/v1 ResourceAttributes).
public struct ResourceAttributes: Codable, Sendable, Equatable, Emptiable {
  /// nil asks for all namespaces, or a cluster-scoped resource.
  public var namespace: String?
  /// `create`.
  @Defaulted public var verb: String
  /// `apps`; nil is the core group.
  public var group: String?
  /// `v1`; nil is any.
  public var version: String?
  /// `secrets`.
  @Defaulted public var resource: String
  /// `attach`.
  public var subresource: String?
  /// nil asks for all names.
  public var name: String?

  /// Everything empty.
  public init() {}

  /// A question: may I `verb` this `resource`?
  public init(
    _ verb: String, _ resource: Resource, namespace: String? = nil, name: String? = nil, subresource: String? = nil
  ) {
    self.init()
    self.verb = verb
    self.resource = resource.name
    self.group = resource.group.isEmpty ? nil : resource.group
    self.namespace = namespace
    self.name = name
    self.subresource = subresource
  }
}

/// The question whether we may do something, and its answer (authorization.k8s.io/v1).
public struct SelfSubjectAccessReview: Codable, Sendable, Equatable, Emptiable {
  /// The question.
  @Defaulted public var spec: Spec
  /// The answer.
  @Defaulted public var status: Status

  /// Everything empty.
  public init() {}

  /// The question.
  public struct Spec: Codable, Sendable, Equatable, Emptiable {
    /// About a resource.
    @Defaulted public var resourceAttributes: ResourceAttributes
    /// About whom, in a SubjectAccessReview.
    public var user: String?
    /// The groups of whom, in a SubjectAccessReview.
    @Defaulted public var groups: [String]

    /// Everything empty.
    public init() {}
  }

  /// The answer.
  public struct Status: Codable, Sendable, Equatable, Emptiable {
    /// Whether it is allowed.
    @Defaulted public var allowed: Bool
    /// Whether an authorizer refused it, not merely none allowed it.
    @Defaulted public var denied: Bool
    /// Why.
    public var reason: String?
    /// What failed while it was decided; the answer stands all the same.
    public var evaluationError: String?

    /// Everything empty.
    public init() {}
  }
}

/// Whom the server takes us for (authentication.k8s.io/v1, since Kubernetes 1.28).
public struct SelfSubjectReview: Codable, Sendable, Equatable, Emptiable {
  /// The answer.
  @Defaulted public var status: Status

  /// Everything empty.
  public init() {}

  /// The answer.
  public struct Status: Codable, Sendable, Equatable, Emptiable {
    /// Who we are.
    @Defaulted public var userInfo: UserInfo

    /// Everything empty.
    public init() {}
  }

  /// A user as the server knows it.
  public struct UserInfo: Codable, Sendable, Equatable, Emptiable {
    /// `system:serviceaccount:mlops:agent`, `admin`.
    @Defaulted public var username: String
    /// The user's id, where its provider has one.
    public var uid: String?
    /// `system:masters`, `system:authenticated`.
    @Defaulted public var groups: [String]

    /// Everything empty.
    public init() {}
  }
}

/// What we may do in a namespace (authorization.k8s.io/v1). The list can be incomplete: decide by access reviews.
public struct SelfSubjectRulesReview: Codable, Sendable, Equatable, Emptiable {
  /// The answer.
  @Defaulted public var status: Status

  /// Everything empty.
  public init() {}

  /// The answer.
  public struct Status: Codable, Sendable, Equatable, Emptiable {
    /// Rules about resources.
    @Defaulted public var resourceRules: [ResourceRule]
    /// Whether rules are missing.
    @Defaulted public var incomplete: Bool
    /// Why rules are missing.
    public var evaluationError: String?

    /// Everything empty.
    public init() {}
  }

  /// A rule: these verbs on these resources.
  public struct ResourceRule: Codable, Sendable, Equatable, Emptiable {
    /// `*` is all.
    @Defaulted public var verbs: [String]
    /// `*` is all.
    @Defaulted public var apiGroups: [String]
    /// `*` is all.
    @Defaulted public var resources: [String]
    /// Empty is all.
    @Defaulted public var resourceNames: [String]

    /// Everything empty.
    public init() {}
  }
}
