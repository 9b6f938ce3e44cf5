/// Where docker and podman keep their credentials.
public enum DockerConfigFiles {
  /// The files to read, the first one that exists and knows the registry wins: docker's, then podman's
  /// (containers-auth.json(5)).
  public static func paths(environment: [String: String]) -> [String] {
    func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
    let home = value("HOME")
    let docker = value("DOCKER_CONFIG") ?? home.map { "\($0)/.docker" }
    var paths = [docker.map { "\($0)/config.json" }]
    if let file = value("REGISTRY_AUTH_FILE") {
      paths.append(file)
    } else {
      paths.append(value("XDG_RUNTIME_DIR").map { "\($0)/containers/auth.json" })
      let configuration = value("XDG_CONFIG_HOME") ?? home.map { "\($0)/.config" }
      paths.append(configuration.map { "\($0)/containers/auth.json" })
    }
    return paths.compactMap { $0 }
  }

  /// A provider that asks those files, and the helpers they name, each time a registry asks for a credential.
  /// `read` gives nil for a file that is not there.
  public static func provider(
    paths: [String], read: @escaping @Sendable (String) async throws -> [UInt8]?,
    runHelper: @escaping CredentialHelper.Runner
  ) -> RegistryCredentialProvider {
    { host in
      for path in paths {
        guard let bytes = try await read(path) else { continue }
        let config = try DockerConfig(parsing: bytes, name: path)
        if let credential = try await config.credential(host: host, runHelper: runHelper) { return credential }
      }
      return nil
    }
  }
}
