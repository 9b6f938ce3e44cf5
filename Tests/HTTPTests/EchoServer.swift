import FlyingFox
import FlyingSocks
import FoundationEssentials
import Glibc

/// A FlyingFox on loopback: `/echo` gives back the body and tells the method and the path in fields, `/hang` gives
/// nothing for a minute.
enum EchoServer {
  static func run<Result>(_ body: (_ url: String) async throws -> Result) async throws -> Result {
    let server = HTTPServer(address: try sockaddr_in.inet(ip4: "127.0.0.1", port: 0), logger: .disabled)
    await server.appendRoute("/hang") { _ in
      try await Task.sleep(for: .seconds(60))
      return HTTPResponse(statusCode: .ok)
    }
    await server.appendRoute("/missing") { _ in HTTPResponse(statusCode: .notFound, body: Data("none".utf8)) }
    await server.appendRoute("*") { request in
      let headers: HTTPHeaders = [
        HTTPHeader("X-Method"): request.method.rawValue, HTTPHeader("X-Path"): request.path,
        HTTPHeader("X-Agent"): request.headers[HTTPHeader("User-Agent")] ?? "",
      ]
      return HTTPResponse(statusCode: .ok, headers: headers, body: try await request.bodyData)
    }
    let task = Task { try await server.run() }
    defer { task.cancel() }
    try await server.waitUntilListening()
    guard case .ip4(_, let port) = await server.listeningAddress else { throw SocketError.disconnected }
    return try await body("http://127.0.0.1:\(port)")
  }
}
