import Kubernetes

/// What a kubeconfig's names and the nodes tell of a GKE cluster. `gcloud container clusters get-credentials` calls
/// contexts gke_PROJECT_LOCATION_NAME.
struct GKEContext: Sendable, Equatable {
  var project: String?
  /// A region, or the zone of a zonal cluster.
  var location: String?
  var cluster: String?

  /// What a context's name tells: neither part may hold an underscore.
  init(name: String) {
    let parts = name.split(separator: "_", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 4, parts[0] == "gke", parts.allSatisfy({ !$0.isEmpty }) else { return }
    (project, location, cluster) = (parts[1], parts[2], parts[3])
  }

  /// What all that was seen tells together: the context's name first, then the nodes' ids, `gce://PROJECT/ZONE/NAME`.
  init(_ answers: Answers, _ survey: Survey) {
    let contexts = survey.contexts.value ?? []
    self.init(name: answers[.context] ?? contexts.first { $0.isCurrent }?.name ?? "")
    if project != nil { return }
    for node in survey.nodes.value ?? [] {
      guard let id = node.spec.providerID, id.hasPrefix("gce://") else { continue }
      let parts = id.dropFirst("gce://".count).split(separator: "/").map(String.init)
      guard parts.count == 3 else { continue }
      project = parts[0]
      zone = parts[1]
      return
    }
  }

  /// Of a node: whether the cluster is zonal or regional it does not tell.
  private var zone: String?

  /// The region of what was seen.
  var region: String? { (location ?? zone).map(Self.region) }

  /// The region of a zone or of a region.
  static func region(_ location: String) -> String {
    guard location.wholeMatch(of: /[a-z]+-[a-z]+[0-9]+-[a-z]/) != nil else { return location }
    return String(location.dropLast(2))
  }
}
