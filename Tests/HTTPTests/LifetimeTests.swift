import TestSupport
import Testing

@testable import HTTP

@Suite("The client's thread", .timeLimit(.minutes(1)))
struct LifetimeTests {
  @Test("The thread ends with the last reference to the client")
  func ends() async throws {
    let server = try recordingServer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", into: Record())
    weak var loop: TransferLoop?
    func use() async throws {
      let client = makeClient()
      loop = client.loop
      let response = try await client.send(HTTPRequest(url: "http://127.0.0.1:\(server.port)/"))
      #expect(response.status == 200)
    }
    try await use()
    #expect(try await eventually { loop == nil })
  }

  @Test("A client that was never used leaves nothing behind")
  func unused() async throws {
    weak let loop = makeClient().loop
    #expect(loop == nil)
  }

  @Test("An upload to a peer that hangs up ends with an error")
  func brokenPipe() async throws {
    let server = try RawServer { _ = $0.readHead() }
    for _ in 0..<5 {
      let error = try await failure {
        try await makeClient().send(
          HTTPRequest(
            method: "PUT", url: "http://127.0.0.1:\(server.port)/", body: [UInt8](repeating: 1, count: 16 << 20)))
      }
      #expect(error.code == .protocolFailed)
    }
  }

  @Test("A thousand exchanges that are cancelled at random end, all of them")
  func cancelStorm() async throws {
    try await EchoServer.run { url in
      let client = makeClient()
      let ends = await withTaskGroup(of: Bool.self) { group in
        for number in 0..<1000 {
          group.addTask {
            let task = Task { try await client.send(HTTPRequest(url: "\(url)/\(number)")).status }
            if number % 3 == 0 {
              for _ in 0..<(number % 7) { await Task.yield() }
              task.cancel()
            }
            do {
              return try await task.value == 200
            } catch let error as HTTPError {
              return error.code == .cancelled && number % 3 == 0
            } catch {
              return false
            }
          }
        }
        return await group.reduce(into: []) { $0.append($1) }
      }
      #expect(ends.count == 1000)
      #expect(ends.allSatisfy { $0 })
    }
  }
}
