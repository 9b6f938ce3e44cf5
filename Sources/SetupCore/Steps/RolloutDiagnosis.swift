import Kubernetes

/// What the cluster tells about a rollout that does not come to its end: states, events, last log lines.
enum RolloutDiagnosis {
  static func lines(
    _ obstacle: RolloutPicture.Obstacle, _ picture: RolloutPicture, in namespace: String, _ setup: Setup
  ) async throws -> [String] {
    var lines = picture.lines
    lines += try await events(picture, in: namespace, setup)
    if let pod = obstacle.crashingPod { lines += try await lastLog(of: pod, in: namespace, setup) }
    return lines
  }

  /// The last warnings about the release's objects.
  private static func events(_ picture: RolloutPicture, in namespace: String, _ setup: Setup) async throws -> [String] {
    let names = picture.workloads.flatMap { [$0.name] + $0.pods.map(\.metadata.name) }
    let all: [Event]
    do {
      all = try await setup.kubernetes().list(
        Event.self, .events, namespace: namespace, fieldSelector: "type=Warning"
      ).value.items
    } catch let error as KubernetesError {
      return ["events could not be read: \(error.message)"]
    }
    // A ReplicaSet's name is its Deployment's and a hash.
    let ours = all.filter { event in
      names.contains(event.involvedObject.name) || names.contains { event.involvedObject.name.hasPrefix($0 + "-") }
    }
    return ours.sorted { ($0.lastSeen ?? "") < ($1.lastSeen ?? "") }.suffix(5).map { event in
      "event: \(event.involvedObject.kind) \(event.involvedObject.name): \(event.reason): \(event.message.trimmed(to: 300))"
    }
  }

  private static func lastLog(of pod: RolloutPicture.CrashingPod, in namespace: String, _ setup: Setup) async throws
    -> [String]
  {
    do {
      let log = try await setup.kubernetes().logs(
        pod: pod.name, namespace: namespace, container: pod.container, tailLines: 5, previous: true)
      return log.value.split(separator: "\n").map { "log of \(pod.name): \(String($0).trimmed(to: 300))" }
    } catch let error as KubernetesError {
      return ["the log of \(pod.name) could not be read: \(error.message)"]
    }
  }
}
