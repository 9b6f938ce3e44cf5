/// A namespace (core/v1 Namespace).
public struct Namespace: Codable, Sendable, Equatable, Emptiable {
  /// Name, labels and the rest.
  @Defaulted public var metadata: ObjectMeta
  /// What is.
  @Defaulted public var status: Status

  /// Everything empty.
  public init() {}

  /// What is known of a namespace.
  public struct Status: Codable, Sendable, Equatable, Emptiable {
    /// `Active` or `Terminating`.
    @Defaulted public var phase: String
    /// Why a deletion does not end.
    @Defaulted public var conditions: [Condition]

    /// Everything empty.
    public init() {}
  }
}

/// A secret (core/v1 Secret). The data are the API's base64; printing or reflecting it shows the keys only.
public struct Secret: Codable, Sendable, Equatable, Emptiable {
  /// Name, labels and the rest.
  @Defaulted public var metadata: ObjectMeta
  /// `kubernetes.io/dockerconfigjson`, `Opaque`.
  @Defaulted public var type: String
  /// The values.
  @Defaulted public var data: [String: SecretData]
  /// Whether only its metadata may change.
  @Defaulted public var immutable: Bool

  /// Everything empty.
  public init() {}
}

/// A config map (core/v1 ConfigMap).
public struct ConfigMap: Codable, Sendable, Equatable, Emptiable {
  /// Name, labels and the rest.
  @Defaulted public var metadata: ObjectMeta
  /// Texts.
  @Defaulted public var data: [String: String]
  /// Bytes, base64.
  @Defaulted public var binaryData: [String: String]
  /// Whether only its metadata may change.
  @Defaulted public var immutable: Bool

  /// Everything empty.
  public init() {}
}

/// A service account (core/v1 ServiceAccount).
public struct ServiceAccount: Codable, Sendable, Equatable, Emptiable {
  /// Name, labels and the rest.
  @Defaulted public var metadata: ObjectMeta
  /// Secrets it may mount.
  @Defaulted public var secrets: [Reference]
  /// Secrets that its pods pull images with.
  @Defaulted public var imagePullSecrets: [Reference]
  /// Whether pods get its token; nil means yes.
  public var automountServiceAccountToken: Bool?

  /// Everything empty.
  public init() {}

  /// The name of an object in the same namespace.
  public struct Reference: Codable, Sendable, Equatable, Emptiable {
    /// The name.
    @Defaulted public var name: String

    /// Everything empty.
    public init() {}
  }
}
