import Kubernetes
import OrderedCollections
import YAML

/// The values that the chart will see: its own, ours over them, the user's files over both, as Helm merges them.
struct EffectiveValues: Sendable, Equatable {
  private(set) var root: JSONValue = [:]

  /// Lays values over those so far: mappings are merged, null takes a key away, everything else is replaced.
  mutating func lay(_ values: YAMLNode?) {
    if let values { root = Self.merge(root, JSONValue(values)) }
  }

  /// The value at a path of names.
  subscript(_ path: String...) -> JSONValue? {
    var value: JSONValue? = root
    for name in path { value = value?[name] }
    return value
  }

  private static func merge(_ base: JSONValue, _ over: JSONValue) -> JSONValue {
    guard case .object(var members) = base, case .object(let others) = over else { return over }
    for (key, value) in others {
      if value == .null {
        members[key] = nil
      } else if let old = members[key] {
        members[key] = merge(old, value)
      } else {
        members[key] = value
      }
    }
    return .object(members)
  }
}

extension JSONValue {
  /// A value to be written, without its comments.
  init(_ value: YAMLValue) {
    switch value {
    case .null: self = .null
    case .bool(let flag): self = .bool(flag)
    case .integer(let number): self = .integer(number)
    case .double(let number): self = .double(number)
    case .string(let text): self = .string(text)
    case .sequence(let values): self = .array(values.map { JSONValue($0) })
    case .mapping(let items):
      self = .object(OrderedDictionary(items.map { ($0.key, JSONValue($0.value)) }, uniquingKeysWith: { $1 }))
    }
  }

  /// The value in one line as it can be typed: a text as it is, all else as JSON.
  var flowText: String { string ?? JSONText.string(self) }

  /// The texts of an array of strings, or of an object's string members.
  var texts: [String] { array?.compactMap(\.string) ?? object?.values.compactMap(\.string) ?? [] }
  /// A string or a number as text: quantities are either.
  var scalarText: String? {
    switch self {
    case .string(let text): text
    case .integer(let number): "\(number)"
    case .double(let number): "\(number)"
    default: nil
    }
  }
}
