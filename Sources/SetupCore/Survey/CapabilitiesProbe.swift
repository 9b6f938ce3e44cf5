import Kubernetes

extension Probe {
  /// The API versions that the chart's templates shall see.
  static let capabilities = Probe("capabilities", \.apiVersions, page: .cluster, after: [.cluster]) { setup, _ in
    try await setup.kubernetes().apiVersions()
  }
}

extension Survey {
  /// What `.Capabilities.APIVersions` will hold on this cluster: `apps/v1`, `apps/v1/Deployment`.
  var apiVersions: Observed<[String]> {
    get { self["cluster/apiVersions"] }
    set { self["cluster/apiVersions"] = newValue }
  }
}

/// What the chart's templates can ask of the cluster (helm.sh, "Built-in Objects", Capabilities).
struct ChartCapabilities: Sendable, Equatable {
  /// The server's version: `v1.31.2+k3s1`; nil: helm's own guess.
  var kubernetes: String?
  /// API versions beside those that helm knows by itself.
  var apiVersions: [String] = []

  /// As many bytes of arguments as any system takes beside the rest: macOS has a megabyte for arguments and environment.
  static let maximumBytes = 400_000

  /// What was seen of the cluster. Where the kinds are too many for a command line, the versions alone are taken.
  init(_ survey: Survey) {
    if let cluster = survey.cluster.value {
      let isVersion = SemanticVersion(cluster.gitVersion) != nil
      kubernetes = isVersion ? cluster.gitVersion : "\(cluster.major).\(cluster.minor)"
    }
    // A comma would begin another one.
    let all = (survey.apiVersions.value ?? []).filter { !$0.contains(",") && !$0.hasPrefix("-") }
    let plain = all.filter { $0.split(separator: "/").count < 3 }
    apiVersions = Self.bytes(all) <= Self.maximumBytes ? all : Self.bytes(plain) <= Self.maximumBytes ? plain : []
  }

  /// A version alone.
  init(kubernetes: String?) { self.kubernetes = kubernetes }

  var arguments: [String] {
    (kubernetes.map { ["--kube-version", $0] } ?? []) + apiVersions.flatMap { ["--api-versions", $0] }
  }

  private static func bytes(_ versions: [String]) -> Int {
    versions.reduce(0) { $0 + $1.utf8.count + "--api-versions".utf8.count + 2 }
  }
}
