import FoundationEssentials
import Kubernetes

extension Check {
  /// The release's pods are ready, and stay so.
  static let agentPods = Check(
    "agent.pods", title: "Pods", required: "every pod of the release is ready and none was restarted within a day",
    why: "A pod that ends again and again serves no model for long, though its Deployment may be available at times.",
    needs: [.agentRelease, .agentRollout], after: ["cluster.credentials"], exemption: noRelease
  ) { survey, _, _ in
    if let missing = Finding.withoutRelease(survey) { return missing }
    return .judging(survey.agentRollout) { seen in
      let pods = seen.picture.workloads.flatMap(\.pods).filter {
        $0.metadata.deletionTimestamp == nil && !$0.isFinished
      }
      guard !pods.isEmpty else {
        let isWanted = seen.picture.workloads.contains { $0.wanted > 0 }
        return Finding(
          .fail, observed: "none", message: "The release has no pod.",
          remedy: Remedy(
            isWanted ? seen.picture.obstacle.next : "Mend agent.deployment first.", command: "kubectl get events"))
      }
      let lines = pods.map { "Pod \($0.metadata.name): \(RolloutPicture.state($0))" }
      if let pod = pods.first(where: { !$0.isReady }) {
        let obstacle = RolloutPicture.obstacle(of: pod)
        let why = obstacle.map(\.reason) ?? "Pod \(pod.metadata.name) is not ready: \(RolloutPicture.state(pod))"
        return Finding(
          .fail, observed: "\(pods.count { $0.isReady }) of \(pods.count) ready", message: why + ".",
          remedy: Remedy(
            obstacle?.next ?? "See its events and its log; right after an installation, wait: --wait 5m.",
            command: "kubectl describe pod \(pod.metadata.name) --namespace \(pod.metadata.namespace ?? "")"),
          details: lines)
      }
      let restarts = pods.flatMap { pod in pod.status.containerStatuses.compactMap { restart($0, of: pod, seen.seenAt) }
      }
      guard let first = restarts.first else {
        return Finding(
          .pass, observed: "\(pods.count) of \(pods.count) ready",
          message: pods.count == 1 ? "The pod is ready." : "All \(pods.count) pods are ready.", details: lines)
      }
      let pod = pods[0].metadata
      return Finding(
        .warn, observed: "\(pods.count) of \(pods.count) ready, restarted", message: first + ".",
        remedy: Remedy(
          "See the log of what ended. Where it ran out of memory (OOMKilled), raise managementAgent.resources.",
          command: "kubectl logs \(pod.name) --previous --tail=50 --namespace \(pod.namespace ?? "")"),
        details: restarts + lines)
    }
  }

  /// What became of a container that was restarted within a day; nil: it was not.
  private static func restart(_ container: Pod.ContainerStatus, of pod: Pod, _ now: Date) -> String? {
    guard container.restartCount > 0 else { return nil }
    let ended = container.lastState.terminated
    let end = ended?.finishedAt.flatMap(Timestamp.rfc3339)
    if let end, now.timeIntervalSince(end) > 86_400 { return nil }
    let how = ended.map { ", the last time after \($0.reason ?? "ending") with exit code \($0.exitCode)" } ?? ""
    let count = container.restartCount == 1 ? "once" : "\(container.restartCount) times"
    return "Container \(container.name) of pod \(pod.metadata.name) was restarted \(count)\(how)"
  }
}
