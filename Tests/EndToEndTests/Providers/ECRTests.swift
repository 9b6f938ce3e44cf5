import FoundationEssentials
import HTTP
import SetupCore
import Simulator
import TestSupport
import Testing

@Suite("Amazon ECR, with the real AWS CLI before moto and a real registry", .serialized, .timeLimit(.minutes(10)))
struct ECRTests {
  private static let host = "\(MotoServer.account).dkr.ecr.eu-central-1.amazonaws.com"
  /// What moto hands out for a login.
  private static let password = "\(MotoServer.account)-auth-token"

  /// A stage with AWS and its registry in it.
  struct Cloud {
    let stage: Stage
    let aws: MotoServer
    let programs: CloudStandIns
    let registry: NamedRegistry

    var environment: [String: String?] {
      var environment = registry.environment.mapValues { Optional($0) }
      for (name, value) in aws.environment where name.hasPrefix("AWS_") { environment[name] = value }
      for (name, value) in programs.environment where name.hasPrefix("MLOPS_") { environment[name] = value }
      environment["PATH"] = "\(programs.bin):\(stage.environment["PATH"] ?? "")"
      environment["REGISTRY_PASSWORD"] = String?.none
      return environment
    }

    func run(_ arguments: String...) async throws -> ProgramEnding {
      try await stage.run(arguments: arguments, environment: environment)
    }
  }

  static func with(_ programs: [String] = ["aws"], _ body: (Cloud) async throws -> Void) async throws {
    try await Stage.with { stage in
      try await NamedRegistry.run(host, user: "AWS", password: password) { registry in
        try await MotoServer.run { aws in
          try await CloudStandIns.with(programs) { programs in
            let made = try await aws.call(
              "eks", "create-cluster", "--name", "prod", "--role-arn", "arn:aws:iam::\(MotoServer.account):role/eks",
              "--resources-vpc-config", "subnetIds=subnet-1,subnet-2")
            try #require(made.status == 0, "\(made.error)")
            try await body(Cloud(stage: stage, aws: aws, programs: programs, registry: registry))
          }
        }
      }
    }
  }

  private static func answers(_ cloud: Cloud, _ more: String = "") throws {
    try cloud.stage.folder.write(
      cloud.stage.answers([
        "registry":
          "{provider: ecr, account: \"\(MotoServer.account)\", region: eu-central-1, cluster: prod\(more)}"
      ]), to: "answers.yaml")
  }

  @Test("Installs with repositories, policy, role and account; a second run changes nothing; what is named goes")
  func installsTwice() async throws {
    try await Self.with { cloud in
      try Self.answers(cloud)
      let before = try await cloud.run("preflight", "--answers", "answers.yaml")
      #expect(before.code == 0, "\(before.out)\n\(before.progress)")
      let first = try await cloud.run("--answers", "answers.yaml")
      #expect(first.code == 0, "\(first.out)\n\(first.progress)")
      #expect(first.out.contains("The agent is installed."))
      #expect(first.progress.contains("trying a push to \(Self.host)/mlops/frozen-models"), "\(first.progress)")

      let repositories = try await cloud.aws.call(
        "ecr", "describe-repositories", "--query", "repositories[].repositoryName", "--output", "text")
      #expect(
        Set(repositories.output.split(whereSeparator: \.isWhitespace).map(String.init)) == [
          "datarobot/mlops-management-agent", "datarobot/datarobot-portable-prediction-api", "mlops/frozen-models",
          "mlops/frozen-models/cache",
        ])
      let role = try await cloud.stage.kubectl(
        "get", "serviceaccount", "datarobot-management-agent-image-builder", "-n", "datarobot-mlops", "-o",
        "jsonpath={.metadata.annotations.eks\\.amazonaws\\.com/role-arn}")
      #expect(role.hasPrefix("arn:aws:iam::\(MotoServer.account):role/mlops-image-builder-prod-"))
      let config = try await cloud.stage.kubectl(
        "get", "configmap", "docker-config", "-n", "datarobot-mlops", "-o", "jsonpath={.data.config\\.json}")
      #expect(config == "{\"credHelpers\":{\"\(Self.host)\":\"ecr-login\"}}")
      let values = String(
        decoding: try cloud.stage.folder.read(".local/state/mlops-setup/stage/datarobot-mlops/values.yaml"),
        as: UTF8.self)
      #expect(values.contains("configMap: docker-config") && !values.contains("secretName"), "\(values)")

      cloud.stage.cluster.log.clear()
      let second = try await cloud.run("--answers", "answers.yaml")
      #expect(second.out.contains("Nothing was changed: all is as it should be."), "\(second.out)\n\(second.progress)")
      #expect(cloud.stage.cluster.log.writes == [])

      let undone = try await cloud.run("uninstall", "--answers", "answers.yaml")
      #expect(undone.code == 0, "\(undone.out)\n\(undone.progress)")
      #expect(undone.out.contains("--remove ecr-role removes it too"), "\(undone.out)")
      let more = try await cloud.run(
        "uninstall", "--answers", "answers.yaml", "--remove", "ecr-role", "--remove", "ecr-policy", "--remove",
        "ecr-repositories", "--remove", "ecr-oidc-provider")
      #expect(more.code == 0, "\(more.out)\n\(more.progress)")
      let left = try await cloud.aws.call(
        "ecr", "describe-repositories", "--query", "repositories[].repositoryName", "--output", "text")
      #expect(!left.output.contains { !$0.isWhitespace }, "\(left.output)")

      for ending in [before, first, second, undone, more] {
        #expect(!(ending.out + ending.progress).contains(Self.password))
      }
      for call in try cloud.programs.calls() {
        #expect(!call.argv.contains { $0.contains(Self.password) }, "\(call.argv)")
      }
    }
  }

  @Test(
    "The script of a plan does what the plan does: after it nothing but the rollout is left to be done",
    arguments: ["irsa", "pod-identity"])
  func script(_ identity: String) async throws {
    try await Self.with { cloud in
      let builder = "imageBuilder: {image: 'gcr.io/kaniko-project/executor:v1.24.0'}\n"
      try cloud.stage.folder.write(builder, to: "builder.yaml")
      try Self.answers(cloud, ", identity: \(identity)")
      let text = String(decoding: try cloud.stage.folder.read("answers.yaml"), as: UTF8.self)
      try cloud.stage.folder.write(
        text.replacing("release: bosun}", with: "release: bosun, values: [builder.yaml]}"), to: "answers.yaml")
      let plan = try await cloud.run("plan", "--script", "--answers", "answers.yaml")
      try #require(plan.code == 0, "\(plan.progress)")
      try cloud.stage.folder.write(plan.out, to: "plan.sh")
      let shellcheck = try TestProgram("shellcheck", debianPackage: "shellcheck")
      try await shellcheck.run(["--shell=sh", cloud.stage.folder.file("plan.sh")])
      var environment = cloud.stage.environment
      for (name, value) in cloud.environment { environment[name] = value }
      for _ in 0..<2 {
        let ran = try await Processes.live(environment: environment).run(
          ProcessCommand("sh", ["plan.sh"], workingDirectory: cloud.stage.folder.path, deadline: .seconds(240)))
        try #require(ran.exitCode == 0, "\(ran.errors)")
        #expect(!(ran.output + ran.errors).contains(Self.password))
      }
      let after = try await cloud.run("plan", "--answers", "answers.yaml", "--format", "json")
      let document = try JSONDecoder().decode(PlanDocument.self, from: Data(after.out.utf8))
      let left = document.steps.filter { $0.state != "done" }.map(\.id)
      #expect(Set(left).isSubset(of: ["rollout"]), "\(after.out)")
    }
  }

  @Test("A refusal of AWS stops the run before anything is installed, and says what was refused")
  func refused() async throws {
    try await Self.with { cloud in
      try Self.answers(cloud)
      try await cloud.aws.fail([
        .init(
          "CreateRole", status: 403, code: "AccessDenied",
          message: "User: ada is not authorized to perform: iam:CreateRole")
      ])
      let ending = try await cloud.run("--answers", "answers.yaml")
      #expect(ending.code == 6, "\(ending.out)\n\(ending.progress)")
      #expect(ending.out.contains("is not authorized to perform: iam:CreateRole"), "\(ending.out)")
      #expect((ending.out + ending.progress).contains("Log in as somebody who may"), "\(ending.out)")
      let releases = try await cloud.stage.kubectl(
        "get", "secret", "-n", "datarobot-mlops", "-l", "owner=helm", "-o", "name")
      #expect(releases.isEmpty)
      try await cloud.aws.fail([])
      let again = try await cloud.run("--answers", "answers.yaml")
      #expect(again.code == 0, "\(again.out)\n\(again.progress)")
    }
  }
}
