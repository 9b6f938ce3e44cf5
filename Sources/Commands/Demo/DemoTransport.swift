import HTTP

/// Sends requests for the simulated hosts to their servers on loopback. Everything else fails: a demonstration never
/// leaves this machine. It says which host was meant, as a router in front of a server does.
struct DemoTransport: HTTPTransport {
  /// `https://host[:port]` and the port on loopback that stands for it.
  let routes: [String: UInt16]
  let client: HTTPClient

  func send(_ request: HTTPRequest) async throws -> HTTPResponse { try await client.send(routed(request)) }

  func stream(_ request: HTTPRequest) async throws -> HTTPStream { try await client.stream(routed(request)) }

  func send(_ request: HTTPRequest, pieces: @escaping HTTPPieceReader) async throws -> HTTPResponse {
    try await client.send(routed(request), pieces: pieces)
  }

  private func routed(_ request: HTTPRequest) throws -> HTTPRequest {
    for (origin, port) in routes where request.url == origin || request.url.hasPrefix(origin + "/") {
      var routed = request
      routed.url = "http://127.0.0.1:\(port)" + request.url.dropFirst(origin.count)
      routed.headers["X-Forwarded-Host"] = String(origin.drop { $0 != "/" }.drop { $0 == "/" })
      routed.headers["X-Forwarded-Proto"] = "https"
      routed.tls = TLSOptions()
      routed.proxy = .none
      return routed
    }
    throw HTTPError(
      code: .nameNotResolved, message: "the simulated world has no such host",
      url: String(request.url.prefix { $0 != "?" }))
  }
}

/// The simulated servers speak http: what they would present is made up, and everyone trusts it.
extension DemoTransport: TLSInspecting {
  func presentedCertificates(
    _ url: String, tls: TLSOptions, proxy: ProxyChoice, timeout: Duration
  ) async throws -> [PresentedCertificate] {
    let host = url.dropFirst("https://".count).prefix { $0 != "/" && $0 != ":" }
    return [
      PresentedCertificate(
        subject: "CN = \(host)", issuer: "CN = Demonstration CA", notBefore: "Jan  1 00:00:00 2025 GMT",
        notAfter: "Jan  1 00:00:00 2095 GMT", names: ["DNS:\(host)"], pem: "")
    ]
  }
}
