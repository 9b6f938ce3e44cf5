import Text

extension Probe {
  /// DataRobot, with the token of the answers.
  public static let dataRobot = Probe("datarobot", \.dataRobot, page: .dataRobot) { setup, _ in
    try await DataRobotProbe.look(setup)
  }
}

/// Asks DataRobot whether it takes the token.
enum DataRobotProbe {
  static func look(_ setup: Setup) async throws -> DataRobotSummary {
    guard let endpoint = setup.answers[.endpoint], let reference = setup.answers[.apiToken] else {
      throw ObservationFailure(.absent, "no endpoint or token was given", remedy: Remedy("Set datarobot.apiToken."))
    }
    let client = try DataRobotClient(
      transport: setup.world.http, endpoint: DataRobotEndpoint(endpoint), token: setup.secret(reference).reveal())
    let version = try await client.version()
    return DataRobotSummary(version: version.versionString ?? "of unknown version", environmentName: nil)
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
  /// The version it reported.
  public var version: String
  /// The prediction environment's name; nil: the id was not asked for.
  public var environmentName: String?

  /// A summary from its parts.
  public init(version: String, environmentName: String?) {
    self.version = version
    self.environmentName = environmentName
  }
}
