import FoundationEssentials
import Kubernetes
import Registry
import Text

/// What docker or podman on this machine is logged in with at a registry.
struct DockerLogin: Sendable, Equatable {
  var host: String
  var user: String
  /// The file that knows it.
  var file: String
}

extension Setup {
  /// The credential that docker or podman would send, from their files or the helper that these name.
  func dockerCredential(host: String) async throws -> (credential: RegistryCredential, file: String)? {
    var environment = world.environment
    environment["HOME"] = world.homeDirectory
    for path in DockerConfigFiles.paths(environment: environment) {
      guard let bytes = try world.files.read(path) else { continue }
      let config: DockerConfig
      do throws(DockerConfigError) {
        config = try DockerConfig(parsing: bytes, name: path)
      } catch {
        throw SetupError(.usage, "\(error)", next: "Log in again with docker login, or give user and password.")
      }
      let credential = try await config.credential(host: host) { call in
        guard world.processes.find(call.program) != nil else {
          throw SetupError(.tool, "\(path) names \(call.program), which is not on PATH", next: "Install it.")
        }
        let result = try await world.processes.run(
          ProcessCommand(call.program, call.arguments, input: Array(call.input.utf8), deadline: .seconds(20)))
        return CredentialHelper.Output(
          exitCode: Int(result.exitCode), standardOutput: Array(result.output.utf8),
          standardError: Array(result.errors.utf8))
      }
      if let credential { return (credential, path) }
    }
    return nil
  }

  /// The same, where there must be one that Kubernetes can use.
  func requiredDockerCredential(host: String) async throws -> RegistryCredential {
    guard let found = try await dockerCredential(host: host) else {
      throw SetupError(
        .usage, "neither docker nor podman on this machine is logged in at \(host)",
        next: "Log in: \(Shell.line(["docker", "login", host])); or set registry.login: password.")
    }
    guard !found.credential.isIdentityToken else {
      throw SetupError(
        .usage, "\(found.file) holds an identity token for \(host), which nodes cannot log in with",
        next: "Set registry.login: password, with a user and an access token.")
    }
    return found.credential
  }
}

extension Probe {
  /// The login of docker or podman at the registry of the answers.
  static let dockerLogin = Probe("registry/docker-login", \.dockerLogin, page: .cluster) { setup, _ in
    guard let host = setup.answers[.server] else {
      throw ObservationFailure(.absent, "no registry was named", remedy: Remedy("Set registry.server."))
    }
    guard let found = try await setup.dockerCredential(host: host) else {
      throw ObservationFailure(.absent, "docker and podman on this machine are not logged in at \(host)")
    }
    return DockerLogin(host: host, user: found.credential.username, file: found.file)
  }
}

extension Survey {
  /// What docker or podman is logged in with.
  var dockerLogin: Observed<DockerLogin> {
    get { self["registry/docker-login"] }
    set { self["registry/docker-login"] = newValue }
  }
}
