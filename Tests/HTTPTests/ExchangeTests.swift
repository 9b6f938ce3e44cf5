import HTTP
import TestSupport
import Testing

@Suite("Exchanges in plain http", .timeLimit(.minutes(1)))
struct ExchangeTests {
  let client = makeClient()

  @Test("Every method arrives with its body", arguments: ["POST", "PUT", "PATCH", "DELETE", "GET"])
  func methods(_ method: String) async throws {
    try await EchoServer.run { url in
      let response = try await client.send(
        HTTPRequest(method: method, url: "\(url)/echo/a?b=c", body: Array("the body".utf8)))
      #expect(response.status == 200)
      #expect(response.headers["x-method"] == method)
      #expect(response.headers["X-Path"] == "/echo/a")
      #expect(response.headers["X-Agent"] == "mlops-setup/test")
      #expect(response.text == "the body")
      #expect(response.version == .http1)
    }
  }

  @Test("An error status is a value")
  func errorStatus() async throws {
    try await EchoServer.run { url in
      let response = try await client.send(HTTPRequest(url: "\(url)/missing"))
      #expect(response.status == 404)
      #expect(response.text == "none")
    }
  }

  @Test("A body of 8 MB comes back unchanged")
  func largeBody() async throws {
    try await EchoServer.run { url in
      let body = patternBytes(8_000_000)
      let response = try await client.send(HTTPRequest(method: "PUT", url: "\(url)/echo", body: body))
      #expect(response.body == body)
    }
  }

  @Test("Fifty requests run at once and each gets its own answer")
  func parallel() async throws {
    try await EchoServer.run { url in
      let texts = try await withThrowingTaskGroup(of: (Int, String?).self) { group in
        for number in 0..<50 {
          group.addTask {
            (number, try await client.send(HTTPRequest(url: "\(url)/n/\(number)")).headers["X-Path"])
          }
        }
        return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
      }
      #expect(texts == Dictionary(uniqueKeysWithValues: (0..<50).map { ($0, "/n/\($0)") }))
    }
  }

  @Test("A second request uses the connection of the first")
  func reuse() async throws {
    let server = try RawServer { connection in
      while !connection.readHead().isEmpty { connection.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok") }
    }
    for _ in 0..<3 { #expect(try await client.send(HTTPRequest(url: "http://127.0.0.1:\(server.port)/")).text == "ok") }
    #expect(server.connections == 1)
  }

  @Test("A request whose connection was closed meanwhile is made again with its body")
  func staleConnection() async throws {
    let bodies = Record<String>()
    let server = try RawServer { connection in
      let head = connection.readHead()
      guard !head.isEmpty else { return }
      bodies.add(String(decoding: connection.read(), as: UTF8.self))
      connection.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
    }
    for _ in 0..<3 {
      let response = try await client.send(
        HTTPRequest(method: "POST", url: "http://127.0.0.1:\(server.port)/", body: Array("again".utf8)))
      #expect(response.text == "ok")
    }
    #expect(bodies.all.allSatisfy { $0 == "again" })
  }

  @Test("HEAD does not wait for the body whose length it tells")
  func head() async throws {
    let heads = Record<String>()
    let server = try recordingServer("HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n", into: heads)
    let response = try await client.send(
      HTTPRequest(method: "HEAD", url: "http://127.0.0.1:\(server.port)/v2/", maximumBodyBytes: 10))
    #expect(response.headers["Content-Length"] == "99999999")
    #expect(response.body.isEmpty)
    #expect(heads.all.first?.hasPrefix("HEAD /v2/ HTTP/1.1\r\n") == true)
  }

  @Test("A method that has a body by its nature says so when there is none", arguments: ["POST", "PUT", "PATCH"])
  func emptyBody(_ method: String) async throws {
    let heads = Record<String>()
    let server = try recordingServer("HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n", into: heads)
    let response = try await client.send(HTTPRequest(method: method, url: "http://127.0.0.1:\(server.port)/"))
    #expect(response.status == 202)
    let head = heads.all.first ?? ""
    #expect(head.hasPrefix("\(method) / HTTP/1.1\r\n"))
    #expect(head.contains("\r\nContent-Length: 0\r\n"))
    #expect(!head.lowercased().contains("content-type"))
  }

  @Test("The header goes out as it was given, without Expect and with blank values kept")
  func requestHeader() async throws {
    let heads = Record<String>()
    let server = try recordingServer("HTTP/1.1 204 No Content\r\n\r\n", into: heads)
    _ = try await client.send(
      HTTPRequest(
        method: "DELETE", url: "http://127.0.0.1:\(server.port)/a/../b?c=%20d",
        headers: ["X-Blank": "", "X-One": "1", "X-One": "2"]))
    let head = heads.all.first ?? ""
    #expect(head.hasPrefix("DELETE /a/../b?c=%20d HTTP/1.1\r\n"))
    #expect(head.contains("\r\nX-Blank:\r\nX-One: 1\r\nX-One: 2\r\n"))
    #expect(head.contains("\r\nHost: 127.0.0.1:\(server.port)\r\n"))
    #expect(head.contains("\r\nAccept-Encoding: gzip, deflate\r\n"))
    #expect(!head.contains("Content-Length"))
  }

  @Test("A large upload waits for no 100-continue")
  func noExpect() async throws {
    let heads = Record<String>()
    let server = try RawServer { connection in
      heads.add(connection.readHead())
      var missing = 3_000_000
      while missing > 0 {
        let count = connection.read().count
        if count == 0 { break }
        missing -= count
      }
      connection.write("HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n")
    }
    let response = try await client.send(
      HTTPRequest(
        method: "PATCH", url: "http://127.0.0.1:\(server.port)/",
        body: [UInt8](repeating: 7, count: 3_000_000)))
    #expect(response.status == 201)
    #expect(heads.all.first?.lowercased().contains("expect") == false)
  }

  @Test("A redirect is a value and nobody follows it")
  func redirect() async throws {
    let heads = Record<String>()
    let server = try recordingServer(
      "HTTP/1.1 307 Temporary Redirect\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n", into: heads)
    let response = try await client.send(HTTPRequest(url: "http://127.0.0.1:\(server.port)/"))
    #expect(response.status == 307)
    #expect(response.headers["location"] == "/elsewhere")
    #expect(heads.all.count == 1)
  }

  @Test("Interim answers are dropped, repeated fields are kept in order and trailers are ignored")
  func heads() async throws {
    let server = try recordingServer(
      "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nA: 1\r\na:  2 \r\nTransfer-Encoding: chunked\r\n\r\n"
        + "2\r\nhi\r\n0\r\nX-Trailer: t\r\n\r\n", into: Record())
    let response = try await client.send(HTTPRequest(url: "http://127.0.0.1:\(server.port)/"))
    #expect(response.headers.values("A") == ["1", "2"])
    #expect(response.headers["Link"] == nil)
    #expect(response.headers["X-Trailer"] == nil)
    #expect(response.text == "hi")
  }

  @Test("A closed client fails at once and closing twice does no harm")
  func closed() async throws {
    let client = makeClient()
    client.close()
    client.close()
    let error = try await failure { try await client.send(HTTPRequest(url: "http://127.0.0.1:9/")) }
    #expect(error.code == .cancelled)
  }

  @Test("Closing the client ends what is under way")
  func closeEnds() async throws {
    try await EchoServer.run { url in
      let client = makeClient()
      async let error = failure { try await client.send(HTTPRequest(url: "\(url)/hang")) }
      try await Task.sleep(for: .milliseconds(100))
      client.close()
      #expect(try await error.code == .cancelled)
    }
  }
}
