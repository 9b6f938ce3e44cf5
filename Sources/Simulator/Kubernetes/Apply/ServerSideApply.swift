import Kubernetes
import OrderedCollections

/// Server-side apply: merges a configuration into the live object, and keeps the books of who owns what.
enum ServerSideApply {
  /// The live object with the configuration applied; `metadata.managedFields` is brought up to date.
  /// Throws the conflict that the API server reports where another manager's value would change.
  static func apply(
    _ configuration: JSONValue, to live: JSONValue, manager: String, apiVersion: String, subresource: String,
    force: Bool,
    time: String
  ) throws(APIError) -> JSONValue {
    var managed = ManagedFields(of: live)
    let ignored = ManagedFields.ignored(kind: configuration.kind, subresource: subresource)
    let applied = FieldComparison.fields(of: configuration).without(ignored)
    let own = ManagedFields.Entry(
      manager: manager, operation: "Apply", apiVersion: apiVersion, time: time, subresource: subresource,
      fields: applied)
    let before = managed.entries.first { $0.isSame(as: own) }
    let others = managed.entries.filter { !$0.isSame(as: own) }

    var result = merge(configuration, into: live, at: [])
    if let before {
      let ownedByOthers = others.reduce(FieldSet()) { $0.union($1.fields) }
      result = remove(before.fields.subtracting(applied).subtracting(ownedByOthers), from: result, at: [])
    }

    let (changed, removed) = FieldComparison.compare(live, result)
    var conflicts: [(entry: ManagedFields.Entry, path: String)] = []
    for index in managed.entries.indices where !managed.entries[index].isSame(as: own) {
      let lost = managed.entries[index].fields.intersection(changed)
      if !force { conflicts += lost.paths.map { (managed.entries[index], $0) } }
      managed.entries[index].fields = managed.entries[index].fields.subtracting(lost).subtracting(removed)
    }
    if !conflicts.isEmpty { throw conflict(conflicts) }

    if let index = managed.entries.firstIndex(where: { $0.isSame(as: own) }) {
      let isSame = managed.entries[index].fields == applied && changed.isEmpty && removed.isEmpty
      managed.entries[index] = own
      if isSame, let before { managed.entries[index].time = before.time }
    } else {
      managed.entries.append(own)
    }
    result.set(managed.json, at: "metadata", "managedFields")
    return result
  }

  private static func merge(_ configuration: JSONValue, into live: JSONValue?, at path: [String]) -> JSONValue {
    switch (configuration, live) {
    case (.object(let members), .object(var result)?) where !ListSchema.isAtomicMap(path):
      for (name, member) in members {
        if path == ["metadata"], name == "managedFields" { continue }
        // Not a ternary with nil: that would be JSON's null.
        if member == .null {
          result[name] = nil
        } else {
          result[name] = merge(member, into: result[name], at: path + [name])
        }
      }
      return .object(result)
    case (.array(let items), .array(let present)?):
      switch ListSchema.list(path) {
      case .atomic: return configuration
      case .set: return .array(present + items.filter { !present.contains($0) })
      case .map(let keys):
        var result = present
        for item in items {
          let element = FieldComparison.element(item, keys: keys)
          if let index = result.firstIndex(where: { FieldComparison.element($0, keys: keys) == element }) {
            result[index] = merge(item, into: result[index], at: path)
          } else {
            result.append(item)
          }
        }
        return .array(result)
      }
    default: return configuration
    }
  }

  /// Takes out what its only owner gave up.
  private static func remove(_ fields: FieldSet, from value: JSONValue, at path: [String]) -> JSONValue {
    switch value {
    case .object(var members):
      for (element, set) in fields.children where element.hasPrefix("f:") {
        let name = String(element.dropFirst(2))
        guard let member = members[name] else { continue }
        if set.isMember, set.children.isEmpty {
          members[name] = nil
        } else {
          let rest = remove(set, from: member, at: path + [name])
          if rest.isEmptyContainer, !member.isEmptyContainer { members[name] = nil } else { members[name] = rest }
        }
      }
      return .object(members)
    case .array(let items):
      let kept = items.compactMap { item -> JSONValue? in
        let element: String
        switch ListSchema.list(path) {
        case .atomic: return item
        case .set: element = "v:" + JSONText.string(item)
        case .map(let keys): element = FieldComparison.element(item, keys: keys)
        }
        guard let set = fields.children[element] else { return item }
        return set.isMember ? Optional.none : remove(set, from: item, at: path)
      }
      return .array(kept)
    default: return value
    }
  }

  private static func conflict(_ conflicts: [(entry: ManagedFields.Entry, path: String)]) -> APIError {
    func display(_ entry: ManagedFields.Entry) -> String {
      var text = "\"\(entry.manager)\""
      if !entry.subresource.isEmpty { text += " with subresource \"\(entry.subresource)\"" }
      if entry.operation == "Update" { text += " using \(entry.apiVersion) at \(entry.time)" }
      return text
    }
    let causes = conflicts.map {
      APIError.Cause(reason: "FieldManagerConflict", message: "conflict with \(display($0.entry))", field: $0.path)
    }
    let message: String
    if conflicts.count == 1 {
      message = "Apply failed with 1 conflict: conflict with \(display(conflicts[0].entry)): \(conflicts[0].path)"
    } else {
      var lines: [String] = []
      for (manager, group) in Dictionary(grouping: conflicts, by: { display($0.entry) }).sorted(by: { $0.key < $1.key })
      {
        lines.append("conflicts with \(manager):")
        lines += group.map { "- \($0.path)" }
      }
      message = "Apply failed with \(conflicts.count) conflicts: \(lines.joined(separator: "\n"))"
    }
    var details: JSONValue = [:]
    details["causes"] = APIError.details(kind: "", causes: causes)["causes"]
    return APIError(code: 409, reason: "Conflict", message: message, details: details)
  }
}
