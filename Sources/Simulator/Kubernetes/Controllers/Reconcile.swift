import FoundationEssentials
import Kubernetes
import OrderedCollections

extension KubernetesCluster {
  static let controllerManager = "kube-controller-manager"

  /// One round of all controllers. What they write wakes them again, so a round does one step of everything.
  func reconcile() {
    takeDue()
    collectGarbage()
    for deployment in all("deployments.apps") where !deployment.isBeingDeleted { reconcileDeployment(deployment) }
    for set in all("replicasets.apps") where !set.isBeingDeleted { reconcileReplicaSet(set) }
    for set in all("statefulsets.apps") where !set.isBeingDeleted { reconcileStatefulSet(set) }
    for set in all("daemonsets.apps") where !set.isBeingDeleted { reconcileDaemonSet(set) }
    for pod in all("pods") where !pod.isBeingDeleted {
      if pod.value(at: ["spec", "nodeName"]) == nil { bind(pod) } else { runOnNode(pod) }
    }
    for quota in all("resourcequotas") { reconcileQuota(quota) }
    for claim in all("persistentvolumeclaims") { reconcileClaim(claim) }
    for account in all("serviceaccounts") { reconcileAccount(account) }
    for secret in all("secrets") where secret["type"] == "kubernetes.io/service-account-token" {
      reconcileTokenSecret(secret)
    }
    if let platform = discovery.openShift { reconcileRoutes(platform: platform) }
  }

  /// Writes what a controller made of an object, where that differs.
  @discardableResult
  func write(
    _ new: JSONValue, over old: JSONValue, type: ResourceType, manager: String = KubernetesCluster.controllerManager,
    subresource: String = ""
  ) -> JSONValue {
    if new == old { return old }
    var new = new
    var managed = ManagedFields(of: old)
    managed.recordUpdate(
      from: old, to: new, manager: manager, apiVersion: type.groupVersion, subresource: subresource, time: now)
    new.set(managed.json, at: "metadata", "managedFields")
    return persist(new, type: type)
  }

  /// Creates as a controller does; a refusal is the caller's to report.
  @discardableResult
  func make(_ object: JSONValue, type: ResourceType) -> Result<JSONValue, APIError> {
    do throws(APIError) {
      return .success(
        try create(
          object, type: type, namespace: object.namespace, context: WriteContext(manager: Self.controllerManager)
        ).object)
    } catch {
      return .failure(error)
    }
  }

  // MARK: What is due

  private func takeDue() {
    let now = time.now()
    for (key, date) in schedule where date <= now {
      schedule[key] = nil
      let parts = key.split(separator: "/").map(String.init)
      switch parts[0] {
      case "namespace": removeNamespace(parts[1])
      case "pod-removal":
        if let pod = find("pods", parts[1], parts[2]), pod.isBeingDeleted {
          podStages[pod.uid] = nil
          erase(pod, type: knownType("v1", "Pod"))
        }
      default: break  // Looked at in the round that follows.
      }
    }
  }

  private func removeNamespace(_ name: String) {
    guard let namespace = find("namespaces", "", name), namespace.isBeingDeleted else { return }
    for type in storedTypes where type.isNamespaced {
      for object in all(type.storageKey, in: name) {
        if (object["metadata"]?["finalizers"]?.array ?? []).isEmpty {
          erase(object, type: type)
        } else if !object.isBeingDeleted {
          var marked = object
          marked.set(.string(now), at: "metadata", "deletionTimestamp")
          persist(marked, type: type)
        }
      }
    }
    let isEmpty = storedTypes.allSatisfy { !$0.isNamespaced || all($0.storageKey, in: name).isEmpty }
    if isEmpty {
      erase(namespace, type: namespaceType)
    } else {
      schedule["namespace/\(name)"] = time.now() + behaviour.namespaceRemoval.seconds
    }
  }

  // MARK: Garbage

  private func collectGarbage() {
    var uids: Set<String> = []
    var owned: [(object: JSONValue, type: ResourceType)] = []
    var held: [(object: JSONValue, type: ResourceType)] = []
    for type in storedTypes {
      for object in all(type.storageKey) {
        uids.insert(object.uid)
        if object["metadata"]?["ownerReferences"]?.array?.isEmpty == false { owned.append((object, type)) }
        if object.isBeingDeleted, object["metadata"]?["finalizers"]?.array?.contains("foregroundDeletion") == true {
          held.append((object, type))
        }
      }
    }
    let going = Set(held.map(\.object.uid))
    for (object, type) in owned where !object.isBeingDeleted {
      let owners = (object["metadata"]?["ownerReferences"]?.array ?? []).compactMap { $0["uid"]?.string }
      let isOrphan = owners.allSatisfy { !uids.contains($0) || going.contains($0) }
      if isOrphan {
        do throws(APIError) {
          _ = try delete(
            type: type, namespace: object.namespace, name: object.name, options: [:], isDryRun: false)
        } catch {
          // It went between the look and the deletion: nothing is left to do.
        }
      }
    }
    for (object, type) in held where dependents(of: object.uid).isEmpty {
      var released = object
      let rest = (object["metadata"]?["finalizers"]?.array ?? []).filter { $0 != "foregroundDeletion" }
      released.set(rest.isEmpty ? Optional.none : .array(rest), at: "metadata", "finalizers")
      if rest.isEmpty { erase(object, type: type) } else { persist(released, type: type) }
    }
  }

  // MARK: Namespaces, accounts, quotas, claims

  private func reconcileAccount(_ account: JSONValue) {
    reconcileOwnToken(of: account)
    guard let platform = discovery.openShift, let now = find("serviceaccounts", account.namespace, account.name) else {
      return
    }
    reconcilePullSecret(of: now, platform: platform)
  }

  func fillNamespace(_ name: String) {
    let items: [(String, JSONValue)] = [
      ("ServiceAccount", ["metadata": ["name": "default", "namespace": .string(name)]]),
      (
        "ConfigMap",
        [
          "metadata": [
            "name": "kube-root-ca.crt", "namespace": .string(name),
            "annotations": [
              "kubernetes.io/description": "Contains a CA bundle that can be used to verify the kube-apiserver"
            ],
          ], "data": ["ca.crt": .string(Self.authority)],
        ]
      ),
    ]
    for (kind, object) in items { make(object, type: knownType("v1", kind)) }
    if discovery.openShift != nil { fillProject(name) }
  }

  /// The look of a certificate; nothing in a simulated cluster verifies it.
  static let authority =
    "-----BEGIN CERTIFICATE-----\nc2ltdWxhdGVkIGNlcnRpZmljYXRlIGF1dGhvcml0eQ==\n-----END CERTIFICATE-----\n"

  private func reconcileQuota(_ quota: JSONValue) {
    let hard = quota.value(at: ["spec", "hard"]) ?? [:]
    var used: JSONValue = [:]
    for key in (hard.object ?? [:]).keys { used[key] = .string(self.used(key, in: quota.namespace).text) }
    var new = quota
    new["status"] = ["hard": hard, "used": used]
    write(new, over: quota, type: knownType("v1", "ResourceQuota"), subresource: "status")
  }

  private func reconcileClaim(_ claim: JSONValue) {
    guard claim.value(at: ["status", "phase"]) != "Bound",
      let name = claim.value(at: ["spec", "storageClassName"])?.string,
      find("storageclasses.storage.k8s.io", "", name) != nil
    else { return }
    var new = claim
    new.set("Bound", at: "status", "phase")
    new.set(claim.value(at: ["spec", "accessModes"]), at: "status", "accessModes")
    new.set(claim.value(at: ["spec", "resources", "requests"]), at: "status", "capacity")
    write(new, over: claim, type: knownType("v1", "PersistentVolumeClaim"), subresource: "status")
  }
}
