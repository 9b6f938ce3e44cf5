/// A value to be written as YAML, with the comments that go with it. Unlike ``YAMLNode`` it says what is meant, not how it was
/// spelled: strings are strings whatever they look like.
public indirect enum YAMLValue: Sendable, Equatable {
  case null
  case bool(Bool)
  case integer(Int)
  case double(Double)
  case string(String)
  case sequence([YAMLValue])
  /// Items in the order they are written. Keys must differ: a text with two equal keys is refused when it is read.
  case mapping([YAMLItem])
}

/// One `key: value` of a mapping to be written, with its comments.
public struct YAMLItem: Sendable, Equatable {
  /// The key; quoted where it must be.
  public var key: String
  /// The value.
  public var value: YAMLValue
  /// The comment before the key, without `#`. Each element is one line; line breaks inside make more lines.
  public var comments: [String]
  /// The comment at the end of the key's line, without `#`. Line breaks become blanks.
  public var trailingComment: String?
  /// Whether a blank line stands before the comment and the key.
  public var blankLineBefore: Bool
  /// Whether the key and its value are written as a comment: an example, or a default to be changed by taking the `#` away.
  public var isCommentedOut: Bool

  /// An item from its parts.
  public init(
    _ key: String, _ value: YAMLValue, comments: [String] = [], trailingComment: String? = nil,
    blankLineBefore: Bool = false, isCommentedOut: Bool = false
  ) {
    self.key = key
    self.value = value
    self.comments = comments
    self.trailingComment = trailingComment
    self.blankLineBefore = blankLineBefore
    self.isCommentedOut = isCommentedOut
  }
}

/// A whole YAML text: what is said before it, the value, and what is said after it.
public struct YAMLDocument: Sendable, Equatable {
  /// Comment lines at the top, without `#`; a blank line follows them.
  public var header: [String]
  /// The value.
  public var root: YAMLValue
  /// Comment lines at the end, without `#`; a blank line precedes them.
  public var footer: [String]

  /// A document from its parts.
  public init(_ root: YAMLValue, header: [String] = [], footer: [String] = []) {
    self.header = header
    self.root = root
    self.footer = footer
  }
}

extension YAMLValue {
  /// What a node means, as Kubernetes tools read it. Marks, spelling and tags are left behind.
  public init(_ node: YAMLNode) {
    switch node.value {
    case .sequence(let nodes): self = .sequence(nodes.map { YAMLValue($0) })
    case .mapping(let entries): self = .mapping(entries.map { YAMLItem($0.key, YAMLValue($0.value)) })
    case .scalar(let scalar):
      switch scalar.resolved {
      case .null: self = .null
      case .bool(let value): self = .bool(value)
      case .integer(let value): self = .integer(value)
      case .float(let value): self = .double(value)
      case .string(let text): self = .string(text)
      }
    }
  }

  /// The value of a key that is not commented out; nil when this is no mapping or has no such key.
  public subscript(key: String) -> YAMLValue? {
    guard case .mapping(let items) = self else { return nil }
    return items.first { $0.key == key && !$0.isCommentedOut }?.value
  }

  /// The value with every comment, blank line and commented-out item taken away: what a reader of the text sees.
  public var withoutComments: YAMLValue {
    switch self {
    case .sequence(let values): .sequence(values.map(\.withoutComments))
    case .mapping(let items):
      .mapping(items.filter { !$0.isCommentedOut }.map { YAMLItem($0.key, $0.value.withoutComments) })
    default: self
    }
  }
}

extension YAMLValue: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByFloatLiteral, ExpressibleByNilLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  /// A string.
  public init(stringLiteral value: String) { self = .string(value) }
  /// A boolean.
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  /// A whole number.
  public init(integerLiteral value: Int) { self = .integer(value) }
  /// A number.
  public init(floatLiteral value: Double) { self = .double(value) }
  /// Null.
  public init(nilLiteral: ()) { self = .null }
  /// A list.
  public init(arrayLiteral elements: YAMLValue...) { self = .sequence(elements) }
  /// A mapping, in the order written.
  public init(dictionaryLiteral elements: (String, YAMLValue)...) {
    self = .mapping(elements.map { YAMLItem($0.0, $0.1) })
  }
}
