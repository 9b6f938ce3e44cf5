/// Asks DataRobot whether it takes the token.
enum DataRobotProbe {
  static func look(_ setup: Setup) async throws -> DataRobotSummary {
    guard let endpoint = setup.answers[.endpoint], let reference = setup.answers[.apiToken] else {
      throw ObservationFailure(.absent, "no endpoint or token was given", remedy: Remedy("Set datarobot.apiToken."))
    }
    let client = try DataRobotClient(
      transport: setup.world.http, endpoint: DataRobotEndpoint(endpoint), token: setup.secret(reference).expose())
    let version = try await client.version()
    return DataRobotSummary(version: version.versionString ?? "of unknown version", environmentName: nil)
  }
}
