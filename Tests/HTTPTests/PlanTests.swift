import TestSupport
import Testing

@testable import HTTP

@Suite("Plans, made without a network")
struct PlanTests {
  @Test(
    "NO_PROXY exempts domains, addresses, ranges and ports",
    arguments: [
      ("*", "a.test", 443, true), ("a.test", "a.test", 443, true), ("a.test", "b.a.test", 443, true),
      (".a.test", "b.a.test", 443, true), ("*.a.test", "b.a.test", 443, true), ("a.test", "ba.test", 443, false),
      ("a.test:8443", "a.test", 443, false), ("a.test:443", "a.test", 443, true), ("10.0.0.0/8", "10.9.8.7", 443, true),
      ("10.0.0.0/8", "11.9.8.7", 443, false), ("10.96.0.0/12", "10.111.0.1", 443, true),
      ("10.96.0.0/12", "10.112.0.1", 443, false), ("10.0.0.1", "10.0.0.1", 443, true),
      ("fd00::/8", "fd12::1", 443, true), ("[fd00::1]:6443", "fd00::1", 6443, true), ("fd00::1", "fd00::1", 1, true),
      ("10.0.0.0/99", "10.0.0.1", 443, false), ("", "a.test", 443, false), (".", "a.test", 443, false),
    ])
  func exempt(_ entry: String, _ host: String, _ port: Int, _ expected: Bool) {
    #expect(ProxyEnvironment.matches(entry: entry, host: host, port: port) == expected)
  }

  @Test("The scheme's own variable wins over all_proxy, lower case over upper case, and empty counts as none")
  func environment() throws {
    func proxy(_ url: String, _ variables: [String: String]) throws -> String? {
      ProxyEnvironment(variables: variables).proxy(for: try #require(TargetURL(url)))
    }
    #expect(try proxy("https://a/", ["https_proxy": "l", "HTTPS_PROXY": "U", "all_proxy": "a"]) == "l")
    #expect(try proxy("https://a/", ["https_proxy": "", "HTTPS_PROXY": "U"]) == "U")
    #expect(try proxy("http://a/", ["HTTPS_PROXY": "U"]) == nil)
    #expect(try proxy("http://a/", ["ALL_PROXY": "A"]) == "A")
    #expect(try proxy("http://localhost/", ["HTTP_PROXY": "U"]) == nil)
    #expect(try proxy("http://127.8.0.1/", ["HTTP_PROXY": "U"]) == nil)
    #expect(try proxy("http://[::1]:80/", ["HTTP_PROXY": "U"]) == nil)
    #expect(try proxy("http://A.Test/", ["HTTP_PROXY": "U", "NO_PROXY": "x, a.test"]) == nil)
  }

  @Test("A server name replaces the host in curl's URL while connection and Host field keep the real one")
  func serverName() throws {
    let request = HTTPRequest(
      url: "https://user:pw@[fd00::1]:6443/a/../b?c#d", tls: TLSOptions(serverName: "api.test"), proxy: .none)
    let plan = try TransferPlan(request, isStream: false, environment: [:])
    #expect(plan.url == "https://api.test:6443/a/../b?c")
    #expect(plan.connectTo == "::[fd00::1]:6443")
    #expect(plan.headerLines == ["Host: [fd00::1]:6443"])
    #expect(plan.user == "user")
    #expect(plan.target.display == "https://[fd00::1]:6443/a/../b")
    let plain = try TransferPlan(
      HTTPRequest(url: "http://h/", tls: TLSOptions(serverName: "api.test")), isStream: false, environment: [:])
    #expect(plain.url == "http://h/")
    #expect(plain.connectTo == nil)
    let own = try TransferPlan(
      HTTPRequest(url: "https://h/", headers: ["host": "mine"], tls: TLSOptions(serverName: "api.test")),
      isStream: false, environment: [:])
    #expect(own.headerLines == ["host: mine"])
    #expect(throws: HTTPError.self) {
      try TransferPlan(
        HTTPRequest(url: "https://h/", tls: TLSOptions(serverName: "a/b")), isStream: false, environment: [:])
    }
  }

  @Test("Streams and plain http take no part in HTTP/2")
  func versions() throws {
    func allows(_ url: String, _ isStream: Bool) throws -> Bool {
      try TransferPlan(HTTPRequest(url: url, proxy: .none), isStream: isStream, environment: [:]).allowsHTTP2
    }
    #expect(try allows("https://h/", false))
    #expect(try !allows("https://h/", true))
    #expect(try !allows("http://h/", false))
  }

  @Test("Secrets and control characters are taken out of messages")
  func redaction() throws {
    let request = HTTPRequest(
      url: "https://u:passw0rd@h/?query=1", headers: ["Authorization": "Bearer t0ken"], proxy: .url("http://a:pr0xy@p"))
    let plan = try TransferPlan(request, isStream: false, environment: [:])
    #expect(
      plan.redacted("t0ken passw0rd query=1 pr0xy \u{1B}[31m\n")
        == "[redacted] [redacted] [redacted] [redacted]  [31m ")
  }

  @Test("Durations are never curl's zero")
  func durations() {
    #expect(Duration.zero.curlMilliseconds == 1)
    #expect(Duration.seconds(-5).curlMilliseconds == 1)
    #expect(Duration.seconds(1_000_000_000_000).curlMilliseconds == 1_000_000_000)
    #expect(Duration.milliseconds(1250).secondsText == "1.25 s")
    #expect(Duration.seconds(30).secondsText == "30 s")
  }

  @Test("A head is read from its lines, folded ones too")
  func head() {
    var reader = ResponseHeadReader(maximumBytes: 200)
    var steps: [ResponseHeadReader.Step] = []
    for line in ["HTTP/2 201 \r\n", "a: b\r\n", "\tc\r\n", "nonsense\r\n", "d:\r\n", "\r\n", "late: x\r\n"] {
      steps.append(Array(line.utf8).withUnsafeBytes { reader.take($0) })
    }
    #expect(steps == [.more, .more, .more, .more, .more, .complete, .more])
    #expect(reader.head == ResponseHead(status: 201, headers: ["a": "b c", "d": ""], version: .http2))
    let long = [UInt8](repeating: 0x41, count: 200)
    #expect(long.withUnsafeBytes { reader.take($0) } == .tooLarge)
  }
}
