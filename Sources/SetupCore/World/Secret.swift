/// A secret in memory. It has no textual form but `expose()`: printing, dumping and encoding it show nothing.
public struct Secret: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  private let text: String

  /// A secret from its text.
  public init(_ text: String) { self.text = text }

  /// The text, for the one place that sends it on.
  public func expose() -> String { text }

  /// Number of characters, for the confirmation that a paste came whole.
  public var count: Int { text.count }

  /// Says that something is there, and nothing of it.
  public var description: String { "(secret)" }
  /// As `description`.
  public var debugDescription: String { "(secret)" }
  /// Nothing to see.
  public var customMirror: Mirror { Mirror(self, children: []) }
}
