/// A type that has an empty value to stand for an absent field.
public protocol Emptiable {
  /// The empty value.
  init()
}

extension Array: Emptiable {}
extension Dictionary: Emptiable {}
extension String: Emptiable {}
extension Bool: Emptiable {}
extension Int: Emptiable {}

/// A field that may be absent or null; it then has its type's empty value. An empty value is left out when encoded.
@propertyWrapper
public struct Defaulted<Value: Codable & Sendable & Equatable & Emptiable>: Sendable, Equatable {
  /// The value.
  public var wrappedValue: Value

  /// The empty value.
  public init() { wrappedValue = Value() }

  /// A given value.
  public init(wrappedValue: Value) { self.wrappedValue = wrappedValue }
}

extension Defaulted: Codable {
  /// Decodes the value itself.
  public init(from decoder: any Decoder) throws { wrappedValue = try Value(from: decoder) }

  /// Encodes the value itself.
  public func encode(to encoder: any Encoder) throws { try wrappedValue.encode(to: encoder) }
}

// Synthesized Codable code picks these over the standard library's, which would refuse an absent key.
extension KeyedDecodingContainer {
  func decode<Value>(_ type: Defaulted<Value>.Type, forKey key: Key) throws -> Defaulted<Value> {
    Defaulted(wrappedValue: try decodeIfPresent(Value.self, forKey: key) ?? Value())
  }
}

extension KeyedEncodingContainer {
  mutating func encode<Value>(_ field: Defaulted<Value>, forKey key: Key) throws {
    if field.wrappedValue != Value() { try encode(field.wrappedValue, forKey: key) }
  }
}
