import Kubernetes
import OrderedCollections

extension JSONValue {
  /// An object with no members.
  static var emptyObject: JSONValue { .object([:]) }

  /// Whether this is an object or an array with nothing in it.
  var isEmptyContainer: Bool {
    switch self {
    case .object(let members): members.isEmpty
    case .array(let elements): elements.isEmpty
    default: false
    }
  }

  /// The value at a path of member names.
  func value(at path: [String]) -> JSONValue? {
    var value: JSONValue? = self
    for key in path { value = value?[key] }
    return value
  }

  /// Sets the value at a path and makes the objects on the way.
  mutating func set(_ value: JSONValue?, at path: String...) { set(value, at: path[...]) }

  /// Sets the value at a path and makes the objects on the way.
  mutating func set(_ value: JSONValue?, at path: ArraySlice<String>) {
    guard let first = path.first else {
      if let value { self = value }
      return
    }
    if path.count == 1 {
      if case .object = self {} else { self = .emptyObject }
      self[first] = value
      return
    }
    var child = self[first] ?? .emptyObject
    if case .object = child {} else { child = .emptyObject }
    if value == nil, self[first] == nil { return }
    child.set(value, at: path.dropFirst())
    if case .object = self {} else { self = .emptyObject }
    self[first] = child
  }

  /// Sets a value where none stands.
  mutating func setDefault(_ value: JSONValue, at path: String...) {
    if let present = self.value(at: path), present != .null { return }
    set(value, at: path[...])
  }

  /// The members as texts: labels, annotations, matchLabels.
  var texts: [String: String] {
    guard let members = object else { return [:] }
    var texts: [String: String] = [:]
    for (name, value) in members { texts[name] = value.string ?? "" }
    return texts
  }

  // What every Kubernetes object has.
  var name: String { self["metadata"]?["name"]?.string ?? "" }
  var namespace: String { self["metadata"]?["namespace"]?.string ?? "" }
  var uid: String { self["metadata"]?["uid"]?.string ?? "" }
  var kind: String { self["kind"]?.string ?? "" }
  var labels: [String: String] { self["metadata"]?["labels"]?.texts ?? [:] }
  var annotations: [String: String] { self["metadata"]?["annotations"]?.texts ?? [:] }
  var resourceVersion: String { self["metadata"]?["resourceVersion"]?.string ?? "" }
  var isBeingDeleted: Bool { self["metadata"]?["deletionTimestamp"]?.string != nil }
}

/// The order in which API servers write an object: Go's field order for the head, sorted keys for the maps.
enum ObjectOrder {
  private static let top = ["kind", "apiVersion", "metadata"]
  private static let metadata = [
    "name", "generateName", "namespace", "selfLink", "uid", "resourceVersion", "generation", "creationTimestamp",
    "deletionTimestamp", "deletionGracePeriodSeconds", "labels", "annotations", "ownerReferences", "finalizers",
    "managedFields",
  ]

  /// The object with its members in the order of the wire.
  static func apply(_ object: JSONValue) -> JSONValue {
    guard case .object(let members) = object else { return object }
    var ordered = OrderedDictionary<String, JSONValue>()
    for key in top { ordered[key] = members[key] }
    for (key, value) in members where ordered[key] == nil { ordered[key] = value }
    if case .object(let head)? = members["metadata"] {
      var sorted = OrderedDictionary<String, JSONValue>()
      for key in metadata { sorted[key] = head[key] }
      for (key, value) in head where sorted[key] == nil { sorted[key] = value }
      for key in ["labels", "annotations"] { if let map = sorted[key] { sorted[key] = sortedKeys(map) } }
      ordered["metadata"] = .object(sorted)
    }
    if let data = ordered["data"] { ordered["data"] = sortedKeys(data) }
    return .object(ordered)
  }

  private static func sortedKeys(_ value: JSONValue) -> JSONValue {
    guard case .object(var members) = value else { return value }
    members.sort { $0.key < $1.key }
    return .object(members)
  }
}
