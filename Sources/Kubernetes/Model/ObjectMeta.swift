/// What every object carries (meta/v1 ObjectMeta), as far as we read it.
public struct ObjectMeta: Codable, Sendable, Equatable, Emptiable {
  /// The name.
  @Defaulted public var name: String
  /// The namespace; nil for cluster-scoped objects.
  public var namespace: String?
  /// Unique in time and space; a precondition for deletes.
  public var uid: String?
  /// Changes with every write.
  public var resourceVersion: String?
  /// Changes with every change of the spec.
  public var generation: Int?
  /// RFC 3339; see `Timestamp.rfc3339`.
  public var creationTimestamp: String?
  /// Set while the object is being deleted.
  public var deletionTimestamp: String?
  /// Labels.
  @Defaulted public var labels: [String: String]
  /// Annotations.
  @Defaulted public var annotations: [String: String]
  /// What keeps a deleted object alive.
  @Defaulted public var finalizers: [String]
  /// The objects that own this one.
  @Defaulted public var ownerReferences: [OwnerReference]
  /// Who wrote the object.
  @Defaulted public var managedFields: [ManagedFieldsEntry]

  /// Everything empty.
  public init() {}

  /// The names of those who wrote the object, each once.
  public var managers: [String] {
    managedFields.map(\.manager).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }
}

/// An object that owns another (meta/v1 OwnerReference).
public struct OwnerReference: Codable, Sendable, Equatable, Emptiable {
  /// `apps/v1`.
  @Defaulted public var apiVersion: String
  /// `ReplicaSet`.
  @Defaulted public var kind: String
  /// The name.
  @Defaulted public var name: String
  /// The uid.
  @Defaulted public var uid: String
  /// Whether it is the controller.
  public var controller: Bool?

  /// Everything empty.
  public init() {}
}

/// Who wrote the object, and how (meta/v1 ManagedFieldsEntry). The fields themselves are not read.
public struct ManagedFieldsEntry: Codable, Sendable, Equatable, Emptiable {
  /// `helm`, `kubectl-client-side-apply`, `mlops-setup`.
  @Defaulted public var manager: String
  /// `Apply` or `Update`.
  public var operation: String?
  /// `status`.
  public var subresource: String?
  /// When, RFC 3339.
  public var time: String?

  /// Everything empty.
  public init() {}
}

/// One of an object's conditions, of whatever kind.
public struct Condition: Codable, Sendable, Equatable, Emptiable {
  /// `Ready`, `Available`.
  @Defaulted public var type: String
  /// `True`, `False` or `Unknown`.
  @Defaulted public var status: String
  /// One word for a program.
  public var reason: String?
  /// A sentence for a person.
  public var message: String?
  /// When the status last changed, RFC 3339.
  public var lastTransitionTime: String?

  /// Everything empty.
  public init() {}

  /// Whether the status is `True`.
  public var isTrue: Bool { status == "True" }
}

extension [Condition] {
  /// The condition of that type.
  public subscript(type: String) -> Condition? { first { $0.type == type } }
}

/// A selector by labels (meta/v1 LabelSelector), equality part.
public struct LabelSelector: Codable, Sendable, Equatable, Emptiable {
  /// All must match.
  @Defaulted public var matchLabels: [String: String]

  /// Everything empty.
  public init() {}
}
