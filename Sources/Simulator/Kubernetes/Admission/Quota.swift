import Kubernetes
import OrderedCollections

/// What a namespace's ResourceQuotas count (k8s.io/kubernetes, pkg/quota).
enum Quota {
  /// What one object counts for: `count/secrets` and `secrets`, a pod's requests and limits.
  static func usage(of object: JSONValue, type: ResourceType) -> [String: Thousandths] {
    let one = Thousandths(value: 1000)
    var usage = ["count/\(type.qualifiedName)": one]
    if [
      "pods", "secrets", "configmaps", "services", "persistentvolumeclaims", "replicationcontrollers", "resourcequotas",
    ].contains(type.name) {
      usage[type.name] = one
    }
    guard type.name == "pods" else { return usage }
    for container in object.value(at: ["spec", "containers"])?.array ?? [] {
      for (kind, prefix) in [("requests", "requests."), ("limits", "limits.")] {
        for (resource, value) in container.value(at: ["resources", kind])?.object ?? [:] {
          let amount = Thousandths(quantity(value))
          usage[prefix + resource, default: Thousandths(value: 0)] =
            (usage[prefix + resource] ?? Thousandths(value: 0)) + amount
          if kind == "requests" { usage[resource] = (usage[resource] ?? Thousandths(value: 0)) + amount }
        }
      }
    }
    return usage
  }

  static func quantity(_ value: JSONValue) -> String? { value.string ?? value.integer.map(String.init) }

  /// The refusal of a new object; nil where every quota has room.
  static func refusal(
    of object: JSONValue, type: ResourceType, quotas: [JSONValue], used: (String) -> Thousandths
  ) -> String? {
    let usage = usage(of: object, type: type)
    for quota in quotas.sorted(by: { $0.name < $1.name }) {
      let hard = quota.value(at: ["spec", "hard"])?.object ?? [:]
      if type.name == "pods" {
        let computed = ["cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory"]
        let missing = hard.keys.filter { computed.contains($0) && usage[$0] == nil }.sorted()
        if !missing.isEmpty {
          let named = (object.value(at: ["spec", "containers"])?.array ?? []).map { $0["name"]?.string ?? "" }
          let list = missing.map { "\($0) for: \(named.joined(separator: ","))" }.joined(separator: "; ")
          return "failed quota: \(quota.name): must specify \(list)"
        }
      }
      let exceeded = hard.keys.sorted().filter { key in
        guard let requested = usage[key] else { return false }
        return used(key) + requested > Thousandths(quantity(hard[key] ?? .null))
      }
      if exceeded.isEmpty { continue }
      func list(_ value: (String) -> String) -> String { exceeded.map { "\($0)=\(value($0))" }.joined(separator: ",") }
      return "exceeded quota: \(quota.name), requested: \(list { usage[$0]?.text ?? "0" }), "
        + "used: \(list { used($0).text }), limited: \(list { quantity(hard[$0] ?? .null) ?? "0" })"
    }
    return nil
  }
}
