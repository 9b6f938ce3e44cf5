import FoundationEssentials
import HTTP
import Kubernetes
import OrderedCollections
import Synchronization
import TestSupport
import Testing

@testable import SetupCore

/// The stand-in for az, a scripted cluster, and a registry that takes the logins which the stand-in knows.
struct AzureStage: Sendable {
  static let server = "acme-x1y2.azurecr.example"
  static let secretPath = "/api/v1/namespaces/datarobot-mlops/secrets/registry-creds"
  static let subscription = "11111111-2222-3333-4444-555555555555"

  let cloud: CloudStandIns
  let cluster: ScriptedCluster
  private let processes: Processes
  private let isReachable: Bool

  /// What az knows at first; `more` are members of the registry.
  static func state(_ more: String = "", user: String = #"{"name": "ann@example.com", "tenantId": "t"}"#) -> String {
    """
    {"az": {"user": \(user), "subscriptions": [{"id": "\(subscription)", "name": "Prod", "isDefault": true}],
    "registries": [{"name": "acme01", "resourceGroup": "rg", "subscription": "\(subscription)",
    "loginServer": "\(server)"\(more.isEmpty ? "" : ", \(more)")}]}}
    """
  }

  static func with<Result>(
    _ more: String = "", user: String? = nil, secret: String? = nil, isReachable: Bool = true,
    _ body: (AzureStage) async throws -> Result
  ) async throws -> Result {
    let text = user.map { state(more, user: $0) } ?? state(more)
    return try await CloudStandIns.with(["az"], state: text) { cloud in
      let registry = ScriptedTransport { try Self.answer($0, cloud, isReachable: isReachable) }
      let cluster = try ScriptedCluster(secret.map { [secretPath: $0] } ?? [:], others: registry)
      return try await body(
        AzureStage(
          cloud: cloud, cluster: cluster, processes: .live(environment: cloud.environment), isReachable: isReachable))
    }
  }

  /// Answers for this registry.
  static func answers(_ identity: String = "token", _ changes: [QuestionID: AnswerValue] = [:]) -> Answers {
    var all: [QuestionID: AnswerValue] = [
      "registry.provider": .text("acr"), "registry.name": .text("acme01"), "registry.loginServer": .text(server),
      "registry.server": .text(""), "registry.scheme": .text(""), "registry.username": .text(""),
      "registry.identity": .text(identity), "registry.password": .text(""),
      "images.managementAgent": .text("\(server)/datarobot/mlops-management-agent:11.2.62"),
      "images.trackingAgent": .text("docker.io/datarobot/mlops-tracking-agent:11.2.62"),
      "images.predictionServer": .text("\(server)/datarobot/datarobot-portable-prediction-api:11.2.0"),
      "images.generated": .text("\(server)/mlops/frozen-models"),
    ]
    if identity == "token" { all["registry.token"] = .text("mlops-prod") }
    return Samples.answers(all.merging(changes) { $1 })
  }

  func setup(_ answers: Answers) throws -> Setup {
    try Samples.setup(answers, http: cluster, programs: ["az": { try await self.processes.run($0) }])
  }

  /// The step of that id.
  func step(_ id: StepID, _ answers: Answers) throws -> any Step {
    try #require(Planner.steps(answers).first { $0.id == id })
  }

  func inspect(_ id: StepID, _ answers: Answers) async throws -> StepState {
    try await step(id, answers).inspect(setup(answers))
  }

  func perform(_ id: StepID, _ answers: Answers) async throws {
    try await step(id, answers).perform(setup(answers)) { _ in }
  }

  func undo(_ id: StepID, _ answers: Answers) async throws -> String {
    try await step(id, answers).undo(setup(answers))
  }

  /// What az was asked that changes something.
  func changes() throws -> [String] {
    try cloud.lines("az").filter { line in
      ["create", "update", "delete", "generate", "reset"].contains { line.contains(" \($0) ") }
    }
  }

  /// The login in the Secret: `user:password`.
  var login: String? {
    let content = cluster.object(Self.secretPath)?[path: "data", ".dockerconfigjson"]?.string
    guard let bytes = content.flatMap({ Data(base64Encoded: $0) }),
      let json = try? JSONDecoder().decode(JSONValue.self, from: bytes)  // nil: it is no JSON, which the test says
    else { return nil }
    guard let auth = json[path: "auths", Self.server, "auth"]?.string else { return nil }
    return Data(base64Encoded: auth).map { String(decoding: $0, as: UTF8.self) }
  }

  static func secret(_ login: String, ours: Bool = true, type: String = "kubernetes.io/dockerconfigjson") -> String {
    let auth = Data(login.utf8).base64EncodedString()
    let content = Data(#"{"auths":{"\#(server)":{"auth":"\#(auth)"}}}"#.utf8).base64EncodedString()
    let labels = ours ? #"{"app.kubernetes.io/managed-by":"mlops-setup"}"# : "{}"
    return
      #"{"kind":"Secret","metadata":{"name":"registry-creds","uid":"u-7","labels":\#(labels)},"type":"\#(type)","data":{".dockerconfigjson":"\#(content)"}}"#
  }

  /// The registry: an upload is opened for whom the stand-in knows.
  private static func answer(_ request: HTTPRequest, _ cloud: CloudStandIns, isReachable: Bool) throws -> HTTPResponse {
    guard isReachable else {
      throw HTTPError(code: .connectionRefused, message: "nobody is there", url: request.url)
    }
    #expect(request.url.hasPrefix("https://\(server)/"))
    let challenge: HTTPHeaders = ["WWW-Authenticate": #"Basic realm="acr""#]
    guard let header = request.headers["Authorization"], header.hasPrefix("Basic "),
      let bytes = Data(base64Encoded: String(header.dropFirst(6)))
    else { return .text(401, headers: challenge) }
    guard try logins(cloud).contains(String(decoding: bytes, as: UTF8.self)) else {
      return .text(401, #"{"errors":[{"code":"UNAUTHORIZED","message":"wrong password"}]}"#, headers: challenge)
    }
    return request.method == "POST" ? .text(202, headers: ["Location": "/v2/upload/1"]) : .text(200)
  }

  private static func logins(_ cloud: CloudStandIns) throws -> [String] {
    let az = try cloud.state(JSONValue.self)["az"]
    let registry = az?["registries"]?.array?.first
    var logins = (registry?["tokenPasswords"]?.object ?? [:]).flatMap { name, passwords in
      (passwords.object ?? [:]).values.compactMap(\.string).map { "\(name):\($0)" }
    }
    if registry?["adminUserEnabled"]?.bool == true {
      logins += (registry?["passwords"]?.array ?? []).compactMap(\.string).map { "acme01:\($0)" }
    }
    for principal in az?["principals"]?.object?.values.map({ $0 }) ?? [] {
      logins.append("\(principal["appId"]?.string ?? ""):\(principal["password"]?.string ?? "")")
    }
    return logins
  }
}
