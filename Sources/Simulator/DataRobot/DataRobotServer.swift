import Kubernetes
internal import Synchronization

/// DataRobot's public API on loopback, as far as the wizard asks it: version, account, prediction environments.
public final class DataRobotServer: Sendable {
  private let state: Mutex<DataRobotState>
  private let listener = LoopbackListener()

  /// The cluster whose agents report here.
  private let cluster: KubernetesServer?

  /// A DataRobot that is not yet listening. Agents that run in the cluster report to it, with the token of their Secret.
  public init(_ configuration: DataRobotConfiguration, agentsIn cluster: KubernetesServer? = nil) {
    state = Mutex(DataRobotState(configuration))
    self.cluster = cluster
  }

  /// Listens on a free port of 127.0.0.1 and gives the port.
  public func start() async throws -> UInt16 {
    try await listener.start { [self] request in
      await takeReports()
      return state.withLock { $0.answer(request).answer }
    }
  }

  /// Stops to listen; what was created stays.
  public func stop() async { await listener.stop() }

  /// Every request as `METHOD /path`, in order; neither queries nor bodies nor header fields are kept.
  public var requests: [String] { state.withLock { $0.log } }

  /// How it behaves and what it knows; may be changed while it listens.
  public var configuration: DataRobotConfiguration {
    get { state.withLock { $0.configuration } }
    set { state.withLock { $0.configuration = newValue } }
  }

  /// Sets the health of a prediction environment, as a management agent that reports in would; false: no such one.
  @discardableResult
  public func setHealth(_ health: SimulatedPredictionEnvironment.Health, of id: String) -> Bool {
    state.withLock { state in
      guard let index = state.configuration.environments.firstIndex(where: { $0.id == id }) else { return false }
      state.configuration.environments[index].health = health
      return true
    }
  }

  /// What the cluster's agents have reported by now: each that is ready, and whose token is taken, is well.
  private func takeReports() async {
    guard let cluster else { return }
    for pod in await cluster.objects("pods") {
      let conditions = pod.value(at: ["status", "conditions"])?.array ?? []
      guard conditions.contains(where: { $0["type"] == "Ready" && $0["status"] == "True" }) else { continue }
      for container in pod.value(at: ["spec", "containers"])?.array ?? [] {
        let variables = container["env"]?.array ?? []
        func variable(_ name: String) -> JSONValue? { variables.first { $0["name"]?.string == name } }
        guard let id = variable("MLOPS_BOSUN_PRED_ENV_ID")?["value"]?.string,
          let secret = variable("MLOPS_API_TOKEN")?.value(at: ["valueFrom", "secretKeyRef"]),
          let name = secret["name"]?.string, let key = secret["key"]?.string,
          let data = await cluster.object("secrets", namespace: pod.namespace, name: name)?["data"]?[key]?.string,
          let token = Base64.decode(data).map({ String(decoding: $0, as: UTF8.self) }),
          state.withLock({ $0.configuration.tokens.contains(token) })
        else { continue }
        let now = Timestamp.seconds(SimulatedTime.real.now())
        setHealth(.init(status: "passing", message: "The management agent is running.", timestamp: now), of: id)
      }
    }
  }
}
