import Registry
import Text

/// What a person would type to bring images into the registry. Run twice it does no harm.
struct ImageShell {
  let engine: ImageEngine
  let access: RegistryAccess
  let answers: Answers

  /// Folder of the registry's certificate, below the one that the commands are run in.
  private static let trustFolder = "registry-trust"
  /// skopeo and podman take login and trust for themselves; docker's and nerdctl's are their daemons'.
  private var isOwn: Bool { engine == .skopeo || engine == .podman }

  /// What must be there before the first image: the registry's certificate and a login of these commands alone.
  var preparations: [String] {
    var commands: [String] = []
    if isOwn, trust("") == ["--cert-dir", Self.trustFolder], let path = answers[.certificateAuthority] {
      commands.append("mkdir -p \(Self.trustFolder) && cp \(answers.shellPath(path)) \(Self.trustFolder)/ca.crt")
    }
    guard let login = RegistryProviders.chosen(answers)?.shellLogin(answers) else { return commands }
    if isOwn { commands.append("export REGISTRY_AUTH_FILE=\"$PWD/registry-login.json\"") }
    return commands + [login.command(engine.rawValue, isOwn ? trust("") : [])]
  }

  private func trust(_ prefix: String) -> [String] {
    if access.endpoint.scheme == .http { return ["--\(prefix)tls-verify=false"] }
    return answers[.certificateAuthority] == nil ? [] : ["--\(prefix)cert-dir", Self.trustFolder]
  }

  /// What brings one image.
  func command(_ task: ImageTask, _ world: World) async throws -> String {
    let target = task.target(access)
    switch task.source {
    case .archive(let archive, let image):
      if engine == .skopeo { return try await copy(archive, ImageTask.member(archive, image), target, world) }
      return [
        [engine.rawValue, "load", "--input", archive.path],
        [engine.rawValue, "tag", image.references.first ?? image.configDigest, target], push(engine, target),
      ].map(Shell.line).joined(separator: "\n")
    case .build(let build):
      return [
        ["make", "-C", build.folder, "build"],
        ["docker", "tag", build.localNames(task.use, task.reference.tag)[0], target],
        push(.docker, target),
      ].map(Shell.line).joined(separator: "\n")
    case .nowhere: return ""
    }
  }

  private func push(_ engine: ImageEngine, _ target: String) -> [String] {
    switch engine {
    case .podman: ["podman", "push"] + trust("") + [target]
    case .nerdctl where access.endpoint.scheme == .http: ["nerdctl", "--insecure-registry", "push", target]
    case .skopeo, .docker, .nerdctl: [engine.rawValue, "push", target]
    }
  }

  /// Copies what is not there yet. skopeo is given a plain tar: not every build of it reads gzip.
  private func copy(
    _ archive: DockerArchive, _ member: String?, _ target: String, _ world: World
  ) async throws -> String {
    let look = Shell.line(["skopeo", "inspect", "--raw"] + trust("") + ["docker://\(target)"])
    let transport = archive.layout == .docker ? "docker-archive" : "oci-archive"
    let compression = try await TarArchive(archive.path, world: world).compression
    let plain = compression == .none ? archive.path : "image.tar"
    let copy = Shell.line(
      ["skopeo", "--insecure-policy", "copy"] + trust("dest-")
        + ["\(transport):\(plain)" + (member.map { ":\($0)" } ?? ""), "docker://\(target)"])
    guard let program = compression.program?.name else { return "\(look) >/dev/null 2>&1 ||\n\(copy)" }
    let unpack = Shell.line([program, "--decompress", "--stdout", "--", archive.path])
    return "\(look) >/dev/null 2>&1 || {\n  \(unpack) >\(plain)\n  \(copy)\n}"
  }
}
