import FlyingSocks
import Foundation
import Testing

@testable import Simulator

@Suite("The simulated world's HTTP, byte for byte")
struct LoopbackTests {
  @Test("One connection serves requests one after the other: bodies by length, in chunks, after a 100, and a HEAD")
  func oneConnection() async throws {
    let answers = try await exchange(
      "GET /a%20b?x=1 HTTP/1.1\r\nX-Group: one\r\nx-group:  two\t\r\n\r\n"
        + "POST /length HTTP/1.1\r\nContent-Length: 4\r\n\r\nfour"
        + "PUT /chunks HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
        + "3;name=value\r\nabc\r\nA\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n"
        + "HEAD /head HTTP/1.1\r\n\r\n"
        + "POST /waits HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"
        + "GET /never HTTP/1.1\r\n\r\n")
    #expect(
      answers == "HTTP/1.1 200 OK\r\nContent-Length: 22\r\n\r\nGET /a%20b x=1 one,two"
        + "HTTP/1.1 200 OK\r\nContent-Length: 19\r\n\r\nPOST /length   four"
        + "HTTP/1.1 200 OK\r\nContent-Length: 27\r\n\r\nPUT /chunks   abc0123456789"
        + "HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n"
        + "HTTP/1.1 100 Continue\r\n\r\n"
        + "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 16\r\n\r\nPOST /waits   ok")
  }

  @Test("A stream comes in chunks, and bare where the connection ends with it, as before HTTP/1.1")
  func streams() async throws {
    let chunked = try await exchange("GET /stream HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\nConnection: close\r\n\r\n")
    #expect(
      chunked.hasPrefix("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\n\r\nHTTP"))
    #expect(
      try await exchange("GET /stream HTTP/1.0\r\n\r\n") == "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nonetwo")
  }

  @Test("A cut answer promises more than it holds, and a refusal is nothing at all")
  func broken() async throws {
    #expect(try await exchange("GET /cut HTTP/1.1\r\n\r\n") == "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabc")
    #expect(try await exchange("GET /nothing HTTP/1.1\r\n\r\n").isEmpty)
  }

  @Test(
    "What is no HTTP/1 ends the connection",
    arguments: [
      "GET /\r\n\r\n", "GET / HTTP/2\r\n\r\n", "GET http://a/ HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nno colon\r\n\r\n",
      "PUT / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", "PUT / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n",
      "PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n1\r\na\r\n0\r\n\r\n",
      "PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", "GET /\(String(repeating: "a", count: 70_000))",
    ])
  func malformed(_ text: String) async throws { #expect(try await exchange(text).isEmpty) }

  @Test("A stopped listener ends the answers that are under way")
  func stop() async throws {
    let listener = LoopbackListener()
    let (stream, continuation) = AsyncStream<[UInt8]>.makeStream()
    let port = try await listener.start { _ in
      LoopbackAnswer(status: 200, headers: [], body: .stream(stream))
    }
    let socket = try await AsyncSocket.connected(to: .inet(ip4: "127.0.0.1", port: port))
    defer { try? socket.close() }
    try await socket.write(Data("GET / HTTP/1.1\r\n\r\n".utf8))
    continuation.yield([0x61])
    _ = try await socket.read(bytes: 20)
    await listener.stop()
    _ = try await rest(of: socket)
  }
}

/// What a listener sends back for these bytes until it closes the connection: it tells the request, or does what the
/// path says.
private func exchange(_ text: String) async throws -> String {
  let listener = LoopbackListener()
  let port = try await listener.start { request in
    let told = "\(request.method) \(request.path) \(request.rawQuery) \(request.header("x-group") ?? "")"
    let body = request.body.isEmpty ? "" : " \(String(decoding: request.body, as: UTF8.self))"
    switch request.path {
    case "/nothing": return nil
    case "/cut": return LoopbackAnswer(status: 200, headers: [], body: .cut(Array("abcdef".utf8)))
    case "/stream":
      let (stream, continuation) = AsyncStream<[UInt8]>.makeStream()
      for piece in ["one", "", "two"] { continuation.yield(Array(piece.utf8)) }
      continuation.finish()
      return LoopbackAnswer(status: 200, headers: [], body: .stream(stream))
    default: return LoopbackAnswer(status: 200, headers: [], body: .bytes(Array((told + body).utf8)))
    }
  }
  let socket = try await AsyncSocket.connected(to: .inet(ip4: "127.0.0.1", port: port))
  defer { try? socket.close() }
  try await socket.write(Data(text.utf8))
  let answer = try await rest(of: socket)
  await listener.stop()
  return String(decoding: answer, as: UTF8.self)
}

private func rest(of socket: AsyncSocket) async throws -> [UInt8] {
  var bytes: [UInt8] = []
  do {
    while true { bytes += try await socket.read(atMost: 4096) }
  } catch SocketError.disconnected {
    return bytes
  }
}
