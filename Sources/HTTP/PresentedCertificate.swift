import CCurl

/// A certificate that a TLS peer showed, in the words of curl and OpenSSL: for a person who has to find out why it is
/// not trusted.
public struct PresentedCertificate: Sendable, Equatable {
  /// The distinguished name: `O = system:masters, CN = jane`.
  public var subject: String
  /// The distinguished name of who signed it.
  public var issuer: String
  /// `Nov 24 06:00:00 2026 GMT`.
  public var notBefore: String
  /// `Dec 24 06:00:00 2026 GMT`.
  public var notAfter: String
  /// The names it is for: `DNS:localhost`, `IP Address:127.0.0.1`.
  public var names: [String]
  /// The certificate itself in PEM.
  public var pem: String

  /// A certificate from its parts; tests make them.
  public init(subject: String, issuer: String, notBefore: String, notAfter: String, names: [String], pem: String) {
    self.subject = subject
    self.issuer = issuer
    self.notBefore = notBefore
    self.notAfter = notAfter
    self.names = names
    self.pem = pem
  }

  /// From the `Name:value` lines that curl makes of a certificate (CURLINFO_CERTINFO).
  init(lines: [String]) {
    var values: [Substring: Substring] = [:]
    for line in lines {
      guard let colon = line.firstIndex(of: ":") else { continue }
      values[line[..<colon]] = line[line.index(after: colon)...]
    }
    func value(_ name: Substring) -> String { String(values[name] ?? "").trimmingBlanks() }
    self.init(
      subject: value("Subject"), issuer: value("Issuer"), notBefore: value("Start date"),
      notAfter: value("Expire date"),
      names: value("X509v3 Subject Alternative Name").split(separator: ",").map { String($0).trimmingBlanks() },
      pem: value("Cert"))
  }
}

extension HTTPClient {
  /// The chain that the peer of an https URL shows, its own certificate first; nothing is verified and no request is
  /// made. For diagnosis after `.certificateUntrusted` and its like.
  /// - Throws: `HTTPError`.
  public func presentedCertificates(
    _ url: String, tls: TLSOptions = TLSOptions(), proxy: ProxyChoice = .environment,
    timeout: Duration = .seconds(10)
  ) async throws -> [PresentedCertificate] {
    var options = tls
    options.skipsVerification = true
    let request = HTTPRequest(url: url, deadline: timeout, connectTimeout: timeout, tls: options, proxy: proxy)
    var plan = try TransferPlan(request, isStream: false, environment: configuration.environment)
    guard plan.target.scheme == "https" else {
      throw plan.failure(.invalidURL, "only an https peer shows certificates")
    }
    plan.looksAtCertificates = true
    let sink = CollectingSink()
    _ = try await collect(plan, into: sink)
    return sink.certificates
  }
}

/// A transport that can show what a TLS peer presents. Not every one can: a script in tests has no peer.
public protocol TLSInspecting: Sendable {
  /// The chain that the peer of an https URL shows, its own certificate first; nothing is verified.
  /// - Throws: `HTTPError`.
  func presentedCertificates(
    _ url: String, tls: TLSOptions, proxy: ProxyChoice, timeout: Duration
  ) async throws -> [PresentedCertificate]
}

extension HTTPClient: TLSInspecting {}
