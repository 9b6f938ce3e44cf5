/// One value for the chart, under its dotted path in the current chart generation: `imageBuilder.secretName`.
public struct ValueSetting: Sendable, Equatable {
  /// What a value can be.
  public enum Value: Sendable, Equatable {
    case string(String)
    case flag(Bool)
    case strings([String])
    /// A list of mappings, each of the given keys in order: volumes, mounts.
    case mappings([[Pair]])
  }

  /// A key and its value inside a mapping.
  public struct Pair: Sendable, Equatable {
    /// The key.
    public var key: String
    /// The value.
    public var value: Value

    /// A pair from its parts.
    public init(_ key: String, _ value: Value) {
      self.key = key
      self.value = value
    }
  }

  /// The dotted path.
  public var path: String
  /// The value.
  public var value: Value
  /// Why it is set: the comment in the values file.
  public var comment: String
  /// Whether the installation makes no sense where the chart does not know the key.
  public var isRequired: Bool

  /// A setting from its parts.
  public init(_ path: String, _ value: Value, comment: String, isRequired: Bool = true) {
    self.path = path
    self.value = value
    self.comment = comment
    self.isRequired = isRequired
  }
}
