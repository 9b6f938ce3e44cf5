import Kubernetes

/// Whose Kubernetes it is, and what told.
public struct Distribution: Sendable, Equatable {
  /// The distributions that something here depends on.
  public enum Kind: String, Sendable, CaseIterable {
    case eks = "EKS"
    case gke = "GKE"
    case aks = "AKS"
    case openShift = "OpenShift"
    case microShift = "MicroShift"
    case rke2 = "RKE2"
    case k3s = "k3s"
    case kind
    case minikube
    case microk8s = "MicroK8s"
    case other = "Kubernetes"
  }

  /// Which one.
  public var kind: Kind
  /// What told: `the label eks.amazonaws.com/nodegroup of node a`; empty: nothing did.
  public var evidence: String

  /// A distribution from its parts.
  public init(_ kind: Kind, evidence: String) {
    self.kind = kind
    self.evidence = evidence
  }

  /// How long its vendor mends versions that upstream no longer does; nil: not known here.
  var extendedSupport: String? {
    switch kind {
    case .eks: "EKS extended support adds 12 months, at a price; see docs.aws.amazon.com/eks"
    case .gke: "the GKE Extended channel mends a version for about 24 months"
    case .aks: "AKS mends versions with long-term support (LTS) for two years, on its Premium tier"
    case .openShift: "Red Hat mends OpenShift by its own calendar"
    case .rke2: "SUSE mends RKE2 longer for its customers"
    case .microk8s: "Canonical mends MicroK8s longer for its customers"
    default: nil
    }
  }
}

extension Survey {
  /// Whose Kubernetes it is, of what has been seen so far: API groups first, then the version's suffix, node labels and
  /// provider ids, and the API server's host name. Nil: no cluster was seen.
  public var distribution: Distribution? {
    guard let cluster = cluster.value else { return nil }
    let nodes = nodes.value ?? []
    return Self.byGroups(apiGroups.value) ?? Self.byVersion(cluster.gitVersion, nodes) ?? Self.byNodes(nodes)
      ?? Self.byHost(cluster.server) ?? Distribution(.other, evidence: "")
  }

  /// Whether it is OpenShift, with its ClusterVersion; nil: the API groups were not seen.
  public var isOpenShift: Bool? { apiGroups.value.map { $0.serves("config.openshift.io") } }

  /// Whether OpenShift's router is there, which MicroShift has too; nil: the API groups were not seen.
  var hasOpenShiftRouter: Bool? { apiGroups.value.map { $0.serves("route.openshift.io") } }

  private static func byGroups(_ groups: APIGroupList?) -> Distribution? {
    guard let groups else { return nil }
    if groups.serves("config.openshift.io") {
      return Distribution(.openShift, evidence: "the API group config.openshift.io")
    }
    if groups.serves("route.openshift.io") {
      return Distribution(
        .microShift, evidence: "the API group route.openshift.io without config.openshift.io")
    }
    return nil
  }

  private static func byVersion(_ gitVersion: String, _ nodes: [Node]) -> Distribution? {
    let text = gitVersion.lowercased()
    let evidence = "the version \(gitVersion)"
    if text.contains("-eks-") {
      // Amazon runs EKS' control plane out of sight; who sees one runs Amazon's build on machines of his own.
      let own = nodes.first {
        $0.metadata.labels.keys.contains {
          $0 == "node-role.kubernetes.io/control-plane" || $0 == "node-role.kubernetes.io/master"
        }
      }
      if let own {
        return Distribution(.other, evidence: "\(evidence) and the control plane node \(own.metadata.name)")
      }
      return Distribution(.eks, evidence: evidence)
    }
    if text.contains("-gke.") { return Distribution(.gke, evidence: evidence) }
    if text.contains("+rke2") { return Distribution(.rke2, evidence: evidence) }
    if text.contains("+k3s") { return Distribution(.k3s, evidence: evidence) }
    return nil
  }

  private static let labels: [(label: String, kind: Distribution.Kind)] = [
    ("eks.amazonaws.com/nodegroup", .eks), ("eks.amazonaws.com/compute-type", .eks),
    ("cloud.google.com/gke-nodepool", .gke), ("kubernetes.azure.com/cluster", .aks),
    ("kubernetes.azure.com/agentpool", .aks), ("minikube.k8s.io/version", .minikube),
    ("minikube.k8s.io/name", .minikube), ("microk8s.io/cluster", .microk8s),
  ]
  private static let instanceTypes: [String: Distribution.Kind] = ["k3s": .k3s, "rke2": .rke2]
  private static let providers: [(prefix: String, kind: Distribution.Kind)] = [
    ("kind://", .kind), ("k3s://", .k3s), ("rke2://", .rke2),
  ]

  private static func byNodes(_ nodes: [Node]) -> Distribution? {
    for node in nodes {
      let name = node.metadata.name
      for (label, kind) in labels where node.metadata.labels[label] != nil {
        return Distribution(kind, evidence: "the label \(label) of node \(name)")
      }
      if let type = node.metadata.labels["node.kubernetes.io/instance-type"], let kind = instanceTypes[type] {
        return Distribution(kind, evidence: "the instance type \(type) of node \(name)")
      }
      for (prefix, kind) in providers where node.spec.providerID?.hasPrefix(prefix) == true {
        return Distribution(kind, evidence: "the provider id of node \(name)")
      }
    }
    return nil
  }

  private static let hosts: [(suffix: String, kind: Distribution.Kind)] = [
    (".eks.amazonaws.com", .eks), (".eks.amazonaws.com.cn", .eks), (".azmk8s.io", .aks), (".gke.goog", .gke),
  ]

  private static func byHost(_ server: String) -> Distribution? {
    let rest = server.firstRange(of: "://").map { server[$0.upperBound...] } ?? server[...]
    let host = String(rest.prefix { $0 != "/" && $0 != ":" }).lowercased()
    return hosts.first { host.hasSuffix($0.suffix) }
      .map { Distribution($0.kind, evidence: "the API server's name \(host)") }
  }
}
