import Kubernetes

/// A Deployment, StatefulSet or DaemonSet as far as its rollout goes, with its pods.
struct Workload: Sendable {
  /// `Deployment`.
  let kind: String
  let name: String
  /// How many pods there are to be.
  let wanted: Int
  let available: Int
  let isRolledOut: Bool
  /// Whether the controller has seen its newest generation.
  let isObserved: Bool
  /// Its pods' labels.
  let selector: [String: String]
  let conditions: [Condition]
  var pods: [Pod] = []

  /// `Deployment bosun`.
  var title: String { "\(kind) \(name)" }

  init(_ deployment: Deployment, pods: [Pod] = []) {
    self.init(
      "Deployment", deployment.metadata, observed: deployment.status.observedGeneration,
      wanted: deployment.spec.replicas ?? 1, available: deployment.status.availableReplicas,
      isRolledOut: deployment.isRolledOut, deployment.spec.selector, deployment.status.conditions)
    self.pods = pods
  }

  init(_ set: StatefulSet) {
    self.init(
      "StatefulSet", set.metadata, observed: set.status.observedGeneration, wanted: set.spec.replicas ?? 1,
      available: set.status.readyReplicas, isRolledOut: set.isRolledOut, set.spec.selector, set.status.conditions)
  }

  init(_ set: DaemonSet) {
    self.init(
      "DaemonSet", set.metadata, observed: set.status.observedGeneration, wanted: set.status.desiredNumberScheduled,
      available: set.status.numberAvailable, isRolledOut: set.isRolledOut, set.spec.selector, set.status.conditions)
  }

  private init(
    _ kind: String, _ metadata: ObjectMeta, observed: Int, wanted: Int, available: Int, isRolledOut: Bool,
    _ selector: LabelSelector, _ conditions: [Condition]
  ) {
    self.kind = kind
    name = metadata.name
    self.wanted = wanted
    self.available = available
    self.isRolledOut = isRolledOut
    isObserved = observed >= metadata.generation ?? 0
    self.selector = selector.matchLabels
    self.conditions = conditions
  }
}

extension Workload {
  /// The kinds that are looked at.
  static let resources: [Resource] = [.deployments, .statefulSets, .daemonSets]

  /// Those that Helm made for a release, without their pods: it writes the release's name on each. Most charts have
  /// Deployments alone, and who installs them need not be allowed to list the other kinds: those are left out then, unless
  /// nothing else was found.
  static func all(of release: String, in namespace: String, _ setup: Setup) async throws -> [Workload] {
    let client = try setup.kubernetes()
    func isOurs(_ metadata: ObjectMeta) -> Bool { metadata.annotations["meta.helm.sh/release-name"] == release }
    async let statefulSets = Observed {
      try await client.list(StatefulSet.self, .statefulSets, namespace: namespace).value.items
        .filter { isOurs($0.metadata) }.map { Workload($0) }
    }
    async let daemonSets = Observed {
      try await client.list(DaemonSet.self, .daemonSets, namespace: namespace).value.items
        .filter { isOurs($0.metadata) }.map { Workload($0) }
    }
    let deployments = try await client.list(Deployment.self, .deployments, namespace: namespace).value.items
      .filter { isOurs($0.metadata) }.map { Workload($0) }
    let others = await [statefulSets, daemonSets]
    let found = deployments + others.flatMap { $0.value ?? [] }
    for case .failed(let failure) in others where failure.kind != .denied || found.isEmpty { throw failure }
    return found
  }

  /// Their count in words: `1 Deployment`, `2 Deployments`, `3 workloads` of several kinds.
  static func count(_ workloads: [Workload]) -> String {
    let kinds = Set(workloads.map(\.kind))
    let noun = kinds.count == 1 ? kinds.first ?? "" : workloads.isEmpty ? "Deployment" : "workload"
    return "\(workloads.count) \(noun)\(workloads.count == 1 ? "" : "s")"
  }
}
