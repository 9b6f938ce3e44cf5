import Kubernetes
import OrderedCollections

/// Strategic merge patch: a merge patch that merges lists by their keys and knows `$patch`, `$retainKeys`,
/// `$deleteFromPrimitiveList` and `$setElementOrder`.
enum StrategicMergePatch {
  static func apply(_ patch: JSONValue, to target: JSONValue) -> JSONValue {
    merge(patch, target, path: [])
  }

  private static func merge(_ patch: JSONValue, _ target: JSONValue?, path: [String]) -> JSONValue {
    guard case .object(var changes) = patch else { return patch }
    var result: OrderedDictionary<String, JSONValue> = [:]
    if case .object(let members)? = target { result = members }
    switch changes.removeValue(forKey: "$patch")?.string {
    case "replace": return .object(changes)
    case "delete": return .emptyObject
    default: break
    }
    if let kept = changes.removeValue(forKey: "$retainKeys")?.array?.compactMap(\.string) {
      result = result.filter { kept.contains($0.key) }
    }
    for (name, value) in changes where name.hasPrefix("$deleteFromPrimitiveList/") {
      let field = String(name.dropFirst("$deleteFromPrimitiveList/".count))
      let removed = value.array ?? []
      if let elements = result[field]?.array { result[field] = .array(elements.filter { !removed.contains($0) }) }
    }
    for (name, change) in changes where !name.hasPrefix("$") {
      let place = path + [name]
      switch change {
      case .null: result[name] = nil
      case .array(let items):
        if let keys = ListSchema.strategicKey(place) {
          result[name] = .array(mergeList(items, result[name]?.array ?? [], keys: keys, path: place))
        } else if ListSchema.list(place) == .set {
          let present = result[name]?.array ?? []
          result[name] = .array(present + items.filter { !present.contains($0) })
        } else {
          result[name] = change
        }
      default: result[name] = merge(change, result[name], path: place)
      }
    }
    for (name, order) in changes where name.hasPrefix("$setElementOrder/") {
      let field = String(name.dropFirst("$setElementOrder/".count))
      if let elements = result[field]?.array {
        result[field] = .array(sorted(elements, by: order.array ?? [], path: path + [field]))
      }
    }
    return .object(result)
  }

  private static func identity(_ item: JSONValue, _ keys: [ListSchema.Key]) -> [JSONValue?] {
    keys.map { item[$0.name] ?? $0.whenAbsent }
  }

  private static func mergeList(
    _ items: [JSONValue], _ present: [JSONValue], keys: [ListSchema.Key], path: [String]
  ) -> [JSONValue] {
    if items.contains(where: { $0["$patch"]?.string == "replace" }) {
      return items.filter { $0["$patch"] == nil }
    }
    var result = present
    for item in items {
      let index = result.firstIndex { identity($0, keys) == identity(item, keys) }
      if item["$patch"]?.string == "delete" {
        if let index { result.remove(at: index) }
      } else if let index {
        result[index] = merge(item, result[index], path: path)
      } else {
        result.append(merge(item, nil, path: path))
      }
    }
    return result
  }

  /// The named elements in the order given, the others behind them.
  private static func sorted(_ elements: [JSONValue], by order: [JSONValue], path: [String]) -> [JSONValue] {
    let keys = ListSchema.strategicKey(path)
    func rank(_ element: JSONValue) -> Int {
      let place = order.firstIndex { wanted in
        keys.map { identity(element, $0) == identity(wanted, $0) } ?? (element == wanted)
      }
      return place ?? order.count
    }
    return elements.enumerated()
      .sorted { (rank($0.element), $0.offset) < (rank($1.element), $1.offset) }
      .map(\.element)
  }
}
