import FoundationEssentials
import Kubernetes
import OrderedCollections
import SetupCore
import Simulator

/// All that a cluster holds, as text with sorted members, one entry an object, without what two installations cannot have
/// in common.
struct ClusterSnapshot {
  /// By `resource namespace/name`.
  let objects: [String: String]

  private static let resources = [
    "clusterrolebindings.rbac.authorization.k8s.io", "clusterroles.rbac.authorization.k8s.io", "configmaps",
    "deployments.apps", "ingresses.networking.k8s.io", "namespaces", "pods", "replicasets.apps",
    "rolebindings.rbac.authorization.k8s.io", "roles.rbac.authorization.k8s.io", "secrets", "serviceaccounts",
    "services",
  ]

  init(_ cluster: KubernetesServer) async throws {
    var objects: [String: String] = [:]
    for resource in Self.resources {
      for object in await cluster.objects(resource) {
        let metadata = object["metadata"] ?? [:]
        // The server ends the names of a ReplicaSet's pods with letters of its own.
        let name = metadata["generateName"]?.string.map { $0 + "*" } ?? metadata["name"]?.string ?? ""
        let namespace = metadata["namespace"]?.string ?? ""
        let known = try await Self.release(object) ?? object
        let text = JSONText.pretty(Self.comparable(known, name: metadata["name"]?.string ?? "", shown: name))
        // What was there before is still on its way in some: that nothing came or went is enough.
        let isElsewhere = !namespace.isEmpty && namespace != "datarobot-mlops"
        objects["\(resource) \(namespace)/\(name)"] = isElsewhere ? "" : text
      }
    }
    self.objects = objects
  }

  /// Made by the API server or taken from a clock, whoever writes an object and whatever is in it.
  private static let incidental: Set<String> = [
    "uid", "resourceVersion", "creationTimestamp", "time", "lastTransitionTime", "lastUpdateTime", "startTime",
    "startedAt", "renewTime", "podIP", "podIPs", "containerID",
    // When Helm made a revision, in its labels and in its own record.
    "createdAt", "modifiedAt", "first_deployed", "last_deployed", "last_run",
  ]

  private static func comparable(_ value: JSONValue, name: String, shown: String) -> JSONValue {
    switch value {
    case .object(let members):
      let kept = members.filter { member in
        // Field sets name elements of lists by what the server gave them.
        !incidental.contains(member.key) && !["k:{\"uid\":", "k:{\"ip\":"].contains(where: member.key.hasPrefix)
      }.sorted { $0.key < $1.key }
        .map { ($0.key, comparable($0.value, name: name, shown: shown)) }
      return .object(OrderedDictionary(uniqueKeysWithValues: kept))
    case .array(let elements):
      // What the cluster's own controllers have come to write depends on the clock.
      let kept = elements.filter { $0["fieldsType"] == nil || $0["manager"]?.string?.hasPrefix("kube") != true }
      return .array(kept.map { comparable($0, name: name, shown: shown) })
    case .string(let text) where text == name: return .string(shown)
    case .string(let text) where text.hasPrefix("kube-api-access-"): return "kube-api-access-*"
    default: return value
    }
  }

  /// Helm's record of a revision with what is packed in it laid open; nil: it is none.
  private static func release(_ object: JSONValue) async throws -> JSONValue? {
    guard object["type"] == "helm.sh/release.v1", let data = object["data"]?["release"]?.string,
      let outer = Data(base64Encoded: data), let packed = Data(base64Encoded: String(decoding: outer, as: UTF8.self))
    else { return nil }
    let unpacked = try await Processes.live(environment: ["PATH": "/usr/bin:/bin"]).run(
      ProcessCommand("gzip", ["--decompress", "--stdout"], input: Array(packed), deadline: .seconds(20)))
    var opened = object
    opened["data"] = ["release": try JSONText.parse(Array(unpacked.output.utf8))]
    return opened
  }
}
