public import Kubernetes

extension Probe {
  /// All nodes.
  public static let nodes = Probe("nodes", \.nodes, page: .cluster, after: [.cluster]) { setup, _ in
    try await setup.kubernetes().nodes().value.items
  }
}

extension Survey {
  /// All nodes.
  public var nodes: Observed<[Node]> {
    get { self["cluster/nodes"] }
    set { self["cluster/nodes"] = newValue }
  }
}
