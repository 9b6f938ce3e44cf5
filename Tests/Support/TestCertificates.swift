public import HTTP

/// A certificate authority for tests and what it signs, made by the `openssl` program at test time: nothing that
/// expires lies in the repository.
public struct TestCertificates: Sendable {
  /// A certificate and its key, as files and as PEM.
  public struct Pair: Sendable {
    /// The file with the certificate.
    public let certificatePath: String
    /// The file with the unencrypted key.
    public let keyPath: String
    /// The certificate in PEM.
    public let certificate: [UInt8]
    /// The key in PEM.
    public let key: [UInt8]
  }

  /// What a certificate is for.
  public enum Usage: String, Sendable {
    case server = "serverAuth"
    case client = "clientAuth"
  }

  /// From when to when a certificate holds.
  public enum Validity: Sendable {
    /// From now on for 30 days.
    case current
    /// It ended in 2021.
    case expired
    /// It begins in 2090.
    case future
  }

  /// The authority itself.
  public let authority: Pair
  private let directory: ScratchDirectory
  private let openssl: TestProgram

  /// A new authority with its files in `directory`; several may share one.
  public init(in directory: ScratchDirectory, name: String = "Test CA") async throws {
    self.directory = directory
    openssl = try TestProgram("openssl", debianPackage: "openssl")
    let stem = Self.stem("ca")
    let certificate = directory.file("\(stem).crt")
    let key = directory.file("\(stem).key")
    try await openssl.run(
      ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30"]
        + ["-subj", "/CN=\(name)", "-addext", "keyUsage=critical,keyCertSign,cRLSign"]
        + ["-keyout", key, "-out", certificate])
    authority = try Self.pair(stem, in: directory)
  }

  /// The bundle that makes a client trust this authority.
  public var bundle: TLSOptions.Source { .pem(authority.certificate) }

  /// A server's certificate for loopback, or for the names given: `DNS:…`, `IP:…`.
  public func server(
    names: [String] = ["DNS:localhost", "IP:127.0.0.1", "IP:::1"], validity: Validity = .current
  ) async throws -> Pair {
    try await issue(subject: "/CN=test server", names: names, usage: .server, validity: validity)
  }

  /// A client's certificate: Kubernetes reads the user from CN and the groups from O.
  public func client(user: String, groups: [String] = [], validity: Validity = .current) async throws -> Pair {
    let organizations = groups.map { "/O=\($0)" }.joined()
    return try await issue(subject: "\(organizations)/CN=\(user)", names: [], usage: .client, validity: validity)
  }

  /// Any certificate.
  public func issue(subject: String, names: [String], usage: Usage, validity: Validity) async throws -> Pair {
    let stem = Self.stem("leaf")
    let request = directory.file("\(stem).csr")
    try await openssl.run(
      ["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", subject]
        + ["-keyout", directory.file("\(stem).key"), "-out", request])
    let dates =
      switch validity {
      case .current: ["-days", "30"]
      case .expired: ["-startdate", "20200101000000Z", "-enddate", "20210101000000Z"]
      case .future: ["-startdate", "20900101000000Z", "-enddate", "20910101000000Z"]
      }
    // `openssl ca` and not `openssl x509`: only it takes both dates.
    try directory.write("", to: "\(stem).index")
    try directory.write("unique_subject = no\n", to: "\(stem).index.attr")
    let configuration = """
      [ca]
      default_ca = it
      [it]
      database = \(directory.file("\(stem).index"))
      new_certs_dir = \(directory.path)
      rand_serial = yes
      default_md = sha256
      policy = any
      x509_extensions = extensions
      unique_subject = no
      email_in_dn = no
      [any]
      organizationName = optional
      commonName = supplied
      [extensions]
      basicConstraints = CA:FALSE
      keyUsage = critical,digitalSignature
      extendedKeyUsage = \(usage.rawValue)
      \(names.isEmpty ? "" : "subjectAltName = \(names.joined(separator: ","))")
      """
    try directory.write(configuration + "\n", to: "\(stem).cnf")
    try await openssl.run(
      ["ca", "-batch", "-notext", "-config", directory.file("\(stem).cnf"), "-in", request]
        + ["-cert", authority.certificatePath, "-keyfile", authority.keyPath]
        + ["-out", directory.file("\(stem).crt")] + dates)
    return try Self.pair(stem, in: directory)
  }

  private static func stem(_ kind: String) -> String { "\(kind)-\(UInt32.random(in: .min ... .max))" }

  private static func pair(_ stem: String, in directory: ScratchDirectory) throws -> Pair {
    Pair(
      certificatePath: directory.file("\(stem).crt"), keyPath: directory.file("\(stem).key"),
      certificate: try directory.read("\(stem).crt"), key: try directory.read("\(stem).key"))
  }
}
