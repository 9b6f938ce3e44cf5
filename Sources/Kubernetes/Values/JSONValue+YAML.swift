import OrderedCollections
public import YAML

extension JSONValue {
  /// A YAML document as the JSON that Kubernetes' tools make of it.
  public init(_ node: YAMLNode) {
    switch node.value {
    case .sequence(let nodes): self = .array(nodes.map { JSONValue($0) })
    case .mapping(let entries):
      self = .object(OrderedDictionary(entries.map { ($0.key, JSONValue($0.value)) }, uniquingKeysWith: { $1 }))
    case .scalar(let scalar):
      switch scalar.resolved {
      case .null: self = .null
      case .bool(let flag): self = .bool(flag)
      case .integer(let number): self = .integer(number)
      case .float(let number): self = .double(number)
      case .string(let text): self = .string(text)
      }
    }
  }
}
