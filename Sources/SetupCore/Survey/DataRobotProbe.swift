import Text

extension Probe {
  /// DataRobot, with the token of the answers.
  public static let dataRobot = Probe("datarobot", \.dataRobot, page: .dataRobot) { setup, _ in
    try await DataRobotProbe.look(setup)
  }
}

/// Asks DataRobot whether it takes the token, and for the prediction environment.
enum DataRobotProbe {
  static func look(_ setup: Setup) async throws -> DataRobotSummary {
    let client = try setup.dataRobot()
    let version: DataRobotVersion
    do throws(DataRobotError) {
      version = try await client.version()
    } catch {
      // A wrong token is a 401 there; a 403 comes from what stands in front of it.
      guard error.code == .unauthorized else { throw error }
      return DataRobotSummary(version: "", token: .failed(ObservationFailure(error)))
    }
    var summary = DataRobotSummary(version: version.versionString.map { OutsideText.clean($0) } ?? "of unknown version")
    let wanted: @Sendable () async -> Observed<PredictionEnvironment>
    if let name = setup.answers.newEnvironmentName {
      wanted = { await environment(named: name, client) }
    } else if let id = setup.answers[.predictionEnvironment] {
      wanted = { await environment(id, client) }
    } else {
      return summary
    }
    summary.environment = try await firstOf(wanted, deadline: deadline) ?? .failed(late)
    return summary
  }

  /// Shorter than what a probe may take in all: an environment that hangs does not take the token's verdict with it.
  private static let deadline = Duration.seconds(15)
  private static let late = ObservationFailure(
    .timedOut, "DataRobot gave no answer about the prediction environment within \(deadline)",
    remedy: Remedy("Try again."))

  private static func environment(
    named name: String, _ client: DataRobotClient
  ) async -> Observed<PredictionEnvironment> {
    do throws(DataRobotError) {
      let all = try await client.predictionEnvironments()
      if let found = all.first(where: { $0.name == name && $0.isDeleted != true }) { return .seen(found) }
      return .failed(ObservationFailure(.absent, "there is no prediction environment \(name) yet"))
    } catch {
      return .failed(ObservationFailure(error))
    }
  }

  private static func environment(_ id: String, _ client: DataRobotClient) async -> Observed<PredictionEnvironment> {
    do throws(DataRobotError) {
      return .seen(try await client.predictionEnvironment(id))
    } catch {
      var failure = ObservationFailure(error)
      // The id is no id: asking was not needed to know that there is none.
      if error.code == .invalidRequest { failure.kind = .absent }
      return .failed(failure)
    }
  }
}

extension Survey {
  /// What DataRobot said.
  public var dataRobot: Observed<DataRobotSummary> {
    get { self["dataRobot"] }
    set { self["dataRobot"] = newValue }
  }
}

/// What DataRobot said.
public struct DataRobotSummary: Sendable, Equatable {
  /// The version it reported; empty: it did not, because it refused the token.
  public var version: String
  /// Whether it took the token.
  public var token: Observed<Bool>
  /// The prediction environment of the answers; not asked: no id was given, or the token was refused.
  public var environment: Observed<PredictionEnvironment>

  /// A summary from its parts; the token was taken unless it is told otherwise.
  public init(
    version: String, token: Observed<Bool> = .seen(true), environment: Observed<PredictionEnvironment> = .notAsked
  ) {
    self.version = version
    self.token = token
    self.environment = environment
  }
}
