import Kubernetes

/// A push that an image builder in the simulated cluster asks a registry to allow.
public struct PushAttempt: Sendable, Equatable {
  /// The registry's host, with its port.
  public var host: String
  /// The repository at that host.
  public var repository: String
  /// The tag that would be pushed.
  public var tag: String
  /// Who asks; nil: nobody.
  public var login: Login?
  /// The CA that the registry's certificate is verified with, PEM; nil: the usual ones.
  public var certificateAuthority: [UInt8]?
  /// Whether it is asked over plain HTTP.
  public var isInsecure: Bool

  /// A user and a password.
  public struct Login: Sendable, Equatable {
    /// The user.
    public var user: String
    /// The password.
    public var password: String
  }
}

/// Asks a registry on behalf of a builder. Nil: it allows the push; else the words that go-containerregistry has for why
/// it does not.
public typealias PushGate = @Sendable (PushAttempt) async -> String?

/// One run of kaniko in a simulated pod: no more of it than it does before it builds, in its own words
/// (GoogleContainerTools/kaniko, cmd/executor/cmd/root.go, pkg/executor/push.go, pkg/dockerfile/dockerfile.go).
struct BuilderRun: Sendable {
  var image: String
  var arguments: [String]
  /// What is mounted into the container, by path.
  var files: [String: [UInt8]]
  /// OpenShift's security context constraint, where there is one.
  var constraint: String?

  /// What it leaves: its exit code and its log.
  func end(_ gate: PushGate) async -> (exitCode: Int, log: String) {
    if constraint?.hasPrefix("restricted") == true {
      return (
        1,
        "Error: error resolving dockerfile path: copying dockerfile: error creating file /kaniko/Dockerfile: open "
          + "/kaniko/Dockerfile: permission denied\n"
      )
    }
    guard let dockerfile = dockerfile else {
      return (
        1,
        "Error: error resolving dockerfile path: please provide a valid path to a Dockerfile within the build context with --dockerfile\n"
      )
    }
    guard isContained else {
      return (
        1,
        "kaniko should only be run inside of a container, run with the --force flag if you are sure you want to continue\n"
      )
    }
    if !arguments.contains("--skip-push-permission-check"), let attempt, let refusal = await gate(attempt) {
      let reference = "\(attempt.host)/\(attempt.repository):\(attempt.tag)"
      return (
        1,
        "error checking push permissions -- make sure you entered the correct tag name, and that you are authenticated "
          + "correctly, and try again: checking push permission for \"\(reference)\": \(refusal)\n"
      )
    }
    for (index, line) in dockerfile.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      guard let word = line.split(separator: " ").first, !word.hasPrefix("#") else { continue }
      if Self.instructions.contains(word.uppercased()) { continue }
      return (
        1,
        "error building image: parsing dockerfile: dockerfile parse error on line \(index + 1): unknown instruction: "
          + "\(word)\n"
      )
    }
    return (1, "error building image: the simulated cluster builds no images\n")
  }

  private static let instructions: Set<String> = [
    "ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "MAINTAINER", "ONBUILD",
    "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR",
  ]

  /// The values of an argument that may be given several times.
  private func values(_ name: String) -> [String] {
    arguments.filter { $0.hasPrefix("--\(name)=") }.map { String($0.dropFirst(name.count + 3)) }
  }

  private var dockerfile: String? {
    guard let context = values("context").last, context.hasPrefix("dir://") else { return nil }
    return files["\(context.dropFirst("dir://".count))/Dockerfile"].map { String(decoding: $0, as: UTF8.self) }
  }

  /// Simulated nodes have cgroup v2, where kaniko before 1.9.0 sees no container around it, unless a word of its command
  /// line looks like one.
  private var isContained: Bool {
    if arguments.contains(where: { $0 == "--force" || $0.contains("docker") || $0.contains("kube") }) { return true }
    let tag = image.split(separator: ":").last.map(String.init) ?? ""
    let numbers = tag.drop { $0 == "v" }.split(separator: ".").map { Int($0.prefix { $0.isNumber }) ?? 0 }
    guard numbers.count >= 2 else { return true }
    return numbers[0] > 1 || (numbers[0] == 1 && numbers[1] >= 9)
  }

  private var attempt: PushAttempt? {
    guard let destination = values("destination").last, let slash = destination.firstIndex(of: "/") else { return nil }
    let host = String(destination[..<slash])
    let rest = destination[destination.index(after: slash)...]
    let parts = rest.split(separator: ":").map(String.init)
    let certificate = values("registry-certificate").compactMap { value -> [UInt8]? in
      let parts = value.split(separator: "=", maxSplits: 1).map(String.init)
      return parts.count == 2 && parts[0] == host ? files[parts[1]] : nil
    }.last
    return PushAttempt(
      host: host, repository: parts.first ?? "", tag: parts.count > 1 ? parts[1] : "latest", login: login(host),
      certificateAuthority: certificate, isInsecure: values("insecure-registry").contains(host))
  }

  /// The login for a host in `/kaniko/.docker/config.json`.
  private func login(_ host: String) -> PushAttempt.Login? {
    guard let file = files["/kaniko/.docker/config.json"] else { return nil }
    let document: JSONValue
    do { document = try JSONText.parse(file) } catch { return nil }  // kaniko goes on without it, too.
    let key = ["docker.io", "index.docker.io"].contains(host) ? "https://index.docker.io/v1/" : host
    guard let entry = document["auths"]?[key] else { return nil }
    if let user = entry["username"]?.string, let password = entry["password"]?.string {
      return PushAttempt.Login(user: user, password: password)
    }
    guard let bytes = entry["auth"]?.string.flatMap(Base64.decode) else { return nil }
    let text = String(decoding: bytes, as: UTF8.self)
    guard let colon = text.firstIndex(of: ":") else { return nil }
    return PushAttempt.Login(user: String(text[..<colon]), password: String(text[text.index(after: colon)...]))
  }
}

extension KubernetesCluster {
  /// The run that a pod is; nil: it is no image builder, or nobody answers for registries.
  func builderRun(_ pod: JSONValue) -> BuilderRun? {
    guard pushGate != nil, pod.value(at: ["spec", "restartPolicy"]) == "Never",
      let container = (pod.value(at: ["spec", "containers"])?.array ?? []).first,
      let image = container["image"]?.string, image.contains("kaniko")
    else { return nil }
    return BuilderRun(
      image: image, arguments: (container["args"]?.array ?? []).compactMap(\.string),
      files: files(mountedIn: container, of: pod), constraint: pod.annotations["openshift.io/scc"])
  }

  /// The files of the Secrets and ConfigMaps that a container mounts.
  private func files(mountedIn container: JSONValue, of pod: JSONValue) -> [String: [UInt8]] {
    let volumes = pod.value(at: ["spec", "volumes"])?.array ?? []
    var files: [String: [UInt8]] = [:]
    for mount in container["volumeMounts"]?.array ?? [] {
      guard let volume = volumes.first(where: { $0["name"] == mount["name"] }), let path = mount["mountPath"]?.string
      else { continue }
      let source = volume["secret"] ?? volume["configMap"]
      let content = content(of: volume, in: pod.namespace)
      if let items = source?["items"]?.array {
        for item in items {
          guard let key = item["key"]?.string, let name = item["path"]?.string else { continue }
          files["\(path)/\(name)"] = content[key]
        }
      } else {
        for (key, bytes) in content { files["\(path)/\(key)"] = bytes }
      }
    }
    return files
  }

  private func content(of volume: JSONValue, in namespace: String) -> [String: [UInt8]] {
    if let name = volume["secret"]?["secretName"]?.string {
      let data = find("secrets", namespace, name)?["data"]?.texts ?? [:]
      return data.compactMapValues(Base64.decode)
    }
    if let name = volume["configMap"]?["name"]?.string {
      let data = find("configmaps", namespace, name)?["data"]?.texts ?? [:]
      return data.mapValues { Array($0.utf8) }
    }
    return [:]
  }
}

extension KubernetesServer {
  /// From now on image builders in this cluster run: whether they may push, the gate says.
  public func runBuilders(asking gate: @escaping PushGate) async { await cluster.open(gate) }
}

extension KubernetesCluster {
  func open(_ gate: @escaping PushGate) { pushGate = gate }
}
