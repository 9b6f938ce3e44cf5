import ArgumentParser
import HTTP
import SetupCore
import Simulator
import Text

/// The simulated world of `--demo`: a cluster, a registry and DataRobot on loopback, a chart, and answers that fit.
struct DemoWorld {
  private static let cluster = "https://cluster.demo.example:6443"
  private static let dataRobot = "https://app.datarobot.com"
  private static let token = "demo-token"
  /// The token that the kubeconfig shows the cluster.
  static let userToken = "admin-token"
  private static let predictionEnvironment = "65f0a1b2c3d4e5f60718293a"

  /// Runs `body` in the simulated world of a scenario; its second argument is the path of answers that fit.
  static func with<Value>(
    scenario name: String?, beneath world: World, _ body: (World, String) async throws -> Value
  ) async throws -> Value {
    let scenario = try self.scenario(name).with {
      // About three seconds until the agent is ready, so that its start can be watched; one that is there already, nobody
      // watches.
      $0.behaviour.pace = $0.installation == nil ? .milliseconds(750) : .milliseconds(50)
    }
    let servers = try await Servers.start(scenario)
    do {
      let folder = try prepareFolder(world, scenario: name, images: servers.images)
      let inhabited = inhabited(world, folder: folder, servers)
      let answers = folder + "/answers.yaml"
      if scenario.installation != nil { try await install(answers, in: inhabited) }
      let value = try await body(inhabited, answers)
      await servers.stop()
      return value
    } catch {
      await servers.stop()
      throw error
    }
  }

  /// What `--demo list` prints: each scenario's name and what is the matter in it.
  static var list: String {
    let width = ClusterScenario.named.map(\.name.count).max() ?? 0
    return ClusterScenario.named.map { scenario in
      scenario.name + String(repeating: " ", count: width + 2 - scenario.name.count) + scenario.summary + "\n"
    }.joined()
  }

  private static func scenario(_ name: String?) throws -> ClusterScenario {
    guard let name else { return .healthy }
    if let scenario = ClusterScenario.named(name) { return scenario }
    let names = ClusterScenario.named.map(\.name)
    if MLOpsSetup.configuration.subcommands.contains(where: { $0.configuration.commandName == name }) {
      throw SetupError(.usage, "there is no scenario \(name)", next: "The verb comes first: mlops-setup \(name) --demo")
    }
    let hint = DidYouMean.nearest(to: name, among: names).map { " Did you mean \($0)?" } ?? ""
    throw SetupError(
      .usage, "there is no scenario \(name)", next: "The scenarios are \(names.joined(separator: ", ")).\(hint)")
  }

  /// Installs what a scenario has installed before it begins, as an unattended run does.
  private static func install(_ answers: String, in world: World) async throws {
    let silent = Console(out: { _ in }, progress: { _ in })
    let unattended = Unattended(
      context: CommandContext(world: world, console: silent), file: answers, kubeconfig: nil, contextName: nil)
    let setup = try await unattended.completed(unattended.setup(unattended.given()))
    let journal = try setup.journal()
    let report = try await Runner(plan: try await Planner.plan(setup), setup: setup, journal: journal).run { _ in }
    if let failure = report.failure { throw failure.error }
  }

  private struct Servers {
    let cluster: KubernetesServer
    let registry: RegistryServer
    let images: DemoImages
    let registryPort: UInt16
    let dataRobot: DataRobotServer
    let dataRobotPort: UInt16
    let ingress: IngressServer?
    let ingressPort: UInt16?

    static func start(_ scenario: ClusterScenario) async throws -> Servers {
      let cluster = try await KubernetesServer.start(scenario)
      let images = DemoImages(scenario)
      let registry = RegistryServer(integratedIn: cluster) ?? RegistryServer(images.configuration)
      for name in DemoImages.names { await registry.push(images.repository(name), tag: DemoImages.tag) }
      let dataRobot = DataRobotServer(
        DataRobotConfiguration(
          tokens: [token], environments: [.init(id: predictionEnvironment, name: "Demonstration cluster")]),
        agentsIn: cluster)
      await cluster.runBuilders(asking: registry.pushGate(hosts: images.hosts))
      let ingress = IngressServer(scenario)
      return Servers(
        cluster: cluster, registry: registry, images: images, registryPort: try await registry.start(),
        dataRobot: dataRobot, dataRobotPort: try await dataRobot.start(), ingress: ingress,
        ingressPort: try await ingress?.start())
    }

    func stop() async {
      await cluster.stop()
      await registry.stop()
      await dataRobot.stop()
      await ingress?.stop()
    }
  }

  /// The world with the simulated servers in it. Files are real, below a folder of the demonstration.
  private static func inhabited(_ world: World, folder: String, _ servers: Servers) -> World {
    var world = world
    var routes = [
      cluster: servers.cluster.port, "https://\(servers.images.server)": servers.registryPort,
      dataRobot: servers.dataRobotPort,
    ]
    routes[servers.images.modelsOrigin] = servers.ingressPort
    world.http = DemoTransport(
      routes: routes, client: HTTPClient(configuration: .init(environment: [:])))
    world.environment["KUBECONFIG"] = folder + "/kubeconfig"
    world.environment["REGISTRY_PASSWORD"] = servers.images.password
    world.environment["DATAROBOT_API_TOKEN"] = token
    world.environment["XDG_STATE_HOME"] = folder + "/state"
    world.environment["XDG_CACHE_HOME"] = folder + "/cache"
    world.workingDirectory = folder
    world.homeDirectory = folder
    world.processes = .simulatedHelm(
      "helm (simulated)", on: servers.cluster, reading: world.files, unpackingBy: world.processes)
    return world
  }

  /// Writes the demonstration's own files: the chart, a kubeconfig and answers. What a person saved there stays, though
  /// what an earlier demonstration installed is gone with its cluster. Answers of one scenario do not fit another.
  private static func prepareFolder(_ world: World, scenario: String?, images: DemoImages) throws -> String {
    let folder = StateFolder.root(world) + "/demo" + (scenario.map { "-\($0)" } ?? "")
    func put(_ name: String, _ content: [UInt8], mode: UInt16 = 0o644) throws {
      try world.files.write(folder + "/" + name, content, mode)
    }
    for file in StandInChart.files { try put("\(StandInChart.name)/\(file.path)", file.bytes) }
    try put(
      "kubeconfig",
      Array(
        """
        apiVersion: v1
        kind: Config
        current-context: demo
        clusters: [{name: demo, cluster: {server: "\(cluster)"}}]
        users: [{name: admin, user: {token: \(userToken)}}]
        contexts: [{name: demo, context: {cluster: demo, user: admin}}]

        """.utf8), mode: 0o600)
    try put(
      "builder.yaml",
      Array(
        """
        # The nodes have cgroup v2, on which the chart's own kaniko 1.8.1 refuses to start.
        imageBuilder:
          image: gcr.io/kaniko-project/executor:v1.24.0
        """.utf8))
    try put(
      "answers.yaml",
      Array(
        """
        # Answers that fit the simulated world.
        apiVersion: mlops-setup/v1
        kind: Answers
        cluster: {context: demo}
        registry: \(images.registryAnswers)
        datarobot:
          apiToken: {env: DATAROBOT_API_TOKEN}
          predictionEnvironment: "\(predictionEnvironment)"
        ingress: {outfacingUrl: "\(images.outfacingURL)"}
        images: \(images.answers)
        chart: {path: ./\(StandInChart.name), values: [./builder.yaml]}

        """.utf8))
    return folder
  }
}
