/// How large a YAML text may be before it is refused. The counts are of what the document means after aliases are resolved, and
/// are checked before anything is expanded.
public struct YAMLLimits: Sendable, Equatable {
  /// The most bytes a text may have.
  public var maximumBytes: Int
  /// The deepest nesting of lists and mappings. The parser itself never goes deeper than 1000.
  public var maximumDepth: Int
  /// The most keys and values, each alias counted as all that it stands for.
  public var maximumNodes: Int
  /// The most bytes of scalar text, each alias counted as all that it stands for.
  public var maximumTextBytes: Int

  /// Limits from their parts.
  public init(
    maximumBytes: Int = 16 << 20, maximumDepth: Int = 100, maximumNodes: Int = 1_000_000,
    maximumTextBytes: Int = 64 << 20
  ) {
    self.maximumBytes = maximumBytes
    self.maximumDepth = maximumDepth
    self.maximumNodes = maximumNodes
    self.maximumTextBytes = maximumTextBytes
  }

  /// 16 MiB of text, 100 levels, a million keys and values, 64 MiB of expanded text: room for a kubeconfig or values file of
  /// several megabytes.
  public static let standard = YAMLLimits()

  /// Deeper trees would overflow the stack when they are compared or freed.
  static let deepest = 1000
}
