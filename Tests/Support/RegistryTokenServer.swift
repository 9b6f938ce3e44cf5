import FoundationEssentials

/// A token server on a free loopback port that docker-registry trusts: users with rights for each repository
/// (`Tests/Support/cloud/token-server`).
///
/// ```swift
/// let reader = RegistryTokenServer.User(password: "…", rights: ["*": ["pull"]])
/// try await RegistryTokenServer.run(users: ["reader": reader]) { tokens in
///   try await DockerRegistry.run(.init(tokens: tokens)) { registry in … }
/// }
/// ```
public struct RegistryTokenServer: TestServer {
  /// Who may do what.
  public struct User: Sendable, Encodable {
    let password: String
    let rights: [String: [String]]

    /// - Parameter rights: `pull`, `push`, `delete` by repository; `*` stands for all others.
    public init(password: String = "", rights: [String: [String]]) {
      self.password = password
      self.rights = rights
    }
  }

  /// A request for a token, as it was logged.
  public struct Request: Sendable, Decodable, Equatable {
    /// GET, or POST for OAuth 2.
    public let method: String
    /// Empty: nobody said who it is.
    public let user: String
    /// What was asked for.
    public let scopes: [String]
    /// What was granted of it; nil: no token was given.
    public let granted: [String]?
  }

  /// An Azure registry whose logins are users too, as the stand-in for az makes them.
  public struct Azure: Sendable, Encodable {
    let state: String
    let registry: String

    /// - Parameter state: The file of the stand-in's state.
    public init(state: String, registry: String) {
      self.state = state
      self.registry = registry
    }
  }

  private struct Configuration: Encodable {
    var issuer = RegistryTokenServer.issuer
    var service = RegistryTokenServer.service
    let key: String
    let certificate: String
    let log: String
    let users: [String: User]
    let azure: Azure?
  }

  static let issuer = "Test Token Server"
  /// What the registry calls itself in its challenge.
  public static let service = "registry.test"
  /// The port on 127.0.0.1.
  public var port: Int { process.port }
  /// Where the registry sends its clients.
  public private(set) var realm: String
  /// The file with the certificate that tokens are signed with.
  let certificatePath: String
  private let process: ServerProcess

  /// Runs `body` while the server runs; the user `""` is who sends no credentials.
  public static func run<Result>(
    users: [String: User], azure: Azure? = nil, _ body: (RegistryTokenServer) async throws -> Result
  ) async throws -> Result {
    try await start(users: users, azure: azure).during(body)
  }

  /// Starts it and waits until it accepts connections; `stop()` is to be called in any case.
  public static func start(users: [String: User], azure: Azure? = nil) async throws -> RegistryTokenServer {
    let openssl = try TestProgram("openssl", debianPackage: "openssl")
    let directory = try ScratchDirectory("token-server")
    let configuration = Configuration(
      key: directory.file("key.pem"), certificate: directory.file("certificate.pem"), log: directory.file("requests"),
      users: users, azure: azure)
    let process = try await ServerProcess.start(
      CloudStandIns.folder + "/token-server", in: directory, environment: ["PATH": "/usr/bin:/bin"]
    ) { port in
      try await openssl.run(
        ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=\(issuer)"]
          + ["-keyout", configuration.key, "-out", configuration.certificate])
      try directory.write("", to: "requests")
      try directory.write(
        String(decoding: try JSONEncoder().encode(configuration), as: UTF8.self), to: "configuration.json")
      return ["\(port)", directory.file("configuration.json")]
    }
    return RegistryTokenServer(
      realm: "http://127.0.0.1:\(process.port)/token", certificatePath: configuration.certificate, process: process)
  }

  /// The same server for registries whose clients reach it by another URL, for instance through `NginxFront`.
  public func behind(_ url: String) -> RegistryTokenServer {
    var copy = self
    copy.realm = url + "/token"
    return copy
  }

  /// Ends this server by its process id and removes its files.
  public func stop() async { await process.stop() }

  /// The requests so far, in the order they came.
  public func requests() throws -> [Request] {
    try String(decoding: try process.directory.read("requests"), as: UTF8.self).split(separator: "\n").map {
      try JSONDecoder().decode(Request.self, from: Data($0.utf8))
    }
  }
}
