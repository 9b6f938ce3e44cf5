/// Everything that is set on a curl handle for one exchange, as a value: made by a pure function (but for the TLS
/// files, which are read), asserted in tests without a network.
struct TransferPlan: Sendable, Equatable {
  /// How the request is framed.
  enum Framing: Sendable, Equatable {
    /// No body is sent: GET, DELETE without a body.
    case bare
    /// No body is sent and none is waited for.
    case head
    /// A body of known length follows, also one of no bytes at all.
    case body([UInt8])
  }

  var method: String
  /// What curl is asked for: the host may be the TLS server name.
  var url: String
  /// The URL's credentials, sent as Basic authentication where no Authorization field stands.
  var user: String?
  var password: String?
  /// curl's `::HOST:PORT`: where the connection goes to, whatever host `url` names.
  var connectTo: String?
  /// Lines as curl takes them: `Name: value`, `Name;` for an empty value, `Name:` to leave out curl's own.
  var headerLines: [String]
  var framing: Framing
  var deadline: Duration?
  var connectTimeout: Duration
  /// PEM; nil: the system's bundle. A bundle here replaces the system's.
  var certificateAuthority: [UInt8]?
  /// PEM: the private key and then the certificate with its chain, in one piece. curl compares this piece when it looks
  /// for a connection to use again, so a certificate with another key is another identity.
  var identity: [UInt8]?
  var verifiesPeer: Bool
  var proxy: ProxyPlan?
  /// Whether HTTP/2 may be spoken and a connection shared with other exchanges at the same time.
  var allowsHTTP2: Bool
  /// Connect, take the peer's certificates and make no request.
  var looksAtCertificates = false
  /// The limit of the decoded body.
  var maximumBodyBytes: Int
  /// For error texts.
  var target: TargetURL
  /// What must not stand in an error text.
  var secrets: [String]

  /// A proxy without its credentials, and these apart.
  struct ProxyPlan: Sendable, Equatable {
    /// `scheme://host:port`.
    var url: String
    var user: String?
    var password: String?
  }

  /// The plan for a request.
  /// - Parameters:
  ///   - isStream: the body is handed over while it arrives. Such an exchange has an HTTP/1.1 connection of its own:
  ///     a reader that lags pauses it, and a paused HTTP/2 stream would hold up all others of its connection.
  init(_ request: HTTPRequest, isStream: Bool, environment: [String: String]) throws(HTTPError) {
    let shown = request.url.prefix { $0 != "?" && $0 != "#" }
    // What is not parsed may hold credentials anywhere.
    let safe = shown.contains("@") ? "" : shown.filter { !$0.isNewline && ($0.asciiValue ?? 0x20) >= 0x20 }
    if let message = Curl.failure { throw HTTPError(code: .libraryMissing, message: message, url: safe) }
    guard let target = TargetURL(request.url), target.scheme == "http" || target.scheme == "https" else {
      throw HTTPError(code: .invalidURL, message: "this is no absolute http or https URL", url: safe)
    }
    func failure(_ code: HTTPError.Code, _ message: String) -> HTTPError {
      HTTPError(code: code, message: message, url: target.display)
    }
    self.target = target
    user = target.user
    password = target.password
    method = request.method
    deadline = request.deadline
    connectTimeout = request.connectTimeout
    maximumBodyBytes = isStream ? .max : request.maximumBodyBytes
    let tokenBytes = Set("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)
    guard !method.isEmpty, method.utf8.allSatisfy(tokenBytes.contains) else {
      throw failure(.invalidURL, "the method is no HTTP token")
    }
    for field in request.headers.fields {
      guard !field.name.isEmpty, field.name.utf8.allSatisfy(tokenBytes.contains),
        !field.value.utf8.contains(where: { $0 == 0x0D || $0 == 0x0A || $0 == 0 })
      else {
        throw failure(.invalidURL, "a header field is malformed: its name is no token or its value has a line end")
      }
    }
    framing = Self.framing(method: method, body: request.body)

    var rewritten = false
    if target.scheme == "https", let name = request.tls.serverName, !name.isEmpty, name != target.bareHost {
      let host = IPAddress(name)?.bytes.count == 16 ? "[\(name)]" : name
      guard TargetURL("https://\(host)/")?.host == host, !name.contains("/"), !name.contains("@") else {
        throw failure(.invalidURL, "the TLS server name is no host name")
      }
      url = target.request(host: host)
      connectTo = "::\(target.host):\(target.effectivePort)"
      rewritten = true
    } else {
      url = target.request()
      connectTo = nil
    }
    headerLines = Self.headerLines(request.headers, framing: framing, host: rewritten ? target.authority : nil)

    verifiesPeer = !request.tls.skipsVerification
    (certificateAuthority, identity) = (nil, nil)
    if target.scheme == "https" {
      certificateAuthority = try TLSMaterial.certificateAuthority(
        request.tls, environment: environment, url: target.display)
      identity = try TLSMaterial.identity(request.tls, url: target.display)
    }
    proxy = try Self.proxy(request.proxy, target: target, environment: environment)
    // libcurl 7.88 lets a second exchange onto a connection whose tunnel through a proxy is not open yet, and it fails.
    allowsHTTP2 = target.scheme == "https" && !isStream && proxy == nil

    var secrets = request.headers.values("Authorization") + request.headers.values("Proxy-Authorization")
    secrets += [target.password, target.query, proxy?.password].compactMap { $0 }
    secrets += secrets.compactMap { $0.split(separator: " ").last.map(String.init) }
    self.secrets = secrets.filter { !$0.isEmpty }
  }

  /// POST, PUT and PATCH always say how long their body is, also when there is none (RFC 9110, section 8.6).
  static func framing(method: String, body: [UInt8]?) -> Framing {
    switch (method, body) {
    case ("HEAD", _): .head
    case (_, let body?): .body(body)
    case ("POST", nil), ("PUT", nil), ("PATCH", nil): .body([])
    case (_, nil): .bare
    }
  }

  static func headerLines(_ headers: HTTPHeaders, framing: Framing, host: String?) -> [String] {
    var lines = headers.fields.map { $0.value.isEmpty ? "\($0.name);" : "\($0.name): \($0.value)" }
    if let host, headers["Host"] == nil { lines.append("Host: \(host)") }
    if case .body = framing {
      if headers["Content-Type"] == nil { lines.append("Content-Type:") }
      if headers["Expect"] == nil { lines.append("Expect:") }
    }
    return lines
  }

  static func proxy(
    _ choice: ProxyChoice, target: TargetURL, environment: [String: String]
  ) throws(HTTPError) -> ProxyPlan? {
    let text: String
    let origin: String
    switch choice {
    case .none: return nil
    case .url(let url): (text, origin) = (url, "the proxy's URL")
    case .environment:
      guard let url = ProxyEnvironment(variables: environment).proxy(for: target) else { return nil }
      (text, origin) = (url, "the proxy's URL in the environment")
    }
    let schemes = ["http", "https", "socks4", "socks4a", "socks5", "socks5h"]
    guard let proxy = TargetURL(text, defaultScheme: "http"), schemes.contains(proxy.scheme) else {
      throw HTTPError(
        code: .proxyFailed, message: "\(origin) is none of http://, https://, socks5://", url: target.display)
    }
    // As in Go, and so in kubectl, socks5 leaves the look-up of the name to the proxy.
    let scheme = proxy.scheme == "socks5" ? "socks5h" : proxy.scheme
    let port = proxy.port ?? (scheme == "http" ? 80 : scheme == "https" ? 443 : 1080)
    return ProxyPlan(url: "\(scheme)://\(proxy.host):\(port)", user: proxy.user, password: proxy.password)
  }
}
