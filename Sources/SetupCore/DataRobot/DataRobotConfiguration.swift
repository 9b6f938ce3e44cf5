import Text
import YAML

/// What DataRobot's own clients know of a user: `drconfig.yaml`, and the environment, which goes before it
/// (docs.datarobot.com, "API quickstart"; the Go client).
struct DataRobotConfiguration: Sendable, Equatable {
  /// The web application's address, without `/api/v2`.
  var endpoint: String?
  /// Where the token is to be found.
  var token: SecretReference?

  /// What there is on this machine. A file that cannot be read as one is none: nobody has asked for it.
  static func find(_ world: World) -> DataRobotConfiguration {
    let environment = world.environment.filter { !$0.value.isEmpty }
    let path = environment["DATAROBOT_CONFIG_FILE"] ?? "~/.config/datarobot/drconfig.yaml"
    var file: (endpoint: String?, token: SecretText?)?
    do { file = try read(world.absolutePath(path), world) } catch { file = nil }
    return DataRobotConfiguration(
      endpoint: (environment["DATAROBOT_ENDPOINT"] ?? file?.endpoint).flatMap(base),
      token: environment["DATAROBOT_API_TOKEN"] != nil
        ? .environment("DATAROBOT_API_TOKEN") : file?.token == nil ? nil : .dataRobotConfiguration(path))
  }

  /// A configuration file; nil: there is none.
  static func read(_ path: String, _ world: World) throws -> (endpoint: String?, token: SecretText?)? {
    guard let text = try world.files.read(path) else { return nil }
    let root: YAMLNode?
    do throws(YAMLError) {
      root = try YAML.parse(text, source: path)
    } catch {
      throw SetupError(.usage, "\(path) is no YAML: \(error)", next: "Correct it, or name the token otherwise.")
    }
    func value(_ key: String) -> String? { root?[key]?.string.flatMap { $0.isEmpty ? nil : $0 } }
    return (value("endpoint"), value("token").map { SecretText($0) })
  }

  private static func base(_ text: String) -> String? {
    do { return try DataRobotEndpoint(text).base } catch { return nil }  // no address, no suggestion
  }
}

extension Probe {
  /// What DataRobot's own clients on this machine know.
  static let dataRobotConfiguration = Probe(
    "datarobot.configuration", \.dataRobotConfiguration, page: .cluster
  ) { setup, _ in DataRobotConfiguration.find(setup.world) }

  /// The prediction environments to choose from. They are asked for only while none was chosen.
  static let dataRobotEnvironments = Probe(
    "datarobot.environments", \.dataRobotEnvironments, page: .dataRobot
  ) { setup, _ in
    try await setup.dataRobot().predictionEnvironments().filter { $0.isDeleted != true }
  }
}

extension Survey {
  /// What DataRobot's own clients on this machine know.
  var dataRobotConfiguration: Observed<DataRobotConfiguration> {
    get { self["dataRobot/configuration"] }
    set { self["dataRobot/configuration"] = newValue }
  }

  /// The prediction environments that the token's owner may see.
  public var dataRobotEnvironments: Observed<[PredictionEnvironment]> {
    get { self["dataRobot/environments"] }
    set { self["dataRobot/environments"] = newValue }
  }
}
