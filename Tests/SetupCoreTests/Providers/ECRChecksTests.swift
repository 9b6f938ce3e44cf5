import FoundationEssentials
import HTTP
import Kubernetes
import TestSupport
import Testing

@testable import SetupCore

@Suite("What is looked up and checked of ECR")
struct ECRChecksTests {
  private static let identity = #"{"UserId":"A","Account":"123456789012","Arn":"arn:aws:iam::123456789012:user/ada"}"#
  private static let cluster =
    #"{"cluster":{"name":"prod","endpoint":"https://ABC.gr7.eu-central-1.eks.amazonaws.com","identity":{"oidc":{"issuer":"https://oidc.eks.eu-central-1.amazonaws.com/id/ABC"}}}}"#

  /// The survey after these lookups.
  private static func survey(_ probes: [Probe], _ setup: Setup) async -> Survey {
    var survey = Survey()
    for probe in probes { await Surveyor().gather(probe, setup, survey)(&survey) }
    return survey
  }

  private static func finding(_ check: Check, _ survey: Survey, _ answers: Answers = ECRSamples.answers()) -> Finding {
    check.evaluate(survey, answers, Samples.requirements)
  }

  private static let version = ("--version", ECRSamples.printed("aws-cli/2.31.4 Python/3.13.7 Linux/6.1 exe/x86_64\n"))

  @Test("Who is logged in at the account of the answers is told, and another account is a failure")
  func login() async throws {
    let setup = try ECRSamples.scripted([Self.version, ("get-caller-identity", ECRSamples.printed(Self.identity))])
    let survey = await Self.survey([.aws, .awsIdentity], setup)
    #expect(
      Self.finding(.awsLogin, survey)
        == Finding(
          .pass, observed: "aws 2.31.4, arn:aws:iam::123456789012:user/ada",
          message: "aws is logged in as arn:aws:iam::123456789012:user/ada."))
    let other = Self.finding(.awsLogin, survey, ECRSamples.answers(["registry.account": "999999999999"]))
    #expect(other.status == .fail)
    #expect(
      other.message == "aws is logged in to account 123456789012, and registry.account is 999999999999.")
  }

  @Test("Without aws nothing is looked up, and it is said where to get it")
  func notInstalled() async throws {
    let survey = await Self.survey(
      ECRRegistry().lookups, try Samples.setup(ECRSamples.answers(), http: ScriptedCluster()))
    let finding = Self.finding(.awsLogin, survey)
    #expect(finding.status == .fail)
    #expect(finding.message == "there is no program aws on PATH")
    #expect(finding.remedy?.text.hasPrefix("Install") == true)
    #expect(
      ECRRegistry().lookedUp(survey)
        == .failed(ObservationFailure(.unsupported, finding.message, remedy: finding.remedy)))
  }

  @Test(
    "Not logged in, expired, denied and out of reach are different failures, each with what to do",
    arguments: [
      (
        "Unable to locate credentials. You can configure credentials by running \"aws configure\".", FindingStatus.fail,
        "Log in first"
      ),
      ("The config profile (prod) could not be found", .fail, "AWS_PROFILE"),
      (
        "An error occurred (ExpiredToken) when calling the GetCallerIdentity operation: The security token included in the request is expired",
        .fail, "has expired"
      ),
      ("Error when retrieving token from sso: Token has expired and refresh failed", .fail, "aws sso login"),
      (
        "An error occurred (InvalidClientTokenId) when calling the GetCallerIdentity operation: The security token included in the request is invalid.",
        .fail, "Log in first"
      ),
      (
        "An error occurred (AccessDenied) when calling the GetCallerIdentity operation: User: u is not authorized to perform: sts:GetCallerIdentity",
        .unknown, "somebody who may"
      ),
      (
        "Could not connect to the endpoint URL: \"https://sts.eu-centrl-1.amazonaws.com/\"", .unknown, "spelled right"
      ),
      ("Traceback (most recent call last):", .unknown, "Run it yourself"),
    ])
  func failures(_ said: String, _ status: FindingStatus, _ next: String) async throws {
    let setup = try ECRSamples.scripted([
      Self.version, ("get-caller-identity", ProcessResult(exitCode: 255, errors: said + "\n")),
    ])
    let finding = Self.finding(.awsLogin, await Self.survey([.aws, .awsIdentity], setup))
    #expect(finding.status == status, "\(finding)")
    #expect(finding.message.contains(said.prefix(30)))
    #expect(finding.remedy?.text.contains(next) == true, "\(finding)")
  }

  @Test("An aws that answers something else than JSON, or hangs, is unknown and never green")
  func odd() async throws {
    for result in [ECRSamples.printed("<html>"), ProcessResult(exitCode: 124, timedOut: true)] {
      let setup = try ECRSamples.scripted([Self.version, ("get-caller-identity", result)])
      #expect(Self.finding(.awsLogin, await Self.survey([.aws, .awsIdentity], setup)).status == .unknown)
    }
  }

  @Test("The cluster of the answers is the one of the kubeconfig, or the role would trust another's tokens")
  func clusterMatches() async throws {
    let setup = try ECRSamples.scripted([("describe-cluster", ECRSamples.printed(Self.cluster))])
    var survey = await Self.survey([.eksCluster], setup)
    func status(_ server: String) -> FindingStatus {
      survey.cluster = .seen(
        ClusterSummary(
          context: "prod", server: server, gitVersion: "v1.33.1-eks-1", major: 1, minor: 33, serverDate: nil,
          localDate: .init(timeIntervalSince1970: 0), credentials: .seen("admin")))
      return Self.finding(.eksClusterMatches, survey).status
    }
    #expect(status("https://abc.gr7.eu-central-1.eks.amazonaws.com:443") == .pass)
    #expect(status("https://OTHER.gr7.eu-central-1.eks.amazonaws.com") == .fail)
    #expect(status("https://rancher.example.com/k8s/clusters/c-1") == .warn)
    let missing = try ECRSamples.scripted([
      (
        "describe-cluster",
        ECRSamples.refused("ResourceNotFoundException", "DescribeCluster", "No cluster found for name: prod.")
      )
    ])
    #expect(Self.finding(.eksClusterMatches, await Self.survey([.eksCluster], missing)).status == .fail)
    let denied = try ECRSamples.scripted([
      ("describe-cluster", ECRSamples.refused("AccessDeniedException", "DescribeCluster", "not authorized"))
    ])
    #expect(Self.finding(.eksClusterMatches, await Self.survey([.eksCluster], denied)).status == .unknown)
  }

  @Test(
    "Pod Identity needs kaniko 1.23.2; the plugin's default does not do, and IRSA does not ask",
    arguments: [
      ("{}", FindingStatus.fail), ("{image: 'gcr.io/kaniko-project/executor:v1.23.1'}", .fail),
      ("{image: 'gcr.io/kaniko-project/executor:v1.23.2'}", .pass),
      ("{image: 'ghcr.io/osscontainertools/kaniko:v1.28.3'}", .pass), ("{image: 'example.com/builder:7'}", .warn),
    ])
  func podIdentity(_ builder: String, _ expected: FindingStatus) throws {
    var values = EffectiveValues()
    values.lay(try ECRSamples.yaml("imageBuilder: \(builder)"))
    var survey = Survey()
    survey.values = .seen(values)
    let answers = ECRSamples.answers(["registry.identity": "pod-identity"])
    #expect(Self.finding(.podIdentityBuilder, survey, answers).status == expected)
    #expect(Check.podIdentityBuilder.exemption(answers, survey) == nil)
    #expect(Check.podIdentityBuilder.exemption(ECRSamples.answers(), survey) != nil)
    #expect(Self.finding(.podIdentityBuilder, Survey(), answers).status == .unknown)
  }

  @Test("Immutable tags are found before anything is installed, and a repository yet to be made is none")
  func tags() async throws {
    func finding(_ result: ProcessResult) async throws -> Finding {
      let setup = try ECRSamples.scripted([("describe-repositories", result)])
      return Self.finding(.overwritableTags, await Self.survey([.generatedRepository], setup))
    }
    func repository(_ mutability: String) -> ProcessResult {
      ECRSamples.printed(
        #"{"repositories":[{"repositoryName":"mlops/frozen-models","repositoryArn":"arn:r","imageTagMutability":"\#(mutability)"}]}"#
      )
    }
    #expect(try await finding(repository("MUTABLE")).status == .pass)
    let immutable = try await finding(repository("IMMUTABLE"))
    #expect(immutable.status == .fail)
    #expect(
      immutable.remedy?.command
        == "aws ecr put-image-tag-mutability --registry-id 123456789012 --repository-name mlops/frozen-models --image-tag-mutability MUTABLE --region eu-central-1"
    )
    let missing = ECRSamples.refused("RepositoryNotFoundException", "DescribeRepositories", "does not exist")
    #expect(try await finding(missing).status == .pass)
    let denied = ECRSamples.refused("AccessDeniedException", "DescribeRepositories", "not authorized")
    #expect(try await finding(denied).status == .unknown)
  }

  /// Nodes of these provider ids.
  private static func nodes(_ ids: String...) throws -> [Node] {
    try ids.map { try object(Node.self, #"{"metadata":{"name":"n"},"spec":{"providerID":"\#($0)"}}"#) }
  }

  /// The verdict on nodes of one role, which has this policy of AWS, and of which IAM says this.
  private static func pullers(_ policy: String, _ simulated: ProcessResult) async throws -> Finding {
    let setup = try ECRSamples.scripted([
      (
        "ec2 describe-instances --instance-ids i-1 i-2",
        ECRSamples.printed(
          #"{"Reservations":[{"Instances":[{"InstanceId":"i-1","IamInstanceProfile":{"Arn":"arn:aws:iam::1:instance-profile/a/workers"}}]},{"Instances":[{"InstanceId":"i-2","IamInstanceProfile":{"Arn":"arn:aws:iam::1:instance-profile/a/workers"}}]}]}"#
        )
      ),
      (
        "get-instance-profile --instance-profile-name workers",
        ECRSamples.printed(
          #"{"InstanceProfile":{"Roles":[{"RoleName":"worker-role","Arn":"arn:aws:iam::1:role/worker-role"}]}}"#)
      ),
      (
        "list-attached-role-policies --role-name worker-role",
        ECRSamples.printed(#"{"AttachedPolicies":[{"PolicyName":"\#(policy)"}]}"#)
      ),
      ("simulate-principal-policy --policy-source-arn arn:aws:iam::1:role/worker-role", simulated),
    ])
    var survey = Survey()
    survey.nodes = .seen(try nodes("aws:///eu-central-1a/i-1", "aws:///eu-central-1b/i-2", "aws:///eu/1/fargate-3"))
    await Surveyor().gather(.nodeRoles, setup, survey)(&survey)
    return finding(.ecrNodes, survey)
  }

  @Test("Nodes pull as the role of their instances: by a policy of AWS, or by one that IAM itself says lets them")
  func nodesMayPull() async throws {
    func decisions(_ last: String) -> ProcessResult {
      let all = ["allowed", "allowed", last].map { #"{"EvalDecision":"\#($0)"}"# }
      return ECRSamples.printed(#"{"EvaluationResults":[\#(all.joined(separator: ","))]}"#)
    }
    let denied = ECRSamples.refused("AccessDenied", "SimulatePrincipalPolicy", "not authorized")
    let usual = try await Self.pullers("AmazonEC2ContainerRegistryPullOnly", denied)
    #expect(usual.status == .pass)
    #expect(usual.details == ["worker-role: may pull, by AmazonEC2ContainerRegistryPullOnly"])
    #expect(try await Self.pullers("AmazonEKSWorkerNodePolicy", decisions("allowed")).status == .pass)
    let lacking = try await Self.pullers("AmazonEKSWorkerNodePolicy", decisions("implicitDeny"))
    #expect(lacking.status == .warn)
    #expect(
      lacking.remedy?.command
        == "aws iam attach-role-policy --role-name worker-role --policy-arn arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPullOnly"
    )
    #expect(try await Self.pullers("AmazonEKSWorkerNodePolicy", denied).status == .unknown)
  }

  @Test("Instances without a role warn; nodes that are no instances are skipped, those not seen are unknown")
  func otherNodes() async throws {
    var survey = Survey()
    survey.nodeRoles = .seen(NodeRoles(without: ["i-1"]))
    #expect(Self.finding(.ecrNodes, survey).status == .warn)
    survey.nodes = .seen(try Self.nodes("aws:///eu-central-1a/abc/fargate-ip-10-0-0-1", "kind://docker/kind/a"))
    await Surveyor().gather(.nodeRoles, try ECRSamples.scripted([]), survey)(&survey)
    #expect(Self.finding(.ecrNodes, survey).status == .skipped)
    let gone = try ECRSamples.scripted([
      ("describe-instances", ECRSamples.refused("InvalidInstanceID.NotFound", "DescribeInstances", "no such instance"))
    ])
    survey.nodes = .seen(try Self.nodes("aws:///eu-central-1a/i-9"))
    await Surveyor().gather(.nodeRoles, gone, survey)(&survey)
    #expect(Self.finding(.ecrNodes, survey).status == .unknown)
  }

  @Test("The wizard's line says who is logged in, which cluster, and why an identity is suggested")
  func line() async throws {
    let setup = try ECRSamples.scripted([
      Self.version, ("get-caller-identity", ECRSamples.printed(Self.identity)),
      ("describe-cluster", ECRSamples.printed(Self.cluster)),
      ("get-open-id-connect-provider", ECRSamples.printed(#"{"ClientIDList":["sts.amazonaws.com"]}"#)),
      ("describe-addon", ECRSamples.refused("ResourceNotFoundException", "DescribeAddon", "No addon")),
    ])
    let survey = await Self.survey([.aws, .awsIdentity, .eksCluster, .eksIdentity], setup)
    #expect(
      ECRRegistry().lookedUp(survey)
        == .seen(
          "aws 2.31.4 as arn:aws:iam::123456789012:user/ada; cluster prod: IRSA, as the cluster has an IAM OIDC provider"
        ))
    #expect(ECRRegistry().lookedUp(Survey()) == .notAsked)
  }

  @Test("Every lookup ends in something seen or in a reason, with no answers at all")
  func nothingKnown() async throws {
    let setup = try Samples.setup(
      Answers(), http: ScriptedCluster(),
      programs: ["aws": { _ in ProcessResult(exitCode: 255, errors: "Unable to locate credentials") }])
    let survey = await Self.survey(ECRRegistry().lookups, setup)
    for failure in [
      survey.aws.failure, survey.eksClusters.failure, survey.eksCluster.failure, survey.eksIdentity.failure,
    ] {
      #expect(failure?.message.isEmpty == false)
    }
  }

  @Test("The registry is reached with the login that aws hands out, asked for once, and it stands in no argument")
  func access() async throws {
    let calls = CallCount()
    let setup = try Samples.setup(
      ECRSamples.answers(), http: ECRSamples.registry,
      programs: [
        "aws": { command in
          #expect(command.arguments == ["ecr", "get-login-password", "--region", "eu-central-1"])
          await calls.add()
          return ECRSamples.printed(ECRSamples.password + "\n")
        }
      ])
    for _ in 0..<2 {
      let summary = try await RegistryProbe.look(setup)
      #expect(summary.credentials == .seen("the login of aws (user AWS)"))
      #expect(summary.push["\(ECRSamples.server)/mlops/frozen-models"] == .seen(true))
      #expect(summary.push["\(ECRSamples.server)/mlops/frozen-models/cache"] == .seen(true))
      #expect(summary.builder?.hasPrefix("the role arn:aws:iam::123456789012:role/mlops-image-builder-prod-") == true)
    }
    #expect(await calls.count == 1)
  }

  private actor CallCount {
    var count = 0
    func add() { count += 1 }
  }
}
