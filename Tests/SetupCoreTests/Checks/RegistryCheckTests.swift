import HTTP
import TestSupport
import Testing

@testable import SetupCore

@Suite("Checks of the registry")
struct RegistryCheckTests {
  private static let checks: [Check] = [.registryReachable, .registryCredentials, .registryPush]

  private func run(
    answers: Answers = Samples.answers(), _ script: @escaping @Sendable (HTTPRequest) throws -> HTTPResponse
  ) async throws -> (results: [CheckResult], transport: ScriptedTransport) {
    let transport = ScriptedTransport(script)
    let runner = CheckRunner(setup: try Samples.setup(answers, http: transport), checks: Self.checks)
    return (await runner.run().results, transport)
  }

  private static let challenge: HTTPHeaders = ["WWW-Authenticate": #"Basic realm="registry""#]

  /// A registry with a Basic login whose uploads answer as told.
  private static func registry(
    login: Int = 200, upload: @escaping @Sendable () -> HTTPResponse
  ) -> @Sendable (HTTPRequest) throws -> HTTPResponse {
    { request in
      if request.headers["Authorization"] == nil { return .text(401, headers: challenge) }
      if request.method == "DELETE" { return .text(204) }
      if request.url.hasSuffix("/v2/") { return .text(login, headers: challenge) }
      return upload()
    }
  }

  @Test("A registry that answers, takes the login and opens an upload passes all three")
  func allGood() async throws {
    let (results, transport) = try await run(
      Self.registry(upload: {
        .text(202, headers: ["Location": "https://registry.example.com:5000/v2/mlops/frozen-models/blobs/uploads/1"])
      }))
    #expect(results.map(\.finding.status) == [.pass, .pass, .pass], "\(results)")
    #expect(
      results.map(\.finding.message) == [
        "registry.example.com:5000 answers.", "The registry accepts user push.",
        "Pushing to registry.example.com:5000/mlops/frozen-models is allowed.",
      ])
    #expect(results[0].finding.observed == "answers /v2/, wants a login (basic)")
    // The upload is taken back, so nothing stays.
    #expect(
      transport.lines.filter { !$0.hasPrefix("GET") && !$0.hasSuffix("uploads/") } == [
        "DELETE https://registry.example.com:5000/v2/mlops/frozen-models/blobs/uploads/1",
        "DELETE https://registry.example.com:5000/v2/mlops/frozen-models/blobs/uploads/1",
      ])
    #expect(
      transport.lines.contains("POST https://registry.example.com:5000/v2/mlops/frozen-models/cache/blobs/uploads/"))
  }

  @Test(
    "A layer cache that takes no push only warns, and says why and what to do",
    arguments: [
      (403, #"{"errors":[{"code":"DENIED","message":"no cache for you"}]}"#, "no cache for you"),
      (404, #"{"errors":[{"code":"NAME_UNKNOWN","message":"?"}]}"#, "has no repository mlops/frozen-models/cache"),
      (500, "", "status 500"),
    ])
  func cache(_ status: Int, _ body: String, _ evidence: String) async throws {
    let (results, _) = try await run { request in
      if request.headers["Authorization"] == nil { return .text(401, headers: Self.challenge) }
      if request.url.hasSuffix("/v2/") { return .text(200, headers: Self.challenge) }
      if request.method == "POST", request.url.contains("/cache/") { return .text(status, body) }
      return .text(202, headers: ["Location": "/v2/mlops/frozen-models/blobs/uploads/1"])
    }
    #expect(results.map(\.finding.status) == [.pass, .pass, .warn])
    #expect(
      results[2].finding.message
        == "Pushing to registry.example.com:5000/mlops/frozen-models is allowed, but not to "
        + "registry.example.com:5000/mlops/frozen-models/cache: images are built without a cache of layers.")
    #expect(results[2].finding.details.first?.contains(evidence) == true, "\(results[2].finding.details)")
    #expect(results[2].finding.remedy?.text.contains("images.cache, such as") == true)
  }

  @Test("Generated images at another registry fail: its login is not in the Secret, and ours is not sent there")
  func elsewhere() async throws {
    let answers = Samples.answers(["images.generated": .text("other.example.com/mlops/frozen-models")])
    let (results, transport) = try await run(answers: answers, Self.registry(upload: { .text(202) }))
    #expect(results.map(\.finding.status) == [.pass, .pass, .fail])
    #expect(
      results[2].finding.message
        == "images.generated lies at other.example.com, and the credentials are those of registry.example.com:5000")
    #expect(!transport.lines.contains { $0.hasPrefix("POST") || $0.contains("other.example.com") })
  }

  @Test("A user that stands beside credentials of the cluster is not a reason to ask for a password")
  func existingWithUser() async throws {
    let answers = Samples.answers(["registry.password": .secret(.existing("team-creds"))])
    let (results, _) = try await run(answers: answers) { _ in .text(401, headers: Self.challenge) }
    #expect(results.map(\.finding.status) == [.pass, .skipped, .skipped], "\(results)")
  }

  @Test(
    "A push that is refused fails with what the registry said; what cannot be told is unknown",
    arguments: [
      (403, #"{"errors":[{"code":"DENIED","message":"no push for you"}]}"#, FindingStatus.fail, "no push for you"),
      (404, #"{"errors":[{"code":"NAME_UNKNOWN","message":"?"}]}"#, .fail, "has no repository mlops/frozen-models"),
      (405, "", .fail, "takes no uploads at all"),
      (500, "", .unknown, "status 500"),
      (200, "<html>", .unknown, "status 200"),
      (202, "", .unknown, "without a Location"),
    ])
  func push(_ status: Int, _ body: String, _ expected: FindingStatus, _ evidence: String) async throws {
    let (results, _) = try await run(Self.registry(upload: { .text(status, body) }))
    #expect(results.map(\.finding.status) == [.pass, .pass, expected])
    #expect(results[2].finding.message.contains(evidence), "\(results[2].finding.message)")
    #expect((results[2].finding.remedy != nil) || expected == .unknown)
  }

  @Test("A refused login fails and names what to check; pushing is then skipped")
  func refusedLogin() async throws {
    let (results, transport) = try await run(Self.registry(login: 401, upload: { .text(500) }))
    #expect(results.map(\.finding.status) == [.pass, .fail, .skipped])
    #expect(results[1].finding.remedy?.text == "check the user name and the password")
    #expect(results[2].finding.message == "Not looked at, because registry.credentials failed.")
    #expect(!transport.lines.contains { $0.hasPrefix("POST") })
  }

  @Test("A login that could not be tried is unknown, and no push is claimed")
  func failingLogin() async throws {
    let (results, _) = try await run(Self.registry(login: 503, upload: { .text(500) }))
    #expect(results.map(\.finding.status) == [.pass, .unknown, .skipped])
  }

  @Test("An open registry asks for no login and says so")
  func open() async throws {
    let (results, _) = try await run { request in
      if request.url.hasSuffix("/v2/") { return .text(200, "{}") }
      return .text(202, headers: ["Location": "/v2/mlops/frozen-models/blobs/uploads/1"])
    }
    #expect(results.map(\.finding.status) == [.pass, .pass, .pass])
    #expect(results[0].finding.observed == "answers /v2/, open to anyone")
    #expect(results[1].finding.observed == "anyone; it asks for no login")
  }

  @Test(
    "What is no registry fails and skips the rest; silence is unknown",
    arguments: [
      (200, FindingStatus.fail), (404, .fail), (401, .fail), (0, .unknown),
    ])
  func noRegistry(_ status: Int, _ expected: FindingStatus) async throws {
    let (results, _) = try await run { request in
      if status == 0 { throw HTTPError(code: .timedOut, message: "no answer", url: request.url) }
      return .text(status, "<html>welcome</html>", headers: ["Content-Type": "text/html"])
    }
    #expect(results.map(\.finding.status) == [expected, .skipped, .skipped])
    #expect(results[1].finding.message == "Not looked at, because registry.reachable \(expected.predicate).")
  }

  @Test("Credentials that are in the cluster already are not looked at, and the registry still is")
  func existing() async throws {
    let answers = Samples.answers([
      "registry.password": .secret(.existing("team-creds")), "registry.username": .text(""),
    ])
    let (results, transport) = try await run(answers: answers) { _ in .text(401, headers: Self.challenge) }
    #expect(results.map(\.finding.status) == [.pass, .skipped, .skipped])
    #expect(
      results[1].finding.message == "The credentials are in the Secret team-creds already, which is left as it is.")
    #expect(transport.lines == ["GET https://registry.example.com:5000/v2/"])
  }

  @Test("No registry named is no failure of it")
  func unnamed() async throws {
    let answers = Samples.answers(["registry.server": .text("")])
    let (results, transport) = try await run(answers: answers) { _ in .text(500) }
    #expect(results[0].finding == Finding(.skipped, observed: "", message: "No registry was named."))
    #expect(transport.lines == [])
  }

  @Test("A CA file that is not there, or a variable that is not set, is told by its name")
  func missingInputs() async throws {
    let withCA = Samples.answers(["registry.certificateAuthority": .text("ca.pem")])
    let (results, _) = try await run(answers: withCA) { _ in .text(500) }
    #expect(results[0].finding.message == "there is no CA file /home/admin/work/ca.pem")
    let withVariable = Samples.answers(["registry.password": .secret(.environment("NOT_SET"))])
    let (others, _) = try await run(answers: withVariable) { _ in .text(500) }
    #expect(others[0].finding.message == "the environment variable NOT_SET is not set")
  }

  @Test("A plain registry is asked without TLS, and the password goes nowhere but into its header")
  func plain() async throws {
    let answers = Samples.answers(["registry.scheme": .text("http")])
    let (results, transport) = try await run(answers: answers, Self.registry(upload: { .text(405) }))
    #expect(results.map(\.finding.status) == [.pass, .pass, .fail])
    #expect(transport.requests.allSatisfy { $0.url.hasPrefix("http://registry.example.com:5000/") })
    #expect(!"\(results)".contains("55f1"))
    #expect(!transport.lines.joined().contains("55f1"))
  }
}
