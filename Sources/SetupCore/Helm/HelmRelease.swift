import Kubernetes

/// The newest revision of a release, as Helm's storage in the namespace says it (helm.sh/helm, pkg/storage/driver).
struct HelmRelease: Sendable, Equatable {
  let name: String
  let revision: Int
  /// `deployed`, `failed`, `pending-install`, `pending-upgrade`, `pending-rollback`, `uninstalling`, …
  let status: String
  /// The object that holds this revision.
  let object: String

  var isPending: Bool { status.hasPrefix("pending-") }

  /// The newest revision among the labels of Helm's storage objects.
  static func newest(of name: String, among objects: [PartialObject]) -> HelmRelease? {
    objects.compactMap { object -> HelmRelease? in
      let labels = object.metadata.labels
      guard labels["owner"] == "helm", labels["name"] == name, let revision = labels["version"].flatMap(Int.init)
      else { return nil }
      return HelmRelease(
        name: name, revision: revision, status: labels["status"] ?? "unknown", object: object.metadata.name)
    }
    .max { $0.revision < $1.revision }
  }

  /// Where Helm keeps releases: Secrets, unless HELM_DRIVER says ConfigMaps.
  static func storage(_ environment: [String: String]) -> Resource {
    environment["HELM_DRIVER"]?.hasPrefix("configmap") == true ? .configMaps : .secrets
  }

  /// The newest revision in a namespace; nil: that of the answers.
  static func find(_ name: String, _ setup: Setup, namespace: String? = nil) async throws -> HelmRelease? {
    let objects = try await setup.kubernetes().listMetadata(
      storage(setup.world.environment), namespace: namespace ?? setup.namespace(),
      labelSelector: "owner=helm,name=\(name)")
    return newest(of: name, among: objects.value.items)
  }
}
