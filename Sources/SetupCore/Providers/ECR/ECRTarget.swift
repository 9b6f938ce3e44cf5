import Kubernetes
import OrderedCollections
import Registry
import Text

/// The keys of this provider's answers.
enum ECRKey {
  static let account = AnswerKey<String>("registry.account")
  static let region = AnswerKey<String>("registry.region")
  static let cluster = AnswerKey<String>("registry.cluster")
  static let identity = AnswerKey<String>("registry.identity")
  static let role = AnswerKey<String>("registry.role")
  static let policy = AnswerKey<String>("registry.policy")
  static let serviceAccount = AnswerKey<String>("registry.serviceAccount")
  static let program = AnswerKey<String>("registry.program")
}

/// What the answers say of an ECR registry and of who pushes to it, with the names that follow from them.
struct ECRTarget: Sendable, Equatable {
  /// How the image builder's pod becomes somebody in AWS.
  enum Identity: String, Sendable {
    /// IAM role for the service account: the cluster's own tokens are taken by an IAM OIDC provider.
    case irsa
    /// EKS Pod Identity: an agent on each node hands out the role.
    case podIdentity = "pod-identity"
    /// A role that somebody made for the service account already; it is used by way of IRSA and never changed.
    case role
  }

  /// Which rights its role gets.
  enum Rights: String, Sendable {
    case leastPrivilege = "least-privilege"
    case powerUser = "power-user"
  }

  let account: String
  let region: String
  let cluster: String
  let namespace: String
  let serviceAccount: String
  let identity: Identity
  let rights: Rights
  let usesEksctl: Bool
  private let givenRole: String
  private let generated: String?
  private let cache: String?
  private let images: [String]
  private let predictionServer: String?

  init(_ answers: Answers) {
    account = answers[ECRKey.account] ?? ""
    region = answers[ECRKey.region] ?? ""
    cluster = answers[ECRKey.cluster] ?? ""
    namespace = answers[.namespace] ?? ""
    serviceAccount = answers[ECRKey.serviceAccount] ?? ImageBuilder.usualAccount
    identity = answers[ECRKey.identity].flatMap(Identity.init(rawValue:)) ?? .irsa
    rights = answers[ECRKey.policy].flatMap(Rights.init(rawValue:)) ?? .leastPrivilege
    usesEksctl = answers[ECRKey.program] == CloudProgram.eksctl.name
    givenRole = answers[ECRKey.role] ?? ""
    generated = answers[.generated]
    cache = answers.layerCache
    images = Questionnaire.imageKeys.compactMap { answers[$0] }
    predictionServer = answers[.predictionServer]
  }

  // MARK: Names in AWS

  var partition: String {
    if region.hasPrefix("cn-") { return "aws-cn" }
    return region.hasPrefix("us-gov-") ? "aws-us-gov" : "aws"
  }

  /// Host as images carry it.
  var server: String { Self.server(account: account, region: region) }

  static func server(account: String, region: String) -> String {
    "\(account).dkr.ecr.\(region).amazonaws.com" + (region.hasPrefix("cn-") ? ".cn" : "")
  }

  /// Our name for the role and the policy. IAM knows no regions and allows 64 characters: the fingerprint keeps apart
  /// clusters of one name, and service accounts of one cluster.
  var name: String {
    var fingerprint = Fingerprint()
    for part in [account, region, cluster, namespace, serviceAccount] { fingerprint.add(part.utf8) }
    return "mlops-image-builder-\(cluster.prefix(34))-\(fingerprint.text.prefix(8))"
  }

  /// The role that the image builder takes on.
  var roleARN: String { identity == .role ? givenRole : "arn:\(partition):iam::\(account):role/\(name)" }

  /// The name within its ARN, which may have a path in front.
  var roleName: String { roleARN.split(separator: "/").last.map(String.init) ?? "" }

  /// The policy that is attached to the role.
  var policyARN: String {
    switch rights {
    case .leastPrivilege: "arn:\(partition):iam::\(account):policy/\(name)"
    case .powerUser: "arn:\(partition):iam::aws:policy/AmazonEC2ContainerRegistryPowerUser"
    }
  }

  /// What the cluster's tokens call the image builder.
  var subject: String { "system:serviceaccount:\(namespace):\(serviceAccount)" }

  // MARK: Repositories

  /// Where images are pushed that the agent builds; nil: it lies elsewhere.
  var generatedRepository: String? { generated.flatMap(ownRepository) }

  /// Where kaniko keeps layers.
  var cacheRepository: String? { cache.flatMap(ownRepository) }

  /// Every repository of the answers that lies here, each once: those of the images, of what is built of them, and of its
  /// layers. One answer names each, so that none is called differently elsewhere.
  var repositories: [String] {
    var names: [String] = []
    for name in images.compactMap(ownRepository) + [cacheRepository].compactMap({ $0 }) where !names.contains(name) {
      names.append(name)
    }
    return names
  }

  /// The registries of the answers' images that a login of AWS opens, ours first.
  var registries: [String] {
    var hosts = [server]
    for image in [generated, predictionServer].compactMap({ $0 }) {
      if let host = Self.reference(image)?.host, Self.place(host) != nil, !hosts.contains(host) { hosts.append(host) }
    }
    return hosts
  }

  private func ownRepository(_ image: String) -> String? {
    guard let reference = Self.reference(image), reference.host == server else { return nil }
    return reference.repository
  }

  /// A text that is no reference names no repository; its question says what is wrong with it.
  private static func reference(_ text: String) -> ImageReference? {
    do { return try ImageReference(text) } catch { return nil }
  }

  /// Account and region of an ECR registry's host.
  private static func place(_ host: String) -> (account: String, region: String)? {
    let labels = host.split(separator: ".").map(String.init)
    guard labels.count >= 6, labels[1] == "dkr", labels[2] == "ecr", labels[4] == "amazonaws" else { return nil }
    return (labels[0], labels[3])
  }

  func repositoryARN(_ name: String) -> String { "arn:\(partition):ecr:\(region):\(account):repository/\(name)" }

  /// The image that models' images are built on, where it lies in any ECR.
  var baseARN: String? {
    guard let predictionServer, let reference = Self.reference(predictionServer), let place = Self.place(reference.host)
    else { return nil }
    return "arn:\(partition):ecr:\(place.region):\(place.account):repository/\(reference.repository)"
  }

  // MARK: Documents

  /// What the image builder may do: push to two repositories and read one. AmazonEC2ContainerRegistryPowerUser allows as
  /// much for every repository of the account.
  var pushPolicy: JSONValue {
    let read: [JSONValue] = [
      "ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer",
    ]
    let push: [JSONValue] = [
      "ecr:InitiateLayerUpload", "ecr:UploadLayerPart", "ecr:CompleteLayerUpload", "ecr:PutImage",
    ]
    var statements: [JSONValue] = [
      ["Sid": "Login", "Effect": "Allow", "Action": "ecr:GetAuthorizationToken", "Resource": "*"]
    ]
    let pushed = [generatedRepository, cacheRepository].compactMap { $0 }.map(repositoryARN)
    if !pushed.isEmpty {
      statements.append([
        "Sid": "Push", "Effect": "Allow", "Action": .array(read + push), "Resource": .array(pushed.map { .string($0) }),
      ])
    }
    if let baseARN {
      statements.append(["Sid": "Base", "Effect": "Allow", "Action": .array(read), "Resource": .string(baseARN)])
    }
    return ["Version": "2012-10-17", "Statement": .array(statements)]
  }

  /// Who may take on the role: exactly this service account of this namespace.
  ///
  /// - Parameter issuer: The cluster's OIDC issuer without a scheme; of no meaning with Pod Identity, whose associations
  ///   say it.
  func trust(issuer: String) -> JSONValue {
    let statement: JSONValue =
      switch identity {
      case .podIdentity:
        [
          "Effect": "Allow", "Principal": ["Service": "pods.eks.amazonaws.com"],
          "Action": ["sts:AssumeRole", "sts:TagSession"],
        ]
      case .irsa, .role:
        [
          "Effect": "Allow",
          "Principal": ["Federated": .string("arn:\(partition):iam::\(account):oidc-provider/\(issuer)")],
          "Action": "sts:AssumeRoleWithWebIdentity",
          "Condition": [
            "StringEquals": .object([
              "\(issuer):sub": .string(subject), "\(issuer):aud": .string(OIDCProviderStep.audience),
            ])
          ],
        ]
      }
    return ["Version": "2012-10-17", "Statement": [statement]]
  }
}
