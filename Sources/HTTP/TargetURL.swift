import CCurl

/// A URL in its parts, parsed by the same code that connects to it, so that what is checked and what is done agree.
struct TargetURL: Sendable, Equatable {
  /// In lower case, without the colon.
  var scheme: String
  /// Percent-decoded.
  var user: String?
  /// Percent-decoded.
  var password: String?
  /// IPv6 addresses stand in brackets.
  var host: String
  /// The port that was written; nil: the scheme's own.
  var port: Int?
  /// As it was written, "/" where there was none.
  var path: String
  /// Without the question mark.
  var query: String?

  /// nil where `text` is no absolute URL, or there is no libcurl. `defaultScheme` stands in where the text has none.
  init?(_ text: String, defaultScheme: String? = nil) {
    guard !text.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7F }) else { return nil }
    let full = text.contains("://") ? text : defaultScheme.map { "\($0)://\(text)" }
    guard let full, let curl = Curl.functions?.pointee, let handle = curl.url() else { return nil }
    defer { curl.url_cleanup(handle) }
    let flags = UInt32(CURLU_NON_SUPPORT_SCHEME | CURLU_PATH_AS_IS)
    guard curl.url_set(handle, CURLUPART_URL, full, flags) == CURLUE_OK else { return nil }

    func part(_ part: CURLUPart, decoded: Bool = false) -> String? {
      var text: UnsafeMutablePointer<CChar>?
      let code = curl.url_get(handle, part, &text, decoded ? UInt32(CURLU_URLDECODE) : 0)
      defer { curl.free(text) }
      guard code == CURLUE_OK, let text else { return nil }
      return String(cString: text)
    }
    guard let scheme = part(CURLUPART_SCHEME), let host = part(CURLUPART_HOST), !host.isEmpty else { return nil }
    self.scheme = scheme.lowercased()
    self.host = host
    user = part(CURLUPART_USER, decoded: true)
    password = part(CURLUPART_PASSWORD, decoded: true)
    port = part(CURLUPART_PORT).flatMap { Int($0) }
    path = part(CURLUPART_PATH) ?? "/"
    query = part(CURLUPART_QUERY)
  }

  /// The port that is connected to.
  var effectivePort: Int { port ?? (scheme == "https" ? 443 : 80) }

  /// The host without the brackets of an IPv6 address and without a zone.
  var bareHost: String {
    guard host.hasPrefix("["), host.hasSuffix("]") else { return host }
    let inner = host.dropFirst().dropLast()
    return String(inner.prefix { $0 != "%" })
  }

  /// What belongs into the Host field: the port only where it is not the scheme's own (RFC 9110, section 7.2).
  var authority: String {
    guard let port, port != (scheme == "https" ? 443 : 80) else { return host }
    return "\(host):\(port)"
  }

  /// The URL as errors show it: no credentials, no query.
  var display: String { "\(scheme)://\(authority)\(path)" }

  /// The URL as curl gets it, its host replaced where another is given; credentials are passed apart.
  func request(host other: String? = nil) -> String {
    let port = port.map { ":\($0)" } ?? ""
    return "\(scheme)://\(other ?? host)\(port)\(path)\(query.map { "?\($0)" } ?? "")"
  }
}
