import FoundationEssentials
import HTTP
import Kubernetes
import TestSupport
import Testing
import YAML

@testable import SetupCore

/// Values that the tests of the core share: a complete set of answers, the files it names, and set-ups made of them.
enum Samples {
  /// What a CA file looks like; nothing verifies it.
  static let pem = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"

  /// What no output may ever hold.
  static let token = "dr-token-55f1"
  static let password = "pa'ss \"w0rd\" 55f1"

  static let environment = ["DATAROBOT_API_TOKEN": token, "REGISTRY_PASSWORD": password]

  static let kubeconfig = """
    apiVersion: v1
    kind: Config
    current-context: prod
    clusters:
    - {name: prod, cluster: {server: "https://api.prod.example.com:6443"}}
    users:
    - {name: admin, user: {token: cluster-token-55f1}}
    contexts:
    - {name: prod, context: {cluster: prod, user: admin}}
    """

  static let server = "https://api.prod.example.com:6443"

  static let texts: [(QuestionID, String)] = [
    ("cluster.context", "prod"), ("cluster.namespace", "datarobot-mlops"), ("registry.provider", "generic"),
    ("registry.server", "registry.example.com:5000"), ("registry.scheme", "https"), ("registry.username", "push"),
    ("datarobot.endpoint", "https://app.datarobot.com"),
    ("datarobot.predictionEnvironment", "65f0a1b2c3d4e5f60718293a"), ("ingress.className", "mlops"),
    ("ingress.outfacingUrl", "https://models.example.com/deployments"),
    ("images.managementAgent", "registry.example.com:5000/datarobot/mlops-management-agent:11.2.62"),
    ("images.trackingAgent", "registry.example.com:5000/datarobot/mlops-tracking-agent:11.2.62"),
    ("images.predictionServer", "registry.example.com:5000/datarobot/datarobot-portable-prediction-api:11.2.0"),
    ("images.generated", "registry.example.com:5000/mlops/frozen-models"),
    ("chart.path", "./datarobot-management-agent"), ("chart.release", "bosun"), ("helm.timeout", "10m"),
  ]

  /// Complete answers with these changes; an empty text takes one away.
  static func answers(_ changes: [QuestionID: AnswerValue] = [:]) -> Answers {
    var answers = Answers(baseDirectory: "/home/admin/work")
    for (id, text) in texts { answers[id] = Answer(.text(text)) }
    answers["registry.password"] = Answer(.secret(.environment("REGISTRY_PASSWORD")))
    answers["datarobot.apiToken"] = Answer(.secret(.environment("DATAROBOT_API_TOKEN")))
    for (id, value) in changes { answers[id] = value == .text("") ? nil : Answer(value) }
    return answers
  }

  static let requirements: Requirements = {
    do { return try Requirements.documented() } catch { preconditionFailure("\(error)") }
  }()

  /// The kubeconfig and the stand-in chart, where the answers look for them.
  static func files(_ more: [String: String] = [:]) throws -> MemoryFiles {
    let files = MemoryFiles(["/home/admin/.kube/config": kubeconfig])
    for name in ["Chart.yaml", "values.yaml", "templates/deployment.yaml"] {
      files.put("/home/admin/work/datarobot-management-agent/\(name)", try chartFile(.standIn, name))
    }
    for (path, text) in more { files.put(path, text) }
    return files
  }

  /// Tests/Fixtures of this checkout.
  static let fixtures = #filePath.split(separator: "/").dropLast(3).map { "/\($0)" }.joined() + "/Fixtures"

  enum ChartKind: String, CaseIterable, Sendable {
    case standIn = "/../../Resources/chart/datarobot-management-agent"
    case alpha = "/charts/alpha/datarobot-management-agent"

    /// Where the chart lies.
    var folder: String { fixtures + rawValue }
  }

  static func chartFile(_ kind: ChartKind, _ name: String) throws -> String {
    let path = fixtures + kind.rawValue + "/" + name
    return String(decoding: try #require(FileManager.default.contents(atPath: path), "\(path)"), as: UTF8.self)
  }

  static func chart(_ kind: ChartKind) throws -> Chart {
    let metadata = try YAML.parse(chartFile(kind, "Chart.yaml"), source: "Chart.yaml")
    return Chart(
      path: "/charts/\(kind)", name: try #require(metadata?["name"]?.text),
      version: try #require(metadata?["version"]?.text), appVersion: metadata?["appVersion"]?.text,
      values: try YAML.parse(chartFile(kind, "values.yaml"), source: "values.yaml"))
  }

  /// A set-up of these answers in a world in memory.
  static func setup(
    _ answers: Answers = answers(), files: MemoryFiles? = nil, http: any HTTPTransport = NoTransport(),
    environment: [String: String] = environment,
    programs: [String: @Sendable (ProcessCommand) async throws -> ProcessResult] = [:]
  ) throws -> Setup {
    let world = World.fake(
      environment: environment, files: try files ?? self.files(), programs: programs, http: http)
    return Setup(world: world, answers: answers, requirements: requirements)
  }
}

/// Reads an object of the API from its JSON.
func object<Object: Decodable>(_ type: Object.Type, _ json: String) throws -> Object {
  try JSONDecoder().decode(type, from: Data(json.utf8))
}

/// What a check says of a survey with these changes.
func finding(
  _ check: Check, answers: Answers = Samples.answers(), _ change: (inout Survey) throws -> Void = { _ in }
) rethrows -> Finding {
  var survey = Survey()
  try change(&survey)
  return check.evaluate(survey, answers, Samples.requirements)
}
