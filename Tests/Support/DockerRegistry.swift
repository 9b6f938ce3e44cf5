/// The real registry (`docker-registry` 2.8) that a test starts on a free loopback port.
public struct DockerRegistry: TestServer {
  /// What is served and how.
  public struct Configuration: Sendable {
    /// The lines of an htpasswd file with bcrypt hashes (`htpasswd -nbB USER PASSWORD`); nil: open to anyone.
    public var htpasswd: String?
    /// Who gives the tokens that it takes; nil: it takes none. Not together with `htpasswd`.
    public var tokens: RegistryTokenServer?
    /// The certificate and its key in PEM files; nil: plain http.
    public var tls: (certificatePath: String, keyPath: String)?
    /// Every write is refused with status 405.
    public var isReadOnly: Bool
    /// Each request stands in the log.
    public var logsRequests: Bool

    /// An open registry over plain http, unless it is told otherwise.
    public init(
      htpasswd: String? = nil, tokens: RegistryTokenServer? = nil,
      tls: (certificatePath: String, keyPath: String)? = nil, isReadOnly: Bool = false, logsRequests: Bool = false
    ) {
      self.htpasswd = htpasswd
      self.tokens = tokens
      self.tls = tls
      self.isReadOnly = isReadOnly
      self.logsRequests = logsRequests
    }
  }

  /// The port on 127.0.0.1.
  public var port: Int { process.port }
  /// `127.0.0.1:PORT`, as it stands in image references.
  public var host: String { "127.0.0.1:\(port)" }
  private let process: ServerProcess

  /// Runs `body` while the registry runs.
  public static func run<Result>(
    _ configuration: Configuration = Configuration(), _ body: (DockerRegistry) async throws -> Result
  ) async throws -> Result {
    try await start(configuration).during(body)
  }

  /// Starts it and waits until it accepts connections; `stop()` is to be called in any case.
  public static func start(_ configuration: Configuration = Configuration()) async throws -> DockerRegistry {
    let program = try TestProgram("docker-registry", debianPackage: "docker-registry")
    let directory = try ScratchDirectory("docker-registry")
    // Nothing of the test's own environment: variables named REGISTRY_… would change the configuration.
    let process = try await ServerProcess.start(program.path, in: directory) { port in
      try directory.write(configuration.htpasswd.map { $0 + "\n" } ?? "", to: "htpasswd")
      try directory.write(text(configuration, port: port, directory: directory), to: "config.yml")
      return ["serve", directory.file("config.yml")]
    }
    return DockerRegistry(process: process)
  }

  /// Ends this registry by its process id and removes its files.
  public func stop() async { await process.stop() }

  /// What it wrote to its log.
  public func log() throws -> String { try process.log() }

  /// How often each blob was taken in whole, by its digest.
  public func uploads() throws -> [String: Int] {
    var uploads: [String: Int] = [:]
    for match in try log().matches(of: #/"PUT /v2/[^"]*digest=sha256(?:%3A|:)([0-9a-f]{64})[^"]*" 201 /#) {
      uploads["sha256:\(match.1)", default: 0] += 1
    }
    return uploads
  }

  private static func text(_ configuration: Configuration, port: Int, directory: ScratchDirectory) -> String {
    var lines = [
      "version: 0.1",
      "log: {level: info, accesslog: {disabled: \(!configuration.logsRequests)}}",
      "storage:",
      "  filesystem: {rootdirectory: \(directory.file("storage"))}",
    ]
    if configuration.isReadOnly { lines.append("  maintenance: {readonly: {enabled: true}}") }
    if configuration.htpasswd != nil {
      lines.append("auth: {htpasswd: {realm: Test Registry, path: \(directory.file("htpasswd"))}}")
    }
    if let tokens = configuration.tokens {
      lines += [
        "auth:", "  token:", "    realm: \(tokens.realm)", "    service: \(RegistryTokenServer.service)",
        "    issuer: \(RegistryTokenServer.issuer)", "    rootcertbundle: \(tokens.certificatePath)",
      ]
    }
    lines += ["http:", "  addr: 127.0.0.1:\(port)"]
    if let tls = configuration.tls {
      lines.append("  tls: {certificate: \(tls.certificatePath), key: \(tls.keyPath)}")
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
