import Kubernetes

extension Probe {
  /// Quotas and limits of the namespace.
  static let limits = Probe("limits", \.limits, page: .cluster, after: [.namespace]) { setup, survey in
    if case .seen(nil) = survey.namespace { return NamespaceLimits(quotas: [], ranges: []) }
    let client = try setup.kubernetes()
    let namespace = try setup.namespace()
    async let quotas = client.list(ResourceQuota.self, .resourceQuotas, namespace: namespace).value.items
    async let ranges = client.list(LimitRange.self, .limitRanges, namespace: namespace).value.items
    return NamespaceLimits(quotas: try await quotas, ranges: try await ranges)
  }
  /// The storage classes.
  static let storageClasses = Probe("storage-classes", \.storageClasses, page: .cluster, after: [.cluster]) {
    setup, _ in
    try await setup.kubernetes().list(StorageClass.self, .storageClasses).value.items
  }
}

/// What limits the namespace.
struct NamespaceLimits: Sendable, Equatable {
  var quotas: [ResourceQuota]
  var ranges: [LimitRange]
}

extension ResourceQuota {
  var isScoped: Bool { !spec.scopes.isEmpty || spec.scopeSelector != nil }
  /// The limits in force; the controller has not spoken yet on a new quota.
  var hard: [String: Quantity] { status.hard.isEmpty ? spec.hard : status.hard }
}

extension Survey {
  /// Quotas and limits of the namespace.
  var limits: Observed<NamespaceLimits> {
    get { self["cluster/limits"] }
    set { self["cluster/limits"] = newValue }
  }
  /// The storage classes.
  var storageClasses: Observed<[StorageClass]> {
    get { self["cluster/storageClasses"] }
    set { self["cluster/storageClasses"] = newValue }
  }
}
