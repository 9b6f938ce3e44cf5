import HTTP
import Simulator
import TestSupport
import Testing

@testable import SetupCore

@Suite("Checks of DataRobot: reachable, token, prediction environment")
struct DataRobotCheckTests {
  private static let checks: [Check] = [.dataRobotReachable, .dataRobotToken, .dataRobotEnvironment]
  private static let id = "65f0a1b2c3d4e5f60718293a"

  private func run(
    _ http: any HTTPTransport, answers: Answers = Samples.answers()
  ) async throws -> [Finding] {
    let results = await CheckRunner(setup: try Samples.setup(answers, http: http), checks: Self.checks).run().results
    #expect(!"\(results)".contains("55f1"))
    return results.map(\.finding)
  }

  /// A simulated DataRobot over real HTTP.
  private func simulated(
    token: String = Samples.token, _ environments: [SimulatedPredictionEnvironment]
  ) async throws -> [Finding] {
    let server = DataRobotServer(DataRobotConfiguration(tokens: [token], environments: environments))
    let port = try await server.start()
    let answers = Samples.answers(["datarobot.endpoint": .text("http://127.0.0.1:\(port)")])
    let found = try await run(HTTPClient(configuration: .init(environment: [:])), answers: answers)
    await server.stop()
    return found
  }

  @Test("A token that is taken and an environment that fits pass with their names")
  func good() async throws {
    let found = try await simulated([.init(id: Self.id, name: "Production")])
    #expect(found.map(\.status) == [.pass, .pass, .pass], "\(found)")
    #expect(found[0].observed == "DataRobot 2.36.0")
    #expect(found[1].message == "DataRobot accepts the token.")
    #expect(found[2].message == "The prediction environment is Production.")
    #expect(found[2].details.contains("model formats: datarobot, customModel"))
  }

  @Test("A token that DataRobot refuses fails: it answered, so it is no question of the network")
  func refused() async throws {
    let found = try await simulated(token: "another", [.init(id: Self.id, name: "Production")])
    #expect(found.map(\.status) == [.pass, .fail, .skipped], "\(found)")
    #expect(found[1].message.contains("status 401"))
    #expect(found[1].remedy?.text.contains("/account/developer-tools") == true)
    #expect(found[2].message == "Not looked at, because datarobot.token failed.")
    #expect(Check.dataRobotToken.isBlocking && Check.dataRobotEnvironment.isBlocking)
    #expect(!Check.dataRobotReachable.isBlocking)
  }

  @Test("An environment that is not there, deleted or managed by hand fails")
  func wrongEnvironment() async throws {
    let absent = try await simulated([])
    #expect(absent.map(\.status) == [.pass, .pass, .fail])
    #expect(
      absent[2].message
        == "DataRobot knows no prediction environment \(Self.id), or the token's owner may not see it.")
    let manual = try await simulated([
      .init(id: Self.id, name: "Hand", isManagedByManagementAgent: false, managedBy: "selfManaged")
    ])
    #expect(manual[2].status == .fail)
    #expect(manual[2].message == "The prediction environment Hand is not managed by a management agent.")
    let deleted = try await run(Self.scripted(#"{"name":"Old","isDeleted":true,"isManagedByManagementAgent":true}"#))
    #expect(deleted[2].status == .fail)
    #expect(deleted[2].message == "The prediction environment Old was deleted.")
  }

  @Test(
    "What an environment lacks or does not say warns, each by name",
    arguments: [
      (#"{"name":"E"}"#, "does not say whether an agent manages it; it names no plugin"),
      (
        #"{"name":"E","isManagedByManagementAgent":true,"plugin":"docker","supportedModelFormats":["datarobot","customModel"]}"#,
        "is set to the plugin docker, not kubernetes"
      ),
      (
        #"{"name":"E","isManagedByManagementAgent":true,"plugin":"kubernetes","supportedModelFormats":["datarobot"]}"#,
        "takes no models of the format customModel"
      ),
    ])
  func doubtful(_ body: String, _ evidence: String) async throws {
    let found = try await run(Self.scripted(body))
    #expect(found[2].status == .warn)
    #expect(found[2].message.contains(evidence), "\(found[2].message)")
    #expect(found[2].remedy?.url == "https://app.datarobot.com")
  }

  private static func scripted(_ environment: String, status: Int = 200) -> ScriptedTransport {
    let json: HTTPHeaders = ["Content-Type": "application/json"]
    return ScriptedTransport { request in
      request.url.hasSuffix("/version/")
        ? .text(200, #"{"versionString":"2.36.0"}"#, headers: json) : .text(status, environment, headers: json)
    }
  }

  @Test(
    "An environment that could not be asked for is unknown; one that is forbidden fails",
    arguments: [(500, FindingStatus.unknown), (429, .unknown), (403, .fail)])
  func environmentFailure(_ status: Int, _ expected: FindingStatus) async throws {
    let found = try await run(Self.scripted("{}", status: status))
    #expect(found.map(\.status) == [.pass, .pass, expected], "\(found)")
  }

  @Test(
    "No answer, or none of DataRobot's, is unknown and advisory; nothing is then said of token and environment",
    arguments: [500, 0, 200, 403])
  func silent(_ status: Int) async throws {
    let found = try await run(
      ScriptedTransport { request in
        if status == 0 { throw HTTPError(code: .nameNotResolved, message: "no such host", url: request.url) }
        if status == 403 { return .text(403, "blocked", headers: ["Content-Type": "text/plain"]) }
        return .text(status, "<html>", headers: ["Content-Type": "text/html"])
      })
    #expect(found.map(\.status) == [.unknown, .skipped, .skipped], "\(found)")
    #expect(!found[0].message.contains("DataRobotError"))
    #expect(found[1].message == "Not looked at, because datarobot.reachable did not pass.")
  }

  @Test("A token with a line end in it fails before it is sent")
  func brokenToken() async throws {
    let transport = ScriptedTransport { _ in .text(500) }
    let setup = try Samples.setup(http: transport, environment: ["DATAROBOT_API_TOKEN": "dr-token\n55f1"])
    let found = await CheckRunner(setup: setup, checks: Self.checks).run().results.map(\.finding)
    #expect(found.map(\.status) == [.skipped, .fail, .skipped], "\(found)")
    #expect(transport.lines == [])
    #expect(!"\(found)".contains("55f1"))
  }

  @Test("A token that is in the cluster, or none, is skipped and nothing is asked")
  func noToken() async throws {
    let transport = ScriptedTransport { _ in .text(500) }
    let existing = try await run(
      transport, answers: Samples.answers(["datarobot.apiToken": .secret(.existing("their-key"))]))
    let message = "The token is in the Secret their-key already, which is left as it is."
    #expect(
      existing == Array(repeating: Finding(.skipped, observed: "", message: message), count: 3), "\(existing)")
    let none = try await run(transport, answers: Samples.answers(["datarobot.apiToken": .text("")]))
    #expect(none.map(\.message) == Array(repeating: "No token was given.", count: 3))
    let noEnvironment = try await run(
      Self.scripted("{}"), answers: Samples.answers(["datarobot.predictionEnvironment": .text("")]))
    #expect(noEnvironment.map(\.status) == [.pass, .pass, .skipped])
    #expect(transport.lines == [])
  }
}
