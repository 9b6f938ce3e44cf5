import HTTP
import TestSupport
import Testing

@Suite("nginx in front of a plain server", .timeLimit(.minutes(1)))
struct FrontTests {
  let client = makeClient()

  /// A front that passes everything to `port`, and the identity of jane.
  func withFront<Result>(
    to port: Int, _ body: (_ url: String, _ tls: TLSOptions) async throws -> Result
  ) async throws -> Result {
    try await withScratchDirectory { directory in
      let certificates = try await TestCertificates(in: directory)
      let configuration = NginxFront.Configuration(
        server: try await certificates.server(), upstreamPort: port, clientCertificates: .optional,
        clientAuthorityPath: certificates.authority.certificatePath)
      let jane = try await certificates.client(user: "jane", groups: ["system:masters", "dev"])
      return try await NginxFront.run(configuration) { front in
        try await body(
          front.url,
          TLSOptions(
            certificateAuthority: certificates.bundle, clientCertificate: .pem(jane.certificate),
            clientKey: .pem(jane.key)))
      }
    }
  }

  @Test("The upstream hears who the client is, and not who it claims to be")
  func remoteUser() async throws {
    let heads = Record<String>()
    let server = try recordingServer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", into: heads)
    try await withFront(to: server.port) { url, tls in
      let claims: HTTPHeaders = ["X-Remote-User": "root", "X-Remote-Group": "all"]
      let known = try await client.send(HTTPRequest(url: "\(url)/a", headers: claims, tls: tls))
      #expect(known.text == "ok")
      #expect(known.version == .http2)
      #expect(
        heads.all.last?.contains("\r\nX-Remote-User: jane\r\nX-Remote-Group: dev\r\nX-Remote-Group: system:masters\r\n")
          == true)
      let nameless = TLSOptions(certificateAuthority: tls.certificateAuthority)
      let unknown = try await client.send(HTTPRequest(url: "\(url)/b", headers: claims, tls: nameless))
      #expect(unknown.status == 200)
      #expect(heads.all.last?.contains("X-Remote") == false)
    }
  }

  @Test("A body of 8 MB goes up and down over HTTP/2 unchanged, several at a time")
  func bodies() async throws {
    try await EchoServer.run { upstream in
      guard let port = Int(upstream.split(separator: ":").last ?? "") else { throw TestSupportError(upstream) }
      try await withFront(to: port) { url, tls in
        let body = patternBytes(8_000_000)
        try await withThrowingTaskGroup(of: HTTPResponse.self) { group in
          for _ in 0..<3 {
            group.addTask { try await client.send(HTTPRequest(method: "PUT", url: url, body: body, tls: tls)) }
          }
          for try await response in group {
            #expect(response.version == .http2)
            #expect(response.body == body)
          }
        }
      }
    }
  }

  @Test("A watch's events arrive one by one, and its end reaches the upstream")
  func watch() async throws {
    let ended = Record<Bool>()
    let server = try RawServer { connection in
      _ = connection.readHead()
      connection.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n")
      connection.waitForEnd()
      ended.add(true)
    }
    try await withFront(to: server.port) { url, tls in
      func readOne() async throws -> [UInt8]? {
        let stream = try await client.stream(HTTPRequest(url: url, deadline: nil, tls: tls))
        for try await chunk in stream.body { return chunk }
        return nil
      }
      let chunk = try await readOne()
      #expect(chunk == Array("first".utf8))
      let isEnded = try await eventually { !ended.all.isEmpty }
      #expect(isEnded)
    }
  }
}
