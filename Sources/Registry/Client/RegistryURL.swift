/// What of a URL decides where credentials may go, and what is asked there. Strings in, strings out: an upload's location
/// is used exactly as the registry wrote it.
struct RegistryURL: Equatable {
  /// `http` or `https`.
  var scheme: String
  /// Host and port in lower case; the scheme's own port is left out.
  var authority: String
  /// Path and query, beginning with a slash.
  var target: String

  /// An absolute http or https URL without credentials in it; anything else is nil.
  init?(_ text: String) {
    guard let separator = text.firstRange(of: "://") else { return nil }
    scheme = text[..<separator.lowerBound].lowercased()
    guard scheme == "http" || scheme == "https" else { return nil }
    let rest = text[separator.upperBound...].prefix { $0 != "#" }
    let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
    var authority = rest[..<end].lowercased()
    guard !authority.isEmpty, !authority.contains("@") else { return nil }
    let ownPort = scheme == "https" ? ":443" : ":80"
    if authority.hasSuffix(ownPort) { authority.removeLast(ownPort.count) }
    self.authority = authority
    target = String(rest[end...])
    if !target.hasPrefix("/") { target = "/" + target }
  }

  /// Where a reference found at `base` points: absolute, absolute path, query or relative path.
  init?(_ reference: String, relativeTo base: RegistryURL) {
    if reference.contains("://"), let absolute = RegistryURL(reference) {
      self = absolute
      return
    }
    guard !reference.isEmpty else { return nil }
    self = base
    let path = base.target.prefix { $0 != "?" }
    if reference.hasPrefix("//") {
      guard let absolute = RegistryURL("\(base.scheme):\(reference)") else { return nil }
      self = absolute
    } else if reference.hasPrefix("/") {
      target = reference
    } else if reference.hasPrefix("?") {
      target = path + reference
    } else {
      let folder = path.lastIndex(of: "/").map { path[...$0] } ?? "/"
      target = folder + reference
    }
  }

  var text: String { "\(scheme)://\(authority)\(target)" }

  /// Scheme, host and port are the same.
  func isSameOrigin(as other: RegistryURL) -> Bool { scheme == other.scheme && authority == other.authority }

  /// The host without its port.
  var hostName: Substring {
    if authority.hasPrefix("[") { return authority.prefix { $0 != "]" } }
    return authority.prefix { $0 != ":" }
  }

  /// Encodes everything but RFC 3986's unreserved characters.
  static func percentEncoded(_ text: String) -> String {
    var result = ""
    for byte in text.utf8 {
      let scalar = Unicode.Scalar(byte)
      let isUnreserved =
        scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType == .decimal)
        || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_")
        || byte == UInt8(ascii: "~")
      if isUnreserved {
        result.unicodeScalars.append(scalar)
      } else {
        let digits = String(byte, radix: 16, uppercase: true)
        result += "%" + (digits.count < 2 ? "0" : "") + digits
      }
    }
    return result
  }
}
