import HTTP
import TestSupport
import Testing

@Suite("How exchanges end before their time", .timeLimit(.minutes(1)))
struct EndingTests {
  let client = makeClient()

  @Test("Cancelling the task ends a hanging request within a second")
  func cancel() async throws {
    try await EchoServer.run { url in
      let time = try await fastest(under: .seconds(1)) {
        let task = Task { try await client.send(HTTPRequest(url: "\(url)/hang", deadline: nil)) }
        try await Task.sleep(for: .milliseconds(200))
        let start = ContinuousClock.now
        task.cancel()
        let error = try await failure { try await task.value }
        #expect(error.code == .cancelled)
        return ContinuousClock.now - start
      }
      #expect(time < .seconds(1))
    }
  }

  @Test("A task that is cancelled before it starts sends nothing")
  func cancelledBefore() async throws {
    let server = try recordingServer("HTTP/1.1 200 OK\r\n\r\n", into: Record())
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return try await client.send(HTTPRequest(url: "http://127.0.0.1:\(server.port)/"))
    }
    let error = try await failure { try await task.value }
    #expect(error.code == .cancelled)
    #expect(server.connections == 0)
  }

  @Test("The deadline holds when no answer comes")
  func deadline() async throws {
    try await EchoServer.run { url in
      let time = try await fastest(under: .seconds(1)) {
        let start = ContinuousClock.now
        let error = try await failure {
          try await client.send(HTTPRequest(url: "\(url)/hang?token=geheim", deadline: .milliseconds(250)))
        }
        #expect(error.code == .timedOut)
        #expect(error.message.hasPrefix("no answer from 127.0.0.1:"))
        #expect(error.message.hasSuffix("within 0.25 s"))
        #expect(error.url == "\(url)/hang")
        return ContinuousClock.now - start
      }
      #expect((.milliseconds(200)...(.seconds(1))).contains(time))
    }
  }

  @Test("The deadline holds also for a request that waits for a connection")
  func deadlineInQueue() async throws {
    let client = HTTPClient(configuration: .init(environment: [:], maximumConnectionsPerHost: 1))
    let server = try RawServer { $0.waitForEnd() }
    let url = "http://127.0.0.1:\(server.port)/"
    let first = Task { try await client.send(HTTPRequest(url: url, deadline: nil)) }
    try await Task.sleep(for: .milliseconds(100))
    let time = try await fastest(under: .seconds(3)) {
      let start = ContinuousClock.now
      let error = try await failure { try await client.send(HTTPRequest(url: url, deadline: .milliseconds(200))) }
      #expect(error.code == .timedOut)
      return ContinuousClock.now - start
    }
    #expect(time < .seconds(3))
    first.cancel()
    _ = try await failure { try await first.value }
  }

  @Test("A handshake that never ends hits the connect timeout and says so")
  func connectTimeout() async throws {
    let server = try RawServer { $0.waitForEnd() }
    let error = try await failure {
      try await client.send(
        HTTPRequest(url: "https://127.0.0.1:\(server.port)/", deadline: nil, connectTimeout: .milliseconds(300)))
    }
    #expect(error.code == .timedOut)
    #expect(error.message == "the TLS handshake with 127.0.0.1:\(server.port) did not end within 0.3 s")
  }

  @Test("A port where nobody listens refuses")
  func refused() async throws {
    let port = try NginxFront.freePort()
    let error = try await failure { try await client.send(HTTPRequest(url: "http://127.0.0.1:\(port)/")) }
    #expect(error.code == .connectionRefused)
    #expect(error.description == "127.0.0.1:\(port) refuses the connection (http://127.0.0.1:\(port)/)")
  }

  @Test("A name that does not exist is not resolved")
  func unresolved() async throws {
    let error = try await failure { try await client.send(HTTPRequest(url: "http://does-not-exist.invalid/")) }
    #expect(error.code == .nameNotResolved)
    #expect(error.message == "the name does-not-exist.invalid cannot be resolved")
  }

  @Test(
    "What is no http URL is refused before anything is sent",
    arguments: ["", "nonsense", "ftp://host/", "file:///etc/passwd", "http://", "http://a b/", "http://host/\r\nX: y"])
  func invalid(_ url: String) async throws {
    let error = try await failure { try await client.send(HTTPRequest(url: url)) }
    #expect(error.code == .invalidURL)
  }

  @Test("A line end in a header field is refused")
  func injectedHeader() async throws {
    let error = try await failure {
      try await client.send(HTTPRequest(url: "http://127.0.0.1:9/", headers: ["A": "b\r\nC: d"]))
    }
    #expect(error.code == .invalidURL)
  }

  @Test("An answer that is no HTTP is told apart", arguments: ["<html>hello</html>\n\n", "SSH-2.0-OpenSSH_9.2\r\n"])
  func noHTTP(_ answer: String) async throws {
    let server = try recordingServer(answer, into: Record())
    let error = try await failure { try await client.send(HTTPRequest(url: "http://127.0.0.1:\(server.port)/")) }
    #expect(error.code == .protocolFailed)
    #expect(error.message.contains("is no HTTP"))
  }

  @Test(
    "A body that is cut is an error",
    arguments: [
      "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
    ])
  func cut(_ answer: String) async throws {
    let server = try recordingServer(answer, into: Record())
    let error = try await failure { try await client.send(HTTPRequest(url: "http://127.0.0.1:\(server.port)/")) }
    #expect(error.code == .protocolFailed)
    #expect(error.message.contains("in the middle of the answer"))
  }

  @Test("A connection that closes without an answer is an error")
  func closedAtOnce() async throws {
    let server = try RawServer { _ = $0.readHead() }
    let error = try await failure { try await client.send(HTTPRequest(url: "http://127.0.0.1:\(server.port)/")) }
    #expect(error.code == .protocolFailed)
    #expect(error.message == "127.0.0.1:\(server.port) closed the connection without an answer")
  }

  @Test("A header without end is bounded", arguments: ["X-A: 0123456789\r\n", "0123456789"])
  func endlessHeader(_ piece: String) async throws {
    let server = try RawServer { connection in
      _ = connection.readHead()
      connection.write("HTTP/1.1 200 OK\r\nX: ")
      while connection.write(piece) {}
    }
    let error = try await failure { try await client.send(HTTPRequest(url: "http://127.0.0.1:\(server.port)/")) }
    #expect(error.code == .tooLarge)
    #expect(error.message.contains("header"))
  }

  @Test("A body beyond the limit is too large, one at the limit is not")
  func tooLarge() async throws {
    let server = try recordingServer("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789", into: Record())
    let url = "http://127.0.0.1:\(server.port)/"
    #expect(try await client.send(HTTPRequest(url: url, maximumBodyBytes: 10)).text == "0123456789")
    let error = try await failure { try await client.send(HTTPRequest(url: url, maximumBodyBytes: 9)) }
    #expect(error.code == .tooLarge)
    #expect(error.message == "the answer's body is larger than 9 bytes")
  }

  @Test("The limit holds for the decoded body, and a gzip body is decoded")
  func decoded() async throws {
    let packed = try await withScratchDirectory { directory in
      let path = try directory.write(String(repeating: "a", count: 100_000), to: "a")
      try await TestProgram("gzip", debianPackage: "gzip").run([path])
      return try directory.read("a.gz")
    }
    #expect(packed.count < 1000)
    let server = try RawServer { connection in
      _ = connection.readHead()
      connection.write("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: \(packed.count)\r\n\r\n")
      connection.write(packed)
    }
    let url = "http://127.0.0.1:\(server.port)/"
    let response = try await client.send(HTTPRequest(url: url, maximumBodyBytes: 100_000))
    #expect(response.text == String(repeating: "a", count: 100_000))
    let error = try await failure { try await client.send(HTTPRequest(url: url, maximumBodyBytes: 99_999)) }
    #expect(error.code == .tooLarge)
  }

  @Test("No secret stands in an error")
  func redaction() async throws {
    let error = try await failure {
      try await client.send(
        HTTPRequest(
          url: "http://user:hunter22@does-not-exist.invalid/p?token=sekret", headers: ["Authorization": "Bearer abcdef"]
        ))
    }
    for secret in ["user", "hunter22", "sekret", "abcdef"] { #expect(!error.description.contains(secret)) }
    #expect(error.url == "http://does-not-exist.invalid/p")
    let invalid = try await failure { try await client.send(HTTPRequest(url: "htp://user:hunter22@host/?sekret")) }
    #expect(!invalid.description.contains("hunter22"))
    #expect(!invalid.description.contains("sekret"))
  }
}
