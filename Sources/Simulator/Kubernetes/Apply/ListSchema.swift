import Kubernetes

/// What the API's types say of a field: how a list is merged, and whether a map is one value
/// (`x-kubernetes-list-type`, `x-kubernetes-map-type`, `patchMergeKey`).
enum ListSchema {
  enum Merge: Equatable {
    /// The list is one value.
    case atomic
    /// A set of scalars.
    case set
    /// Items with these keys; a key left out counts as its default.
    case map([Key])
  }

  struct Key: Equatable {
    var name: String
    var whenAbsent: JSONValue?
  }

  private static func keyed(_ names: String...) -> Merge { .map(names.map { Key(name: $0) }) }

  /// How the list at a path of field names is merged. Names of list items are left out of the path.
  static func list(_ path: [String]) -> Merge {
    guard let last = path.last else { return .atomic }
    let parent = path.dropLast().last ?? ""
    switch last {
    case "containers", "initContainers", "ephemeralContainers", "env", "webhooks": return keyed("name")
    case "volumes": return parent == "spec" ? keyed("name") : .atomic
    case "ports":
      if ["containers", "initContainers", "ephemeralContainers"].contains(parent) {
        return .map([Key(name: "containerPort"), Key(name: "protocol", whenAbsent: "TCP")])
      }
      return path == ["spec", "ports"] ? .map([Key(name: "port"), Key(name: "protocol", whenAbsent: "TCP")]) : .atomic
    case "volumeMounts": return keyed("mountPath")
    case "volumeDevices": return keyed("devicePath")
    case "conditions": return parent == "status" ? keyed("type") : .atomic
    case "imagePullSecrets": return parent == "spec" ? keyed("name") : .atomic
    case "secrets": return path.count == 1 ? keyed("name") : .atomic
    case "ownerReferences": return keyed("uid")
    case "finalizers": return parent == "metadata" ? .set : .atomic
    case "addresses": return parent == "status" ? keyed("type") : .atomic
    case "hostAliases": return keyed("ip")
    case "podIPs": return keyed("ip")
    case "topologySpreadConstraints": return keyed("topologyKey", "whenUnsatisfiable")
    case "claims": return keyed("name")
    default: return .atomic
    }
  }

  private static let atomicMaps: Set<String> = [
    "labelSelector", "namespaceSelector", "podSelector", "nodeSelector", "involvedObject", "regarding", "related",
    "roleRef", "secretKeyRef", "configMapKeyRef", "fieldRef", "resourceFieldRef", "secretRef", "claimRef", "reference",
    // Lists whose items are references, one value each.
    "ownerReferences", "imagePullSecrets", "secrets",
  ]

  /// Whether the map at a path is one value. For a list's item the path is that of the list.
  static func isAtomicMap(_ path: [String]) -> Bool {
    guard let last = path.last else { return false }
    return atomicMaps.contains(last) || path == ["spec", "selector"]
  }

  /// How strategic merge patch treats a list: as above, with the keys that differ.
  static func strategicKey(_ path: [String]) -> [Key]? {
    if path.last == "ports" {
      if path == ["spec", "ports"] { return [Key(name: "port")] }
      return path.dropLast().last == "containers" ? [Key(name: "containerPort")] : nil
    }
    if path.last == "imagePullSecrets" { return [Key(name: "name")] }
    if path.last == "topologySpreadConstraints" { return [Key(name: "topologyKey")] }
    if case .map(let keys) = list(path) { return keys }
    return nil
  }
}
