extension YAMLNode {
  /// The entries of a mapping, in order.
  public var mapping: [YAMLEntry]? {
    if case .mapping(let entries) = value { entries } else { nil }
  }

  /// The items of a list.
  public var sequence: [YAMLNode]? {
    if case .sequence(let nodes) = value { nodes } else { nil }
  }

  /// The scalar, with its text and meaning.
  public var scalar: YAMLScalar? {
    if case .scalar(let scalar) = value { scalar } else { nil }
  }

  /// The value of a key; nil when this is no mapping or has no such key.
  public subscript(key: String) -> YAMLNode? {
    mapping?.first { $0.key == key }?.value
  }

  /// A scalar that means a string. `1.21` is a number and gives nil; see ``text``.
  public var string: String? {
    if case .string(let text)? = scalar?.resolved { text } else { nil }
  }

  /// A scalar's text as it was written, whatever it means; nil for null, lists and mappings. For fields that are text by
  /// definition, such as a version or a namespace: `1.10` stays `1.10`.
  public var text: String? {
    guard let scalar, scalar.resolved != .null else { return nil }
    return scalar.text
  }

  /// A scalar that means a boolean.
  public var bool: Bool? {
    if case .bool(let value)? = scalar?.resolved { value } else { nil }
  }

  /// A scalar that means a whole number.
  public var integer: Int? {
    if case .integer(let value)? = scalar?.resolved { value } else { nil }
  }

  /// A scalar that means a number, whole or not.
  public var double: Double? {
    switch scalar?.resolved {
    case .integer(let value)?: Double(value)
    case .float(let value)?: value
    default: nil
    }
  }

  /// A scalar that means null: `null`, `~` or nothing at all.
  public var isNull: Bool { scalar?.resolved == .null }

  /// What the node is, for messages: "a list", "a mapping", "text", "a number", "true or false", "null".
  public var kind: String {
    switch value {
    case .sequence: "a list"
    case .mapping: "a mapping"
    case .scalar(let scalar):
      switch scalar.resolved {
      case .null: "null"
      case .bool: "true or false"
      case .integer, .float: "a number"
      case .string: "text"
      }
    }
  }
}
