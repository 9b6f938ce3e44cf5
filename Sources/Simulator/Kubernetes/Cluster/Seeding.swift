import FoundationEssentials
import Kubernetes
import OrderedCollections

extension KubernetesCluster {
  /// Makes everything that the scenario says is there at the start, and lets it come to rest.
  func seed(_ scenario: ClusterScenario) throws {
    for object in RBAC.bootstrap { try seedObject(object) }
    for name in ["default", "kube-system", "kube-public", "kube-node-lease"] + scenario.namespaces {
      try seedObject(["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": .string(name)]])
    }
    for (index, node) in scenario.nodes.enumerated() {
      try seedObject(node.object(), manager: "kubelet")
      guard let stored = find("nodes", "", node.name) else { continue }
      var new = stored
      new["status"] = node.status(index: index, version: scenario.version, now: now)
      write(new, over: stored, type: knownType("v1", "Node"), manager: "kubelet", subresource: "status")
    }
    for object in scenario.openShift?.objects ?? [] { try seedObject(object) }
    for object in scenario.objects { try seedObject(object) }
    settle()
  }

  /// Creates an object, or replaces the one that is there; a status that it has is kept.
  func seedObject(_ object: JSONValue, manager: String = "kubectl") throws(APIError) {
    guard let type = discovery.type(apiVersion: object["apiVersion"]?.string ?? "", kind: object.kind) else {
      throw .unknownResource
    }
    let namespace = type.isNamespaced ? (object.namespace.isEmpty ? "default" : object.namespace) : ""
    if find(type.storageKey, namespace, object.name) != nil {
      _ = try update(
        type: type, namespace: namespace, name: object.name, context: WriteContext(manager: manager)
      ) { _ throws(APIError) in object }
    } else {
      if type.isNamespaced, find("namespaces", "", namespace) == nil {
        try seedObject(["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": .string(namespace)]])
      }
      _ = try create(object, type: type, namespace: namespace, context: WriteContext(manager: manager))
    }
    guard let status = object["status"], let stored = find(type.storageKey, namespace, object.name) else { return }
    var new = stored
    new["status"] = status
    write(new, over: stored, type: type, manager: manager, subresource: "status")
  }

  func applyForced(_ object: JSONValue, manager: String) throws(APIError) {
    guard let type = discovery.type(apiVersion: object["apiVersion"]?.string ?? "", kind: object.kind) else {
      throw .unknownResource
    }
    _ = try serverSideApply(
      object, type: type, namespace: type.isNamespaced ? object.namespace : "", name: object.name, force: true,
      context: WriteContext(manager: manager))
  }

  func remove(_ resource: String, namespace: String, name: String) {
    guard let type = discovery.resources.first(where: { $0.storageKey == resource }) else { return }
    do throws(APIError) {
      _ = try delete(type: type, namespace: namespace, name: name, options: [:], isDryRun: false)
    } catch {
      // It is gone already.
    }
  }

  /// Runs the controllers until nothing changes any more, as if time had passed.
  func settle() {
    for _ in 0..<100 {
      let before = revision
      for key in schedule.keys where !key.hasPrefix("progress/") && !key.hasPrefix("retry/") {
        schedule[key] = .distantPast
      }
      reconcile()
      let isWaiting = schedule.keys.contains { !$0.hasPrefix("progress/") && !$0.hasPrefix("retry/") }
      if revision == before, !isWaiting { return }
    }
  }
}
