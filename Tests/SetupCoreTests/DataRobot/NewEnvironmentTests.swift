import HTTP
import Kubernetes
import TestSupport
import Testing
import Text

@testable import SetupCore

@Suite("A prediction environment that the plan makes")
struct NewEnvironmentTests {
  private static let answers = Samples.answers([
    "datarobot.environment": .text("create"), "datarobot.environmentName": .text("Kubernetes prod"),
    "datarobot.environmentPlatform": .text("aws"), "datarobot.predictionEnvironment": .text(""),
  ])
  private static let id = "65f0a1b2c3d4e5f6071829aa"

  /// A DataRobot that has these environments and takes new ones; the token must come with each request.
  private static func dataRobot(_ environments: [JSONValue]) -> ScriptedTransport {
    ScriptedTransport { request in
      guard request.headers["Authorization"] == "Bearer \(Samples.token)" else { return .text(401) }
      switch request.method {
      case "POST":
        var made = try JSONText.parse(request.body ?? [])
        made["id"] = .string(id)
        return .text(201, JSONText.string(made))
      case "DELETE": return .text(204)
      default: return .text(200, JSONText.string(["data": .array(environments), "next": nil]))
      }
    }
  }

  private static func environment(_ changes: [String: JSONValue] = [:]) -> JSONValue {
    var environment: JSONValue = [
      "id": .string(id), "name": "Kubernetes prod", "isManagedByManagementAgent": true,
      "description": "Made by mlops-setup for context prod, namespace datarobot-mlops.",
    ]
    for (key, value) in changes { environment[key] = value }
    return environment
  }

  private static func step(_ answers: Answers = answers) throws -> any Step {
    try #require(Planner.steps(answers).first { $0.id == "prediction-environment" })
  }

  @Test("One that is chosen by its id needs no step")
  func existing() {
    #expect(!Planner.steps(Samples.answers()).contains { $0.id == "prediction-environment" })
  }

  @Test("None of that name: it is made once, and the values then name it")
  func made() async throws {
    let http = Self.dataRobot([Self.environment(["name": "another"])])
    let setup = try Samples.setup(Self.answers, http: http)
    let step = try Self.step()
    #expect(
      try await step.inspect(setup)
        == .needed([
          "create the prediction environment Kubernetes prod (platform aws, managed by the agent, formats datarobot and customModel)"
        ]))
    let source = AgentSource(setup.answers)
    #expect(try await source.content(setup).text(source).contains(PredictionEnvironment.unmadeID))
    try await step.perform(setup) { _ in }
    let sent = try #require(http.requests.first { $0.method == "POST" }?.body)
    let body = try JSONText.parse(sent)
    #expect(body["plugin"] == "kubernetes")
    #expect(body["isManagedByManagementAgent"] == true)
    #expect(body["supportedModelFormats"] == ["datarobot", "customModel"])
    #expect(try await source.content(setup).text(source).contains("predictionEnvId: \"\(Self.id)\""))
    #expect(try await step.inspect(setup) == .done("the prediction environment Kubernetes prod is there: \(Self.id)"))
    #expect(http.requests.count { $0.method == "POST" } == 1)
  }

  @Test("One of that name is used; a deleted one is none; one that no agent manages is in the way")
  func found() async throws {
    func state(_ environment: JSONValue) async throws -> StepState {
      try await Self.step().inspect(try Samples.setup(Self.answers, http: Self.dataRobot([environment])))
    }
    #expect(
      try await state(Self.environment()) == .done("the prediction environment Kubernetes prod is there: \(Self.id)"))
    guard case .needed = try await state(Self.environment(["isDeleted": true])) else {
      Issue.record("a deleted environment was taken")
      return
    }
    let reason = try await state(Self.environment(["isManagedByManagementAgent": false])).whyBlocked()
    #expect(reason.contains("datarobot.environmentName"))
  }

  @Test("An uninstall deletes it where it is named and ours, and nobody else's")
  func undo() async throws {
    let step = try Self.step()
    #expect(step.staysUnlessNamed)
    let ours = Self.dataRobot([Self.environment()])
    #expect(
      try await step.undo(try Samples.setup(Self.answers, http: ours))
        == "deleted the prediction environment Kubernetes prod")
    #expect(ours.lines.last == "DELETE https://app.datarobot.com/api/v2/predictionEnvironments/\(Self.id)/")
    let others = Self.dataRobot([Self.environment(["description": "by hand"])])
    #expect(
      try await step.undo(try Samples.setup(Self.answers, http: others))
        == "the prediction environment Kubernetes prod stays: it is not ours")
    #expect(!others.lines.contains { $0.hasPrefix("DELETE") })
  }

  @Test("The check passes with a name that is free, and judges one that is taken")
  func check() throws {
    let free = finding(.dataRobotEnvironment, answers: Self.answers) {
      $0.dataRobot = .seen(
        DataRobotSummary(version: "2.36.0", environment: .failed(ObservationFailure(.absent, "there is none"))))
    }
    #expect(free.status == .pass)
    #expect(free.message == "The plan makes the prediction environment Kubernetes prod.")
    let taken = finding(.dataRobotEnvironment, answers: Self.answers) {
      var environment = PredictionEnvironment(id: Self.id, name: "Kubernetes prod")
      environment.isManagedByManagementAgent = false
      $0.dataRobot = .seen(DataRobotSummary(version: "2.36.0", environment: .seen(environment)))
    }
    #expect(taken.status == .fail)
  }

  @Test("The command finds or makes it, with the token on standard input alone")
  func command() async throws {
    let folder = try ScratchDirectory()
    defer { folder.remove() }
    let step = try Self.step()
    let command = try #require(try await step.commands(try Samples.setup(Self.answers)).first)
    // curl says what it was given; jq finds nothing in a list and the id in a new one.
    let stubs = """
      curl() { printf 'curl %s\\n' "$*" >>'\(folder.file("log"))'; command cat >>'\(folder.file("input"))'; }
      jq() { command cat >/dev/null; case "$*" in *' .id') printf '\(Self.id)';; esac; }

      """
    let result = try await Processes.live(environment: [
      "PATH": "/usr/bin:/bin", "DATAROBOT_API_TOKEN": Samples.token,
    ]).run(
      ProcessCommand(
        "sh", input: Array((stubs + command.shell + "\nprintf %s \"$prediction_environment\"").utf8),
        deadline: .seconds(10)))
    #expect(result == ProcessResult(exitCode: 0, output: Self.id))
    let log = String(decoding: try folder.read("log"), as: UTF8.self)
    #expect(log.contains("https://app.datarobot.com/api/v2/predictionEnvironments/\n"))
    #expect(log.contains(#""platform":"aws""#))
    #expect(!log.contains(Samples.token))
    #expect(String(decoding: try folder.read("input"), as: UTF8.self).contains("Bearer \(Samples.token)"))
  }
}

@Suite("What DataRobot's own clients know")
struct DataRobotConfigurationTests {
  private static let path = "/home/admin/.config/datarobot/drconfig.yaml"

  private static func world(_ file: String?, environment: [String: String] = [:]) -> World {
    World.fake(environment: environment, files: MemoryFiles(file.map { [path: $0] } ?? [:]))
  }

  @Test("Endpoint and token come from the file, and from the environment before it")
  func order() {
    let file = "endpoint: https://dr.example.com/api/v2\ntoken: \"\(Samples.token)\"\n"
    #expect(
      DataRobotConfiguration.find(Self.world(file))
        == DataRobotConfiguration(
          endpoint: "https://dr.example.com", token: .dataRobotConfiguration("~/.config/datarobot/drconfig.yaml")))
    let environment = ["DATAROBOT_ENDPOINT": "https://other.example.com/api/v2", "DATAROBOT_API_TOKEN": "x"]
    #expect(
      DataRobotConfiguration.find(Self.world(file, environment: environment))
        == DataRobotConfiguration(endpoint: "https://other.example.com", token: .environment("DATAROBOT_API_TOKEN")))
  }

  @Test("Nothing is suggested where there is nothing, or no YAML", arguments: [nil, "", "token: [", "- a"])
  func none(_ file: String?) {
    #expect(DataRobotConfiguration.find(Self.world(file)) == DataRobotConfiguration())
  }

  @Test("A reference to the file is read when it is needed, and written into answers as it was")
  func reference() throws {
    let files = try Samples.files([Self.path: "token: '\(Samples.token)'\n"])
    let reference = SecretReference.dataRobotConfiguration("~/.config/datarobot/drconfig.yaml")
    let answers = Samples.answers(["datarobot.apiToken": .secret(reference)])
    let setup = try Samples.setup(answers, files: files)
    #expect(try setup.secret(reference).reveal() == Samples.token)
    let text = AnswersFile.text(answers)
    let read = AnswersFile.read(Array(text.utf8), source: "answers.yaml", baseDirectory: "/")
    #expect(read.problems == [])
    #expect(read.answers[.apiToken] == reference)
    files.put(Self.path, "endpoint: https://dr.example.com\n")
    #expect(throws: SetupError.self) { try setup.secret(reference) }
  }

  @Test("The equivalent command reads the same token from the file")
  func variable() async throws {
    let folder = try ScratchDirectory()
    defer { folder.remove() }
    try folder.write("endpoint: https://dr.example.com\ntoken: \"NjVm==:x\"\n", to: "dr config.yaml")
    let answers = Samples.answers([
      "datarobot.apiToken": .secret(.dataRobotConfiguration(folder.file("dr config.yaml")))
    ])
    let variable = answers.variable(AnswerKey<SecretReference>.apiToken, default: "DATAROBOT_API_TOKEN")
    let result = try await Processes.live(environment: ["PATH": "/usr/bin:/bin"]).run(
      ProcessCommand("sh", ["-c", "printf %s \"\(variable)\""], deadline: .seconds(10)))
    #expect(result.output == "NjVm==:x")
  }
}
