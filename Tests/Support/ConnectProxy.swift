/// A proxy on loopback that leads names of the internet to servers of a test (RFC 9110, 9.3.6, CONNECT alone). A name that
/// it does not know is refused with 502.
public final class ConnectProxy: Sendable {
  private let server: RawServer

  /// Listens; `ports` are the ports of loopback by host.
  public init(_ ports: [String: Int]) throws {
    server = try RawServer { connection in
      let words = connection.readHead().split(separator: " ")
      let host = words.count > 1 ? words[1].split(separator: ":").first.map(String.init) ?? "" : ""
      guard words.first == "CONNECT", let port = ports[host] else {
        connection.write("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
        return
      }
      connection.write("HTTP/1.1 200 Connection established\r\n\r\n")
      connection.tunnel(toPort: port)
    }
  }

  /// `http://127.0.0.1:PORT`.
  public var url: String { "http://127.0.0.1:\(server.port)" }

  /// Stops listening.
  public func stop() { server.stop() }
}
