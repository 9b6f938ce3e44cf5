import FoundationEssentials
import HTTP
import SetupCore
import Simulator
import TestSupport

@testable import Commands

/// A simulated cluster with a registry, DataRobot and helm beside it, all in this process. The time stands still, so
/// that what is said of it stays the same.
struct ClusterStage {
  private static let cluster = "https://cluster.demo.example:6443"
  private static let registry = "registry.demo.example"
  private static let dataRobot = "https://app.datarobot.com"
  private static let password = "demo-password"
  private static let token = "demo-token"
  private static let environment = "65f0a1b2c3d4e5f60718293a"
  /// 24 November 2026, 06:00 UTC.
  private static let now = Date(timeIntervalSince1970: 1_795_500_000)

  /// What `preflight` came to, and what it asked the cluster.
  struct Ending {
    var code: Int32
    /// Its report in JSON.
    var document: String
    var progress: String
    var requests: [RequestLog.Entry]
    var writes: [RequestLog.Entry]
    var openUploads: Int
  }

  /// Runs `preflight` as the program does.
  static func preflight(_ simulated: SimulatedCluster) async throws -> Ending {
    try await withScratchDirectory { folder in
      let time = SimulatedTime(
        now: { now.addingTimeInterval(simulated.clockSkew) }, sleep: { try await Task.sleep(for: $0) })
      let cluster = try await KubernetesServer.start(simulated.scenario, time: time)
      if let name = simulated.terminating { await cluster.remove("namespaces", name: name) }
      for fault in simulated.faults { cluster.add(fault) }
      var configuration = RegistryConfiguration(
        authentication: .token, users: [.init(name: "push", password: password)])
      configuration.realm = "https://\(registry)/token"
      let images = RegistryServer(configuration)
      for name in ["mlops-management-agent", "mlops-tracking-agent", "datarobot-portable-prediction-api"] {
        _ = images.addImage("datarobot/\(name)", tag: "11.2.62")
      }
      let account = DataRobotServer(
        DataRobotConfiguration(tokens: [token], environments: [.init(id: environment, name: "Simulated cluster")]))
      let routes = [
        Self.cluster: cluster.port, "https://\(registry)": try await images.start(),
        dataRobot: try await account.start(),
      ]
      func stop() async {
        await cluster.stop()
        await images.stop()
        await account.stop()
      }
      do {
        let ending = try await run(simulated, world(simulated, folder, cluster, routes), cluster, images)
        await stop()
        return ending
      } catch {
        await stop()
        throw error
      }
    }
  }

  private static func run(
    _ simulated: SimulatedCluster, _ world: World, _ cluster: KubernetesServer, _ images: RegistryServer
  ) async throws -> Ending {
    let arguments = ["preflight", "--answers", "answers.yaml", "--format", "json"] + simulated.arguments
    let ending = await ProgramEnding(running: arguments, in: world)
    return Ending(
      code: ending.code, document: ending.out, progress: ending.progress, requests: cluster.log.entries,
      writes: cluster.log.writes, openUploads: images.openUploads)
  }

  private static func world(
    _ simulated: SimulatedCluster, _ folder: ScratchDirectory, _ cluster: KubernetesServer, _ routes: [String: UInt16]
  ) throws -> World {
    try folder.write(
      """
      apiVersion: v1
      kind: Config
      current-context: simulated
      clusters: [{name: simulated, cluster: {server: "\(Self.cluster)"}}]
      users: [{name: someone, user: {\(simulated.token.map { "token: \($0)" } ?? "")}}]
      contexts: [{name: simulated, context: {cluster: simulated, user: someone}}]

      """, to: "kubeconfig")
    try folder.write(
      """
      apiVersion: mlops-setup/v1
      kind: Answers
      cluster: {context: simulated}
      registry: {server: \(registry), username: push, password: {env: REGISTRY_PASSWORD}}
      datarobot: {apiToken: {env: DATAROBOT_API_TOKEN}, predictionEnvironment: "\(environment)"}
      ingress: {\(simulated.ingressClass.map { "className: \($0), " } ?? "")\
      outfacingUrl: "https://models.demo.example/deployments/"}
      images: {trackingAgent: "\(registry)/datarobot/mlops-tracking-agent:11.2.62"}
      chart: {path: "\(Stage.repository)/Resources/chart/datarobot-management-agent"}

      """, to: "answers.yaml")
    var world = World.live(
      in: folder,
      environment: [
        "HOME": folder.path, "KUBECONFIG": folder.file("kubeconfig"), "REGISTRY_PASSWORD": password,
        "DATAROBOT_API_TOKEN": token, "LANG": "C.UTF-8", "XDG_STATE_HOME": folder.file("state"),
      ])
    world.http = DemoTransport(routes: routes, client: HTTPClient(configuration: .init(environment: [:])))
    world.now = { now }
    world.processes = .simulatedHelm("/usr/bin/helm", on: cluster, reading: world.files)
    return world
  }
}
