extension Check {
  /// The documented minimum. Vendor suffixes (`-eks-…`, `+k3s1`, `28+`) do not count.
  static let kubernetesVersion = Check(
    "kubernetes.version", title: "Kubernetes version", required: "1.21 or newer, below 2",
    why: "The agent's plugin refuses to start on any other.", needs: [.cluster],
    after: ["cluster.reachable", "cluster.credentials"]
  ) { survey, _, requirements in
    .judging(survey.cluster) { cluster in
      let isEnough = cluster.major == 1 && cluster.minor >= requirements.kubernetesMinor
      if isEnough {
        return Finding(.pass, observed: cluster.gitVersion, message: "The cluster runs \(cluster.gitVersion).")
      }
      return Finding(
        .fail, observed: cluster.gitVersion,
        message: "The cluster runs \(cluster.gitVersion); the agent needs 1.\(requirements.kubernetesMinor) or newer.",
        remedy: Remedy(
          "Upgrade the cluster, or choose another context.", url: "https://kubernetes.io/releases/"))
    }
  }
}
