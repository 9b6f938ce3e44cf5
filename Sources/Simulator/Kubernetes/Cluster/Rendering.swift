import Kubernetes
import OrderedCollections

/// How stored objects are written in answers.
enum Rendering {
  /// The object in the version it was asked in.
  static func object(_ object: JSONValue, as type: ResourceType) -> JSONValue {
    var object = object
    if type.name == "events" { object = event(object, isNew: type.group == "events.k8s.io") }
    object["apiVersion"] = .string(type.groupVersion)
    object["kind"] = .string(type.kind)
    return ObjectOrder.apply(object)
  }

  /// The object without its type, as lists of built-in kinds hold it.
  static func item(_ object: JSONValue, as type: ResourceType) -> JSONValue {
    var item = Self.object(object, as: type)
    if !type.group.hasSuffix(".openshift.io") {
      item["apiVersion"] = nil
      item["kind"] = nil
    }
    return item
  }

  static func metadataOnly(_ object: JSONValue) -> JSONValue {
    [
      "kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": object["metadata"] ?? .emptyObject,
    ]
  }

  private static let eventNames = [
    ("involvedObject", "regarding"), ("message", "note"), ("source", "deprecatedSource"),
    ("firstTimestamp", "deprecatedFirstTimestamp"), ("lastTimestamp", "deprecatedLastTimestamp"),
    ("count", "deprecatedCount"), ("reportingComponent", "reportingController"),
  ]

  /// Events are one thing with two sets of field names.
  static func event(_ object: JSONValue, isNew: Bool) -> JSONValue {
    guard case .object(let members) = object else { return object }
    var renamed = OrderedDictionary<String, JSONValue>()
    for (name, value) in members {
      let pair = eventNames.first { (isNew ? $0.0 : $0.1) == name }
      renamed[pair.map { isNew ? $0.1 : $0.0 } ?? name] = value
    }
    return .object(renamed)
  }
}
