/// A `Status` object: how a Kubernetes API server says what went wrong (k8s.io/apimachinery, meta/v1).
public struct Status: Sendable, Equatable, Codable {
  /// What exactly was wrong, one entry a field or a conflicting manager.
  public struct Cause: Sendable, Equatable, Codable {
    /// `FieldValueInvalid`, `FieldManagerConflict`.
    public var reason: String?
    /// For a person: `conflict with "helm"`.
    public var message: String?
    /// The field's path: `.data.secret`.
    public var field: String?

    /// A cause from its parts.
    public init(reason: String? = nil, message: String? = nil, field: String? = nil) {
      self.reason = reason
      self.message = message
      self.field = field
    }
  }

  /// What the request was about.
  public struct Details: Sendable, Equatable, Codable {
    /// The object's name.
    public var name: String?
    /// Its API group.
    public var group: String?
    /// Its resource, in spite of the name: `secrets`.
    public var kind: String?
    /// One entry a cause.
    public var causes: [Cause]?
    /// When to try again, in seconds.
    public var retryAfterSeconds: Int?

    /// Details from their parts.
    public init(
      name: String? = nil, group: String? = nil, kind: String? = nil, causes: [Cause]? = nil,
      retryAfterSeconds: Int? = nil
    ) {
      self.name = name
      self.group = group
      self.kind = kind
      self.causes = causes
      self.retryAfterSeconds = retryAfterSeconds
    }
  }

  /// `Success` or `Failure`.
  public var status: String?
  /// For a person.
  public var message: String?
  /// For a program: `NotFound`, `AlreadyExists`, `Forbidden`, `Conflict`, `Expired`.
  public var reason: String?
  /// What the request was about.
  public var details: Details?
  /// The HTTP status.
  public var code: Int?

  /// A status from its parts.
  public init(
    status: String? = nil, message: String? = nil, reason: String? = nil, details: Details? = nil, code: Int? = nil
  ) {
    self.status = status
    self.message = message
    self.reason = reason
    self.details = details
    self.code = code
  }
}
