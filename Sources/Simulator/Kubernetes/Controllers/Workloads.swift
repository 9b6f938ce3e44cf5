import FoundationEssentials
import Kubernetes
import OrderedCollections

extension KubernetesCluster {
  private var deploymentType: ResourceType { knownType("apps/v1", "Deployment") }
  private var replicaSetType: ResourceType { knownType("apps/v1", "ReplicaSet") }
  private var podType: ResourceType { knownType("v1", "Pod") }

  private func reference(to owner: JSONValue) -> JSONValue {
    [
      "apiVersion": owner["apiVersion"] ?? "apps/v1", "kind": .string(owner.kind), "name": .string(owner.name),
      "uid": .string(owner.uid), "controller": true, "blockOwnerDeletion": true,
    ]
  }

  private func isOwned(_ object: JSONValue, by owner: JSONValue) -> Bool {
    (object["metadata"]?["ownerReferences"]?.array ?? []).contains { $0["uid"]?.string == owner.uid }
  }

  static func isReady(_ pod: JSONValue) -> Bool {
    (pod.value(at: ["status", "conditions"])?.array ?? []).contains { $0["type"] == "Ready" && $0["status"] == "True" }
  }

  // MARK: Deployments

  func reconcileDeployment(_ deployment: JSONValue) {
    let template = deployment.value(at: ["spec", "template"]) ?? [:]
    let wanted = deployment.value(at: ["spec", "replicas"])?.integer ?? 1
    let hash = RandomNames.hash(JSONText.string(ObjectOrder.apply(template)))
    let name = "\(deployment.name)-\(hash)"
    let sets = all("replicasets.apps", in: deployment.namespace).filter {
      isOwned($0, by: deployment) && !$0.isBeingDeleted
    }
    let older = sets.filter { $0.name != name && ($0.value(at: ["spec", "replicas"])?.integer ?? 0) > 0 }
    let isRecreated = deployment.value(at: ["spec", "strategy", "type"]) == "Recreate"
    let current = sets.first { $0.name == name }
    let revisions = sets.compactMap { $0.annotations["deployment.kubernetes.io/revision"].flatMap { Int($0) } }
    let revision = current?.annotations["deployment.kubernetes.io/revision"] ?? String((revisions.max() ?? 0) + 1)

    if isRecreated, !older.isEmpty {
      for set in older { scale(set, to: 0, of: deployment) }
    } else if current == nil {
      let size = wanted
      let made = make(
        replicaSet(for: deployment, template: template, name: name, hash: hash, replicas: size, revision: revision),
        type: replicaSetType)
      if case .success = made, size > 0 {
        reportScaling(deployment, set: name, from: 0, to: size)
      }
    } else if let current {
      scale(current, to: wanted, of: deployment)
      let ready = current.value(at: ["status", "readyReplicas"])?.integer ?? 0
      if ready >= wanted { for set in older { scale(set, to: 0, of: deployment) } }
    }
    updateStatus(of: deployment, wanted: wanted, currentName: name, revision: revision)
  }

  private func replicaSet(
    for deployment: JSONValue, template: JSONValue, name: String, hash: String, replicas: Int, revision: String
  ) -> JSONValue {
    var template = template
    template.set(.string(hash), at: "metadata", "labels", "pod-template-hash")
    var selector = deployment.value(at: ["spec", "selector"]) ?? [:]
    selector.set(.string(hash), at: "matchLabels", "pod-template-hash")
    return [
      "metadata": [
        "name": .string(name), "namespace": .string(deployment.namespace),
        "labels": template.value(at: ["metadata", "labels"]) ?? [:],
        "annotations": [
          "deployment.kubernetes.io/desired-replicas": .string(String(replicas)),
          "deployment.kubernetes.io/max-replicas": .string(String(replicas + max(1, replicas / 4))),
          "deployment.kubernetes.io/revision": .string(revision),
        ],
        "ownerReferences": [reference(to: deployment)],
      ],
      "spec": ["replicas": .integer(replicas), "selector": selector, "template": template],
    ]
  }

  private func scale(_ set: JSONValue, to replicas: Int, of deployment: JSONValue) {
    let before = set.value(at: ["spec", "replicas"])?.integer ?? 0
    if before == replicas { return }
    var new = set
    new.set(.integer(replicas), at: "spec", "replicas")
    new.set(.integer((set["metadata"]?["generation"]?.integer ?? 1) + 1), at: "metadata", "generation")
    write(new, over: set, type: replicaSetType)
    reportScaling(deployment, set: set.name, from: before, to: replicas)
  }

  private func reportScaling(_ deployment: JSONValue, set: String, from: Int, to: Int) {
    let direction = to > from ? "up" : "down"
    let sizes = discovery.version.minor >= 31 || to < from ? "from \(from) to \(to)" : "to \(to)"
    report(
      deployment, reason: "ScalingReplicaSet", message: "Scaled \(direction) replica set \(set) \(sizes)",
      component: "deployment-controller")
  }

  private func updateStatus(of deployment: JSONValue, wanted: Int, currentName: String, revision: String) {
    let sets = all("replicasets.apps", in: deployment.namespace).filter { isOwned($0, by: deployment) }
    func sum(_ field: String, _ sets: [JSONValue]) -> Int {
      sets.reduce(0) { $0 + ($1.value(at: ["status", field])?.integer ?? 0) }
    }
    let current = sets.filter { $0.name == currentName }
    let total = sum("replicas", sets)
    let available = sum("availableReplicas", sets)
    var status: JSONValue = ["observedGeneration": deployment["metadata"]?["generation"] ?? 1]
    for (field, value) in [
      ("replicas", total), ("updatedReplicas", sum("replicas", current)), ("readyReplicas", sum("readyReplicas", sets)),
      ("availableReplicas", available), ("unavailableReplicas", max(0, max(wanted, total) - available)),
    ] where value > 0 {
      status[field] = .integer(value)
    }
    // A quarter may be missing, rounded down: one of one or two may not.
    let isAvailable = available >= wanted - wanted / 4
    let isComplete = sum("availableReplicas", current) >= wanted && total == wanted
    var conditions: [JSONValue] = [
      condition(
        "Available", isAvailable, isAvailable ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable",
        isAvailable ? "Deployment has minimum availability." : "Deployment does not have minimum availability.",
        of: deployment)
    ]
    let deadline = Double(deployment.value(at: ["spec", "progressDeadlineSeconds"])?.integer ?? 600)
    let key = "progress/\(deployment.uid)/\(deployment["metadata"]?["generation"]?.integer ?? 1)"
    let isLate: Bool
    if isComplete {
      schedule[key] = nil
      isLate = false
    } else if reported.contains(key) {
      isLate = schedule[key] == nil
    } else {
      reported.insert(key)
      schedule[key] = time.now() + deadline
      isLate = false
    }
    if isLate {
      conditions.append(
        condition(
          "Progressing", false, "ProgressDeadlineExceeded", "ReplicaSet \"\(currentName)\" has timed out progressing.",
          of: deployment))
    } else {
      conditions.append(
        condition(
          "Progressing", true, isComplete ? "NewReplicaSetAvailable" : "ReplicaSetUpdated",
          isComplete
            ? "ReplicaSet \"\(currentName)\" has successfully progressed."
            : "ReplicaSet \"\(currentName)\" is progressing.",
          of: deployment))
    }
    for set in current {
      let failure = (set.value(at: ["status", "conditions"])?.array ?? []).first { $0["type"] == "ReplicaFailure" }
      if let failure {
        conditions.append(
          condition(
            "ReplicaFailure", true, failure["reason"]?.string ?? "FailedCreate", failure["message"]?.string ?? "",
            of: deployment))
      }
    }
    status["conditions"] = .array(conditions)
    var new = deployment
    new["status"] = status
    if !sets.isEmpty {
      new.set(.string(revision), at: "metadata", "annotations", "deployment.kubernetes.io/revision")
    }
    write(new, over: deployment, type: deploymentType, subresource: "status")
  }

  /// A condition with its times kept where nothing changed.
  private func condition(
    _ type: String, _ isTrue: Bool, _ reason: String, _ message: String, of object: JSONValue
  ) -> JSONValue {
    let status: JSONValue = isTrue ? "True" : "False"
    let before = (object.value(at: ["status", "conditions"])?.array ?? []).first { $0["type"]?.string == type }
    if let before, before["status"] == status, before["reason"]?.string == reason, before["message"]?.string == message
    {
      return before
    }
    let transition = before?["status"] == status ? before?["lastTransitionTime"] : Optional.none
    return [
      "type": .string(type), "status": status, "lastUpdateTime": .string(now),
      "lastTransitionTime": transition ?? .string(now), "reason": .string(reason), "message": .string(message),
    ]
  }

  // MARK: ReplicaSets

  func reconcileReplicaSet(_ set: JSONValue) {
    let wanted = set.value(at: ["spec", "replicas"])?.integer ?? 1
    var pods = all("pods", in: set.namespace).filter { isOwned($0, by: set) && !$0.isBeingDeleted }
    var failure: JSONValue?
    if pods.count < wanted {
      failure = createPods(
        wanted - pods.count, for: set, generateName: "\(set.name)-", component: "replicaset-controller")
    } else if pods.count > wanted {
      // Those that are not ready go first.
      let surplus = pods.sorted { !Self.isReady($0) && Self.isReady($1) }.prefix(pods.count - wanted)
      for pod in surplus { remove(pod, of: set, component: "replicaset-controller") }
    }
    pods = all("pods", in: set.namespace).filter { isOwned($0, by: set) && !$0.isBeingDeleted }
    let ready = pods.filter(Self.isReady).count
    var status: JSONValue = ["replicas": .integer(pods.count)]
    if !pods.isEmpty { status["fullyLabeledReplicas"] = .integer(pods.count) }
    if ready > 0 {
      status["readyReplicas"] = .integer(ready)
      status["availableReplicas"] = .integer(ready)
    }
    status["observedGeneration"] = set["metadata"]?["generation"] ?? 1
    if let failure { status["conditions"] = [failure] }
    guard let stored = find("replicasets.apps", set.namespace, set.name) else { return }
    var new = stored
    new["status"] = status
    write(new, over: stored, type: replicaSetType, subresource: "status")
  }

  private func createPods(_ count: Int, for owner: JSONValue, generateName: String, component: String) -> JSONValue? {
    let template = owner.value(at: ["spec", "template"]) ?? [:]
    for _ in 0..<count {
      var metadata: JSONValue = [
        "generateName": .string(generateName), "namespace": .string(owner.namespace),
        "ownerReferences": [reference(to: owner)],
      ]
      for field in ["labels", "annotations"] {
        if let value = template.value(at: ["metadata", field]) { metadata[field] = value }
      }
      switch make(["metadata": metadata, "spec": template["spec"] ?? [:]], type: podType) {
      case .success(let pod):
        report(owner, reason: "SuccessfulCreate", message: "Created pod: \(pod.name)", component: component)
      case .failure(let error):
        let before = (owner.value(at: ["status", "conditions"])?.array ?? []).first { $0["type"] == "ReplicaFailure" }
        // The name in the message is another one at each attempt.
        if reported.insert("refused/\(owner.uid)").inserted {
          report(
            owner, type: "Warning", reason: "FailedCreate", message: "Error creating: \(error.message)",
            component: component)
        }
        schedule["retry/\(owner.uid)"] = time.now() + max(1, behaviour.pace.seconds * 10)
        return before ?? [
          "type": "ReplicaFailure", "status": "True", "lastTransitionTime": .string(now), "reason": "FailedCreate",
          "message": .string(error.message),
        ]
      }
    }
    return nil
  }

  private func remove(_ pod: JSONValue, of owner: JSONValue, component: String) {
    do throws(APIError) {
      _ = try delete(type: podType, namespace: pod.namespace, name: pod.name, options: [:], isDryRun: false)
      report(owner, reason: "SuccessfulDelete", message: "Deleted pod: \(pod.name)", component: component)
    } catch {
      // It went between the look and the deletion: nothing is left to do.
    }
  }

  // MARK: StatefulSets and DaemonSets

  func reconcileStatefulSet(_ set: JSONValue) {
    let wanted = set.value(at: ["spec", "replicas"])?.integer ?? 1
    let pods = all("pods", in: set.namespace).filter { isOwned($0, by: set) }
    let ready = pods.filter(Self.isReady).count
    // One after the other, each when the one before it is ready.
    if pods.count < wanted, ready == pods.count {
      makePod(named: "\(set.name)-\(pods.count)", of: set, node: nil)
    } else if pods.count > wanted, let last = pods.last, !last.isBeingDeleted {
      remove(last, of: set, component: "statefulset-controller")
    }
    var new = set
    new["status"] = [
      "observedGeneration": set["metadata"]?["generation"] ?? 1, "replicas": .integer(pods.count),
      "readyReplicas": .integer(ready), "availableReplicas": .integer(ready), "currentReplicas": .integer(pods.count),
      "updatedReplicas": .integer(pods.count),
    ]
    write(new, over: set, type: knownType("apps/v1", "StatefulSet"), subresource: "status")
  }

  func reconcileDaemonSet(_ set: JSONValue) {
    let nodes = all("nodes").map(\.name)
    let pods = all("pods", in: set.namespace).filter { isOwned($0, by: set) }
    let used = Set(pods.compactMap { $0.value(at: ["spec", "nodeName"])?.string })
    for node in nodes where !used.contains(node) {
      makePod(named: "\(set.name)-\(random.suffix())", of: set, node: node)
    }
    let ready = pods.filter(Self.isReady).count
    var new = set
    new["status"] = [
      "observedGeneration": set["metadata"]?["generation"] ?? 1, "desiredNumberScheduled": .integer(nodes.count),
      "currentNumberScheduled": .integer(pods.count), "updatedNumberScheduled": .integer(pods.count),
      "numberReady": .integer(ready), "numberAvailable": .integer(ready), "numberMisscheduled": 0,
    ]
    write(new, over: set, type: knownType("apps/v1", "DaemonSet"), subresource: "status")
  }

  private func makePod(named name: String, of owner: JSONValue, node: String?) {
    let template = owner.value(at: ["spec", "template"]) ?? [:]
    var metadata: JSONValue = [
      "name": .string(name), "namespace": .string(owner.namespace), "ownerReferences": [reference(to: owner)],
    ]
    if let labels = template.value(at: ["metadata", "labels"]) { metadata["labels"] = labels }
    var spec = template["spec"] ?? [:]
    if let node { spec["nodeName"] = .string(node) }
    if case .failure(let error) = make(["metadata": metadata, "spec": spec], type: podType),
      reported.insert("refused/\(owner.uid)").inserted
    {
      report(
        owner, type: "Warning", reason: "FailedCreate", message: "create Pod \(name) failed error: \(error.message)",
        component: "\(owner.kind.lowercased())-controller")
    }
  }
}
