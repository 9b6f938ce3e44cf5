import Kubernetes

extension Check {
  /// OpenShift is counted by its own versions.
  static let openShiftVersion = Check(
    "openshift.version", title: "OpenShift version", required: "OpenShift 4.8 or newer",
    why: "The agent is documented for it; older ones carry a Kubernetes that the agent refuses.",
    needs: [.cluster, .apiGroups, .openShift], after: ["cluster.reachable", "cluster.credentials"],
    exemption: { _, survey in
      guard survey.isOpenShift == false else { return nil }
      return survey.hasOpenShiftRouter == true
        ? "This is MicroShift: kubernetes.version is looked at in its place." : "This is not OpenShift."
    }
  ) { survey, _, requirements in
    if case .failed(let failure) = survey.apiGroups {
      return Finding(
        .unknown, observed: failure.message,
        message: "Whether this is OpenShift cannot be told, because its API groups cannot be read.",
        remedy: failure.remedy ?? Remedy("See what it serves.", command: "kubectl get --raw /apis"))
    }
    let minimum = requirements.platform.openShiftMinimum
    let needed = "\(minimum.major).\(minimum.minor)"
    switch survey.openShiftVersion {
    case .notAsked: return .notAsked
    case .failed(let failure):
      // OpenShift 4.N carries Kubernetes 1.(N+13): a user who may not read the ClusterVersion sees that all the same.
      guard let cluster = survey.cluster.value, cluster.major == 1, failure.kind == .denied else {
        return .unknown(failure)
      }
      let minor = cluster.minor - 13
      let isEnough = minor >= minimum.minor
      return Finding(
        isEnough ? .warn : .fail, observed: "Kubernetes \(cluster.gitVersion); the ClusterVersion may not be read",
        message: isEnough
          ? "You may not read OpenShift's version; its Kubernetes 1.\(cluster.minor) is that of OpenShift 4.\(minor)."
          : "You may not read OpenShift's version; its Kubernetes 1.\(cluster.minor) is older than that of OpenShift \(needed).",
        remedy: Remedy("Ask a cluster administrator for the version.", command: "oc get clusterversion"),
        details: [failure.message])
    case .seen(let openShift):
      guard let text = openShift.installed ?? openShift.desired, let version = SemanticVersion(text) else {
        return Finding(
          .unknown, observed: openShift.installed ?? openShift.desired ?? "no version",
          message: "OpenShift's ClusterVersion names no version that can be understood.",
          remedy: Remedy("See what it says.", command: "oc get clusterversion version --output yaml"))
      }
      let updating = openShift.desired.flatMap { $0 == text ? nil : "an update to \($0) is under way" }
      let observed = "OpenShift \(text)" + (updating.map { "; \($0)" } ?? "")
      // Release candidates (4.8.0-rc.1) are of that version.
      guard (version.major, version.minor) >= (minimum.major, minimum.minor) else {
        return Finding(
          .fail, observed: observed, message: "The cluster runs OpenShift \(text); the agent needs \(needed) or newer.",
          remedy: Remedy(
            "Update the cluster, or choose another context.", command: "oc adm upgrade",
            url: "https://access.redhat.com/support/policy/updates/openshift"))
      }
      if let updating {
        return Finding(
          .warn, observed: observed, message: "The cluster runs OpenShift \(text), and \(updating).",
          remedy: Remedy("Install when it is done: nodes restart meanwhile.", command: "oc get clusterversion"))
      }
      return Finding(.pass, observed: observed, message: "The cluster runs OpenShift \(text).")
    }
  }
}
