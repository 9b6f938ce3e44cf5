import FoundationEssentials
import Kubernetes
import OrderedCollections

/// How far a pod has come on its node.
enum PodStage: Int, Sendable {
  case accepted
  case started
  case settled
  case backingOff
}

extension KubernetesCluster {
  /// What becomes of a pod, by the first rule that matches.
  func outcome(of pod: JSONValue) -> ClusterBehaviour.Outcome {
    let images = (pod.value(at: ["spec", "containers"])?.array ?? []).map { $0["image"]?.string ?? "" }
    let owner = (pod["metadata"]?["ownerReferences"]?.array ?? []).first?["name"]?.string ?? ""
    for rule in behaviour.rules {
      let isImage = rule.image.isEmpty || images.contains { $0.contains(rule.image) }
      let isDeployment = rule.deployment.map { owner.hasPrefix("\($0)-") } ?? true
      if isImage, isDeployment { return rule.outcome }
    }
    return .ready
  }

  func containerLog(_ pod: JSONValue, _ container: JSONValue) -> String {
    if let log = builderLogs[pod.uid] { return log }
    if case .crashLoop(_, let log) = outcome(of: pod) { return log }
    let image = container["image"]?.string ?? ""
    return behaviour.logs.sorted { $0.key < $1.key }.first { image.contains($0.key) }?.value ?? "started\n"
  }

  /// Takes a pod on its node one stage further, when that is due.
  func runOnNode(_ pod: JSONValue) {
    guard behaviour.hasKubelets, !["Succeeded", "Failed"].contains(pod.value(at: ["status", "phase"])) else { return }
    let key = "pod/\(pod.uid)"
    guard schedule[key] == nil else { return }
    // A pod that was there when the cluster began is left as it is described.
    if podStages[pod.uid] == nil, Self.isReady(pod) { return }
    let outcome = outcome(of: pod)
    let containers = pod.value(at: ["spec", "containers"])?.array ?? []
    switch (podStages[pod.uid], outcome) {
    case (nil, _):
      podStages[pod.uid] = .accepted
      schedule[key] = time.now() + behaviour.pace.seconds
      for container in containers { say(pod, "Pulling", "Pulling image \"\(container["image"]?.string ?? "")\"") }
      setStatus(of: pod, phase: "Pending", isReady: false) { _ in Self.waiting("ContainerCreating") }
    case (.accepted, .imagePullBackOff(let message)):
      podStages[pod.uid] = .backingOff
      schedule[key] = time.now() + behaviour.pace.seconds
      for container in containers {
        let image = container["image"]?.string ?? ""
        say(pod, "Failed", "Failed to pull image \"\(image)\": \(message)", type: "Warning")
        say(pod, "Failed", "Error: ErrImagePull", type: "Warning")
      }
      setStatus(of: pod, phase: "Pending", isReady: false) { _ in Self.waiting("ErrImagePull", message) }
    case (.accepted, _):
      podStages[pod.uid] = .started
      schedule[key] = time.now() + behaviour.pace.seconds
      for container in containers {
        let image = container["image"]?.string ?? ""
        let name = container["name"]?.string ?? ""
        say(pod, "Pulled", "Successfully pulled image \"\(image)\" in 100ms (100ms including waiting)")
        say(pod, "Created", "Created container \(name)")
        say(pod, "Started", "Started container \(name)")
      }
      setStatus(of: pod, phase: "Running", isReady: false) { [now] _ in ["running": ["startedAt": .string(now)]] }
    case (.started, .ready) where builderRun(pod) != nil:
      podStages[pod.uid] = .settled
      if let run = builderRun(pod), let gate = pushGate {
        Task {
          let end = await run.end(gate)
          self.finish(pod, exitCode: end.exitCode, log: end.log)
        }
      }
    case (.started, .ready):
      podStages[pod.uid] = .settled
      setStatus(of: pod, phase: "Running", isReady: true) { [now] _ in ["running": ["startedAt": .string(now)]] }
    case (.started, .crashLoop):
      podStages[pod.uid] = .backingOff
      for container in containers {
        say(
          pod, "BackOff", "Back-off restarting failed container \(container["name"]?.string ?? "") in pod \(pod.name)",
          type: "Warning")
      }
      setStatus(of: pod, phase: "Running", isReady: false) { container in
        Self.waiting(
          "CrashLoopBackOff",
          "back-off 10s restarting failed container=\(container) pod=\(pod.name)_\(pod.namespace)(\(pod.uid))")
      }
    case (.started, .neverReady):
      podStages[pod.uid] = .settled
      for _ in containers {
        say(pod, "Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 503", type: "Warning")
      }
    case (.backingOff, .imagePullBackOff):
      podStages[pod.uid] = .settled
      for container in containers {
        let image = container["image"]?.string ?? ""
        say(pod, "BackOff", "Back-off pulling image \"\(image)\"")
        say(pod, "Failed", "Error: ImagePullBackOff", type: "Warning")
      }
      setStatus(of: pod, phase: "Pending", isReady: false) { container in
        let image = containers.first { $0["name"]?.string == container }?["image"]?.string ?? ""
        return Self.waiting("ImagePullBackOff", "Back-off pulling image \"\(image)\"")
      }
    default: break
    }
  }

  /// Writes down how a pod that is not restarted ended.
  private func finish(_ pod: JSONValue, exitCode: Int, log: String) {
    guard find("pods", pod.namespace, pod.name)?.uid == pod.uid else { return }
    builderLogs[pod.uid] = log
    setStatus(of: pod, phase: exitCode == 0 ? "Succeeded" : "Failed", isReady: false) { [now] _ in
      [
        "terminated": [
          "exitCode": .integer(exitCode), "reason": exitCode == 0 ? "Completed" : "Error", "startedAt": .string(now),
          "finishedAt": .string(now),
        ]
      ]
    }
  }

  private func say(_ pod: JSONValue, _ reason: String, _ message: String, type: String = "Normal") {
    report(
      pod, type: type, reason: reason, message: message, component: "kubelet",
      host: pod.value(at: ["spec", "nodeName"])?.string, manager: "kubelet")
  }

  private static func waiting(_ reason: String, _ message: String? = nil) -> JSONValue {
    var state: JSONValue = ["reason": .string(reason)]
    if let message { state["message"] = .string(message) }
    return ["waiting": state]
  }

  /// Writes a pod's status as a kubelet does, one state a container.
  private func setStatus(of pod: JSONValue, phase: String, isReady: Bool, state: (String) -> JSONValue) {
    guard let stored = find("pods", pod.namespace, pod.name) else { return }
    let scheduled = (stored.value(at: ["status", "conditions"])?.array ?? []).first { $0["type"] == "PodScheduled" }
    func condition(_ type: String, _ isTrue: Bool) -> JSONValue {
      var condition: JSONValue = [
        "type": .string(type), "status": isTrue ? "True" : "False", "lastProbeTime": nil,
        "lastTransitionTime": .string(now),
      ]
      if !isTrue {
        let names = (pod.value(at: ["spec", "containers"])?.array ?? []).map { $0["name"]?.string ?? "" }
        condition["reason"] = "ContainersNotReady"
        condition["message"] = .string("containers with unready status: [\(names.joined(separator: " "))]")
      }
      return condition
    }
    let statuses = (pod.value(at: ["spec", "containers"])?.array ?? []).map { container -> JSONValue in
      let name = container["name"]?.string ?? ""
      let current = state(name)
      var status: JSONValue = [
        "name": .string(name), "state": current, "lastState": [:], "ready": .bool(isReady), "restartCount": 0,
        "image": container["image"] ?? "", "imageID": "", "started": .bool(current["running"] != nil),
      ]
      if current["waiting"]?["reason"] == "CrashLoopBackOff", case .crashLoop(let code, _) = outcome(of: pod) {
        status["restartCount"] = 3
        status["lastState"] = [
          "terminated": [
            "exitCode": .integer(code), "reason": "Error", "startedAt": .string(now), "finishedAt": .string(now),
          ]
        ]
      }
      return status
    }
    let node = stored.value(at: ["spec", "nodeName"])?.string ?? ""
    let host = find("nodes", "", node)?.value(at: ["status", "addresses"])?.array?.first?["address"] ?? "10.1.0.1"
    var new = stored
    var status: JSONValue = [
      "phase": .string(phase),
      "conditions": .array(
        [condition("Initialized", true), condition("Ready", isReady), condition("ContainersReady", isReady)]
          + [scheduled ?? condition("PodScheduled", true)]),
      "hostIP": host, "startTime": .string(now), "containerStatuses": .array(statuses),
      "qosClass": stored.value(at: ["status", "qosClass"]) ?? "BestEffort",
    ]
    if phase == "Running" {
      let address =
        stored.value(at: ["status", "podIP"])?.string ?? "10.244.\(random.next() % 4).\(random.next() % 250 + 2)"
      status["podIP"] = .string(address)
      status["podIPs"] = [["ip": .string(address)]]
    }
    new["status"] = status
    write(new, over: stored, type: knownType("v1", "Pod"), manager: "kubelet", subresource: "status")
  }
}
