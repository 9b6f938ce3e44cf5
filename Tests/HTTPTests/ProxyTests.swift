import HTTP
import TestSupport
import Testing

@Suite("Proxies", .timeLimit(.minutes(1)))
struct ProxyTests {
  /// A proxy that answers CONNECT with a tunnel to a port of loopback, whatever the target is, and every other request
  /// itself.
  func connectProxy(to port: Int, heads: Record<String>, status: String = "200 OK") throws -> RawServer {
    try RawServer { connection in
      let head = connection.readHead()
      heads.add(head)
      guard head.hasPrefix("CONNECT ") else {
        connection.write("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nproxy")
        return
      }
      connection.write("HTTP/1.1 \(status)\r\nX-Proxy: 1\r\n\r\n")
      if status.hasPrefix("200") { connection.tunnel(toPort: port) }
    }
  }

  /// An nginx for `api.cluster.test`.
  func withFront<Result>(_ body: (NginxFront, TLSOptions) async throws -> Result) async throws -> Result {
    try await withScratchDirectory { directory in
      let certificates = try await TestCertificates(in: directory)
      let server = try await certificates.server(names: ["DNS:api.cluster.test"])
      return try await NginxFront.run(NginxFront.Configuration(server: server)) { front in
        try await body(front, TLSOptions(certificateAuthority: certificates.bundle))
      }
    }
  }

  @Test("https goes through a CONNECT tunnel, with credentials for the proxy and HTTP/1.1 inside")
  func connect() async throws {
    try await withFront { front, tls in
      let heads = Record<String>()
      let proxy = try connectProxy(to: front.port, heads: heads)
      let response = try await makeClient().send(
        HTTPRequest(
          url: "https://api.cluster.test/x", headers: ["Authorization": "Bearer abc"], tls: tls,
          proxy: .url("http://us%65r:p%40ss@127.0.0.1:\(proxy.port)")))
      #expect(response.text.hasPrefix("GET /x host=api.cluster.test"))
      #expect(response.version == .http1)
      #expect(response.headers["X-Proxy"] == nil)
      let head = heads.all.first ?? ""
      #expect(head.hasPrefix("CONNECT api.cluster.test:443 HTTP/1.1\r\n"))
      // user:p@ss
      #expect(head.contains("\r\nProxy-Authorization: Basic dXNlcjpwQHNz\r\n"))
      #expect(!head.contains("abc"))
    }
  }

  @Test("With a server name the tunnel still goes to the URL's host and port")
  func connectWithServerName() async throws {
    try await withFront { front, tls in
      let heads = Record<String>()
      let proxy = try connectProxy(to: front.port, heads: heads)
      var tls = tls
      tls.serverName = "api.cluster.test"
      for host in ["10.0.0.1:6443", "[2001:db8::1]:6443"] {
        let response = try await makeClient().send(
          HTTPRequest(url: "https://\(host)/", tls: tls, proxy: .url("127.0.0.1:\(proxy.port)")))
        #expect(response.text.hasPrefix("GET / host=\(host) "))
        #expect(heads.all.last?.hasPrefix("CONNECT \(host) HTTP/1.1\r\n") == true)
      }
    }
  }

  @Test("Many requests at once go through one proxy, and certificates can be looked at meanwhile")
  func atOnce() async throws {
    let heads = Record<String>()
    try await withFront { front, tls in
      let proxy = try connectProxy(to: front.port, heads: heads)
      defer { proxy.stop() }
      let choice = ProxyChoice.url("http://127.0.0.1:\(proxy.port)")
      let url = "https://api.cluster.test/x"
      for _ in 0..<10 {
        let client = makeClient()
        try await withThrowingTaskGroup { group in
          for _ in 0..<6 {
            group.addTask {
              let response = try await client.send(HTTPRequest(url: url, tls: tls, proxy: choice))
              #expect(response.status == 200)
            }
          }
          group.addTask {
            let chain = try await client.presentedCertificates(url, proxy: choice)
            #expect(chain.map(\.subject) == ["CN = test server"])
          }
          try await group.waitForAll()
        }
      }
    }
  }

  @Test("The chain of a peer behind a proxy can be looked at as well")
  func presentedThroughProxy() async throws {
    let heads = Record<String>()
    try await withFront { front, _ in
      let proxy = try connectProxy(to: front.port, heads: heads)
      defer { proxy.stop() }
      for _ in 0..<2 {
        let chain = try await makeClient().presentedCertificates(
          "https://api.cluster.test/v2/", proxy: .url("http://127.0.0.1:\(proxy.port)"))
        #expect(chain.map(\.subject) == ["CN = test server"])
      }
    }
  }

  @Test("The environment's proxy is used, in capitals too, and NO_PROXY is held against the URL's host")
  func environment() async throws {
    try await withFront { front, tls in
      let heads = Record<String>()
      let proxy = try connectProxy(to: front.port, heads: heads)
      let url = "http://127.0.0.1:\(proxy.port)"
      let client = makeClient(environment: ["HTTPS_PROXY": url, "HTTP_PROXY": url])
      #expect(try await client.send(HTTPRequest(url: "https://api.cluster.test/", tls: tls)).status == 200)
      #expect(try await client.send(HTTPRequest(url: "http://plain.cluster.test/p?q")).text == "proxy")
      #expect(heads.all.last?.hasPrefix("GET http://plain.cluster.test/p?q HTTP/1.1\r\n") == true)

      let count = heads.all.count
      var named = tls
      named.serverName = "api.cluster.test"
      // Loopback never goes to a proxy; so this one arrives without.
      #expect(try await client.send(HTTPRequest(url: front.url, tls: named)).status == 200)
      #expect(heads.all.count == count)
      let exempt = makeClient(environment: ["https_proxy": url, "no_proxy": "10.0.0.0/8"])
      let error = try await failure {
        try await exempt.send(
          HTTPRequest(url: "https://10.255.255.1:1/", connectTimeout: .milliseconds(200), tls: named))
      }
      #expect(error.code != .proxyFailed)
      #expect(heads.all.count == count)
      let none = try await failure {
        try await client.send(HTTPRequest(url: "https://api.cluster.test/", tls: tls, proxy: .none))
      }
      #expect(none.code == .nameNotResolved)
    }
  }

  @Test("A proxy that refuses, that nobody answers at, or that makes no sense is a proxy failure without credentials")
  func failures() async throws {
    let heads = Record<String>()
    let client = makeClient()
    func error(_ proxy: String, url: String = "https://api.cluster.test/") async throws -> HTTPError {
      let error = try await failure { try await client.send(HTTPRequest(url: url, proxy: .url(proxy))) }
      #expect(error.code == .proxyFailed, "\(error)")
      #expect(!error.description.contains("hunter22"))
      return error
    }
    let refusing = try connectProxy(to: 1, heads: heads, status: "407 Proxy Authentication Required")
    let denied = try await error("http://user:hunter22@127.0.0.1:\(refusing.port)")
    #expect(denied.message.contains("with status 407 (it wants a user name and a password)"))
    let dead = try NginxFront.freePort()
    #expect(try await error("http://u:hunter22@127.0.0.1:\(dead)").message.contains("no connection to the proxy"))
    #expect(try await error("socks5://u:hunter22@127.0.0.1:\(dead)").message.contains("no connection to the proxy"))
    #expect(try await error("http://u:hunter22@proxy.invalid:80").message.contains("cannot be resolved"))
    #expect(try await error("ftp://u:hunter22@127.0.0.1:1").message.contains("is none of http://"))
    let mute = try RawServer { _ = $0.read() }
    _ = try await error("http://u:hunter22@127.0.0.1:\(mute.port)")
    _ = try await error("https://u:hunter22@127.0.0.1:\(mute.port)")
  }

  @Test("A SOCKS proxy gets the name and not an address")
  func socks() async throws {
    let asked = Record<String>()
    let proxy = try RawServer { connection in
      // RFC 1928: greeting, then the request with the name (type 3).
      _ = connection.read()
      connection.write([5, 0])
      let request = connection.read()
      guard request.count > 5, request[3] == 3 else { return }
      asked.add(String(decoding: request[5..<5 + Int(request[4])], as: UTF8.self))
      connection.write([5, 0, 0, 1, 0, 0, 0, 0, 0, 0])
      _ = connection.readHead()
      connection.write("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nsocks")
    }
    let response = try await makeClient().send(
      HTTPRequest(url: "http://inside.cluster.test/", proxy: .url("socks5://127.0.0.1:\(proxy.port)")))
    #expect(response.text == "socks")
    #expect(asked.all == ["inside.cluster.test"])
  }
}
