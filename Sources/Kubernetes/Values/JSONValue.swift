public import OrderedCollections

/// Any JSON value. Objects keep the order of their keys in memory; `JSONDecoder` gives them in no fixed order.
public enum JSONValue: Sendable, Hashable {
  case null
  case bool(Bool)
  case integer(Int)
  case double(Double)
  case string(String)
  case array([JSONValue])
  case object(OrderedDictionary<String, JSONValue>)
}

extension JSONValue {
  /// The member of that name, or nil where this is no object or has none.
  public subscript(key: String) -> JSONValue? {
    get {
      guard case .object(let members) = self else { return nil }
      return members[key]
    }
    set {
      guard case .object(var members) = self else { return }
      members[key] = newValue
      self = .object(members)
    }
  }

  /// The value at a path of member names.
  public subscript(path keys: String...) -> JSONValue? {
    var value: JSONValue? = self
    for key in keys { value = value?[key] }
    return value
  }

  /// The text, where this is a string.
  public var string: String? { if case .string(let text) = self { text } else { nil } }
  /// The number, where this is a whole one.
  public var integer: Int? { if case .integer(let number) = self { number } else { nil } }
  /// The flag, where this is one.
  public var bool: Bool? { if case .bool(let flag) = self { flag } else { nil } }
  /// The elements, where this is an array.
  public var array: [JSONValue]? { if case .array(let elements) = self { elements } else { nil } }
  /// The members, where this is an object.
  public var object: OrderedDictionary<String, JSONValue>? {
    if case .object(let members) = self { members } else { nil }
  }
}

extension JSONValue: Codable {
  private struct MemberName: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  /// Decodes whatever stands there. Codable cannot ask what that is: each kind is tried, and a `try?` that fails only
  /// says that it is another.
  public init(from decoder: any Decoder) throws {
    // An object?
    if let container = try? decoder.container(keyedBy: MemberName.self) {
      var members = OrderedDictionary<String, JSONValue>()
      for key in container.allKeys {
        members[key.stringValue] = try container.decode(JSONValue.self, forKey: key)
      }
      self = .object(members)
      return
    }
    // An array?
    if var container = try? decoder.unkeyedContainer() {
      var elements: [JSONValue] = []
      while !container.isAtEnd { elements.append(try container.decode(JSONValue.self)) }
      self = .array(elements)
      return
    }
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
      return
    }
    // A flag?
    if let flag = try? container.decode(Bool.self) {
      self = .bool(flag)
      return
    }
    // A whole number?
    if let number = try? container.decode(Int.self) {
      self = .integer(number)
      return
    }
    // Any other number?
    if let number = try? container.decode(Double.self) {
      self = .double(number)
      return
    }
    self = .string(try container.decode(String.self))
  }

  /// Encodes the value as it is.
  public func encode(to encoder: any Encoder) throws {
    switch self {
    case .object(let members):
      var container = encoder.container(keyedBy: MemberName.self)
      for (name, value) in members { try container.encode(value, forKey: MemberName(stringValue: name)) }
    case .array(let elements):
      var container = encoder.unkeyedContainer()
      for element in elements { try container.encode(element) }
    case .null:
      var container = encoder.singleValueContainer()
      try container.encodeNil()
    case .bool(let flag):
      var container = encoder.singleValueContainer()
      try container.encode(flag)
    case .integer(let number):
      var container = encoder.singleValueContainer()
      try container.encode(number)
    case .double(let number):
      var container = encoder.singleValueContainer()
      try container.encode(number)
    case .string(let text):
      var container = encoder.singleValueContainer()
      try container.encode(text)
    }
  }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
  /// A JSON string.
  public init(stringLiteral value: String) { self = .string(value) }
  /// A JSON number.
  public init(integerLiteral value: Int) { self = .integer(value) }
  /// A JSON flag.
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  /// A JSON array.
  public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  /// A JSON object; a later key wins over an earlier one.
  public init(dictionaryLiteral elements: (String, JSONValue)...) {
    self = .object(OrderedDictionary(elements, uniquingKeysWith: { $1 }))
  }
  /// JSON's null.
  public init(nilLiteral: ()) { self = .null }
}
