import FoundationEssentials

extension Check {
  /// What the agent's plugin takes: the documented minimum up to its own limit. Vendor suffixes (`-eks-…`, `+k3s1`,
  /// `28+`) do not count.
  static let kubernetesVersion = Check(
    "kubernetes.version", title: "Kubernetes version",
    required: "1.21 to 1.99, and a version that is known here and that upstream still mends",
    why: "The agent's plugin refuses to start on any other, and a version without fixes stays open to known attacks.",
    needs: [.cluster, .apiGroups, .nodes], after: ["cluster.reachable", "cluster.credentials"],
    exemption: { _, survey in
      survey.isOpenShift == true ? "This is OpenShift: openshift.version is looked at in its place." : nil
    }
  ) { survey, _, requirements in
    .judging(survey.cluster) { cluster in
      let distribution = survey.distribution
      let vendor = distribution.flatMap { $0.kind == .other ? nil : $0.kind.rawValue }
      let observed = cluster.gitVersion + (vendor.map { " (\($0))" } ?? "")
      let details = distribution.flatMap {
        $0.evidence.isEmpty ? nil : ["\($0.kind.rawValue), as \($0.evidence) tells"]
      }
      let lowest = requirements.kubernetesMinor
      let highest = requirements.platform.kubernetesMaximumMinor
      if cluster.major < 1 || (cluster.major == 1 && cluster.minor < lowest) {
        return Finding(
          .fail, observed: observed,
          message: "The cluster runs \(cluster.gitVersion); the agent needs 1.\(lowest) or newer.",
          remedy: Remedy("Upgrade the cluster, or choose another context.", url: "https://kubernetes.io/releases/"),
          details: details ?? [])
      }
      if cluster.major > 1 || cluster.minor > highest {
        return Finding(
          .fail, observed: observed,
          message: "The cluster runs \(cluster.gitVersion); the agent's plugin takes nothing above 1.\(highest).",
          remedy: Remedy("Ask DataRobot for an agent that knows this version, or choose another context."),
          details: details ?? [])
      }
      let now = cluster.localDate
      let supported = requirements.platform.supported(at: now)
      if let end = requirements.platform.endOfLife[cluster.minor], !supported.contains(cluster.minor) {
        let newer = supported.map { "1.\($0)" }.joined(separator: ", ")
        let extended = distribution?.extendedSupport.map { "\(vendor ?? "The vendor") may still mend it: \($0)." }
        return Finding(
          .warn, observed: observed,
          message:
            "The cluster runs \(cluster.gitVersion), which the agent takes; upstream's fixes for 1.\(cluster.minor) ended on \(end.utcDay).",
          remedy: Remedy(
            newer.isEmpty
              ? "Upgrade the cluster to a version that is still mended."
              : "Upgrade the cluster, one minor version at a time. Upstream mends \(newer) today.",
            url: "https://kubernetes.io/releases/"),
          details: (extended.map { [$0] } ?? []) + (details ?? []))
      }
      if let newest = requirements.platform.endOfLife.keys.max(), cluster.minor > newest {
        return Finding(
          .warn, observed: observed,
          message:
            "The cluster runs \(cluster.gitVersion). The agent's plugin takes it, but the newest version that this program knows is 1.\(newest): what Kubernetes changed after it was not looked at.",
          remedy: Remedy(
            "Use a newer mlops-setup where there is one; else try one model first, and see that DataRobot supports this version.",
            url: "https://kubernetes.io/releases/"),
          details: details ?? [])
      }
      return Finding(
        .pass, observed: observed, message: "The cluster runs \(cluster.gitVersion)\(vendor.map { " on \($0)" } ?? "")."
      )
    }
  }
}
