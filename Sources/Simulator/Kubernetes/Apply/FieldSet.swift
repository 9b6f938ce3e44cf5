import Kubernetes
import OrderedCollections

/// A set of fields of an object, in the form of `fieldsV1`: a tree whose edges are `f:name`, `k:{"name":"c"}` or
/// `v:"value"` (kubernetes-sigs/structured-merge-diff).
struct FieldSet: Equatable {
  /// Whether the field itself is in the set; with children this is written as `"."`.
  var isMember = false
  var children: [String: FieldSet] = [:]

  static let member = FieldSet(isMember: true)

  var isEmpty: Bool { !isMember && children.isEmpty }

  /// Reads a `fieldsV1` object.
  init(json: JSONValue, isRoot: Bool = true) {
    for (key, value) in json.object ?? [:] {
      if key == "." { isMember = true } else { children[key] = FieldSet(json: value, isRoot: false) }
    }
    if !isRoot, children.isEmpty { isMember = true }
  }

  init(isMember: Bool = false, children: [String: FieldSet] = [:]) {
    self.isMember = isMember
    self.children = children
  }

  /// The `fieldsV1` object.
  var json: JSONValue {
    var members = OrderedDictionary<String, JSONValue>()
    if isMember, !children.isEmpty { members["."] = .emptyObject }
    for (key, child) in children.sorted(by: { $0.key < $1.key }) { members[key] = child.json }
    return .object(members)
  }

  func union(_ other: FieldSet) -> FieldSet {
    FieldSet(
      isMember: isMember || other.isMember, children: children.merging(other.children) { $0.union($1) })
  }

  func subtracting(_ other: FieldSet) -> FieldSet {
    var result = FieldSet(isMember: isMember && !other.isMember)
    for (key, child) in children {
      let rest = other.children[key].map(child.subtracting) ?? child
      if !rest.isEmpty { result.children[key] = rest }
    }
    return result
  }

  func intersection(_ other: FieldSet) -> FieldSet {
    var result = FieldSet(isMember: isMember && other.isMember)
    for (key, child) in children {
      guard let counterpart = other.children[key] else { continue }
      let common = child.intersection(counterpart)
      if !common.isEmpty { result.children[key] = common }
    }
    return result
  }

  /// Without the fields at and under these top-level names: what a resource's strategy resets.
  func without(_ paths: [[String]]) -> FieldSet {
    var result = self
    for path in paths { result.remove(path[...]) }
    return result
  }

  private mutating func remove(_ path: ArraySlice<String>) {
    guard let first = path.first else { return }
    if path.count == 1 {
      children["f:\(first)"] = nil
    } else if var child = children["f:\(first)"] {
      child.remove(path.dropFirst())
      children["f:\(first)"] = child.isEmpty ? nil : child
    }
  }

  /// The members' paths as conflict messages write them: `.spec.template.spec.containers[name="c"].image`.
  var paths: [String] { paths(prefix: "") }

  private func paths(prefix: String) -> [String] {
    var result = isMember && !prefix.isEmpty ? [prefix] : []
    for (key, child) in children.sorted(by: { $0.key < $1.key }) {
      result += child.paths(prefix: prefix + Self.display(key))
    }
    return result
  }

  private static func display(_ element: String) -> String {
    let text = String(element.dropFirst(2))
    switch element.prefix(2) {
    case "k:":
      guard let keys = try? JSONText.parse(Array(text.utf8)).object else { return "[\(text)]" }  // text we wrote
      return "[" + keys.map { "\($0.key)=\(JSONText.string($0.value))" }.joined(separator: ",") + "]"
    case "v:": return "[=\(text)]"
    default: return ".\(text)"
    }
  }
}
