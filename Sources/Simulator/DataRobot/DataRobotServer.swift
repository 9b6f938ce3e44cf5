internal import Synchronization

/// DataRobot's public API on loopback, as far as the wizard asks it: version, account, prediction environments.
public final class DataRobotServer: Sendable {
  private let state: Mutex<DataRobotState>
  private let listener = LoopbackListener()

  /// A DataRobot that is not yet listening.
  public init(_ configuration: DataRobotConfiguration) { state = Mutex(DataRobotState(configuration)) }

  /// Listens on a free port of 127.0.0.1 and gives the port.
  public func start() async throws -> UInt16 {
    try await listener.start { [self] request in
      state.withLock { $0.answer(request).answer }
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
}
