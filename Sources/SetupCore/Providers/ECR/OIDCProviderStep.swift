import Kubernetes
import Text

/// The IAM OIDC provider of the cluster, without which AWS takes none of its tokens. The procedure forgets it.
struct OIDCProviderStep: Step {
  /// Whom the cluster's tokens are made out to.
  static let audience = "sts.amazonaws.com"

  let id: StepID = "ecr-oidc-provider"
  let title = "OIDC provider"
  private let target: ECRTarget

  init(_ target: ECRTarget) { self.target = target }

  /// Every role of every service account of the cluster hangs on it.
  var staysUnlessNamed: Bool { true }

  func access(namespaceExists: Bool) -> [AccessRequest] { [] }

  private static func arn(_ issuer: String, _ target: ECRTarget) -> String {
    "arn:\(target.partition):iam::\(target.account):oidc-provider/\(issuer)"
  }

  /// The provider as IAM describes it; nil: the cluster has none.
  static func find(_ cluster: EKSCluster, _ target: ECRTarget, _ aws: AWS) async throws -> JSONValue? {
    try await aws.find([
      "iam", "get-open-id-connect-provider", "--open-id-connect-provider-arn", arn(cluster.issuerName, target),
    ])
  }

  private var byEksctl: [String] {
    ["utils", "associate-iam-oidc-provider", "--cluster", target.cluster, "--region", target.region, "--approve"]
  }

  func commands(_ setup: Setup) -> [EquivalentCommand] {
    let region = "--region \(Shell.quote(target.region))"
    let look =
      "aws iam get-open-id-connect-provider --open-id-connect-provider-arn \"\(Self.arn("$issuer", target))\" \(region)"
    let create =
      target.usesEksctl
      ? Shell.line(["eksctl"] + byEksctl)
      : "aws iam create-open-id-connect-provider --url \"https://$issuer\" --client-id-list \(Self.audience) --tags "
        + "\(AWS.tagWords) \(region) >/dev/null"
    var lines = [Self.issuer(target), "\(look) >/dev/null 2>&1 ||"]
    if target.usesEksctl {
      lines += [
        "{", "  \(create)",
        "  aws iam tag-open-id-connect-provider --open-id-connect-provider-arn \"\(Self.arn("$issuer", target))\" "
          + "--tags \(AWS.tagWords) \(region)", "}",
      ]
    } else {
      lines.append(create)
    }
    return [EquivalentCommand(lines.joined(separator: "\n"))]
  }

  /// Sets the shell variable `issuer` as IAM spells it.
  static func issuer(_ target: ECRTarget) -> String {
    let words = [
      "aws", "eks", "describe-cluster", "--name", target.cluster, "--query", "cluster.identity.oidc.issuer", "--output",
      "text", "--region", target.region,
    ]
    return "issuer=$(\(Shell.line(words)))\nissuer=${issuer#https://}"
  }

  func inspect(_ setup: Setup) async throws -> StepState {
    let cluster = try await EKSCluster.find(target, setup.world)
    guard let live = try await Self.find(cluster, target, AWS(world: setup.world, region: target.region)) else {
      return .needed(["create the IAM OIDC provider of cluster \(target.cluster), \(cluster.issuerName)"])
    }
    let audiences = live["ClientIDList"]?.texts ?? []
    if audiences.contains(Self.audience) {
      return .done("cluster \(target.cluster) has an IAM OIDC provider for \(Self.audience)")
    }
    if AWS.isOurs(live["Tags"]) { return .needed(["add the audience \(Self.audience) to the IAM OIDC provider"]) }
    let add = Shell.line([
      "aws", "iam", "add-client-id-to-open-id-connect-provider", "--open-id-connect-provider-arn",
      Self.arn(cluster.issuerName, target), "--client-id", Self.audience, "--region", target.region,
    ])
    return .blocked(
      "the IAM OIDC provider of cluster \(target.cluster) is for \(audiences.joined(separator: ", ")), not for "
        + "\(Self.audience), and is not ours. To change it: \(add)")
  }

  func perform(_ setup: Setup, progress: @escaping @Sendable (StepProgress) -> Void) async throws {
    let cluster = try await EKSCluster.find(target, setup.world)
    let aws = AWS(world: setup.world, region: target.region)
    let arn = Self.arn(cluster.issuerName, target)
    if try await Self.find(cluster, target, aws) != nil {
      _ = try await aws.call([
        "iam", "add-client-id-to-open-id-connect-provider", "--open-id-connect-provider-arn", arn, "--client-id",
        Self.audience,
      ])
    } else if target.usesEksctl {
      progress(StepProgress("eksctl associates the IAM OIDC provider"))
      _ = try await CloudProgram.eksctl.text(byEksctl, setup.world, deadline: .seconds(300))
      _ = try await aws.call([
        "iam", "tag-open-id-connect-provider", "--open-id-connect-provider-arn", arn, "--tags", AWS.tagWords,
      ])
    } else {
      progress(StepProgress("creating the IAM OIDC provider"))
      _ = try await aws.call([
        "iam", "create-open-id-connect-provider", "--url", cluster.issuer, "--client-id-list", Self.audience, "--tags",
        AWS.tagWords,
      ])
    }
  }

  func traces(_ setup: Setup) async throws -> [Trace] {
    let cluster = try await EKSCluster.find(target, setup.world)
    let aws = AWS(world: setup.world, region: target.region)
    guard let live = try await Self.find(cluster, target, aws) else { return [.gone("there is none")] }
    guard AWS.isOurs(live["Tags"]) else { return [.stays("stays: it is not ours")] }
    return [
      .removable("the IAM OIDC provider of cluster \(target.cluster)") {
        _ = try await aws.call([
          "iam", "delete-open-id-connect-provider", "--open-id-connect-provider-arn",
          Self.arn(cluster.issuerName, target),
        ])
      }
    ]
  }
}
