import Kubernetes
import Text

/// Workload Identity of the cluster and of its node pools. Nodes are recreated by it, so it is only done where the
/// answers say so.
struct GoogleClusterStep: Step {
  let id: StepID = "google-cluster"
  let title = "Workload Identity"
  private let target: GoogleTarget

  init(_ target: GoogleTarget) { self.target = target }

  var staysUnlessNamed: Bool { true }

  func access(namespaceExists: Bool) -> [AccessRequest] { [] }

  func commands(_ setup: Setup) -> [EquivalentCommand] {
    let describe = ["container", "clusters", "describe", target.cluster] + target.clusterOptions
    func told(_ format: String) -> String {
      "$(\(GCloud.line(describe, target.clusterProject)) --format='value(\(format))')"
    }
    let update = [
      "container", "clusters", "update", target.cluster, "--workload-pool=\(target.pool)",
    ]
    let list = ["container", "node-pools", "list", "--cluster=\(target.cluster)"] + target.clusterOptions
    let nodes = GCloud.line(
      ["container", "node-pools", "update", "POOL", "--cluster=\(target.cluster)", "--workload-metadata=GKE_METADATA"]
        + target.clusterOptions, target.clusterProject
    ).replacingOnce("POOL", by: "\"$pool\"")
    let refusal = "{\n  echo \(Shell.quote(Self.off(target))) >&2\n  exit 1\n}"
    let turnOn =
      target.mayUpdateCluster ? GCloud.line(update + target.clusterOptions, target.clusterProject) : refusal
    let recreate =
      target.mayUpdateCluster
      ? "    test \"$mode\" = GKE_METADATA ||\n      \(nodes) </dev/null"
      : "    test \"$mode\" = GKE_METADATA || {\n      echo \(Shell.quote(Self.off(target))) >&2\n      exit 1\n    }"
    let pools = GCloud.line(list, target.clusterProject) + " --format='value(name,config.workloadMetadataConfig.mode)'"
    return [
      EquivalentCommand(
        "test \"\(told("workloadIdentityConfig.workloadPool"))\" = \(Shell.quote(target.pool)) ||\n\(turnOn)"),
      // Autopilot's nodes have it always.
      EquivalentCommand(
        "if test \"\(told("autopilot.enabled"))\" != True; then\n  \(pools) |\n  while read -r pool mode; do\n\(recreate)\n  done\nfi"
      ),
    ]
  }

  /// What a script says that may not switch it on.
  private static func off(_ target: GoogleTarget) -> String {
    "Workload Identity is not on everywhere in cluster \(target.cluster); to switch it on, set registry.updateCluster: yes"
  }

  private func find(_ setup: Setup) async throws -> GKECluster {
    let cloud = GCloud(world: setup.world, project: target.clusterProject)
    let said = try await cloud.call(["container", "clusters", "describe", target.cluster] + target.clusterOptions)
    guard let cluster = GKECluster(said) else {
      throw CloudError(
        .malformed, program: "gcloud", message: "gcloud container clusters describe \(target.cluster) tells no name",
        next: "Run it yourself to see more.")
    }
    return cluster
  }

  func inspect(_ setup: Setup) async throws -> StepState {
    let cluster = try await find(setup)
    let gap = cluster.lacks(target)
    if gap.isEmpty {
      return .done(
        cluster.isAutopilot
          ? "cluster \(target.cluster) is an Autopilot cluster, which has it always"
          : "cluster \(target.cluster) and its node pools have it, pool \(target.pool)")
    }
    if let other = gap.otherPool {
      return .blocked(
        "cluster \(target.cluster) has the workload pool \(other), not \(target.pool). Correct registry.clusterProject."
      )
    }
    return target.mayUpdateCluster ? .needed(gap.changes(target)) : .blocked(Self.refusal(gap, target))
  }

  /// Why nothing is changed, and what would change it.
  static func refusal(_ gap: WorkloadIdentityGap, _ target: GoogleTarget) -> String {
    "cluster \(target.cluster) lacks Workload Identity; needed: \(gap.changes(target).joined(separator: "; ")). It is only done "
      + "with registry.updateCluster: yes, as nodes are recreated and their pods restart. By hand: "
      + gap.commands(target).map { GCloud.line($0, target.clusterProject) }.joined(separator: " && ")
  }

  func perform(_ setup: Setup, progress: @escaping @Sendable (StepProgress) -> Void) async throws {
    let cloud = GCloud(world: setup.world, project: target.clusterProject)
    let gap = try await find(setup).lacks(target)
    for (change, command) in zip(gap.changes(target), gap.commands(target)) {
      progress(StepProgress("\(change); this takes many minutes"))
      try await cloud.perform(command, deadline: .seconds(7200))
    }
  }

  func traces(_ setup: Setup) async throws -> [Trace] {
    [.stays("Workload Identity of cluster \(target.cluster) stays: others may use it by now")]
  }
}

extension String {
  /// The text with the first occurrence of a word replaced.
  fileprivate func replacingOnce(_ word: String, by text: String) -> String {
    firstRange(of: word).map { self[..<$0.lowerBound] + text + self[$0.upperBound...] } ?? self
  }
}
