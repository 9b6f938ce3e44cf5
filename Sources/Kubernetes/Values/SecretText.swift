/// A secret that prints as `<secret>` wherever a value is printed, dumped or reflected. `reveal()` is the only way to it.
public struct SecretText: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  private let text: String

  /// Wraps a secret.
  public init(_ text: String) { self.text = text }

  /// The secret itself; only for the place that sends it.
  public func reveal() -> String { text }

  /// Whether there is any text.
  public var isEmpty: Bool { text.isEmpty }

  /// `<secret>`.
  public var description: String { "<secret>" }
  /// `<secret>`.
  public var debugDescription: String { "<secret>" }
  /// Shows no children.
  public var customMirror: Mirror { Mirror(self, children: []) }
}
