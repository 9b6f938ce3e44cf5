import HTTP
import Synchronization
import Testing

@Suite("Answers in pieces")
struct PieceTests {
  private struct Enough: Error {}

  @Test("A success' body goes to its reader, in order, and stays nowhere else")
  func success() async throws {
    try await EchoServer.run { url in
      let client = makeClient()
      let body = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
      let request = HTTPRequest(method: "POST", url: url + "/echo", body: body)
      let whole = try await client.send(request)
      let seen = Mutex<[UInt8]>([])
      let answer = try await client.send(request) { piece in seen.withLock { $0 += piece } }
      #expect(answer.status == 200)
      #expect(answer.body.isEmpty)
      #expect(seen.withLock { $0 } == whole.body)
    }
  }

  @Test("Another answer has its body, and its reader sees nothing")
  func failure() async throws {
    try await EchoServer.run { url in
      let client = makeClient()
      let answer = try await client.send(HTTPRequest(url: url + "/missing")) { _ in throw Enough() }
      #expect(answer.status == 404)
      #expect(answer.body == Array("none".utf8))
    }
  }

  @Test("What the reader throws ends the exchange and is thrown; the client goes on")
  func refused() async throws {
    try await EchoServer.run { url in
      let client = makeClient()
      let request = HTTPRequest(method: "POST", url: url + "/echo", body: Array(repeating: 1, count: 300_000))
      await #expect(throws: Enough.self) { try await client.send(request) { _ in throw Enough() } }
      let next = try await client.send(request)
      #expect(next.status == 200)
    }
  }
}
