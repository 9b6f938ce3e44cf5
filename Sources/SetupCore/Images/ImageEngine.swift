import Text

/// A program that brings images into a registry.
public enum ImageEngine: String, Sendable, CaseIterable {
  /// Copies from an archive without any daemon.
  case skopeo
  case podman
  case docker
  case nerdctl

  /// Whether it proves that it works with more than its version: whether the daemon behind it answers.
  var proof: ProcessCommand {
    switch self {
    case .skopeo: ProcessCommand(rawValue, ["--version"], deadline: .seconds(10))
    case .podman: ProcessCommand(rawValue, ["info", "--format", "{{.Version.Version}}"], deadline: .seconds(20))
    case .docker: ProcessCommand(rawValue, ["info", "--format", "{{.ServerVersion}}"], deadline: .seconds(20))
    case .nerdctl: ProcessCommand(rawValue, ["info", "--format", "{{.ServerVersion}}"], deadline: .seconds(20))
    }
  }

  /// What is worth knowing before it is chosen.
  var words: String {
    switch self {
    case .skopeo: "copies from the archive, needs no daemon"
    case .podman: "loads the archive first, needs no daemon"
    case .docker, .nerdctl: "loads the archive into its daemon first"
    }
  }

  /// Whether an image has to be loaded into its own store before it can be pushed.
  var loadsFirst: Bool { self != .skopeo }
}

/// An image archive on its way into a registry.
struct ImagePush: Sendable, Equatable {
  /// The archive's absolute path.
  var archive: String
  /// The image's name in the archive, where it holds several; else nil.
  let member: String?
  let layout: DockerArchive.Layout
  /// `host[:port]/repository:tag`, as this machine reaches it.
  let target: String
  /// A folder of this push alone, 0700, with the login in `config.json` and what else is written for it.
  let folder: String
  /// Whether the registry speaks http.
  let isPlain: Bool
  /// Whether `folder` holds the registry's CA in `ca.crt`.
  let hasAuthority: Bool

  /// The file that the engine writes the pushed digest into.
  var digestFile: String { folder + "/digest" }
  /// skopeo unpacks archives there, and leaves what it unpacked where it is ended by a signal.
  var scratch: String { folder + "/scratch" }
  private var login: String { folder + "/config.json" }
  /// A push may take hours; one that says nothing for this long is stuck.
  static let deadline = Duration.seconds(6 * 3600)
  static let idleLimit = Duration.seconds(300)

  private func command(_ engine: ImageEngine, _ arguments: [String], environment: [String: String] = [:])
    -> ProcessCommand
  {
    ProcessCommand(
      engine.rawValue, arguments, environment: environment.merging(["TMPDIR": scratch]) { $1 }, deadline: Self.deadline,
      idleLimit: Self.idleLimit,
      terminal: "xterm")
  }

  /// Where skopeo and podman find the registry's certificate, or that there is none.
  private func trust(_ prefix: String) -> [String] {
    if isPlain { return ["--\(prefix)tls-verify=false"] }
    return hasAuthority ? ["--\(prefix)cert-dir", folder] : []
  }

  /// skopeo's only command: from the archive into the registry. Blobs that are there already are not sent again.
  var copy: ProcessCommand {
    let transport = layout == .docker ? "docker-archive" : "oci-archive"
    return command(
      .skopeo,
      [
        // No signature is expected in a file that its user names; without this a machine needs a policy.json.
        "--insecure-policy", "copy", "--authfile", login, "--digestfile", digestFile,
      ] + trust("dest-") + ["\(transport):\(archive)" + (member.map { ":\($0)" } ?? ""), "docker://\(target)"])
  }

  /// Brings the archive into the engine's own store.
  func load(_ engine: ImageEngine) -> ProcessCommand { command(engine, ["load", "--input", archive]) }

  /// Names what was loaded or built as the registry has it.
  func tag(_ engine: ImageEngine, _ local: String) -> ProcessCommand {
    ProcessCommand(engine.rawValue, ["tag", local, target], deadline: .seconds(60))
  }

  /// Sends what was named so.
  func push(_ engine: ImageEngine) -> ProcessCommand {
    switch engine {
    case .skopeo: copy
    case .podman:
      command(engine, ["push", "--authfile", login, "--digestfile", digestFile] + trust("") + [target])
    case .docker: command(engine, ["push", target], environment: ["DOCKER_CONFIG": folder])
    case .nerdctl:
      command(
        engine, (isPlain ? ["--insecure-registry"] : []) + ["push", target], environment: ["DOCKER_CONFIG": folder])
    }
  }

  /// The digest that docker and nerdctl tell at the end of a push: `11.2.62: digest: sha256:… size: 1362`.
  static func pushedDigest(_ line: String) -> String? {
    let words = line.split(separator: " ")
    guard let index = words.firstIndex(of: "digest:"), index + 1 < words.count else { return nil }
    return words[index + 1].hasPrefix("sha256:") ? String(words[index + 1]) : nil
  }

  /// The name under which `load` says that it loaded it: `Loaded image: NAME`, `Loaded image(s): NAME`,
  /// `Loaded image ID: sha256:…`, nerdctl's `Loaded image: NAME`.
  static func loaded(_ line: String) -> String? {
    for mark in ["Loaded image ID: ", "Loaded image(s): ", "Loaded image: "] {
      guard let range = line.firstRange(of: mark) else { continue }
      let name = line[range.upperBound...].prefix { $0 != "," && !$0.isWhitespace }
      return name.isEmpty ? nil : String(name)
    }
    return nil
  }
}
