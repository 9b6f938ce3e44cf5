/// A secret in memory. `reveal()` is the only way to its text: printing, dumping, reflecting and encoding it show nothing.
public struct SecretText: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  private let text: String

  /// Wraps a secret.
  public init(_ text: String) { self.text = text }

  /// The secret itself; only for the place that sends it on.
  public func reveal() -> String { text }

  /// Whether there is any text.
  public var isEmpty: Bool { text.isEmpty }
  /// Number of characters, for the confirmation that a paste came whole.
  public var count: Int { text.count }

  /// `<secret>`.
  public var description: String { "<secret>" }
  /// `<secret>`.
  public var debugDescription: String { "<secret>" }
  /// Shows no children.
  public var customMirror: Mirror { Mirror(self, children: []) }
}
