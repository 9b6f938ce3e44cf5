import Glibc

/// The proxy that the environment names for a target: a pure function of the variables.
///
/// Read here and not by curl for three reasons: `NO_PROXY` must be held against the URL's own host also where
/// `tls-server-name` renames it; upper-case `HTTP_PROXY` counts, as it does for kubectl; and loopback is never sent to
/// a proxy, as with Go's `http.ProxyFromEnvironment`.
struct ProxyEnvironment: Sendable {
  /// The environment's variables.
  var variables: [String: String]

  /// The proxy's URL as it was written; nil: none.
  func proxy(for target: TargetURL) -> String? {
    let host = target.bareHost.lowercased()
    guard !Self.isLoopback(host), !isExempt(host: host, port: target.effectivePort) else { return nil }
    return first(["\(target.scheme)_proxy", "all_proxy"])
  }

  /// The lower-case form wins over the upper-case one, an empty value counts as none.
  private func first(_ names: [String]) -> String? {
    for name in names {
      for form in [name, name.uppercased()] {
        if let value = variables[form], !value.isEmpty { return value }
      }
    }
    return nil
  }

  private func isExempt(host: String, port: Int) -> Bool {
    guard let list = first(["no_proxy"]) else { return false }
    return list.split { $0 == "," || $0 == " " }.contains { entry in
      Self.matches(entry: String(entry).lowercased(), host: host, port: port)
    }
  }

  /// `*`, a domain (itself and all below it, with or without a leading dot), an address, an address range; each but
  /// the range with a port, where wanted.
  static func matches(entry: String, host: String, port: Int) -> Bool {
    if entry == "*" { return true }
    if let slash = entry.firstIndex(of: "/") {
      guard let range = IPAddress(String(entry[..<slash])), let address = IPAddress(host),
        let length = Int(entry[entry.index(after: slash)...])
      else { return false }
      return address.shares(prefix: length, with: range)
    }
    var name = Substring(entry)
    if IPAddress(entry) == nil, let colon = entry.lastIndex(of: ":"),
      let wanted = Int(entry[entry.index(after: colon)...])
    {
      guard wanted == port else { return false }
      name = entry[..<colon]
    }
    if name.hasPrefix("["), name.hasSuffix("]") { name = name.dropFirst().dropLast() }
    if let address = IPAddress(host) { return IPAddress(String(name)) == address }
    while name.hasPrefix("*.") || name.hasPrefix(".") { name = name.dropFirst(name.hasPrefix("*") ? 2 : 1) }
    guard !name.isEmpty else { return false }
    return host == name || host.hasSuffix(".\(name)")
  }

  static func isLoopback(_ host: String) -> Bool {
    if host == "localhost" || host.hasSuffix(".localhost") { return true }
    guard let address = IPAddress(host) else { return false }
    return address.bytes.count == 4 ? address.bytes[0] == 127 : address.bytes == Array(repeating: 0, count: 15) + [1]
  }
}

/// An address in network byte order: 4 or 16 bytes.
struct IPAddress: Equatable {
  var bytes: [UInt8]

  /// nil where `text` is no numeric address.
  init?(_ text: String) {
    var bytes = [UInt8](repeating: 0, count: 16)
    if inet_pton(AF_INET, text, &bytes) == 1 {
      self.bytes = Array(bytes.prefix(4))
    } else if inet_pton(AF_INET6, text, &bytes) == 1 {
      self.bytes = bytes
    } else {
      return nil
    }
  }

  /// Whether the first `length` bits are the same.
  func shares(prefix length: Int, with other: IPAddress) -> Bool {
    guard bytes.count == other.bytes.count, (0...bytes.count * 8).contains(length) else { return false }
    return bytes.indices.allSatisfy { index in
      let bits = min(8, max(0, length - index * 8))
      let mask = UInt8(truncatingIfNeeded: 0xFF00 >> bits)
      return bytes[index] & mask == other.bytes[index] & mask
    }
  }
}
