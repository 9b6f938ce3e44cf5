/// One HTTP exchange to make: a value, built by pure functions and asserted in tests without being sent.
public struct HTTPRequest: Sendable, Equatable {
  /// The method, in capitals: `GET`, `PATCH`.
  public var method: String
  /// An absolute http or https URL.
  public var url: String
  /// Header fields in the order they are sent.
  public var headers: HTTPHeaders
  /// The body; nil sends none.
  public var body: [UInt8]?
  /// The time for the whole exchange, the connect included. nil: only `connectTimeout` holds (watches).
  public var deadline: Duration?
  /// The time for name look-up, TCP and TLS together.
  public var connectTimeout: Duration
  /// How the peer is verified and what we show it.
  public var tls: TLSOptions
  /// The proxy to go through.
  public var proxy: ProxyChoice
  /// A decoded body larger than this many bytes ends `send` with `.tooLarge`; `stream` holds no body and no limit.
  public var maximumBodyBytes: Int

  /// A request with the defaults of the house: 30 s in all, 10 s to connect, 64 MiB of body.
  public init(
    method: String = "GET", url: String, headers: HTTPHeaders = [:], body: [UInt8]? = nil,
    deadline: Duration? = .seconds(30), connectTimeout: Duration = .seconds(10),
    tls: TLSOptions = TLSOptions(), proxy: ProxyChoice = .environment, maximumBodyBytes: Int = 64 << 20
  ) {
    self.method = method
    self.url = url
    self.headers = headers
    self.body = body
    self.deadline = deadline
    self.connectTimeout = connectTimeout
    self.tls = tls
    self.proxy = proxy
    self.maximumBodyBytes = maximumBodyBytes
  }
}

/// How a TLS peer is verified, and the identity that is shown to it.
public struct TLSOptions: Sendable, Hashable {
  /// Bytes in memory, or a file to read them from.
  public enum Source: Sendable, Hashable {
    case pem([UInt8])
    case file(String)
  }

  /// The CA bundle; nil: the system's.
  public var certificateAuthority: Source?
  /// The client certificate (PEM, chain allowed).
  public var clientCertificate: Source?
  /// The client certificate's private key (PEM).
  public var clientKey: Source?
  /// The name that is sent (SNI) and verified in place of the URL's host (kubeconfig's `tls-server-name`).
  public var serverName: String?
  /// Accept any certificate (kubeconfig's `insecure-skip-tls-verify`).
  public var skipsVerification: Bool

  /// The defaults verify against the system's CA bundle and show no identity.
  public init(
    certificateAuthority: Source? = nil, clientCertificate: Source? = nil, clientKey: Source? = nil,
    serverName: String? = nil, skipsVerification: Bool = false
  ) {
    self.certificateAuthority = certificateAuthority
    self.clientCertificate = clientCertificate
    self.clientKey = clientKey
    self.serverName = serverName
    self.skipsVerification = skipsVerification
  }
}

/// Which proxy a request goes through.
public enum ProxyChoice: Sendable, Hashable {
  /// `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY` and their lower-case forms, as curl reads them; but
  /// upper-case `HTTP_PROXY` counts and loopback goes straight, as for kubectl.
  case environment
  /// Straight to the peer, whatever the environment says.
  case none
  /// This one: `http://`, `https://` or `socks5://`, credentials allowed. As for kubectl, a SOCKS 5 proxy looks up the
  /// names itself.
  case url(String)
}

/// An answer, complete with its body.
public struct HTTPResponse: Sendable, Equatable {
  /// The status code: 200.
  public var status: Int
  /// The header fields, in the order they came.
  public var headers: HTTPHeaders
  /// The body, decoded from gzip or deflate.
  public var body: [UInt8]
  /// The protocol that was spoken.
  public var version: HTTPVersion

  /// A response from its parts; tests make them.
  public init(status: Int, headers: HTTPHeaders = [:], body: [UInt8] = [], version: HTTPVersion = .http1) {
    self.status = status
    self.headers = headers
    self.body = body
    self.version = version
  }
}

/// The HTTP version of an exchange.
public enum HTTPVersion: Sendable, Equatable {
  case http1
  case http2
}

/// An answer whose body arrives while it is read.
public struct HTTPStream: Sendable {
  /// The status code.
  public var status: Int
  /// The header fields.
  public var headers: HTTPHeaders
  /// The body in chunks as they came; throws `HTTPError`. Ending the iteration early ends the transfer.
  public var body: AsyncThrowingStream<[UInt8], any Error>

  /// A stream from its parts; tests make them.
  public init(status: Int, headers: HTTPHeaders, body: AsyncThrowingStream<[UInt8], any Error>) {
    self.status = status
    self.headers = headers
    self.body = body
  }
}

/// The seam that everything above HTTP is written against: curl in the program, a script in tests.
public protocol HTTPTransport: Sendable {
  /// Makes the exchange. An HTTP error status is a value, not an error. Cancelling the task ends it.
  func send(_ request: HTTPRequest) async throws -> HTTPResponse
  /// Makes the exchange and hands over the body while it arrives.
  func stream(_ request: HTTPRequest) async throws -> HTTPStream
  /// Makes the exchange; a success' body goes to `pieces` while it arrives, and what that throws ends the exchange and
  /// is thrown. Other answers have their body as with `send`.
  func send(_ request: HTTPRequest, pieces: @escaping HTTPPieceReader) async throws -> HTTPResponse
}

/// Reads a piece of a body. It is called by one thread after the other, in the order of the body, and must not wait:
/// other exchanges do meanwhile. The bytes are lent for the call.
public typealias HTTPPieceReader = @Sendable (UnsafeRawBufferPointer) throws -> Void

extension HTTPTransport {
  /// For transports that have an answer as a whole: the body is one piece.
  public func send(_ request: HTTPRequest, pieces: @escaping HTTPPieceReader) async throws -> HTTPResponse {
    var response = try await send(request)
    guard (200..<300).contains(response.status) else { return response }
    try response.body.withUnsafeBytes(pieces)
    response.body = []
    return response
  }
}
