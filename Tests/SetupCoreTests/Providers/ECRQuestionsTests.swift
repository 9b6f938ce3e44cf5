import FoundationEssentials
import Kubernetes
import Registry
import TestSupport
import Testing

@testable import SetupCore

@Suite("The questions of ECR")
struct ECRQuestionsTests {
  private static func question(_ id: QuestionID) throws -> Question {
    try #require(ECRRegistry().questions.first { $0.id == id })
  }

  private static func completed(
    _ changes: [QuestionID: String] = [:], _ look: (inout Survey) -> Void = { _ in }
  ) -> Answers {
    var answers = Answers()
    answers["registry.provider"] = Answer(.text("ecr"))
    for (id, value) in changes { answers[id] = Answer(.text(value)) }
    var survey = Survey()
    look(&survey)
    return Questionnaire.standard.completed(answers, survey)
  }

  @Test(
    "What is wrong with an answer is said",
    arguments: [
      ("registry.account", "12345", "12 digits"), ("registry.account", "1234-5678-9012", "12 digits"),
      ("registry.region", "eu-central-1a", "one letter more"), ("registry.region", "Frankfurt", "a region's name"),
      ("registry.cluster", "arn:aws:eks:eu-central-1:123456789012:cluster/prod", "name alone"),
      ("registry.cluster", "my cluster", "as EKS names clusters"), ("registry.prefix", "/team", "begin or end"),
      ("registry.prefix", "Team", "lower-case"), ("registry.prefix", "a//b", "no path of a repository"),
      ("registry.role", "image-builder", "a role's ARN"),
      ("registry.role", "arn:aws:iam::123456789012:user/ada", "a role's ARN"),
      ("registry.serviceAccount", "Builder", "lower-case"),
    ])
  func wrong(_ id: String, _ text: String, _ said: String) throws {
    let problem = try Self.question(QuestionID(id)).problem(.text(text), Answers())
    #expect(problem?.contains(said) == true, "\(problem ?? "nothing")")
  }

  @Test(
    "What AWS takes is taken",
    arguments: [
      ("registry.account", "123456789012"), ("registry.region", "us-gov-west-1"), ("registry.region", "cn-north-1"),
      ("registry.region", "ap-southeast-5"), ("registry.cluster", "Prod_2-a"), ("registry.prefix", "team-a/b.c_d"),
      ("registry.role", "arn:aws-cn:iam::123456789012:role/path/builder"), ("registry.serviceAccount", "builder.a-1"),
    ])
  func right(_ id: String, _ text: String) throws {
    #expect(try Self.question(QuestionID(id)).problem(.text(text), Answers()) == nil)
  }

  @Test("Every question fits the wizard and says why it is asked")
  func words() {
    for question in ECRRegistry().questions {
      #expect(question.label.count <= 14, "\(question.label)")
      #expect(question.why.hasSuffix("."), "\(question.id)")
      if case .choice(let choices) = question.kind {
        #expect(choices.allSatisfy { !$0.label.isEmpty })
      } else if question.id != "registry.prefix" {
        #expect(question.problem(.text(question.example), Answers()) == nil, "\(question.id)")
      }
    }
  }

  @Test(
    "The context's name tells account, region and cluster",
    arguments: [
      ("arn:aws:eks:eu-west-1:123456789012:cluster/prod", "123456789012", "eu-west-1", "prod"),
      ("arn:aws-cn:eks:cn-north-1:123456789012:cluster/a_b", "123456789012", "cn-north-1", "a_b"),
      ("ada@example.com@prod.us-east-2.eksctl.io", nil, "us-east-2", "prod"),
      ("prod", nil, nil, nil), ("arn:aws:eks:eu-west-1:1:nodegroup/x", nil, nil, nil),
    ] as [(String, String?, String?, String?)])
  func context(_ name: String, _ account: String?, _ region: String?, _ cluster: String?) {
    let context = EKSContext(name: name)
    #expect((context.account, context.region, context.cluster) == (account, region, cluster))
    let answers = Self.completed(["cluster.context": name])
    #expect(answers[ECRKey.account] == account)
    #expect(answers[ECRKey.region] == region)
    #expect(answers[ECRKey.cluster] == cluster)
  }

  @Test("A renamed context's server, the nodes and the environment tell the region, in this order")
  func region() throws {
    let node = try object(
      Node.self, #"{"metadata":{"name":"a"},"spec":{"providerID":"aws:///ap-south-1b/i-0123"},"status":{}}"#)
    let local = try object(
      Node.self, #"{"metadata":{"name":"b"},"spec":{"providerID":"aws:///us-west-2-lax-1a/i-0123"},"status":{}}"#)
    let server = "https://0123ABCD.gr7.eu-north-1.eks.amazonaws.com"
    func region(_ look: (inout Survey) -> Void) -> String? { Self.completed([:], look)[ECRKey.region] }
    func contexts(_ survey: inout Survey) {
      survey.contexts = .seen([.init(name: "prod", server: server, namespace: nil, isCurrent: true)])
    }
    #expect(
      region {
        $0.awsRegion = .seen("us-east-1")
        $0.nodes = .seen([node])
        contexts(&$0)
      } == "eu-north-1")
    #expect(
      region {
        $0.awsRegion = .seen("us-east-1")
        $0.nodes = .seen([local, node])
      } == "ap-south-1")
    #expect(region { $0.awsRegion = .seen("us-east-1") } == "us-east-1")
  }

  @Test("The only cluster of the region is suggested, of several none; all are offered")
  func clusters() throws {
    func answers(_ names: [String]) -> Answers { Self.completed([:]) { $0.eksClusters = .seen(names) } }
    #expect(answers(["prod"])[ECRKey.cluster] == "prod")
    #expect(answers(["prod", "test"])[ECRKey.cluster] == nil)
    var survey = Survey()
    survey.eksClusters = .seen(["prod", "test"])
    #expect(try Self.question("registry.cluster").candidates(Answers(), survey).map(\.value) == ["prod", "test"])
  }

  private static func values(_ image: String) throws -> EffectiveValues {
    var values = EffectiveValues()
    values.lay(try ECRSamples.yaml("imageBuilder: {image: \"\(image)\"}"))
    return values
  }

  @Test("IRSA is suggested, Pod Identity where only that is there and kaniko knows it, a role where one is in use")
  func identity() throws {
    let old = try Self.values("gcr.io/kaniko-project/executor:v1.8.1")
    let new = try Self.values("gcr.io/kaniko-project/executor:v1.23.2")
    func identity(_ provider: Bool, _ agent: Bool, _ values: EffectiveValues?) -> String? {
      Self.completed([:]) {
        $0.eksIdentity = .seen(EKSIdentity(hasProvider: provider, hasAgent: agent))
        if let values { $0.values = .seen(values) }
      }[ECRKey.identity]
    }
    #expect(Self.completed()[ECRKey.identity] == "irsa")
    #expect(identity(true, true, new) == "irsa")
    #expect(identity(false, true, new) == "pod-identity")
    #expect(identity(false, true, old) == "irsa")
    #expect(identity(false, true, nil) == "irsa")
    #expect(identity(false, false, new) == "irsa")
    let role = "arn:aws:iam::123456789012:role/team"
    let theirs = Self.completed { $0.builderAccount = .seen(BuilderAccount(role: role, isOurs: false)) }
    #expect(theirs[ECRKey.identity] == "role")
    #expect(theirs[ECRKey.role] == role)
    #expect(theirs[ECRKey.cluster] == nil && theirs[ECRKey.policy] == nil && theirs[ECRKey.program] == nil)
    let ours = Self.completed { $0.builderAccount = .seen(BuilderAccount(role: role, isOurs: true)) }
    #expect(ours[ECRKey.identity] == "irsa")
    #expect(ours[ECRKey.role] == nil)
  }

  @Test("eksctl is suggested where it is found")
  func program() {
    #expect(Self.completed()[ECRKey.program] == "aws")
    #expect(Self.completed { $0.eksctl = .seen("0.215.0") }[ECRKey.program] == "eksctl")
  }

  @Test("ECR is the usual registry of EKS")
  func home() {
    var survey = Survey()
    survey.cluster = .seen(
      ClusterSummary(
        context: "prod", server: Samples.server, gitVersion: "v1.33.1-eks-8cb36c9", major: 1, minor: 33,
        serverDate: nil, localDate: .init(timeIntervalSince1970: 0), credentials: .seen("admin")))
    #expect(RegistryProviders.usual(survey).name == "ecr")
  }

  @Test(
    "Host and repositories follow from account, region and prefix",
    arguments: [
      ("eu-central-1", "", "123456789012.dkr.ecr.eu-central-1.amazonaws.com/mlops/frozen-models"),
      ("cn-north-1", "", "123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn/mlops/frozen-models"),
      ("us-gov-west-1", "team-a/ml", "123456789012.dkr.ecr.us-gov-west-1.amazonaws.com/team-a/ml/mlops/frozen-models"),
    ])
  func names(_ region: String, _ prefix: String, _ expected: String) {
    let answers = ECRSamples.answers(["registry.region": region, "registry.prefix": prefix])
    #expect(ECRRegistry().repository("mlops/frozen-models", answers) == expected)
    #expect(DataRobotImageRules.generatedRepositoryProblem(expected) == nil)
  }

  @Test("Every repository is derived from the answers, so frozen-models has one name everywhere, and its cache exists")
  func repositories() {
    #expect(ECRSamples.target().repositories == ECRSamples.repositories)
    let other = ECRSamples.target([
      "images.generated": "\(ECRSamples.server)/team/models", "images.trackingAgent": "",
      "images.managementAgent": "docker.io/datarobot/mlops-management-agent:11.2.62",
      "images.predictionServer":
        "111111111111.dkr.ecr.us-east-1.amazonaws.com/base/datarobot-portable-prediction-api:11.2.0",
    ])
    #expect(other.repositories == ["team/models", "team/models/cache"])
    #expect(other.registries == [ECRSamples.server, "111111111111.dkr.ecr.us-east-1.amazonaws.com"])
    #expect(
      other.baseARN == "arn:aws:ecr:us-east-1:111111111111:repository/base/datarobot-portable-prediction-api")
  }

  @Test("A role's name tells clusters and service accounts apart and is one that IAM takes")
  func roleName() {
    let long = String(repeating: "x", count: 100)
    let names = [
      ECRSamples.target(), ECRSamples.target(["registry.cluster": "other"]),
      ECRSamples.target(["registry.region": "us-east-1"]), ECRSamples.target(["cluster.namespace": "agents"]),
      ECRSamples.target(["registry.serviceAccount": "builder"]), ECRSamples.target(["registry.cluster": long]),
    ].map(\.name)
    #expect(Set(names).count == names.count)
    #expect(names.allSatisfy { $0.utf8.count <= 64 && $0.hasPrefix("mlops-image-builder-") })
  }
}
