import CustomDump
import HTTP
import Registry
import TestSupport
import Testing

@Suite("A registry's answers")
struct RegistryClientTests {
  struct PingCase: Sendable, CustomTestStringConvertible {
    var response: HTTPResponse
    var outcome: String
    var testDescription: String { "\(response.status): \(outcome)" }
  }

  @Test(
    "The ping tells a registry from everything else",
    arguments: [
      PingCase(response: .text(200, "{}"), outcome: "open"),
      PingCase(
        response: .text(401, headers: ["WWW-Authenticate": #"Basic realm="x""#]), outcome: "wants basic"),
      PingCase(response: .text(401), outcome: "not: does not say which"),
      PingCase(response: .text(404), outcome: "not: no registry API at /v2/"),
      PingCase(response: .text(200, "<!DOCTYPE html><html>"), outcome: "not: a web page"),
      PingCase(
        response: .text(200, "x", headers: ["content-type": "text/html; charset=utf-8"]), outcome: "not: a web page"),
      PingCase(
        response: .text(308, headers: ["Location": "https://login.example.com/"]),
        outcome: "not: a redirection to https://login.example.com/"),
      PingCase(response: .text(429, headers: ["Retry-After": "7"]), outcome: "unknown: try again in 7 seconds"),
      PingCase(response: .text(503), outcome: "unknown: status 503"),
    ])
  func ping(_ example: PingCase) async {
    let result = await client(ScriptedTransport { _ in example.response }).ping()
    switch result {
    case .open: #expect(example.outcome == "open")
    case .wantsCredential(let challenges): #expect(example.outcome == "wants \(challenges[0].scheme)")
    case .notARegistry(let error):
      #expect(error.code == .notARegistry)
      #expect(example.outcome.hasPrefix("not: ") && error.description.contains(example.outcome.dropFirst(5)))
    case .unknown(let error):
      #expect(example.outcome.hasPrefix("unknown: ") && error.description.contains(example.outcome.dropFirst(9)))
    }
  }

  static func error(_ code: String) -> String { #"{"errors":[{"code":"\#(code)","message":"words of the registry"}]}"# }

  enum Expected: String, Sendable { case allowed, denied, repositoryMissing, readOnly, unknown }

  @Test(
    "What the registry says to an upload is an outcome of its own",
    arguments: [
      (HTTPResponse.text(202, headers: ["Location": "/x"]), Expected.allowed, ""),
      (.text(202), .unknown, "without a Location"),
      (.text(401, error("UNAUTHORIZED")), .denied, "words of the registry"),
      (.text(403, error("DENIED")), .denied, "words of the registry"),
      (.text(403), .denied, "status 403"),
      (.text(403, "<html>"), .unknown, "a web page"),
      (.text(404, error("NAME_UNKNOWN")), .repositoryMissing, ""),
      (.text(404, error("NOT_FOUND")), .repositoryMissing, ""),
      (.text(404, "nothing here"), .unknown, "status 404"),
      (.text(405, error("UNSUPPORTED")), .readOnly, ""),
      (.text(429, error("TOOMANYREQUESTS"), headers: ["Retry-After": "12"]), .unknown, "try again in 12 seconds"),
      (.text(500), .unknown, "status 500"),
      (.text(400, error("NAME_INVALID")), .unknown, "a repository name that this registry allows"),
      (.text(200), .unknown, "status 200"),
    ])
  func push(_ response: HTTPResponse, _ expected: Expected, _ words: String) async {
    let check = await client(ScriptedTransport { $0.method == "POST" ? response : .text(204) }).checkPush("a/b")
    let outcome: (Expected, String) =
      switch check {
      case .allowed: (.allowed, "")
      case .denied(let message): (.denied, message)
      case .repositoryMissing: (.repositoryMissing, "")
      case .readOnly: (.readOnly, "")
      case .unknown(let error): (.unknown, error.description)
      }
    #expect(outcome.0 == expected)
    #expect(outcome.1.contains(words), "\(outcome.1)")
  }

  @Test(
    "An upload is cancelled where the registry says it is, and only at the registry itself",
    arguments: [
      ("/v2/a/b/blobs/uploads/1?_state=A%3D", "https://r.io/v2/a/b/blobs/uploads/1?_state=A%3D"),
      ("https://r.io/v2/a/b/blobs/uploads/1", "https://r.io/v2/a/b/blobs/uploads/1"),
      ("https://R.IO:443/up/1", "https://r.io/up/1"),
      ("http://r.io/up/1", "https://r.io/up/1"),
      ("1?x", "https://r.io/v2/a/b/blobs/uploads/1?x"),
      ("?x", "https://r.io/v2/a/b/blobs/uploads/?x"),
      ("https://elsewhere.io/up/1", nil),
      ("//elsewhere.io/up/1", nil),
      ("https://r.io:8443/up/1", nil),
    ])
  func cancel(_ location: String, _ url: String?) async {
    let transport = ScriptedTransport { request in
      if request.method == "DELETE" { throw HTTPError(code: .timedOut, message: "too late", url: request.url) }
      return .text(202, headers: ["Location": location])
    }
    #expect(await client(transport).checkPush("a/b") == .allowed)
    #expect(transport.requests.filter { $0.method == "DELETE" }.map(\.url) == [url].compactMap { $0 })
  }

  @Test(
    "What the registry says to a pull is an outcome of its own",
    arguments: [
      (HTTPResponse.text(200, #"{"tags":null}"#), Expected.allowed),
      (.text(404, error("NAME_UNKNOWN")), .repositoryMissing),
      (.text(404, error("MANIFEST_UNKNOWN")), .allowed), (.text(404, "?"), .unknown), (.text(403), .denied),
      (.text(401, error("UNAUTHORIZED")), .denied), (.text(500), .unknown), (.text(200, "<html>"), .unknown),
    ])
  func pull(_ response: HTTPResponse, _ expected: Expected) async {
    let check = await client(ScriptedTransport { _ in response }).checkPull("a/b")
    let outcome: Expected =
      switch check {
      case .allowed: .allowed
      case .denied: .denied
      case .repositoryMissing: .repositoryMissing
      case .unknown: .unknown
      }
    #expect(outcome == expected)
  }

  @Test("A manifest is asked for with the four media types and its digest and type are told")
  func manifest() async throws {
    let transport = ScriptedTransport { request in
      request.url.hasSuffix("/1.0")
        ? .text(
          200,
          headers: [
            "Docker-Content-Digest": "sha256:d", "Content-Type": "application/vnd.oci.image.index.v1+json; x",
            "Content-Length": "12",
          ]) : .text(404)
    }
    let head = ManifestHead(digest: "sha256:d", mediaType: "application/vnd.oci.image.index.v1+json", size: 12)
    #expect(await client(transport).manifest("a/b", reference: "1.0") == .found(head))
    #expect(await client(transport).manifest("a/b", reference: "2.0") == .absent)
    let request = try #require(transport.requests.first)
    #expect(request.method == "HEAD")
    #expect(request.url == "https://r.io/v2/a/b/manifests/1.0")
    #expect(
      request.headers["Accept"]
        == "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, "
        + "application/vnd.docker.distribution.manifest.list.v2+json, "
        + "application/vnd.docker.distribution.manifest.v2+json")
  }

  @Test("Platforms are read from an index, without its attestations")
  func index() async throws {
    let index = """
      {"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[
        {"digest":"sha256:1","platform":{"os":"linux","architecture":"amd64"}},
        {"digest":"sha256:2","platform":{"os":"linux","architecture":"arm64","variant":"v8"}},
        {"digest":"sha256:3","platform":{"os":"unknown","architecture":"unknown"}}, {"digest":"sha256:4"}]}
      """
    let details = try await client(ScriptedTransport { _ in .text(200, index) }).manifestDetails("a", reference: "1")
    #expect(details.platforms.map(\.description) == ["linux/amd64", "linux/arm64/v8"])
  }

  @Test("An image's platform is read from its configuration, whose redirection gets no token")
  func config() async throws {
    let transport = tokenRegistry { request in
      request.url.contains("/blobs/")
        ? .text(307, headers: ["Location": "https://store.example.com/x?sig=1"])
        : .text(200, #"{"mediaType":"m","config":{"digest":"sha256:c"},"layers":[]}"#)
    }
    let store = ScriptedTransport { request in
      if request.url.hasPrefix("https://store.example.com/") {
        #expect(request.headers["Authorization"] == nil)
        return .text(200, #"{"os":"linux","architecture":"arm64"}"#)
      }
      return try transport.answer(request)
    }
    let details = try await client(store).manifestDetails("a/b", reference: "1")
    #expect(details.platforms == [ImagePlatform(operatingSystem: "linux", architecture: "arm64")])
    #expect(store.lines.last == "GET https://store.example.com/x?sig=1")
  }

  @Test("Tags are listed page by page")
  func tags() async throws {
    let transport = ScriptedTransport { request in
      switch request.url {
      case "https://r.io/v2/a/tags/list?n=100":
        .text(200, #"{"tags":["1","2"]}"#, headers: ["Link": #"</v2/a/tags/list?n=100&last=2>; rel="next""#])
      case "https://r.io/v2/a/tags/list?n=100&last=2": .text(200, #"{"tags":["3"]}"#)
      default: .text(500)
      }
    }
    let list = try await client(transport).tags("a")
    #expect(list.tags == ["1", "2", "3"])
    #expect(list.isComplete)
  }

  @Test("A list of tags without an end is cut, and a link to another host is not followed")
  func endlessTags() async throws {
    let endless = ScriptedTransport { request in
      let page = request.url.split(separator: "=").last ?? ""
      return .text(200, #"{"tags":["x"]}"#, headers: ["Link": "</v2/a/tags/list?last=\(page)1>; rel=next"])
    }
    let cut = try await client(endless).tags("a")
    #expect(cut.tags.count == 50)
    #expect(!cut.isComplete)
    let elsewhere = ScriptedTransport { _ in
      .text(200, #"{"tags":["x"]}"#, headers: ["Link": #"<https://elsewhere.io/v2/a/tags/list>; rel="next""#])
    }
    #expect(try await client(elsewhere).tags("a").tags == ["x"])
    #expect(elsewhere.requests.count == 1)
  }

  @Test("The tags of a repository that is not there are an error that says so")
  func noTags() async {
    let transport = ScriptedTransport { _ in .text(404, Self.error("NAME_UNKNOWN")) }
    let error = await #expect(throws: RegistryError.self) { try await client(transport).tags("a") }
    #expect(error?.code == .repositoryMissing)
  }

  @Test(
    "A failed TLS handshake says what to do",
    arguments: [
      (
        HTTPError.Code.certificateUntrusted, RegistryError.Code.certificateUntrusted,
        "give registry.certificateAuthority"
      ),
      (.certificateExpired, .certificateExpired, "renewed"),
      (.certificateNameMismatch, .certificateNameMismatch, "host name that stands in"),
      (.nameNotResolved, .nameNotResolved, "name servers"),
      (.connectionRefused, .connectionFailed, "host and port"),
      (.timedOut, .timedOut, "firewall"),
      (.proxyFailed, .proxyFailed, "NO_PROXY"),
    ])
  func transportFailures(_ code: HTTPError.Code, _ expected: RegistryError.Code, _ words: String) async {
    let transport = ScriptedTransport { throw HTTPError(code: code, message: "curl's words", url: $0.url) }
    guard case .unknown(let error) = await client(transport).checkPush("a") else {
      Issue.record("no error")
      return
    }
    #expect(error.code == expected)
    #expect(error.description.contains("curl's words") && error.description.contains(words))
  }

  @Test("With an authority given, an untrusted certificate means that it is the wrong one")
  func wrongAuthority() async {
    let transport = ScriptedTransport { throw HTTPError(code: .certificateUntrusted, message: "no", url: $0.url) }
    let client = RegistryClient(
      transport: transport, endpoint: RegistryEndpoint(host: "r.io", tls: TLSOptions(certificateAuthority: .pem([]))),
      credential: nil)
    guard case .unknown(let error) = await client.ping() else {
      Issue.record("no error")
      return
    }
    #expect(error.nextStep?.contains("another authority") == true)
  }

  @Test(
    "A registry that sends from http to https, or says that it wants it, is told as such",
    arguments: [
      (HTTPResponse.text(308, headers: ["Location": "https://r.io/v2/"]), true),
      (.text(301, headers: ["Location": "https://R.io:8443/v2/"]), true),
      (.text(301, headers: ["Location": "https://login.example.com/"]), false),
      (.text(400, "Client sent an HTTP request to an HTTPS server.\n"), true),
      (.text(400, "<center>The plain HTTP request was sent to HTTPS port</center>"), true),
      (.text(400, "bad"), false),
    ])
  func wantsTLS(_ response: HTTPResponse, _ isTold: Bool) async {
    guard case .unknown(let error) = await client(ScriptedTransport { _ in response }, scheme: .http).checkPush("a")
    else {
      Issue.record("no error")
      return
    }
    #expect((error.code == .speaksHTTPS) == isTold)
    #expect((error.nextStep == "set registry.scheme: https") == isTold)
  }

  @Test("The words of a registry are printed without control characters")
  func printable() async {
    let body = #"{"errors":[{"code":"DENIED","message":"a\u001b[31mb\u202ec"}]}"#
    #expect(
      await client(ScriptedTransport { _ in .text(403, body) }).checkPush("a") == .denied("DENIED: abc"))
  }

  @Test("Docker Hub is asked at its API host")
  func dockerHub() async throws {
    let transport = ScriptedTransport { _ in .text(200, "{}") }
    let endpoint = RegistryEndpoint(of: try ImageReference("busybox"))
    #expect(await RegistryClient(transport: transport, endpoint: endpoint, credential: nil).ping() == .open)
    #expect(transport.lines == ["GET https://registry-1.docker.io/v2/"])
  }
}
