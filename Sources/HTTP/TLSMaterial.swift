import Glibc

/// Reads what `TLSOptions` names into memory, so that curl sees bytes only: a file that was replaced is a new identity,
/// and a file that cannot be read is told apart from one that makes no sense.
enum TLSMaterial {
  /// The bundle; nil: the system's.
  static func certificateAuthority(
    _ options: TLSOptions, environment: [String: String], url: String
  ) throws(HTTPError) -> [UInt8]? {
    var source = options.certificateAuthority
    // OpenSSL's and Go's variable for the system's bundle.
    if source == nil, let path = environment["SSL_CERT_FILE"], !path.isEmpty { source = .file(path) }
    guard let source, !options.skipsVerification else { return nil }
    return try read(source, what: "CA bundle", code: .certificateAuthorityInvalid, url: url)
  }

  /// Key and certificate in one piece; nil: no identity is shown.
  static func identity(_ options: TLSOptions, url: String) throws(HTTPError) -> [UInt8]? {
    guard let certificate = options.clientCertificate else {
      guard options.clientKey == nil else {
        throw HTTPError(
          code: .identityInvalid, message: "there is a client key but no client certificate", url: url)
      }
      return nil
    }
    let chain = try read(certificate, what: "client certificate", code: .identityInvalid, url: url)
    guard let key = options.clientKey, key != certificate else { return chain }
    // The key stands first: curl takes the first key it finds, also where the certificate's file holds another.
    return try read(key, what: "client key", code: .identityInvalid, url: url) + [0x0A] + chain
  }

  private static func read(
    _ source: TLSOptions.Source, what: String, code: HTTPError.Code, url: String
  ) throws(HTTPError) -> [UInt8] {
    let bytes: [UInt8]
    let name: String
    switch source {
    case .pem(let pem):
      (bytes, name) = (pem, "the \(what)")
    case .file(let path):
      name = "the \(what) \(path)"
      do {
        bytes = try contents(of: path)
      } catch {
        throw HTTPError(code: code, message: "\(name) cannot be read: \(error.text)", url: url)
      }
    }
    guard String(decoding: bytes, as: UTF8.self).contains("-----BEGIN ") else {
      throw HTTPError(code: code, message: "\(name) holds no PEM block (-----BEGIN …)", url: url)
    }
    return bytes
  }

  /// What the system said.
  struct ReadFailure: Error {
    let text: String
    init(_ text: String) { self.text = text }
    init(errno number: Int32) { text = String(cString: strerror(number)) }
  }

  /// A file's bytes; curl takes 8 MB at most.
  static func contents(of path: String, limit: Int = 8_000_000) throws(ReadFailure) -> [UInt8] {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw ReadFailure(errno: errno) }
    defer { close(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = Glibc.read(file, &chunk, chunk.count)
      if count < 0 {
        if errno == EINTR { continue }
        throw ReadFailure(errno: errno)
      }
      if count == 0 { return bytes }
      bytes += chunk[..<count]
      guard bytes.count <= limit else { throw ReadFailure("it is larger than \(limit) bytes") }
    }
  }
}
