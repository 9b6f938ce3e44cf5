import FoundationEssentials
import Kubernetes

extension Check {
  /// The release's workloads are rolled out.
  static let agentDeployment = Check(
    "agent.deployment", title: "Deployment", required: "every workload of the release is rolled out and available",
    why: "The management agent runs in it.", needs: [.agentRelease, .agentRollout], after: ["cluster.credentials"],
    exemption: noRelease
  ) { survey, answers, _ in
    if let missing = Finding.withoutRelease(survey) { return missing }
    return .judging(survey.agentRollout) { seen in
      let picture = seen.picture
      let release = answers[.release] ?? ""
      guard !picture.workloads.isEmpty else {
        return Finding(
          .fail, observed: "none", message: "The release \(release) has no Deployment, StatefulSet or DaemonSet: no agent can run.",
          remedy: Remedy(
            "Somebody deleted it, or the chart made none. Run mlops-setup --answers FILE again.",
            command: "helm get manifest \(release) --namespace \(answers[.namespace] ?? "")"))
      }
      if let idle = picture.workloads.first(where: { $0.wanted == 0 }) {
        guard idle.kind != "DaemonSet" else {
          return Finding(
            .fail, observed: "\(idle.name): 0 wanted", message: "\(idle.title) fits no node: no agent runs.",
            remedy: Remedy("See its node selector and the nodes' taints."), details: picture.lines)
        }
        return Finding(
          .fail, observed: "\(idle.name): 0 wanted", message: "\(idle.title) is scaled to 0: no agent runs.",
          remedy: Remedy(
            "Scale it up again.",
            command: "kubectl scale \(idle.kind.lowercased()) \(idle.name) --replicas=1 --namespace \(answers[.namespace] ?? "")"),
          details: picture.lines)
      }
      guard picture.isRolledOut else {
        let obstacle = picture.obstacle
        return Finding(
          .fail, observed: picture.summary, message: obstacle.reason + ".", remedy: Remedy(obstacle.next),
          details: picture.lines)
      }
      let names = picture.workloads.map(\.title).joined(separator: ", ")
      return Finding(.pass, observed: picture.summary, message: "\(names) is rolled out.")
    }
  }
}

extension Probe {
  /// The release's workloads and their pods.
  static let agentRollout = Probe("agent.rollout", \.agentRollout, page: .images, after: [.cluster]) { setup, _ in
    AgentRollout(
      picture: try await RolloutPicture.look(
        at: setup.answers[.release] ?? "", in: setup.namespace(), setup), seenAt: setup.world.now())
  }
}

/// How the release's workloads and their pods were at one moment.
struct AgentRollout: Sendable {
  var picture: RolloutPicture
  /// Our clock at that moment.
  var seenAt: Date
}

extension Survey {
  /// The release's workloads and their pods.
  var agentRollout: Observed<AgentRollout> {
    get { self["cluster/agentRollout"] }
    set { self["cluster/agentRollout"] = newValue }
  }
}
