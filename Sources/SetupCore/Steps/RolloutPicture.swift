import Kubernetes

/// How far a rollout is, at one moment: pure, made from what the API says.
struct RolloutPicture: Sendable {
  /// A container that ends again and again.
  struct CrashingPod: Sendable, Equatable {
    let name: String
    let container: String
  }

  /// What is in the way.
  struct Obstacle: Sendable, Equatable {
    /// What kind, to see whether it is still the same.
    let kind: String
    let reason: String
    let next: String
    /// How long it must last before waiting on makes no sense; nil: as long as the rollout may take.
    let patience: Duration?
    var crashingPod: CrashingPod?
  }

  let workloads: [Workload]

  var isRolledOut: Bool { workloads.allSatisfy(\.isRolledOut) }

  /// `1 of 2 Deployments available`.
  var summary: String {
    "\(workloads.count { $0.isRolledOut }) of \(Workload.count(workloads)) available"
  }

  /// A line a workload and a line a pod.
  var lines: [String] {
    workloads.flatMap { workload -> [String] in
      let head = "\(workload.title): \(workload.available) of \(workload.wanted) available"
      return [head] + workload.pods.map { "Pod \($0.metadata.name): \(Self.state($0))" }
    }
  }

  /// `Running, agent ready`, `Pending, agent: ImagePullBackOff: …`.
  static func state(_ pod: Pod) -> String {
    var parts = [pod.metadata.deletionTimestamp == nil ? pod.status.phase : "Terminating"]
    if let scheduled = pod.status.conditions["PodScheduled"], !scheduled.isTrue {
      parts.append([scheduled.reason, scheduled.message].compactMap { $0 }.joined(separator: ": "))
    }
    for container in pod.status.initContainerStatuses + pod.status.containerStatuses {
      if let waiting = container.state.waiting {
        parts.append(
          "\(container.name): "
            + [waiting.reason, waiting.message].compactMap { $0 }.joined(separator: ": ").trimmed(to: 200))
      } else if let ended = container.state.terminated, ended.exitCode != 0 {
        parts.append("\(container.name): ended with exit code \(ended.exitCode)")
      } else if container.ready {
        parts.append("\(container.name) ready")
      }
    }
    return parts.joined(separator: ", ")
  }

  /// The worst that is in the way; where nothing stands out, that it is not yet available.
  var obstacle: Obstacle {
    let waiting = workloads.filter { !$0.isRolledOut }
    for workload in waiting {
      for pod in workload.pods where pod.metadata.deletionTimestamp == nil {
        if let found = Self.obstacle(of: pod) { return found }
      }
    }
    for workload in waiting { if let found = Self.obstacle(of: workload) { return found } }
    for workload in waiting {
      for pod in workload.pods {
        guard let scheduled = pod.status.conditions["PodScheduled"], !scheduled.isTrue else { continue }
        return Obstacle(
          kind: "scheduling",
          reason: "Pod \(pod.metadata.name) finds no node: \(scheduled.message ?? scheduled.reason ?? "?")",
          next: "Make room on a node, or add one.", patience: nil)
      }
    }
    for workload in waiting {
      for pod in workload.pods where pod.isLeftAlone {
        return Obstacle(
          kind: "kubelet",
          reason:
            "Pod \(pod.metadata.name) was given to node \(pod.spec.nodeName ?? "?"), whose kubelet has not begun with it",
          next: "See whether that node is alive: kubectl describe node \(pod.spec.nodeName ?? "").", patience: nil)
      }
    }
    let names = waiting.map(\.title).joined(separator: ", ")
    if waiting.contains(where: { !$0.isObserved && $0.pods.isEmpty }) {
      return Obstacle(
        kind: "unseen", reason: "\(names) was made, but no controller of the cluster has taken it up",
        next: "See that kube-controller-manager runs.", patience: .seconds(90))
    }
    return Obstacle(
      kind: "waiting", reason: "\(names) is not yet available",
      next: "Wait, or look at its pods: kubectl describe pods.", patience: nil)
  }

  /// What keeps a pod from running; nil: nothing that its containers tell.
  static func obstacle(of pod: Pod) -> Obstacle? {
    for container in pod.status.initContainerStatuses + pod.status.containerStatuses {
      guard let reason = container.state.waiting?.reason else { continue }
      let message = container.state.waiting?.message.map { ": \($0.trimmed(to: 300))" } ?? ""
      let place = "Pod \(pod.metadata.name), container \(container.name): \(reason)\(message)"
      switch reason {
      case "ErrImagePull", "ImagePullBackOff":
        return Obstacle(
          kind: "pull", reason: place,
          next:
            "See that \(container.image ?? "the image") is pushed, and that nodes may pull it (imagePullSecrets, CA, architecture).",
          patience: .seconds(45))
      case "InvalidImageName", "ErrImageNeverPull":
        return Obstacle(kind: "image", reason: place, next: "Correct the image's name.", patience: .seconds(5))
      case "CreateContainerConfigError", "CreateContainerError", "RunContainerError":
        return Obstacle(
          kind: "config", reason: place, next: "See that the Secrets and ConfigMaps it names exist.",
          patience: .seconds(30))
      case "CrashLoopBackOff" where container.restartCount >= 2:
        return Obstacle(
          kind: "crash", reason: place, next: "Its last log lines above say why; correct the answer they name.",
          patience: .seconds(20), crashingPod: CrashingPod(name: pod.metadata.name, container: container.name))
      default: break
      }
    }
    return nil
  }

  private static func obstacle(of workload: Workload) -> Obstacle? {
    if let failure = workload.conditions["ReplicaFailure"], failure.isTrue {
      return Obstacle(
        kind: "replicas",
        reason: "\(workload.title) cannot make its pods: \(failure.message ?? failure.reason ?? "?")",
        next: "Raise the quota, or loosen the policy, that refuses them.", patience: .seconds(20))
    }
    if let progressing = workload.conditions["Progressing"], progressing.reason == "ProgressDeadlineExceeded" {
      return Obstacle(
        kind: "deadline", reason: "\(workload.title): \(progressing.message ?? "no progress")",
        next: "Look at its pods: kubectl describe pods.", patience: .zero)
    }
    return nil
  }
}

extension RolloutPicture {
  /// A release's workloads and their pods as they are now.
  static func look(at release: String, in namespace: String, _ setup: Setup) async throws -> RolloutPicture {
    let client = try setup.kubernetes()
    var workloads = try await Workload.all(of: release, in: namespace, setup)
    for index in workloads.indices where !workloads[index].selector.isEmpty {
      let selector = workloads[index].selector.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
      workloads[index].pods = try await client.list(
        Pod.self, .pods, namespace: namespace, labelSelector: selector.joined(separator: ",")
      ).value.items
    }
    return RolloutPicture(workloads: workloads)
  }
}

extension Pod {
  /// Whether it has a node, and nothing was heard from there.
  fileprivate var isLeftAlone: Bool {
    spec.nodeName != nil && status.phase == "Pending" && status.containerStatuses.isEmpty
      && status.initContainerStatuses.isEmpty && metadata.deletionTimestamp == nil
  }
}

/// Decides when waiting on makes no sense: when the same obstacle has stood for as long as its kind deserves.
struct RolloutWatch: Sendable {
  private var standing: (kind: String, since: Duration)?

  /// The obstacle, once its time is up.
  mutating func verdict(_ picture: RolloutPicture, at elapsed: Duration) -> RolloutPicture.Obstacle? {
    let obstacle = picture.obstacle
    if standing?.kind != obstacle.kind { standing = (obstacle.kind, elapsed) }
    guard let patience = obstacle.patience, let since = standing?.since else { return nil }
    return elapsed - since >= patience ? obstacle : nil
  }
}
