/// One value for the chart: `imageBuilder.secretName`.
public struct ValueSetting: Sendable, Equatable {
  /// What a value can be.
  public indirect enum Value: Sendable, Equatable {
    case string(String)
    case flag(Bool)
    case strings([String])
    /// A mapping of the given keys, in order.
    case mapping([Pair])
    /// A list of such mappings: volumes, mounts.
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

  /// The dotted paths under which charts know it, the current generation's first.
  public var paths: [String]
  /// The value.
  public var value: Value
  /// Why it is set: the comment in the values file.
  public var comment: String
  /// Whether something will not work where the chart knows none of the paths; then it is said.
  public var isRequired: Bool

  /// A setting from its parts.
  public init(_ paths: String..., value: Value, comment: String, isRequired: Bool = true) {
    self.paths = paths
    self.value = value
    self.comment = comment
    self.isRequired = isRequired
  }
}
