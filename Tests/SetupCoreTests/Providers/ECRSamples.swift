import HTTP
import Kubernetes
import TestSupport
import Testing
import YAML

@testable import SetupCore

/// What the tests of the ECR provider share: answers, and a set-up whose aws is the real one before moto.
enum ECRSamples {
  static let region = "eu-central-1"
  static let server = "\(MotoServer.account).dkr.ecr.\(region).amazonaws.com"
  static let generated = "mlops/frozen-models"
  /// What moto hands out for a login.
  static let password = "\(MotoServer.account)-auth-token"

  /// The token that the scripted Kubernetes hands out for the image builder's account.
  static let token = "builder-token-55f1"

  /// Complete answers with these changes; an empty text takes one away.
  static func answers(_ changes: [QuestionID: String] = [:]) -> Answers {
    var all: [QuestionID: String] = [
      "registry.provider": "ecr", "registry.server": "", "registry.scheme": "", "registry.username": "",
      "registry.password": "", "registry.account": MotoServer.account, "registry.region": region,
      "registry.cluster": "prod", "registry.identity": "irsa", "registry.policy": "least-privilege",
      "registry.serviceAccount": ImageBuilder.usualAccount, "registry.program": "aws",
      "images.managementAgent": "\(server)/datarobot/mlops-management-agent:11.2.62",
      "images.trackingAgent": "\(server)/datarobot/mlops-tracking-agent:11.2.62",
      "images.predictionServer": "\(server)/datarobot/datarobot-portable-prediction-api:11.2.0",
      "images.generated": "\(server)/\(generated)",
    ]
    all.merge(changes) { $1 }
    return Samples.answers(all.mapValues { .text($0) })
  }

  static func target(_ changes: [QuestionID: String] = [:]) -> ECRTarget { ECRTarget(answers(changes)) }

  /// The repositories of these answers, the layers' last.
  static let repositories = [
    "datarobot/mlops-management-agent", "datarobot/mlops-tracking-agent", "datarobot/datarobot-portable-prediction-api",
    "mlops/frozen-models", "mlops/frozen-models/cache",
  ]

  /// A registry that takes the login that moto hands out, and every upload.
  static let registry = ScriptedTransport.registry(
    server, login: "AWS:\(password)", challenge: ",service=\"ecr.amazonaws.com\"")

  /// Runs `body` with the real CLI, moto with an EKS cluster `prod`, and a scripted Kubernetes.
  static func withAWS(
    programs: [String] = ["aws"], objects: [String: String] = [:],
    _ body: (MotoServer, CloudStandIns, ScriptedCluster) async throws -> Void
  ) async throws {
    try await MotoServer.run(region: region) { aws in
      try await CloudStandIns.with(programs) { cloud in
        let made = try await aws.call(
          "eks", "create-cluster", "--name", "prod", "--role-arn", "arn:aws:iam::\(MotoServer.account):role/eks",
          "--resources-vpc-config", "subnetIds=subnet-1,subnet-2")
        try #require(made.status == 0, "\(made.error)")
        let cluster = try ScriptedCluster(objects, others: registry) { request in
          guard request.method == "POST", request.url.contains("/token") else { return nil }
          return .json(201, #"{"kind":"TokenRequest","status":{"token":"\#(token)"}}"#)
        }
        try await body(aws, cloud, cluster)
      }
    }
  }

  /// A set-up whose programs are those of the folder. Its state folder is a real one, which the programs can read.
  static func setup(
    _ answers: Answers, _ aws: MotoServer, _ cloud: CloudStandIns, _ cluster: ScriptedCluster
  ) throws -> Setup {
    let environment = aws.environment.merging(cloud.environment) { $1 }
    let live = Processes.live(environment: environment)
    var programs: [String: @Sendable (ProcessCommand) async throws -> ProcessResult] = [:]
    for name in ["aws", "eksctl"] where live.find(name) != nil { programs[name] = { try await live.run($0) } }
    let state = (cloud.environment["HOME"] ?? "") + "/state"
    let memory = try Samples.files()
    var world = World.fake(
      environment: Samples.environment.merging(environment) { $1 }.merging(["XDG_STATE_HOME": state]) { $1 },
      files: memory, programs: programs, http: cluster)
    world.files.write = { path, content, mode in
      if path.hasPrefix(state) { return try Files.live.write(path, content, mode) }
      try memory.files.write(path, content, mode)
    }
    world.files.remove = { path in
      if path.hasPrefix(state) { return try Files.live.remove(path) }
      try memory.files.remove(path)
    }
    return Setup(world: world, answers: answers, requirements: Samples.requirements)
  }

  static func setup(_ aws: MotoServer, _ cloud: CloudStandIns, _ cluster: ScriptedCluster) throws -> Setup {
    try setup(answers(), aws, cloud, cluster)
  }

  /// A set-up whose aws answers from a script: the first entry that stands in the command line counts.
  static func scripted(_ script: [(String, ProcessResult)]) throws -> Setup {
    try Samples.setup(
      answers(),
      programs: [
        "aws": { command in
          let line = command.arguments.joined(separator: " ")
          guard let entry = script.first(where: { line.contains($0.0) }) else {
            Issue.record("a call nobody expected: aws \(line)")
            return ProcessResult(exitCode: 254, errors: "not in the script")
          }
          return entry.1
        }
      ])
  }

  /// What aws says of an error of a service.
  static func refused(_ code: String, _ operation: String, _ message: String) -> ProcessResult {
    ProcessResult(
      exitCode: 254, errors: "\nAn error occurred (\(code)) when calling the \(operation) operation: \(message)\n")
  }

  static func printed(_ text: String) -> ProcessResult { ProcessResult(exitCode: 0, output: text) }

  static func yaml(_ text: String) throws -> YAMLNode { try #require(try YAML.parse(text, source: "test.yaml")) }
}
