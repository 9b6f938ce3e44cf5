/// docker-registry under a name of the internet: TLS with a certificate for that name, and a proxy that leads there. Any
/// program that reads the variables of `environment` finds it, ours as well as skopeo, curl and Helm.
public struct NamedRegistry: Sendable {
  /// The registry itself.
  public let registry: DockerRegistry
  /// The proxy, and the authority that vouches for the name; loopback goes straight.
  public let environment: [String: String]

  /// Runs `body` while it runs.
  ///
  /// - Parameters:
  ///   - name: `europe-west1-docker.pkg.dev`; its port is 443.
  ///   - user: The one who may log in.
  public static func run<Result>(
    _ name: String, user: String, password: String, _ body: (NamedRegistry) async throws -> Result
  ) async throws -> Result {
    try await withScratchDirectory { folder in
      let htpasswd = try await TestProgram("htpasswd", debianPackage: "apache2-utils")
        .run(["-niB", user], input: password + "\n")
      let certificates = try await TestCertificates(in: folder)
      let server = try await certificates.server(names: ["DNS:\(name)"])
      let configuration = DockerRegistry.Configuration(
        htpasswd: htpasswd.split(separator: "\n").first.map(String.init),
        tls: (server.certificatePath, server.keyPath), logsRequests: true)
      return try await DockerRegistry.run(configuration) { registry in
        let proxy = try ConnectProxy([name: registry.port])
        defer { proxy.stop() }
        let authority = certificates.authority.certificatePath
        return try await body(
          NamedRegistry(
            registry: registry,
            environment: [
              "HTTPS_PROXY": proxy.url, "NO_PROXY": "127.0.0.1,localhost", "SSL_CERT_FILE": authority,
              "CURL_CA_BUNDLE": authority,
            ]))
      }
    }
  }
}
