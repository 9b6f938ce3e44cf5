extension KubernetesClient {
  /// What Helm's `.Capabilities.APIVersions` holds of this server, sorted: `apps/v1` and `apps/v1/Deployment`. One request:
  /// the aggregated discovery document. Servers before Kubernetes 1.26 have none and answer without kinds; the core
  /// group, which every server serves alike, stands in another document and is `v1` alone here.
  public func apiVersions() async throws(KubernetesError) -> [String] {
    let type = "application/json;g=apidiscovery.k8s.io"
    let accept = ["v2", "v2beta1"].map { "\(type);v=\($0);as=APIGroupDiscoveryList" } + ["application/json"]
    let document: Answer<DiscoveryList> = try await object(.raw("/apis", accept: accept.joined(separator: ",")))
    return Set(["v1"] + document.value.apiVersions).sorted()
  }
}

/// `/apis` in either form: APIGroupDiscoveryList (apidiscovery.k8s.io/v2) or APIGroupList (meta/v1).
private struct DiscoveryList: Decodable, Sendable {
  struct Item: Decodable, Sendable {
    var metadata: ObjectMeta
    var versions: [Version]?
  }
  struct Version: Decodable, Sendable {
    var version: String
    var resources: [Resource]?
  }
  struct Resource: Decodable, Sendable {
    struct Kind: Decodable, Sendable { var kind: String? }
    var responseKind: Kind?
  }

  var items: [Item]?
  var groups: [APIGroup]?

  var apiVersions: [String] {
    let plain = (groups ?? []).flatMap(\.versions).map(\.groupVersion)
    return (items ?? []).reduce(into: plain) { all, group in
      for version in group.versions ?? [] {
        let name = "\(group.metadata.name)/\(version.version)"
        all.append(name)
        all += (version.resources ?? []).compactMap(\.responseKind?.kind).filter { !$0.isEmpty }.map { "\(name)/\($0)" }
      }
    }
  }
}
