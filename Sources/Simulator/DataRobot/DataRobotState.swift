internal import FoundationEssentials

/// A DataRobot in memory: the few parts of its public API v2 that the wizard asks. No I/O.
struct DataRobotState: Sendable {
  var configuration: DataRobotConfiguration
  var log: [String] = []
  /// Numbers the prediction environments that are created.
  var counter = 0

  init(_ configuration: DataRobotConfiguration) { self.configuration = configuration }

  private static let root = "/api/v2"
  private static let list = "\(root)/predictionEnvironments/"

  mutating func answer(_ request: LoopbackRequest) -> LoopbackResponse {
    log.append("\(request.method) \(request.path)")
    if let fault = ServerFault.answer(request, &configuration.faults) { return fault }
    // Everything outside the API is the web application.
    guard request.path.hasPrefix(Self.root) else { return .html(200, "DataRobot") }
    guard request.path.hasSuffix("/") else {
      return LoopbackResponse(status: 308, headers: ["Location": request.path + "/"])
    }
    guard isAuthorized(request) else { return Self.failure(401, "Invalid authorization") }
    switch (request.method, request.path) {
    case ("GET", "\(Self.root)/version/"):
      return version()
    case ("GET", "\(Self.root)/account/info/"):
      return Self.document(200, Account(email: configuration.email))
    case ("GET", Self.list):
      return page(request)
    case ("POST", Self.list):
      return create(request)
    case ("GET", let path) where path.hasPrefix(Self.list):
      let id = path.dropFirst(Self.list.count).dropLast()
      guard let found = configuration.environments.first(where: { $0.id == id && !$0.isDeleted }) else {
        return Self.failure(404, "Prediction environment not found")
      }
      return Self.document(200, found)
    case ("DELETE", let path) where path.hasPrefix(Self.list):
      let id = path.dropFirst(Self.list.count).dropLast()
      guard let index = configuration.environments.firstIndex(where: { $0.id == id && !$0.isDeleted }) else {
        return Self.failure(404, "Prediction environment not found")
      }
      configuration.environments[index].isDeleted = true
      return LoopbackResponse(status: 204)
    default:
      return Self.failure(404, "Not Found")
    }
  }

  private func isAuthorized(_ request: LoopbackRequest) -> Bool {
    let fields = (request.header("authorization") ?? "").split(separator: " ", maxSplits: 1).map(String.init)
    guard fields.count == 2, ["bearer", "token"].contains(fields[0].lowercased()) else { return false }
    return configuration.tokens.contains(fields[1])
  }

  private struct Version: Encodable {
    var versionString: String
    var major: Int
    var minor: Int
  }

  private func version() -> LoopbackResponse {
    let numbers = configuration.version.split(separator: ".").map { Int($0) ?? 0 }
    return Self.document(
      200,
      Version(
        versionString: configuration.version, major: numbers.first ?? 0,
        minor: numbers.count > 1 ? numbers[1] : 0))
  }

  private struct Account: Encodable {
    var uid = "5f0000000000000000000001"
    var email: String
    var firstName = "Ada"
    var lastName = "Admin"
  }

  private struct Page: Encodable {
    var count: Int
    var totalCount: Int
    var next: String?
    var previous: String?
    var data: [SimulatedPredictionEnvironment]
  }

  private func page(_ request: LoopbackRequest) -> LoopbackResponse {
    let all = configuration.environments.filter { !$0.isDeleted }
    let offset = max(0, request.query("offset").flatMap(Int.init) ?? 0)
    let limit = max(1, min(request.query("limit").flatMap(Int.init) ?? configuration.pageSize, configuration.pageSize))
    let data = Array(all.dropFirst(offset).prefix(limit))
    let base = "http://\(request.header("host") ?? "127.0.0.1")\(Self.list)"
    return Self.document(
      200,
      Page(
        count: data.count, totalCount: all.count,
        next: offset + limit < all.count ? "\(base)?offset=\(offset + limit)&limit=\(limit)" : nil,
        previous: offset > 0 ? "\(base)?offset=\(max(0, offset - limit))&limit=\(limit)" : nil, data: data))
  }

  private struct Creation: Decodable {
    var name: String
    var platform: String
    var description: String?
    var plugin: String?
    var supportedModelFormats: [String]?
    var isManagedByManagementAgent: Bool?
    var managedBy: String?
  }

  private static let platforms: Set<String> = [
    "aws", "gcp", "azure", "onPremise", "datarobot", "datarobotServerless", "openShift", "other", "snowflake",
    "sapAiCore",
  ]
  private static let formats: Set<String> = ["datarobot", "datarobotScoringCode", "customModel", "externalModel"]

  private mutating func create(_ request: LoopbackRequest) -> LoopbackResponse {
    guard configuration.mayCreate else {
      return Self.failure(403, "You do not have permission to create prediction environments")
    }
    let asked: Creation
    do {
      asked = try JSONDecoder().decode(Creation.self, from: Data(request.body))
    } catch {
      return Self.failure(422, "Invalid field data")
    }
    guard !asked.name.isEmpty, Self.platforms.contains(asked.platform),
      asked.supportedModelFormats?.allSatisfy(Self.formats.contains) ?? true
    else { return Self.failure(422, "Invalid field data") }
    counter += 1
    let digits = String(counter, radix: 16)
    let isManaged = asked.isManagedByManagementAgent ?? (asked.managedBy == "managementAgent")
    let environment = SimulatedPredictionEnvironment(
      id: "65" + String(repeating: "0", count: 22 - digits.count) + digits, name: asked.name,
      description: asked.description ?? "", platform: asked.platform, plugin: asked.plugin,
      supportedModelFormats: asked.supportedModelFormats ?? ["datarobot", "customModel"],
      isManagedByManagementAgent: isManaged, managedBy: isManaged ? "managementAgent" : "selfManaged")
    configuration.environments.append(environment)
    return Self.document(201, environment)
  }

  private static func document(_ status: Int, _ value: some Encodable) -> LoopbackResponse {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
      return .json(status, String(decoding: try encoder.encode(value), as: UTF8.self))
    } catch {
      return failure(500, "The answer could not be written")
    }
  }

  private static func failure(_ status: Int, _ message: String) -> LoopbackResponse {
    .json(status, #"{"message":"\#(message)"}"#)
  }
}
