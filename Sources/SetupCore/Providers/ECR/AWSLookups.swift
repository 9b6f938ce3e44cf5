import Kubernetes
import Text

extension Probe {
  /// The AWS CLI on PATH.
  static let aws = Probe("registry/aws", \.aws, page: .cluster) { setup, _ in
    guard let path = setup.world.processes.find(CloudProgram.aws.name) else {
      throw CloudError(
        .notInstalled, program: "aws", message: "there is no program aws on PATH",
        next: "Install the AWS CLI: \(CloudProgram.aws.home)")
    }
    let said = try await CloudProgram.aws.text(["--version"], setup.world)
    let version = said.split(separator: " ").first?.split(separator: "/").last.map(String.init) ?? ""
    guard SemanticVersion(version) != nil else {
      throw ObservationFailure(
        .malformed, "\(path) does not tell its version: \(OutsideText.clean(said).trimmed(to: 100))",
        remedy: Remedy("See what it says.", command: "aws --version"))
    }
    return version
  }

  /// eksctl on PATH, which nobody needs.
  static let eksctl = Probe("registry/eksctl", \.eksctl, page: .cluster) { setup, _ in
    let said = try await CloudProgram.eksctl.text(["version"], setup.world)
    return OutsideText.clean(said).trimmed(to: 40)
  }

  /// Who is logged in.
  static let awsIdentity = Probe("registry/aws-identity", \.awsIdentity, page: .cluster) { setup, _ in
    let region = setup.answers[ECRKey.region] ?? ""
    let said = try await AWS(world: setup.world, region: region).call(["sts", "get-caller-identity"])
    guard let account = said["Account"]?.string, let arn = said["Arn"]?.string else {
      throw ObservationFailure(.malformed, "aws sts get-caller-identity tells no account")
    }
    return AWSIdentity(account: account, arn: arn)
  }

  /// The region of the environment or the AWS configuration.
  static let awsRegion = Probe("registry/aws-region", \.awsRegion, page: .cluster) { setup, _ in
    for name in ["AWS_REGION", "AWS_DEFAULT_REGION"] {
      if let region = setup.world.environment[name], !region.isEmpty { return region }
    }
    // It ends with 1 where none is set.
    return try await CloudProgram.aws.text(["configure", "get", "region"], setup.world)
  }

  /// The clusters of the region.
  static let eksClusters = Probe(
    "registry/eks-clusters", \.eksClusters, page: .cluster, after: [.awsRegion], evenWithout: [.awsRegion]
  ) { setup, _ in
    let region = try setup.needed(ECRKey.region)
    let said = try await AWS(world: setup.world, region: region).call(["eks", "list-clusters"])
    return said["clusters"]?.texts ?? []
  }

  /// The cluster of the answers, as AWS knows it.
  static let eksCluster = Probe(
    "registry/eks-cluster", \.eksCluster, page: .cluster, after: [.awsIdentity, .eksClusters],
    evenWithout: [.awsIdentity, .eksClusters]
  ) { setup, _ in
    _ = try setup.needed(ECRKey.region)
    _ = try setup.needed(ECRKey.cluster)
    return try await EKSCluster.find(ECRTarget(setup.answers), setup.world)
  }

  /// What the cluster has to give pods a role with.
  static let eksIdentity = Probe(
    "registry/eks-identity", \.eksIdentity, page: .cluster, after: [.eksCluster]
  ) { setup, survey in
    guard let cluster = survey.eksCluster.value else {
      throw survey.eksCluster.failure ?? ObservationFailure(.absent, "the cluster was not looked at")
    }
    let target = ECRTarget(setup.answers)
    let aws = AWS(world: setup.world, region: target.region)
    let provider = try await OIDCProviderStep.find(cluster, target, aws)
    let agent = cluster.isAutoMode ? true : try await PodIdentityAgentStep.find(target, aws) != nil
    return EKSIdentity(hasProvider: provider != nil, hasAgent: agent)
  }

  /// The service account that the image builder is to run as.
  static let builderAccount = Probe(
    "registry/builder-account", \.builderAccount, page: .cluster
  ) { setup, _ in
    let name = setup.answers[ECRKey.serviceAccount] ?? ImageBuilder.usualAccount
    let live = try await setup.kubernetes().find(
      PartialObject.self, .serviceAccounts, name: name, namespace: setup.namespace())?.value
    return BuilderAccount(
      role: live?.metadata.annotations[BuilderAccount.annotation],
      isOurs: live.map { ManagedObject.isOurs($0.metadata) } ?? true)
  }

  /// The repository that models' images are pushed to; nil: it is not there.
  static let generatedRepository = Probe(
    "registry/ecr-generated", \.generatedRepository, page: .images
  ) { setup, _ in
    let target = ECRTarget(setup.answers)
    guard let name = target.generatedRepository else {
      throw ObservationFailure(.absent, "images.generated does not lie at \(target.server)")
    }
    return try await ECRRepository.find(name, target, AWS(world: setup.world, region: target.region))
  }
}

/// Who is logged in at AWS.
struct AWSIdentity: Sendable, Equatable {
  var account: String
  /// `arn:aws:iam::123456789012:user/ada`.
  var arn: String
}

/// A cluster as AWS knows it.
struct EKSCluster: Sendable, Equatable {
  var name: String
  /// The API server's URL.
  var endpoint: String
  /// The URL of its OIDC issuer.
  var issuer: String
  /// EKS Auto Mode brings what Pod Identity needs.
  var isAutoMode: Bool

  /// The issuer as IAM names it: without its scheme.
  var issuerName: String { issuer.hasPrefix("https://") ? String(issuer.dropFirst("https://".count)) : issuer }

  static func find(_ target: ECRTarget, _ world: World) async throws -> EKSCluster {
    let said = try await AWS(world: world, region: target.region).call([
      "eks", "describe-cluster", "--name", target.cluster,
    ])
    guard let cluster = said["cluster"], let issuer = cluster[path: "identity", "oidc", "issuer"]?.string else {
      throw CloudError(
        .malformed, program: "aws", message: "aws eks describe-cluster tells no OIDC issuer of \(target.cluster)",
        next: "See: aws eks describe-cluster --name \(Shell.quote(target.cluster)) --region \(target.region)")
    }
    return EKSCluster(
      name: target.cluster, endpoint: cluster["endpoint"]?.string ?? "", issuer: issuer,
      isAutoMode: cluster[path: "computeConfig", "enabled"]?.bool ?? false)
  }
}

/// What a cluster has to give pods a role with.
struct EKSIdentity: Sendable, Equatable {
  /// The account has an IAM OIDC provider for it, so IRSA works.
  var hasProvider: Bool
  /// The Pod Identity agent runs there.
  var hasAgent: Bool
}

/// A service account as it bears on IRSA.
struct BuilderAccount: Sendable, Equatable {
  /// The annotation that EKS' webhook reads.
  static let annotation = "eks.amazonaws.com/role-arn"

  var role: String?
  /// It is made by us, or not there.
  var isOurs: Bool
}

extension Survey {
  /// The version of the AWS CLI.
  var aws: Observed<String> {
    get { self["registry/aws"] }
    set { self["registry/aws"] = newValue }
  }
  /// The version of eksctl.
  var eksctl: Observed<String> {
    get { self["registry/eksctl"] }
    set { self["registry/eksctl"] = newValue }
  }
  /// Who is logged in.
  var awsIdentity: Observed<AWSIdentity> {
    get { self["registry/aws-identity"] }
    set { self["registry/aws-identity"] = newValue }
  }
  /// The region that the environment or the AWS configuration names.
  var awsRegion: Observed<String> {
    get { self["registry/aws-region"] }
    set { self["registry/aws-region"] = newValue }
  }
  /// The names of the region's clusters.
  var eksClusters: Observed<[String]> {
    get { self["registry/eks-clusters"] }
    set { self["registry/eks-clusters"] = newValue }
  }
  /// The cluster of the answers.
  var eksCluster: Observed<EKSCluster> {
    get { self["registry/eks-cluster"] }
    set { self["registry/eks-cluster"] = newValue }
  }
  /// What it has to give pods a role with.
  var eksIdentity: Observed<EKSIdentity> {
    get { self["registry/eks-identity"] }
    set { self["registry/eks-identity"] = newValue }
  }
  /// The image builder's service account.
  var builderAccount: Observed<BuilderAccount> {
    get { self["registry/builder-account"] }
    set { self["registry/builder-account"] = newValue }
  }
  /// The repository that models' images are pushed to.
  var generatedRepository: Observed<ECRRepository?> {
    get { self["registry/ecr-generated"] }
    set { self["registry/ecr-generated"] = newValue }
  }
}

/// The identity that fits what was seen, and why.
struct SuggestedIdentity: Sendable, Equatable {
  var identity: ECRTarget.Identity
  var role: String?
  var reason: String
}

extension Survey {
  /// The version of kaniko that the chart runs, as far as its values were seen; nil: unknown.
  private var kaniko: SemanticVersion? {
    if let values = values.value { return ImageBuilder(values).version }
    guard let chart = chart.value else { return nil }
    var values = EffectiveValues()
    values.lay(chart.values)
    return ImageBuilder(values).version
  }

  /// IRSA works with every kaniko. Pod Identity needs less of the account, and a kaniko that knows it.
  var builderIdentity: SuggestedIdentity {
    if let account = builderAccount.value, let role = account.role, !account.isOurs {
      return SuggestedIdentity(
        identity: .role, role: role, reason: "the service account has the role \(role) already")
    }
    if eksIdentity.value?.hasProvider == true {
      return SuggestedIdentity(identity: .irsa, reason: "IRSA, as the cluster has an IAM OIDC provider")
    }
    if eksIdentity.value?.hasAgent == true, let kaniko, kaniko >= PodIdentity.kaniko {
      return SuggestedIdentity(
        identity: .podIdentity, reason: "Pod Identity, as its agent runs in the cluster and kaniko is \(kaniko)")
    }
    return SuggestedIdentity(identity: .irsa, reason: "IRSA, as it works with every kaniko")
  }
}

/// What is known of EKS Pod Identity.
enum PodIdentity {
  /// The first kaniko whose AWS SDK takes credentials from the agent's address, 169.254.170.23.
  static let kaniko = SemanticVersion(1, 23, 2)
  static let addon = "eks-pod-identity-agent"
}
