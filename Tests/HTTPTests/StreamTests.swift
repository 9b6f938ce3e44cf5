import HTTP
import Synchronization
import TestSupport
import Testing

@Suite("Streams", .timeLimit(.minutes(1)))
struct StreamTests {
  /// Sends a chunk for each line that `lines` says, then goes on to wait.
  func chunkServer(_ chunks: [String], ends: Bool) throws -> RawServer {
    try RawServer { connection in
      _ = connection.readHead()
      connection.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
      for chunk in chunks { connection.write("\(String(chunk.utf8.count, radix: 16))\r\n\(chunk)\r\n") }
      if ends { connection.write("0\r\n\r\n") } else { connection.waitForEnd() }
    }
  }

  /// Sends the beginning of an answer, waits until the client has gone, and tells.
  func patientServer(telling endings: Record<Void>) throws -> RawServer {
    try RawServer { connection in
      _ = connection.readHead()
      connection.write("HTTP/1.1 200 OK\r\n\r\nfirst")
      connection.waitForEnd()
      endings.add(())
    }
  }

  @Test("A chunk is handed over while the answer goes on")
  func chunkByChunk() async throws {
    let client = makeClient()
    let server = try chunkServer(["one"], ends: false)
    let stream = try await client.stream(HTTPRequest(url: "http://127.0.0.1:\(server.port)/", deadline: nil))
    #expect(stream.status == 200)
    #expect(stream.headers["Transfer-Encoding"] == "chunked")
    var iterator = stream.body.makeAsyncIterator()
    #expect(try await iterator.next() == Array("one".utf8))
  }

  @Test("The body comes whole and ends")
  func whole() async throws {
    let client = makeClient()
    let server = try chunkServer((0..<500).map { "line \($0)\n" }, ends: true)
    let stream = try await client.stream(HTTPRequest(url: "http://127.0.0.1:\(server.port)/"))
    var text: [UInt8] = []
    for try await chunk in stream.body { text += chunk }
    #expect(String(decoding: text, as: UTF8.self) == (0..<500).map { "line \($0)\n" }.joined())
  }

  @Test("Ending the iteration early ends the transfer")
  func early() async throws {
    let client = makeClient()
    let endings = Record<Void>()
    let server = try patientServer(telling: endings)
    func readOne() async throws -> [UInt8]? {
      let stream = try await client.stream(HTTPRequest(url: "http://127.0.0.1:\(server.port)/", deadline: nil))
      for try await chunk in stream.body { return chunk }
      return nil
    }
    #expect(try await readOne() == Array("first".utf8))
    #expect(try await eventually { !endings.all.isEmpty })
  }

  @Test("Cancelling the reading task ends the loop and the transfer")
  func cancelled() async throws {
    let client = makeClient()
    let endings = Record<Void>()
    let server = try patientServer(telling: endings)
    let seen = Record<[UInt8]>()
    let task = Task {
      let stream = try await client.stream(HTTPRequest(url: "http://127.0.0.1:\(server.port)/", deadline: nil))
      for try await chunk in stream.body { seen.add(chunk) }
      // AsyncThrowingStream ends without an error where the task was cancelled between two pieces.
      try Task.checkCancellation()
    }
    #expect(try await eventually { !seen.all.isEmpty })
    task.cancel()
    let result = await task.result
    switch result {
    case .success: Issue.record("the task went on")
    case .failure(let error as HTTPError): #expect(error.code == .cancelled)
    case .failure(let error): #expect(error is CancellationError)
    }
    #expect(try await eventually { !endings.all.isEmpty })
  }

  @Test("A stream whose head never comes can be cancelled and has a deadline")
  func headless() async throws {
    let client = makeClient()
    let server = try RawServer { $0.waitForEnd() }
    let url = "http://127.0.0.1:\(server.port)/"
    let error = try await failure {
      try await client.stream(HTTPRequest(url: url, deadline: .milliseconds(200))).status
    }
    #expect(error.code == .timedOut)
    let task = Task { try await client.stream(HTTPRequest(url: url, deadline: nil)).status }
    try await Task.sleep(for: .milliseconds(100))
    task.cancel()
    #expect(try await failure { try await task.value }.code == .cancelled)
  }

  @Test("A stream that is cut throws after the last chunk")
  func cut() async throws {
    let client = makeClient()
    let server = try recordingServer("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc", into: Record())
    let stream = try await client.stream(HTTPRequest(url: "http://127.0.0.1:\(server.port)/"))
    var text: [UInt8] = []
    let error = try await failure {
      for try await chunk in stream.body { text += chunk }
      return 0
    }
    #expect(error.code == .protocolFailed)
    #expect(text == Array("abc".utf8))
  }

  @Test("A slow reader pauses the sender and still gets every byte")
  func backPressure() async throws {
    let client = makeClient(streamBufferBytes: 64 << 10)
    let total = 32 << 20
    let written = Mutex(0)
    let server = try RawServer { connection in
      _ = connection.readHead()
      connection.write("HTTP/1.1 200 OK\r\nContent-Length: \(total)\r\n\r\n")
      let piece = (0..<(64 << 10)).map { UInt8(truncatingIfNeeded: $0) }
      for _ in 0..<(total / piece.count) {
        guard connection.write(piece) else { return }
        written.withLock { $0 += piece.count }
      }
    }
    let stream = try await client.stream(
      HTTPRequest(url: "http://127.0.0.1:\(server.port)/", deadline: nil, maximumBodyBytes: 10))
    try await Task.sleep(for: .milliseconds(500))
    // What was written beyond the buffer fills the kernel's.
    #expect(written.withLock { $0 } < total / 2)
    var received: [UInt8] = []
    for try await chunk in stream.body { received += chunk }
    #expect(received.count == total)
    let piece = (0..<(64 << 10)).map { UInt8(truncatingIfNeeded: $0) }
    let isRight = stride(from: 0, to: received.count, by: piece.count).allSatisfy {
      received[$0..<min($0 + piece.count, received.count)] == piece[...]
    }
    #expect(isRight)
  }

  @Test("A paused stream holds up no other exchange")
  func pausedAside() async throws {
    let client = makeClient(streamBufferBytes: 1 << 10)
    let server = try RawServer { connection in
      let head = connection.readHead()
      if head.hasPrefix("GET /short") {
        connection.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
      } else {
        connection.write("HTTP/1.1 200 OK\r\n\r\n")
        while connection.write([UInt8](repeating: 1, count: 64 << 10)) {}
      }
    }
    let stream = try await client.stream(HTTPRequest(url: "http://127.0.0.1:\(server.port)/long", deadline: nil))
    try await Task.sleep(for: .milliseconds(100))
    let response = try await client.send(HTTPRequest(url: "http://127.0.0.1:\(server.port)/short"))
    #expect(response.text == "ok")
    #expect(stream.status == 200)
  }

  @Test("A stream keeps its client")
  func clientLives() async throws {
    let server = try RawServer { connection in
      _ = connection.readHead()
      connection.write("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabc")
      _ = connection.read()
      connection.write("def")
    }
    func open() async throws -> HTTPStream {
      try await makeClient().stream(HTTPRequest(url: "http://127.0.0.1:\(server.port)/", deadline: nil))
    }
    let stream = try await open()
    try await Task.sleep(for: .milliseconds(100))
    var iterator = stream.body.makeAsyncIterator()
    #expect(try await iterator.next() == Array("abc".utf8))
  }
}
