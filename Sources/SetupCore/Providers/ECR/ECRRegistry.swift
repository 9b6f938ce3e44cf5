import Registry
import Text
import YAML

/// Amazon Elastic Container Registry, with an EKS cluster beside it whose image builder gets a role.
struct ECRRegistry: RegistryProvider {
  let name = "ecr"
  let label = "Amazon ECR"
  let home: Distribution.Kind? = .eks
  let makesRepositories = true

  var questions: [Question] { Self.questions }

  /// Each needs what the ones before it may suggest.
  var lookups: [Probe] {
    [.aws, .awsIdentity, .awsRegion, .eksctl, .eksClusters, .eksCluster, .eksIdentity, .builderAccount]
  }

  var checks: [Check] { [.awsLogin, .eksClusterMatches, .podIdentityBuilder, .overwritableTags, .ecrNodes] }

  func lookedUp(_ survey: Survey) -> Observed<String> {
    switch (survey.aws, survey.awsIdentity) {
    case (.notAsked, _), (_, .notAsked): return .notAsked
    case (.failed(let failure), _), (_, .failed(let failure)): return .failed(failure)
    case (.seen(let version), .seen(let identity)):
      var parts = ["aws \(version) as \(identity.arn)"]
      switch survey.eksCluster {
      case .seen(let cluster): parts.append("cluster \(cluster.name): \(survey.builderIdentity.reason)")
      case .failed(let failure) where failure.kind != .absent: parts.append(failure.message)
      default: break
      }
      return .seen(OutsideText.clean(parts.joined(separator: "; ")))
    }
  }

  func server(_ answers: Answers) -> String? {
    guard let account = answers[ECRKey.account], let region = answers[ECRKey.region] else { return nil }
    return ECRTarget.server(account: account, region: region)
  }

  func repository(_ name: String, _ answers: Answers) -> String? {
    server(answers).map { ([$0] + [answers[.prefix], name].compactMap { $0 }).joined(separator: "/") }
  }

  func access(_ setup: Setup) async throws -> RegistryAccess {
    let target = ECRTarget(setup.answers)
    return RegistryAccess(
      server: target.server, endpoint: RegistryEndpoint(host: target.server), builder: "the role \(target.roleARN)"
    ) {
      try await setup.cloudLogin("ecr \(target.server)") { try await Self.login(target, setup.world) }
    }
  }

  func missingForPush(_ setup: Setup) async throws -> String? {
    try await ECRRepositoriesStep(ECRTarget(setup.answers)).firstChange(setup)
  }

  func shellLogin(_ answers: Answers) -> ShellLogin? {
    let target = ECRTarget(answers)
    return ShellLogin(
      password: Shell.line(["aws", "ecr", "get-login-password", "--region", target.region]), user: "AWS",
      host: Shell.quote(target.server))
  }

  /// A password for twelve hours, in the name of whoever is logged in.
  private static func login(_ target: ECRTarget, _ world: World) async throws -> RegistryLogin {
    let password = try await CloudProgram.aws.text(["ecr", "get-login-password", "--region", target.region], world)
    return RegistryLogin(
      RegistryCredential(username: "AWS", password: password), identity: "the login of aws (user AWS)")
  }

  func steps(_ answers: Answers) -> [any Step] {
    let target = ECRTarget(answers)
    var steps: [any Step] = [ECRRepositoriesStep(target)]
    switch target.identity {
    case .irsa: steps.append(OIDCProviderStep(target))
    case .podIdentity: steps.append(PodIdentityAgentStep(target))
    case .role: break
    }
    if target.identity == .role {
      steps.append(ExistingRoleStep(target))
    } else {
      if target.rights == .leastPrivilege { steps.append(PushPolicyStep(target)) }
      steps.append(BuilderRoleStep(target))
    }
    steps.append(BuilderAccountStep(target, answers))
    if target.identity == .podIdentity { steps.append(PodIdentityStep(target)) }
    steps.append(BuilderConfigStep(target, answers))
    return steps
  }

  func values(_ answers: Answers) -> [ValueSetting] {
    let target = ECRTarget(answers)
    return [
      ValueSetting(
        "imageBuilder.configMap", value: .string(BuilderConfigStep.name),
        comment: "The ConfigMap that tells the image builder to log in with its role."),
      ValueSetting(
        "imageBuilder.serviceAccount.create", value: .bool(false),
        comment: "The service account is made before, with the role."),
      ValueSetting(
        "imageBuilder.serviceAccount.name", value: .string(target.serviceAccount),
        comment: "The service account that the role trusts."),
    ]
  }
}
