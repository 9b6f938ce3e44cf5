import CustomDump
import HTTP
import SetupCore
import Simulator
import TestSupport
import Testing

private let token = "secret-word"

private func client(
  _ transport: any HTTPTransport, _ address: String = "https://app.example.com", token: String = token
) throws -> DataRobotClient {
  DataRobotClient(transport: transport, endpoint: try DataRobotEndpoint(address), token: token)
}

@Suite("The DataRobot address")
struct DataRobotEndpointTests {
  @Test(
    "An address is the same with and without /api/v2, slashes and blanks",
    arguments: [
      "https://app.datarobot.com", "https://app.datarobot.com/", "https://app.datarobot.com/api/v2",
      "https://app.datarobot.com/api/v2/", "HTTPS://App.DataRobot.com//api/v2//", " https://app.datarobot.com\n",
    ])
  func same(_ text: String) throws {
    let endpoint = try DataRobotEndpoint(text)
    #expect(endpoint.base == "https://app.datarobot.com")
    #expect(endpoint.api == "https://app.datarobot.com/api/v2/")
    #expect(endpoint.tokenPage == "https://app.datarobot.com/account/developer-tools")
  }

  @Test("A port and a path of its own stay")
  func path() throws {
    #expect(try DataRobotEndpoint("http://h:8080/dr/api/v2").api == "http://h:8080/dr/api/v2/")
    #expect(try DataRobotEndpoint("http://[::1]:8080").base == "http://[::1]:8080")
  }

  @Test(
    "What is no address is refused with what is wrong and the right form",
    arguments: [
      ("", "is empty"), ("app.datarobot.com", "has no scheme"), ("ftp://x", "neither https:// nor http://"),
      ("https://", "no valid host"), ("https://a b/", "no valid host"), ("https://u:p@h/", "user name"),
      ("https://h/?x=1", "query"), ("https://h/#x", "query or a fragment"),
    ])
  func invalid(_ text: String, _ words: String) {
    let error = #expect(throws: DataRobotError.self) { try DataRobotEndpoint(text) }
    #expect(error?.code == .invalidEndpoint)
    #expect(error?.message.contains(words) == true)
    #expect(error?.nextStep == "give it as https://app.datarobot.com")
  }
}

@Suite("The DataRobot client by script")
struct DataRobotClientTests {
  @Test("The version is asked for with the token, which no text shows")
  func version() async throws {
    let transport = ScriptedTransport { _ in .text(200, #"{"versionString":"2.36.0","major":2,"minor":36,"more":[]}"#) }
    let client = try client(transport)
    #expect(try await client.version() == DataRobotVersion(versionString: "2.36.0", major: 2, minor: 36))
    #expect(transport.lines == ["GET https://app.example.com/api/v2/version/"])
    #expect(transport.requests[0].headers["Authorization"] == "Bearer \(token)")
    var text = "\(client)"
    dump(client, to: &text)
    #expect(!text.contains(token))
  }

  @Test(
    "Every refusal is told with what to do",
    arguments: [
      (
        HTTPResponse.text(401, #"{"message":"Invalid authorization"}"#), DataRobotError.Code.unauthorized,
        "(Invalid authorization): make a new API token at https://app.example.com/account/developer-tools"
      ),
      (.text(403, "{}"), .forbidden, "ask an administrator"),
      (.text(404, #"{"message":"Not Found"}"#), .notFound, "status 404 (Not Found)"),
      (.text(422, #"{"message":"bad\u001b[1m"}"#), .invalidRequest, "(bad)"),
      (.text(429, headers: ["Retry-After": "5"]), .tooManyRequests, "try again in 5 seconds"),
      (.text(503), .serverFailed, "status 503"),
      (.text(302, headers: ["Location": "https://sso.example.com/"]), .notDataRobot, "redirection to https://sso"),
      (.text(200, "<!doctype html><html>"), .notDataRobot, "a web page"),
      (.text(404, "x", headers: ["Content-Type": "text/html"]), .notDataRobot, "a web page"),
      (.text(200, "[]"), .notDataRobot, "not the JSON"),
    ])
  func refusals(_ response: HTTPResponse, _ code: DataRobotError.Code, _ words: String) async throws {
    let client = try client(ScriptedTransport { _ in response })
    let error = await #expect(throws: DataRobotError.self) { try await client.version() }
    #expect(error?.code == code)
    #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
    #expect(error?.description.contains(token) == false)
  }

  @Test("A failed exchange says what to do")
  func transport() async throws {
    let client = try client(
      ScriptedTransport { throw HTTPError(code: .certificateUntrusted, message: "not trusted", url: $0.url) })
    let error = await #expect(throws: DataRobotError.self) { try await client.account() }
    #expect(error?.code == .transport)
    #expect(error?.description.contains("not trusted: DataRobot's certificate") == true)
  }

  @Test("A token with a line end or without a letter is not sent", arguments: ["", "a\n", "a b", "ä"])
  func badToken(_ text: String) async throws {
    let transport = ScriptedTransport { _ in .text(200, "{}") }
    let client = try client(transport, token: text)
    let error = await #expect(throws: DataRobotError.self) { try await client.version() }
    #expect(error?.code == .invalidToken)
    #expect(transport.requests.isEmpty)
  }

  @Test(
    "An id that is not 24 hexadecimal digits is not asked for",
    arguments: ["", "../version", "65000000000000000000000g"])
  func badID(_ id: String) async throws {
    let transport = ScriptedTransport { _ in .text(200, "{}") }
    let client = try client(transport)
    let error = await #expect(throws: DataRobotError.self) { try await client.predictionEnvironment(id) }
    #expect(error?.code == .invalidRequest)
    #expect(transport.requests.isEmpty)
  }

  @Test(
    "The next page is only asked for at the same scheme, host and port",
    arguments: [
      "https://elsewhere.example.com/api/v2/x", "http://app.example.com/api/v2/x", "https://app.example.com:8443/x",
      "https://app.example.com@elsewhere.example.com/x", "https://app.example.com.evil.com/",
    ])
  func otherOrigin(_ next: String) async throws {
    let transport = ScriptedTransport { _ in .text(200, #"{"data":[],"next":"\#(next)"}"#) }
    let client = try client(transport)
    let error = await #expect(throws: DataRobotError.self) { try await client.predictionEnvironments() }
    #expect(error?.code == .notDataRobot)
    #expect(transport.requests.count == 1)
  }

  @Test("A list whose next page is itself ends")
  func endless() async throws {
    let transport = ScriptedTransport { _ in
      .text(200, #"{"data":[{"name":"one"}],"next":"/api/v2/predictionEnvironments/"}"#)
    }
    let list = try await client(transport).predictionEnvironments()
    #expect(list == [PredictionEnvironment(name: "one")])
  }
}

@Suite("The DataRobot client against the simulated DataRobot", .timeLimit(.minutes(1)))
struct DataRobotServerTests {
  private func id(_ number: Int) -> String { "65000000000000000000a\(100 + number)" }

  private func with(
    _ configuration: DataRobotConfiguration, token: String = token,
    _ body: (DataRobotServer, DataRobotClient) async throws -> Void
  ) async throws {
    let server = DataRobotServer(configuration)
    let port = try await server.start()
    do {
      let transport = HTTPClient(configuration: .init(environment: [:]))
      try await body(server, try client(transport, "http://127.0.0.1:\(port)/", token: token))
    } catch {
      await server.stop()
      throw error
    }
    await server.stop()
  }

  @Test("A good token gives version and account, a wrong one is refused")
  func goodAndWrongToken() async throws {
    let configuration = DataRobotConfiguration(tokens: ["secret-word"])
    try await with(configuration) { server, client in
      let version = try await client.version()
      #expect(version.versionString == "2.36.0")
      let account = try await client.account()
      #expect(account.email == "admin@example.com")
      #expect(server.requests == ["GET /api/v2/version/", "GET /api/v2/account/info/"])
    }
    try await with(configuration, token: "other") { _, client in
      let error = await #expect(throws: DataRobotError.self) { try await client.version() }
      #expect(error?.code == .unauthorized)
    }
  }

  @Test(
    "Both prefixes of the Authorization field are taken", arguments: [("Bearer", 200), ("Token", 200), ("Basic", 401)])
  func prefixes(_ prefix: String, _ status: Int) async throws {
    let server = DataRobotServer(DataRobotConfiguration(tokens: ["t"]))
    let port = try await server.start()
    let response = try await HTTPClient(configuration: .init(environment: [:])).send(
      HTTPRequest(url: "http://127.0.0.1:\(port)/api/v2/version/", headers: ["Authorization": "\(prefix) t"]))
    await server.stop()
    #expect(response.status == status)
  }

  @Test("The list is read over all its pages")
  func list() async throws {
    let environments = (0..<45).map { SimulatedPredictionEnvironment(id: id($0), name: "environment \($0)") }
    try await with(DataRobotConfiguration(tokens: ["secret-word"], environments: environments)) { server, client in
      let list = try await client.predictionEnvironments()
      expectNoDifference(list.map(\.id), environments.map(\.id))
      #expect(server.requests.count == 3)
    }
  }

  @Test("An environment is created, found again, and its health is seen to change")
  func create() async throws {
    try await with(DataRobotConfiguration(tokens: ["secret-word"])) { server, client in
      let made = try await client.createPredictionEnvironment(NewPredictionEnvironment(name: "Küche \"1\""))
      let id = try #require(made.id)
      #expect(made.supportedModelFormats == ["datarobot", "customModel"])
      #expect(made.isManagedByManagementAgent == true)
      #expect(made.plugin == "kubernetes")
      #expect(made.platform == "other")
      #expect(try await client.predictionEnvironment(id) == made)
      #expect(made.health?.status == "unknown")
      #expect(server.setHealth(.init(status: "passing", timestamp: "2026-11-24T07:00:00Z"), of: id))
      #expect(try await client.predictionEnvironment(id).health?.status == "passing")
    }
  }

  @Test("What is missing, forbidden and no DataRobot is told apart")
  func failures() async throws {
    let configuration = DataRobotConfiguration(tokens: ["secret-word"], mayCreate: false)
    try await with(configuration) { server, client in
      let missing = await #expect(throws: DataRobotError.self) { try await client.predictionEnvironment(id(1)) }
      #expect(missing?.code == .notFound)
      let forbidden = await #expect(throws: DataRobotError.self) {
        try await client.createPredictionEnvironment(NewPredictionEnvironment(name: "x"))
      }
      #expect(forbidden?.code == .forbidden)
      server.configuration.mayCreate = true
      let invalid = await #expect(throws: DataRobotError.self) {
        try await client.createPredictionEnvironment(NewPredictionEnvironment(name: "x", platform: "moon"))
      }
      #expect(invalid?.code == .invalidRequest)
      server.configuration.faults = [.webPage()]
      let page = await #expect(throws: DataRobotError.self) { try await client.version() }
      #expect(page?.code == .notDataRobot)
    }
  }
}
