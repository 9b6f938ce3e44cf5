import CustomDump
import HTTP
import Registry
import Synchronization
import TestSupport
import Testing

/// A registry in a closure: challenges until the token comes.
func tokenRegistry(
  realm: String = "https://auth.example.com/token",
  tokenAnswer: HTTPResponse = .text(200, #"{"token":"T","expires_in":60}"#),
  then answer: @escaping @Sendable (HTTPRequest) -> HTTPResponse = { _ in .text(200, "{}") }
) -> ScriptedTransport {
  ScriptedTransport { request in
    if request.url.hasPrefix("\(realm)?") || request.url == realm { return tokenAnswer }
    if request.headers["Authorization"] == "Bearer T" { return answer(request) }
    let challenge = #"Bearer realm="\#(realm)",service="r.io",scope="repository:a/b:pull,push""#
    return .text(
      401, #"{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}"#,
      headers: ["WWW-Authenticate": challenge])
  }
}

let anyone = RegistryCredential(username: "anne", password: "secret-word")

func client(
  _ transport: ScriptedTransport, host: String = "r.io", scheme: RegistryEndpoint.Scheme = .https,
  _ credential: RegistryCredential? = anyone
) -> RegistryClient {
  RegistryClient(
    transport: transport, endpoint: RegistryEndpoint(host: host, scheme: scheme), credential: credential)
}

@Suite("The token flow")
struct TokenFlowTests {
  @Test("The password goes to the realm alone, with service, scope and account, and the token to the registry")
  func bearer() async throws {
    let transport = tokenRegistry { request in
      request.method == "POST"
        ? .text(202, headers: ["Location": "/v2/a/b/blobs/uploads/1?_state=x%2By&z"]) : .text(204)
    }
    #expect(await client(transport).checkPush("a/b") == .allowed)
    expectNoDifference(
      transport.lines,
      [
        "POST https://r.io/v2/a/b/blobs/uploads/",
        "GET https://auth.example.com/token?service=r.io&scope=repository%3Aa%2Fb%3Apull%2Cpush&account=anne",
        "POST https://r.io/v2/a/b/blobs/uploads/",
        "DELETE https://r.io/v2/a/b/blobs/uploads/1?_state=x%2By&z",
      ])
    expectNoDifference(
      transport.requests.map { $0.headers["Authorization"] },
      [nil, "Basic YW5uZTpzZWNyZXQtd29yZA==", "Bearer T", "Bearer T"])
    #expect(transport.requests[0].body == [])
  }

  @Test("An identity token is posted as a refresh token and no password is sent")
  func identityToken() async throws {
    let transport = tokenRegistry(tokenAnswer: .text(200, #"{"access_token":"T"}"#))
    let token = RegistryCredential(username: "<token>", password: "re+fresh&")
    #expect(await client(transport, token).checkPull("a/b") == .allowed)
    let request = try #require(transport.requests.dropFirst().first)
    #expect(request.method == "POST")
    #expect(request.headers["Authorization"] == nil)
    #expect(request.headers["Content-Type"] == "application/x-www-form-urlencoded")
    #expect(
      String(decoding: request.body ?? [], as: UTF8.self)
        == "grant_type=refresh_token&service=r.io&client_id=mlops-setup"
        + "&scope=repository%3Aa%2Fb%3Apull%2Cpush&refresh_token=re%2Bfresh%26")
  }

  @Test("Without a credential a token is asked for as nobody")
  func anonymous() async throws {
    let transport = tokenRegistry()
    #expect(await client(transport, nil).checkPull("a/b") == .allowed)
    #expect(
      transport.lines[1]
        == "GET https://auth.example.com/token?service=r.io&scope=repository%3Aa%2Fb%3Apull%2Cpush")
    #expect(transport.requests[1].headers["Authorization"] == nil)
  }

  @Test("A password never goes from an https registry to an http realm")
  func insecureRealm() async throws {
    let transport = tokenRegistry(realm: "http://auth.example.com/token")
    guard case .unknown(let error) = await client(transport).checkPush("a/b") else {
      Issue.record("the realm was taken")
      return
    }
    #expect(error.code == .realmRefused)
    #expect(error.description.contains("the password was not sent"))
    #expect(transport.lines == ["POST https://r.io/v2/a/b/blobs/uploads/"])
  }

  @Test("An http registry may name an http or an https realm", arguments: ["http", "https"])
  func httpRegistry(_ scheme: String) async {
    let transport = tokenRegistry(realm: "\(scheme)://auth.example.com/token")
    #expect(await client(transport, scheme: .http).checkPull("a/b") == .allowed)
  }

  @Test(
    "A realm that is no plain URL is refused and nothing is sent there",
    arguments: [
      "/token", "auth.example.com", "ftp://auth.example.com/", "https://user@auth.example.com/", "https:///x",
    ])
  func badRealm(_ realm: String) async {
    let transport = tokenRegistry(realm: realm)
    guard case .unknown(let error) = await client(transport).checkPull("a/b") else {
      Issue.record("the realm was taken")
      return
    }
    #expect(error.code == .realmRefused)
    #expect(transport.requests.count == 1)
  }

  @Test("A realm with a query of its own keeps it")
  func realmQuery() async {
    let transport = ScriptedTransport { request in
      if request.url.hasPrefix("https://auth.example.com/") { return .text(200, #"{"token":"T"}"#) }
      if request.headers["Authorization"] != nil { return .text(200) }
      return .text(401, headers: ["WWW-Authenticate": #"Bearer realm="https://auth.example.com/t?x=1",service=s"#])
    }
    #expect(await client(transport).checkCredential() == .accepted)
    #expect(transport.lines.contains("GET https://auth.example.com/t?x=1&service=s&account=anne"))
  }

  @Test("A token is used again for its scope until shortly before it ends")
  func cache() async {
    let start = ContinuousClock.now
    let clock = Mutex(start)
    let transport = tokenRegistry()
    let client = RegistryClient(
      transport: transport, endpoint: RegistryEndpoint(host: "r.io"), credentials: { _ in anyone },
      now: { clock.withLock { $0 } })
    func tokensAskedFor() -> Int { transport.lines.filter { $0.contains("auth.example.com") }.count }
    _ = await client.checkPull("a/b")
    _ = await client.checkPull("a/b")
    #expect(tokensAskedFor() == 1)
    _ = await client.checkPull("other")
    #expect(tokensAskedFor() == 2)
    clock.withLock { $0 = start + .seconds(49) }
    _ = await client.checkPull("a/b")
    #expect(tokensAskedFor() == 2)
    clock.withLock { $0 = start + .seconds(51) }
    _ = await client.checkPull("a/b")
    #expect(tokensAskedFor() == 3)
  }

  @Test("A token that the registry no longer takes is asked for anew, once")
  func revoked() async {
    let isRevoked = Mutex(false)
    let transport = ScriptedTransport { request in
      if request.url.hasPrefix("https://auth.example.com/") {
        return .text(200, isRevoked.withLock { $0 } ? #"{"token":"U"}"# : #"{"token":"T"}"#)
      }
      let good = isRevoked.withLock { $0 } ? "Bearer U" : "Bearer T"
      if request.headers["Authorization"] == good { return .text(200, "{}") }
      return .text(401, headers: ["WWW-Authenticate": #"Bearer realm="https://auth.example.com/t""#])
    }
    let client = client(transport)
    #expect(await client.checkPull("a/b") == .allowed)
    isRevoked.withLock { $0 = true }
    #expect(await client.checkPull("a/b") == .allowed)
    #expect(transport.requests.map { $0.headers["Authorization"] }.suffix(3) == ["Bearer T", basic, "Bearer U"])
  }

  private let basic = "Basic YW5uZTpzZWNyZXQtd29yZA=="

  @Test("A token that was refused for good is not sent again")
  func forgotten() async {
    let isClosed = Mutex(false)
    let transport = tokenRegistry { _ in
      isClosed.withLock { $0 }
        ? .text(401, headers: ["WWW-Authenticate": #"Bearer realm="https://auth.example.com/token""#]) : .text(200)
    }
    let client = client(transport)
    _ = await client.checkPull("a/b")
    isClosed.withLock { $0 = true }
    _ = await client.checkPull("a/b")
    let before = transport.requests.count
    _ = await client.checkPull("a/b")
    #expect(transport.requests[before].headers["Authorization"] == nil)
  }

  @Test("A user name that HTTP Basic cannot carry is told and not sent", arguments: ["a:b", "", "a\n"])
  func unusable(_ username: String) async {
    let transport = tokenRegistry()
    let credential = RegistryCredential(username: username, password: "secret-word")
    guard case .unknown(let error) = await client(transport, credential).checkPush("a/b") else {
      Issue.record("no error")
      return
    }
    #expect(error.code == .credentialUnavailable)
    #expect(!error.description.contains("secret-word"))
    #expect(transport.requests.count == 1)
  }

  @Test("HTTP Basic is spoken where that is what the registry wants, and Bearer before it where both are")
  func basicFlow() async {
    let transport = ScriptedTransport { request in
      request.headers["Authorization"] == "Basic YW5uZTpzZWNyZXQtd29yZA=="
        ? .text(200) : .text(401, headers: ["WWW-Authenticate": #"Basic realm="r""#])
    }
    #expect(await client(transport).checkCredential() == .accepted)
    let both = ScriptedTransport { request in
      if request.url.hasPrefix("https://a.io/") { return .text(200, #"{"token":"T"}"#) }
      if request.headers["Authorization"] == "Bearer T" { return .text(200) }
      return .text(
        401, headers: ["WWW-Authenticate": #"Basic realm="r""#, "www-authenticate": #"Bearer realm="https://a.io/t""#])
    }
    #expect(await client(both).checkCredential() == .accepted)
  }

  @Test(
    "What goes wrong at the token server is told apart",
    arguments: [
      (
        HTTPResponse.text(401, #"{"details":"incorrect username or password"}"#), RegistryError.Code.credentialsRejected
      ),
      (.text(403), .credentialsRejected),
      (.text(400, #"{"error":"invalid_grant"}"#), .credentialsRejected),
      (.text(429, headers: ["Retry-After": "30"]), .tooManyRequests),
      (.text(502), .serverFailed),
      (.text(404), .tokenFailed),
      (.text(200, "<html>"), .tokenFailed),
      (.text(200, "{}"), .tokenFailed),
      (.text(200, #"{"token":""}"#), .tokenFailed),
      (.text(200, #"{"token":"T\r\nX: y"}"#), .tokenFailed),
    ])
  func failures(_ answer: HTTPResponse, _ code: RegistryError.Code) async {
    let check = await client(tokenRegistry(tokenAnswer: answer)).checkCredential()
    switch check {
    case .rejected(let error), .unknown(let error):
      #expect(error.code == code)
      #expect(!error.description.contains("secret-word"))
      #expect(error.description.contains("auth.example.com"))
    case .accepted, .notAsked: Issue.record("\(check)")
    }
    #expect((code == .credentialsRejected) == { if case .rejected = check { true } else { false } }())
  }

  @Test("The registry's client certificate and server name do not go to a token server on another host")
  func realmTLS() async {
    let transport = tokenRegistry()
    let tls = TLSOptions(
      certificateAuthority: .pem([1]), clientCertificate: .pem([2]), clientKey: .pem([3]), serverName: "inside")
    let client = RegistryClient(
      transport: transport, endpoint: RegistryEndpoint(host: "r.io", tls: tls), credential: anyone)
    #expect(await client.checkPull("a/b") == .allowed)
    expectNoDifference(
      transport.requests.map(\.tls), [tls, TLSOptions(certificateAuthority: .pem([1])), tls])
  }

  @Test("A credential that cannot be had is told, and not taken for anonymous")
  func provider() async {
    struct Locked: Error {}
    let client = RegistryClient(
      transport: tokenRegistry(), endpoint: RegistryEndpoint(host: "docker.io"),
      credentials: { host in
        #expect(host == "docker.io")
        throw Locked()
      })
    guard case .unknown(let error) = await client.checkPull("a/b") else {
      Issue.record("no error")
      return
    }
    #expect(error.code == .credentialUnavailable)
  }
}
