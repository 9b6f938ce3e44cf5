import Kubernetes

/// Who owns which fields of an object: `metadata.managedFields` read, and written again after an update.
struct ManagedFields: Equatable {
  struct Entry: Equatable {
    var manager: String
    /// `Apply` or `Update`.
    var operation: String
    var apiVersion: String
    var time: String
    var subresource: String
    var fields: FieldSet

    func isSame(as other: Entry) -> Bool {
      manager == other.manager && operation == other.operation && apiVersion == other.apiVersion
        && subresource == other.subresource
    }
  }

  var entries: [Entry]

  init(of object: JSONValue) {
    entries = (object["metadata"]?["managedFields"]?.array ?? []).map { entry in
      Entry(
        manager: entry["manager"]?.string ?? "", operation: entry["operation"]?.string ?? "",
        apiVersion: entry["apiVersion"]?.string ?? "", time: entry["time"]?.string ?? "",
        subresource: entry["subresource"]?.string ?? "", fields: FieldSet(json: entry["fieldsV1"] ?? .emptyObject))
    }
  }

  /// The value of `metadata.managedFields`; nil where nobody owns anything.
  var json: JSONValue? {
    let written = entries.filter { !$0.fields.isEmpty }.sorted { left, right in
      (left.operation, left.time, left.manager, left.apiVersion, left.subresource)
        < (right.operation, right.time, right.manager, right.apiVersion, right.subresource)
    }
    if written.isEmpty { return nil }
    return .array(
      written.map { entry in
        var value: JSONValue = [
          "manager": .string(entry.manager), "operation": .string(entry.operation),
          "apiVersion": .string(entry.apiVersion),
          "time": .string(entry.time), "fieldsType": "FieldsV1", "fieldsV1": entry.fields.json,
        ]
        if !entry.subresource.isEmpty { value["subresource"] = .string(entry.subresource) }
        return value
      })
  }

  /// What nobody owns: identity and bookkeeping.
  private static let bookkeeping = [
    ["apiVersion"], ["kind"], ["metadata", "name"], ["metadata", "namespace"], ["metadata", "uid"],
    ["metadata", "resourceVersion"], ["metadata", "generation"], ["metadata", "creationTimestamp"],
    ["metadata", "deletionTimestamp"], ["metadata", "deletionGracePeriodSeconds"], ["metadata", "managedFields"],
    ["metadata", "selfLink"],
  ]

  /// What the strategy of a kind resets on a write to that subresource, so that the writer does not own it.
  static func ignored(kind: String, subresource: String) -> [[String]] {
    switch subresource {
    case "status": bookkeeping + [["spec"]]
    default: bookkeeping + [["status"]] + (kind == "Namespace" ? [["spec", "finalizers"]] : [])
    }
  }

  /// Records an update: the writer owns what it changed, the others lose it, and what was removed nobody owns.
  mutating func recordUpdate(
    from old: JSONValue, to new: JSONValue, manager: String, apiVersion: String, subresource: String, time: String
  ) {
    let ignored = Self.ignored(kind: new.kind, subresource: subresource)
    // The structs of a Go type are always there, so nobody owns them for having filled one.
    let blank = Self.blank(kind: new.kind)
    var (changed, removed) = FieldComparison.compare(MergePatch.apply(old, to: blank), MergePatch.apply(new, to: blank))
    changed = changed.without(ignored)
    removed = removed.without(ignored)
    if changed.isEmpty, removed.isEmpty { return }
    let writer = Entry(
      manager: manager, operation: "Update", apiVersion: apiVersion, time: time, subresource: subresource,
      fields: changed)
    for index in entries.indices {
      entries[index].fields = entries[index].fields.subtracting(removed)
      if entries[index].isSame(as: writer) {
        if !changed.isEmpty {
          entries[index].fields = entries[index].fields.union(changed)
          entries[index].time = time
        }
      } else {
        entries[index].fields = entries[index].fields.subtracting(changed)
      }
    }
    if !changed.isEmpty, !entries.contains(where: { $0.isSame(as: writer) }) { entries.append(writer) }
  }

  /// What a new object is compared with: the fields that its Go type always has.
  static func blank(kind: String) -> JSONValue {
    let template: JSONValue = ["metadata": [:], "spec": ["containers": []]]
    let workload: JSONValue = [
      "metadata": [:], "status": [:], "spec": ["template": template, "strategy": [:], "updateStrategy": [:]],
    ]
    switch kind {
    case "Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Job": return workload
    case "CronJob":
      return [
        "metadata": [:], "status": [:], "spec": ["jobTemplate": ["metadata": [:], "spec": ["template": template]]],
      ]
    case "Pod": return ["metadata": [:], "spec": ["containers": []], "status": [:]]
    case "Event": return ["metadata": [:], "source": [:]]
    case "Node":
      return [
        "metadata": [:], "spec": [:], "status": ["nodeInfo": [:], "daemonEndpoints": ["kubeletEndpoint": ["Port": 0]]],
      ]
    case "Service", "Ingress": return ["metadata": [:], "spec": [:], "status": ["loadBalancer": [:]]]
    default: return ["metadata": [:], "spec": [:], "status": [:]]
    }
  }
}
