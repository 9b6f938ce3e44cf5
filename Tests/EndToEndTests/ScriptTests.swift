import CustomDump
import FoundationEssentials
import Kubernetes
import SetupCore
import Simulator
import TestSupport
import Testing

@Suite("The script of a plan, run with kubectl and Helm's own engine on a fresh cluster")
struct ScriptTests {
  /// What the answers ask for.
  enum Variant: String, CaseIterable, Sendable {
    /// The registry's own CA, images from archives, secrets from the environment, a new prediction environment.
    case everythingNew
    /// Secrets that stand in the namespace already, an example of the chart, values of it and a values file.
    case secretsExist
    /// The login of docker, and the token from a file.
    case dockerLogin
    /// A packed chart with one of its examples, on a machine where nothing was unpacked.
    case packedChart
  }

  /// Other tests run at the same time: these secrets are this suite's alone.
  private static let secrets = Stage.Secrets(password: "veiled-p4ss:'\"$w\\rd-\u{e9}", token: "veiled-t0ken-&$value'\\")
  private static let canaries = [
    secrets.password, secrets.token, "veiled-p4ss", "veiled-t0ken",
    Data("push:\(secrets.password)".utf8).base64EncodedString(), Data(secrets.token.utf8).base64EncodedString(),
  ]

  @Test(
    "It makes the same objects as the program, field by field, tells no secret, and leaves the program nothing to do",
    arguments: Variant.allCases)
  func sameObjects(_ variant: Variant) async throws {
    try await Stage.with(secrets: Self.secrets, hasImages: variant != .everythingNew) { stage in
      let known = SimulatedPredictionEnvironment(id: "65f0a1b2c3d4e5f60718293a", name: "Stage")
      let dataRobot = DataRobotServer(DataRobotConfiguration(tokens: [stage.secrets.token], environments: [known]))
      let port = try await dataRobot.start()
      let twin = try await Twin(of: stage)
      try await variant.prepare(stage, twin, dataRobot: "http://127.0.0.1:\(port)")

      let plan = try await twin.program("plan", "--answers", "answers.yaml", "--script")
      try #require(plan.code == 0, "\(plan.progress)")
      let script = twin.home + "/plan.sh"
      try Data(plan.out.utf8).write(to: URL(filePath: script))
      try await TestProgram("shellcheck", debianPackage: "shellcheck").run(["--shell=sh", script])
      #expect(stage.cluster.log.writes == [])
      try Files.live.removeFolder(twin.home + "/.cache")

      let arguments = try await RunningProcesses.seen { try await twin.shell(script) }
      #expect(arguments.contains { $0.contains("upgrade") && $0.contains("--install") }, "helm was not seen")
      let scripted = try await ClusterSnapshot(twin.cluster)

      let installed = try await stage.run("--answers", "answers.yaml")
      #expect(installed.code == 0, "\(installed.out)\n\(installed.progress)")
      let direct = try await ClusterSnapshot(stage.cluster)
      expectNoDifference(scripted.objects, direct.objects)
      #expect(dataRobot.configuration.environments.count == (variant == .everythingNew ? 2 : 1))

      // Helm counts another revision, and nothing else is other than before.
      let again = try await RunningProcesses.seen { try await twin.shell(script) }
      let twice = try await ClusterSnapshot(twin.cluster)
      let changed = twice.objects.filter { scripted.objects[$0.key] != $0.value }.keys.sorted()
      #expect(
        changed == [
          "configmaps datarobot-mlops/mlops-setup-bosun", "secrets datarobot-mlops/sh.helm.release.v1.bosun.v1",
          "secrets datarobot-mlops/sh.helm.release.v1.bosun.v2",
        ])
      #expect(scripted.objects.allSatisfy { twice.objects[$0.key] != nil })

      twin.cluster.log.clear()
      let after = try await twin.program("--answers", "answers.yaml")
      #expect(after.code == 0, "\(after.out)\n\(after.progress)")
      #expect(after.out.contains("Nothing was changed: all is as it should be."), "\(after.out)\n\(after.progress)")
      #expect(twin.cluster.log.writes == [])

      for canary in Self.canaries {
        #expect(!plan.out.contains(canary))
        for line in arguments.union(again) { #expect(!line.contains(canary)) }
      }
      await twin.stop()
      await dataRobot.stop()
    }
  }
}

extension ScriptTests.Variant {
  /// Writes the answers and what they name.
  fileprivate func prepare(_ stage: Stage, _ twin: Twin, dataRobot: String) async throws {
    var changes: [String: String] = [:]
    switch self {
    case .everythingNew:
      let server = ImageArchive(layers: [20_000, 40_000])
      let agents = [
        ImageArchive("datarobot/mlops-management-agent:11.2.62", layers: [15_000]),
        ImageArchive("datarobot/mlops-tracking-agent:11.2.62", layers: [10_000]),
      ]
      let archives = [
        try await server.write(in: stage.folder.path),
        try await agents[0].write(in: stage.folder.path, name: "management.tar"),
        try await agents[1].writeLayout(in: stage.folder.path, name: "tracking.tar"),
      ]
      changes["images"] = """
        {archives: [\(archives.map { "\"\($0)\"" }.joined(separator: ", "))], \
        trackingAgent: "\(stage.registry.host)/datarobot/mlops-tracking-agent:11.2.62"}
        """
      changes["datarobot"] =
        "{endpoint: \"\(dataRobot)\", apiToken: {env: DATAROBOT_API_TOKEN}, environment: create, environmentName: \"It's new\"}"
    case .secretsExist:
      try stage.folder.write("managementAgent: {logLevel: DEBUG}\n", to: "more values.yaml")
      changes["chart"] =
        "{path: \"\(stage.chart)\", release: bosun, example: AKE_values.yaml, values: [more values.yaml]}"
      changes["values"] = "{managementAgent: {podAnnotations: {team.example.com/owner: ml}, logLevel: INFO}}"
      changes["registry"] = """
        {provider: generic, server: "\(stage.registry.host)", certificateAuthority: ca.pem, \
        password: {existing: team-creds}}
        """
      changes["datarobot"] = """
        {endpoint: "\(dataRobot)", apiToken: {existing: team-key}, predictionEnvironment: 65f0a1b2c3d4e5f60718293a}
        """
      for cluster in [stage.cluster, twin.cluster] {
        try await cluster.put(["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": "datarobot-mlops"]])
        for (name, type, key) in [
          ("team-creds", "kubernetes.io/dockerconfigjson", ".dockerconfigjson"), ("team-key", "Opaque", "secret"),
        ] {
          try await cluster.put([
            "apiVersion": "v1", "kind": "Secret", "type": .string(type),
            "metadata": ["name": .string(name), "namespace": "datarobot-mlops"],
            "data": [key: .string(Data(#"{"auths":{}}"#.utf8).base64EncodedString())],
          ])
        }
      }
    case .dockerLogin:
      let login = Data("push:\(stage.secrets.password)".utf8).base64EncodedString()
      for home in [stage.folder.path, twin.home] {
        try FileManager.default.createDirectory(atPath: home + "/.docker", withIntermediateDirectories: true)
        try Data(#"{"auths": {"\#(stage.registry.host)": {"auth": "\#(login)"}}}"#.utf8).write(
          to: URL(filePath: home + "/.docker/config.json"))
      }
      try stage.folder.write(stage.secrets.token + "\n", to: "the token")
      changes["registry"] =
        "{provider: generic, server: \"\(stage.registry.host)\", certificateAuthority: ca.pem, login: docker}"
      changes["datarobot"] = """
        {endpoint: "\(dataRobot)", apiToken: {file: the token}, predictionEnvironment: 65f0a1b2c3d4e5f60718293a}
        """
    case .packedChart:
      try await PackedChart(changes: ["examples/the lab's.yaml": "managementAgent: {logLevel: DEBUG}\n"])
        .write(to: stage.folder.file("agent 2.1.0.tgz"))
      changes["chart"] = "{path: ./agent 2.1.0.tgz, release: bosun, example: the lab's.yaml}"
    }
    try stage.folder.write(stage.answers(changes), to: "answers.yaml")
  }
}

/// A second cluster beside a stage's, under the same context's name, with a home folder of its own.
private struct Twin {
  let cluster: KubernetesServer
  let home: String
  private let front: NginxFront
  private let stage: Stage

  init(of stage: Stage) async throws {
    self.stage = stage
    home = stage.folder.file("twin")
    try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
    cluster = try await KubernetesServer.start(.healthy)
    front = try await NginxFront.start(
      .init(server: try await stage.certificates.server(), upstreamPort: Int(cluster.port)))
    let authority = stage.certificates.authority.certificate
    try stage.folder.write(
      Stage.kubeconfig(server: front.url, ca: authority, token: "admin-token"), to: "twin/kubeconfig")
  }

  func stop() async {
    await front.stop()
    await cluster.stop()
  }

  private var changes: [String: String] { ["HOME": home, "KUBECONFIG": home + "/kubeconfig"] }

  /// Runs the program against it.
  func program(_ arguments: String...) async throws -> ProgramEnding {
    try await stage.run(arguments: arguments, environment: changes) { $0.homeDirectory = home }
  }

  /// Runs a script against it.
  func shell(_ script: String) async throws {
    let environment = stage.environment.merging(changes) { $1 }
    let ran = try await Processes.live(environment: environment).run(
      ProcessCommand("sh", [script], workingDirectory: home, deadline: .seconds(240)))
    try #require(ran.exitCode == 0, "\(ran.output)\n\(ran.errors)")
    #expect(ran.output.contains("successfully rolled out"), "It waits for what it installed: \(ran.output)")
    for secret in [stage.secrets.password, stage.secrets.token] { #expect(!(ran.output + ran.errors).contains(secret)) }
  }
}
