import Kubernetes
import Text

extension Probe {
  /// The Google Cloud CLI on PATH.
  static let gcloud = Probe("registry/gcloud", \.gcloud, page: .cluster) { setup, _ in
    let said = try await CloudProgram.gcloud.json(["version", "--format=json"], setup.world)
    guard let version = said["Google Cloud SDK"]?.string else {
      throw ObservationFailure(
        .malformed, "gcloud does not tell its version", remedy: Remedy("See what it says.", command: "gcloud version"))
    }
    return OutsideText.clean(version).trimmed(to: 40)
  }

  /// Who is logged in, proved by a token, which also serves later.
  static let gcloudLogin = Probe("registry/gcloud-login", \.gcloudLogin, page: .cluster) { setup, _ in
    async let login = GoogleRegistry.login(setup)
    async let config = CloudProgram.gcloud.json(["config", "list", "--format=json"], setup.world)
    let (_, said) = try await (login, config)
    let zone = said[path: "compute", "zone"]?.string.map(GKEContext.region)
    return GCloudLogin(
      account: OutsideText.clean(said[path: "core", "account"]?.string ?? "its account"),
      project: said[path: "core", "project"]?.string, region: said[path: "compute", "region"]?.string ?? zone)
  }

  /// The Docker repositories of the project, which the login can suggest.
  static let googleRepositories = Probe(
    "registry/google-repositories", \.googleRepositories, page: .cluster, after: [.gcloudLogin],
    evenWithout: [.gcloudLogin]
  ) { setup, _ in
    let cloud = GCloud(world: setup.world, project: try setup.needed(GoogleKey.project))
    let said: JSONValue
    do {
      said = try await cloud.call(["artifacts", "repositories", "list", "--location=all"])
    } catch let error as CloudError where GCloud.saysDisabled(error.message) {
      return []
    }
    return (said.array ?? []).compactMap(GoogleRepository.init)
  }

  /// The clusters of the cluster's project, which the login can suggest, with what they have of Workload Identity.
  static let gkeClusters = Probe(
    "registry/gke-clusters", \.gkeClusters, page: .cluster, after: [.gcloudLogin], evenWithout: [.gcloudLogin]
  ) { setup, _ in
    let key = setup.answers[GoogleKey.clusterProject] == nil ? GoogleKey.project : GoogleKey.clusterProject
    let cloud = GCloud(world: setup.world, project: try setup.needed(key))
    return (try await cloud.call(["container", "clusters", "list"]).array ?? []).compactMap(GKECluster.init)
  }

  /// The service account that the image builder is to run as.
  static let googleBuilder = Probe("registry/google-builder", \.googleBuilder, page: .cluster) { setup, _ in
    try await GoogleBuilder.find(
      setup.answers[GoogleKey.serviceAccount] ?? ImageBuilder.usualAccount, setup)
  }

  /// Whose nodes may pull from the repository.
  static let googlePullers = Probe(
    "registry/google-pullers", \.googlePullers, page: .registry, after: [.gkeClusters]
  ) { setup, survey in
    let target = GoogleTarget(setup.answers)
    guard let cluster = survey.gkeClusters.value?.first(where: { $0.isNamed(target) }) else {
      throw ObservationFailure(.absent, "the cluster \(target.cluster) was not seen")
    }
    let cloud = GCloud(world: setup.world, project: target.project)
    let home = GCloud(world: setup.world, project: target.clusterProject)
    async let number = GoogleProject.number(home)
    async let own = cloud.find(target.onRepository("get-iam-policy"))
    async let whole = cloud.call(["projects", "get-iam-policy", target.project])
    let policies = try await [own ?? .null, whole]
    let usual = "\(try await number)-compute@developer.gserviceaccount.com"
    var pullers: [GooglePuller] = []
    for pool in cluster.pools {
      let email = pool.account == "default" ? usual : pool.account
      guard !pullers.contains(where: { $0.email == email && $0.hasScope == pool.hasScope }) else { continue }
      pullers.append(
        GooglePuller(
          email: email, hasScope: pool.hasScope,
          mayPull: policies.contains { GooglePolicy.binds($0, "serviceAccount:\(email)", GooglePuller.roles) }))
    }
    return pullers
  }
}

/// Who is logged in at Google, and what gcloud's configuration names.
struct GCloudLogin: Sendable, Equatable {
  var account: String
  var project: String?
  var region: String?
}

/// A project.
enum GoogleProject {
  /// The number behind an ID.
  static func number(_ cloud: GCloud) async throws -> String {
    let said = try await cloud.call(["projects", "describe", cloud.project])
    guard let number = said["projectNumber"]?.string, !number.isEmpty, number.allSatisfy(\.isNumber) else {
      throw CloudError(
        .malformed, program: "gcloud", message: "gcloud projects describe \(cloud.project) tells no number",
        next: "Run it yourself to see more.")
    }
    return number
  }
}

/// A repository as Artifact Registry describes it.
struct GoogleRepository: Sendable, Equatable {
  var name: String
  var location: String
  /// DOCKER, MAVEN, …
  var format: String
  /// STANDARD_REPOSITORY, REMOTE_REPOSITORY or VIRTUAL_REPOSITORY.
  var mode: String
  var hasImmutableTags: Bool
  var isOurs: Bool

  init?(_ said: JSONValue) {
    let parts = said["name"]?.string?.split(separator: "/").map(String.init) ?? []
    guard parts.count == 6 else { return nil }
    (location, name) = (parts[3], parts[5])
    format = said["format"]?.string ?? ""
    mode = said["mode"]?.string ?? "STANDARD_REPOSITORY"
    hasImmutableTags = said[path: "dockerConfig", "immutableTags"]?.bool ?? false
    isOurs = said["labels"]?[GCloud.label.key]?.string == GCloud.label.value
  }

  /// Why it does not serve; nil: it does.
  var problem: String? {
    if format != "DOCKER" { return "the repository \(name) at \(location) is of format \(format), not DOCKER" }
    if mode != "STANDARD_REPOSITORY" && mode != "MODE_UNSPECIFIED" {
      return "the repository \(name) at \(location) is a \(mode), which takes no push"
    }
    if hasImmutableTags {
      return
        "the repository \(name) at \(location) has immutable tags: the image of a model that is deployed again has the same "
        + "tag and would be refused"
    }
    return nil
  }
}

/// A cluster as GKE describes it.
struct GKECluster: Sendable, Equatable {
  struct Pool: Sendable, Equatable {
    var name: String
    /// The nodes' pods get their identity from GKE's metadata server.
    var hasMetadataServer: Bool
    /// The nodes' Google service account; `default`: Compute Engine's.
    var account: String
    /// The nodes' OAuth scopes let them read from a registry.
    var hasScope: Bool
  }

  var name: String
  var location: String
  var isAutopilot: Bool
  var pool: String?
  var pools: [Pool]
  /// Names and addresses that its API server answers to.
  var endpoints: [String]

  init?(_ said: JSONValue) {
    guard let name = said["name"]?.string, let location = said["location"]?.string else { return nil }
    (self.name, self.location) = (name, location)
    isAutopilot = said[path: "autopilot", "enabled"]?.bool ?? false
    pool = said[path: "workloadIdentityConfig", "workloadPool"]?.string
    pools = (said["nodePools"]?.array ?? []).compactMap { pool in
      guard let name = pool["name"]?.string else { return nil }
      let scopes = pool[path: "config", "oauthScopes"]?.array?.compactMap(\.string)
      return Pool(
        name: name, hasMetadataServer: pool[path: "config", "workloadMetadataConfig", "mode"]?.string == "GKE_METADATA",
        account: pool[path: "config", "serviceAccount"]?.string ?? "default",
        hasScope: scopes?.contains { $0.hasSuffix("/cloud-platform") || $0.contains("/devstorage.") } ?? true)
    }
    endpoints = [
      said["endpoint"]?.string, said[path: "privateClusterConfig", "privateEndpoint"]?.string,
      said[path: "controlPlaneEndpointsConfig", "dnsEndpointConfig", "endpoint"]?.string,
      said[path: "controlPlaneEndpointsConfig", "ipEndpointsConfig", "publicEndpoint"]?.string,
      said[path: "controlPlaneEndpointsConfig", "ipEndpointsConfig", "privateEndpoint"]?.string,
    ].compactMap { $0 }
  }

  func isNamed(_ target: GoogleTarget) -> Bool { name == target.cluster && location == target.clusterLocation }

  /// What Workload Identity lacks here.
  func lacks(_ target: GoogleTarget) -> WorkloadIdentityGap {
    if isAutopilot { return WorkloadIdentityGap(pool: false, otherPool: nil, nodePools: []) }
    return WorkloadIdentityGap(
      pool: pool == nil, otherPool: pool == target.pool ? nil : pool,
      nodePools: pools.filter { !$0.hasMetadataServer }.map(\.name))
  }
}

/// What a cluster lacks for pods to have an identity at Google.
struct WorkloadIdentityGap: Sendable, Equatable {
  /// The cluster has no workload pool.
  var pool: Bool
  /// It has one of another project.
  var otherPool: String?
  /// Node pools without GKE's metadata server.
  var nodePools: [String]

  var isEmpty: Bool { !pool && otherPool == nil && nodePools.isEmpty }

  /// What would be changed, a line each.
  func changes(_ target: GoogleTarget) -> [String] {
    (pool ? ["switch on Workload Identity of cluster \(target.cluster), pool \(target.pool)"] : [])
      + nodePools.map { "give node pool \($0) the metadata server GKE_METADATA: its nodes are recreated" }
  }

  /// What changes it.
  func commands(_ target: GoogleTarget) -> [[String]] {
    (pool
      ? [["container", "clusters", "update", target.cluster, "--workload-pool=\(target.pool)"] + target.clusterOptions]
      : [])
      + nodePools.map {
        ["container", "node-pools", "update", $0, "--cluster=\(target.cluster)", "--workload-metadata=GKE_METADATA"]
          + target.clusterOptions
      }
  }
}

/// The Google service account of some nodes, and whether they may pull.
struct GooglePuller: Sendable, Equatable {
  /// Roles that hold the right to read a repository.
  static let roles: Set<String> = [
    GoogleTarget.reader, GoogleTarget.writer, "roles/artifactregistry.repoAdmin", "roles/artifactregistry.admin",
    "roles/viewer", "roles/editor", "roles/owner",
  ]

  var email: String
  var hasScope: Bool
  var mayPull: Bool
}

/// The image builder's service account as it bears on Workload Identity.
struct GoogleBuilder: Sendable, Equatable {
  var exists: Bool
  /// The Google service account that it acts as.
  var annotation: String?
  /// We made it, or it is not there.
  var isOurs: Bool
  /// The Helm release that made it.
  var release: String?
  var owners: String

  static func find(_ name: String, _ setup: Setup) async throws -> GoogleBuilder {
    let live = try await setup.kubernetes().find(
      PartialObject.self, .serviceAccounts, name: name, namespace: setup.namespace())?.value.metadata
    let annotations = live?.annotations ?? [:]
    let isHelms = live?.labels[ManagedObject.ownerLabel] == "Helm"
    return GoogleBuilder(
      exists: live != nil, annotation: annotations[GoogleTarget.annotation],
      isOurs: live.map { ManagedObject.isOurs($0) } ?? true,
      release: isHelms ? annotations["meta.helm.sh/release-name"] : nil,
      owners: live.map { ManagedObject.owners($0) } ?? "")
  }
}

extension Survey {
  /// The version of gcloud.
  var gcloud: Observed<String> {
    get { self["registry/gcloud"] }
    set { self["registry/gcloud"] = newValue }
  }
  /// Who is logged in.
  var gcloudLogin: Observed<GCloudLogin> {
    get { self["registry/gcloud-login"] }
    set { self["registry/gcloud-login"] = newValue }
  }
  /// The repositories of the project.
  var googleRepositories: Observed<[GoogleRepository]> {
    get { self["registry/google-repositories"] }
    set { self["registry/google-repositories"] = newValue }
  }
  /// The clusters of the project.
  var gkeClusters: Observed<[GKECluster]> {
    get { self["registry/gke-clusters"] }
    set { self["registry/gke-clusters"] = newValue }
  }
  /// The image builder's service account.
  var googleBuilder: Observed<GoogleBuilder> {
    get { self["registry/google-builder"] }
    set { self["registry/google-builder"] = newValue }
  }
  /// Whose nodes may pull.
  var googlePullers: Observed<[GooglePuller]> {
    get { self["registry/google-pullers"] }
    set { self["registry/google-pullers"] = newValue }
  }

  /// The identity that fits what was seen, and why.
  func googleIdentity(_ answers: Answers) -> (identity: GoogleTarget.Identity, reason: String) {
    guard let builder = googleBuilder.value, let account = builder.annotation else {
      return (.direct, "direct, as it needs no Google service account")
    }
    if builder.release != nil, builder.release == answers[.release] {
      return (.serviceAccount, "service-account, as the chart has made its service account for \(account)")
    }
    return builder.isOurs
      ? (.direct, "direct, as the service account is ours")
      : (.existing, "existing, as the service account acts as \(account) already")
  }
}
