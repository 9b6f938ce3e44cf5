import Kubernetes
import OrderedCollections

/// Walks objects along the schema and says which fields they have, and in which two objects differ.
enum FieldComparison {
  /// The path element of a list's item.
  static func element(_ item: JSONValue, keys: [ListSchema.Key]) -> String {
    var identity = OrderedDictionary<String, JSONValue>()
    for key in keys.sorted(by: { $0.name < $1.name }) {
      if let value = item[key.name] ?? key.whenAbsent { identity[key.name] = value }
    }
    return "k:" + JSONText.string(.object(identity))
  }

  /// The parts of a value that have path elements of their own; nil where it is one value. Nulls count as absent.
  static func parts(_ value: JSONValue, at path: [String]) -> OrderedDictionary<
    String, (value: JSONValue, path: [String])
  >? {
    var parts = OrderedDictionary<String, (value: JSONValue, path: [String])>()
    switch value {
    case .object(let members):
      if ListSchema.isAtomicMap(path) { return nil }
      for (name, member) in members where member != .null { parts["f:\(name)"] = (member, path + [name]) }
      return parts
    case .array(let items):
      switch ListSchema.list(path) {
      case .atomic: return nil
      case .set:
        for item in items { parts["v:" + JSONText.string(item)] = (item, path) }
      case .map(let keys):
        for item in items { parts[element(item, keys: keys)] = (item, path) }
      }
      return parts
    default: return nil
    }
  }

  /// The fields that an applied configuration names: its leaves, and its lists' items.
  static func fields(of value: JSONValue, at path: [String] = []) -> FieldSet {
    guard let parts = parts(value, at: path), !parts.isEmpty else { return .member }
    var set = FieldSet()
    for (element, part) in parts {
      var child = fields(of: part.value, at: part.path)
      if !element.hasPrefix("f:") { child.isMember = true }
      set.children[element] = child
    }
    return set
  }

  /// Every node of a value, containers too.
  private static func everything(_ value: JSONValue, at path: [String]) -> FieldSet {
    var set = FieldSet.member
    for (element, part) in parts(value, at: path) ?? [:] {
      set.children[element] = everything(part.value, at: part.path)
    }
    return set
  }

  /// What was added or changed, and what was removed, from one object to the next.
  static func compare(_ old: JSONValue, _ new: JSONValue, at path: [String] = []) -> (
    changed: FieldSet, removed: FieldSet
  ) {
    let oldParts = parts(old, at: path)
    let newParts = parts(new, at: path)
    guard let oldParts, let newParts else {
      return (old == new ? FieldSet() : .member, FieldSet())
    }
    var changed = FieldSet()
    var removed = FieldSet()
    for (element, part) in newParts {
      if let before = oldParts[element] {
        let inner = compare(before.value, part.value, at: part.path)
        if !inner.changed.isEmpty { changed.children[element] = inner.changed }
        if !inner.removed.isEmpty { removed.children[element] = inner.removed }
      } else {
        changed.children[element] = everything(part.value, at: part.path)
      }
    }
    for (element, part) in oldParts where newParts[element] == nil {
      removed.children[element] = everything(part.value, at: part.path)
    }
    return (changed, removed)
  }
}
