import FoundationEssentials
import Kubernetes
import TestSupport
import Testing
import YAML

@testable import SetupCore

@Suite("What ECR means for the chart, the plugin and IAM")
struct ECRValuesTests {
  @Test("kaniko's configuration stands under config.json and names the helper for the registries of the answers alone")
  func config() throws {
    let step = try #require(ECRRegistry().steps(ECRSamples.answers()).last as? BuilderConfigStep)
    let shell = try #require(step.commands(try Samples.setup()).first?.shell)
    #expect(shell.contains("config.json: '{\"credHelpers\":{\"\(ECRSamples.server)\":\"ecr-login\"}}'"), "\(shell)")
  }

  @Test(
    "A configuration that is there serves where it sets the helper for every registry",
    arguments: [
      (#"{ "credsStore": "ecr-login" }"#, true), (#"{"credHelpers":{"HOST":"ecr-login"},"auths":{}}"#, true),
      (#"{"credsStore":"ecr-login","credHelpers":{"HOST":"other"}}"#, false), (#"{"credsStore":"desktop"}"#, false),
      (#"{"credHelpers":{"other.example.com":"ecr-login"}}"#, false), ("{}", false), ("no JSON", false),
    ])
  func serves(_ text: String, _ expected: Bool) {
    #expect(
      BuilderConfigStep.serves(text.replacing("HOST", with: ECRSamples.server), [ECRSamples.server]) == expected)
  }

  @Test("Least privilege pushes to the generated images and their layers, reads the prediction server, and no more")
  func policy() throws {
    let statements = try #require(ECRSamples.target().pushPolicy["Statement"]?.array)
    let arn = "arn:aws:ecr:eu-central-1:123456789012:repository/"
    #expect(statements.count == 3)
    #expect(statements[0]["Action"] == "ecr:GetAuthorizationToken" && statements[0]["Resource"] == "*")
    #expect(statements[1]["Resource"]?.texts == [arn + "mlops/frozen-models", arn + "mlops/frozen-models/cache"])
    #expect(
      Set(statements[1]["Action"]?.texts ?? []) == [
        "ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:InitiateLayerUpload",
        "ecr:UploadLayerPart", "ecr:CompleteLayerUpload", "ecr:PutImage",
      ])
    #expect(statements[2]["Resource"] == .string(arn + "datarobot/datarobot-portable-prediction-api"))
    #expect(statements[2]["Action"]?.texts.contains { $0.contains("Put") || $0.contains("Upload") } == false)
    let china = ECRSamples.target([
      "registry.region": "cn-north-1",
      "images.generated": "123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn/mlops/frozen-models",
    ])
    #expect(
      try PolicyDocument.text(china.pushPolicy).contains("arn:aws-cn:ecr:cn-north-1:123456789012:repository/mlops"))
    #expect(china.policyARN.hasPrefix("arn:aws-cn:iam::123456789012:policy/"))
    #expect(
      ECRSamples.target(["registry.policy": "power-user"]).policyARN
        == "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPowerUser")
  }

  @Test("The role trusts exactly this service account of this namespace, or Pod Identity with its session's tags")
  func trust() throws {
    let irsa = ECRSamples.target().trust(issuer: "oidc.example/id/A")
    #expect(
      try PolicyDocument.text(irsa)
        == #"{"Statement":[{"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringEquals":{"oidc.example/id/A:aud":"sts.amazonaws.com","oidc.example/id/A:sub":"system:serviceaccount:datarobot-mlops:datarobot-management-agent-image-builder"}},"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::123456789012:oidc-provider/oidc.example/id/A"}}],"Version":"2012-10-17"}"#
    )
    let pods = ECRSamples.target(["registry.identity": "pod-identity"]).trust(issuer: "")
    #expect(
      try PolicyDocument.text(pods)
        == #"{"Statement":[{"Action":["sts:AssumeRole","sts:TagSession"],"Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"}}],"Version":"2012-10-17"}"#
    )
  }

  private static func json(_ text: String) throws -> JSONValue { try object(JSONValue.self, text) }

  @Test("Documents that mean the same are the same, and others are not")
  func meaning() throws {
    let one = try Self.json(#"{"Version":"1","Statement":[{"Action":["a","b"],"Resource":"r"},{"Action":"c"}]}"#)
    for text in [
      #"{"Statement":[{"Action":["c"]},{"Resource":["r"],"Action":["b","a"]}],"Version":"1"}"#,
      #"{"Version":"1","Statement":[{"Resource":"r","Action":["b","a"]},{"Action":"c"}]}"#,
    ] { #expect(PolicyDocument.haveSameMeaning(one, try Self.json(text)), "\(text)") }
    for text in [
      #"{"Version":"1","Statement":[{"Action":["a","b","d"],"Resource":"r"},{"Action":"c"}]}"#,
      #"{"Version":"1","Statement":[{"Action":["a","b"],"Resource":"*"},{"Action":"c"}]}"#,
      #"{"Version":"1","Statement":[{"Action":["a","b"],"Resource":"r"}]}"#, "null",
    ] { #expect(!PolicyDocument.haveSameMeaning(one, try Self.json(text)), "\(text)") }
  }

  @Test(
    "A foreign role serves where its trust lets the service account in, by name or by pattern",
    arguments: [
      ("StringEquals", "system:serviceaccount:ns:sa", true), ("StringLike", "system:serviceaccount:ns:*", true),
      ("StringEquals", "system:serviceaccount:ns:*", false), ("StringLike", "system:serviceaccount:other:*", false),
      ("StringEquals", "system:serviceaccount:ns:other", false),
    ])
  func foreignTrust(_ condition: String, _ pattern: String, _ expected: Bool) throws {
    let document = try Self.json(
      #"{"Statement":{"Effect":"Allow","Principal":{"Federated":"arn"},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"\#(condition)":{"i:sub":["x","\#(pattern)"],"i:aud":"sts.amazonaws.com"}}}}"#
    )
    #expect(ExistingRoleStep.trusts(document, "system:serviceaccount:ns:sa") == expected)
  }

  @Test(
    "A repository serves where a model's tag can be pushed again",
    arguments: [
      ("MUTABLE", [], true), ("IMMUTABLE", [], false), ("IMMUTABLE_WITH_EXCLUSION", ["m-*"], true),
      ("IMMUTABLE_WITH_EXCLUSION", ["latest*"], false), ("IMMUTABLE_WITH_EXCLUSION", ["*_11.2.0"], false),
      ("MUTABLE_WITH_EXCLUSION", ["v*"], true), ("MUTABLE_WITH_EXCLUSION", ["m*"], false),
    ])
  func mutability(_ mutability: String, _ exclusions: [String], _ expected: Bool) {
    let live = ECRRepository(name: "r", arn: "a", mutability: mutability, exclusions: exclusions)
    #expect(live.takesModelsAgain == expected)
  }
}
