import Commands
import FoundationEssentials
import SetupCore
import Simulator
import TestSupport
import Testing

/// Everything an installation touches, for real or as near as a test machine can: the simulated cluster behind nginx
/// with TLS, Debian's docker-registry with htpasswd and TLS under the test's own CA, Helm's own engine, kubectl.
final class Stage: Sendable {
  static let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path
  /// The secrets of a stage; none must ever be seen anywhere but in its two Secrets.
  struct Secrets: Sendable {
    let password: String
    let token: String

    static let usual = Secrets(
      password: "canary-p4ss:'\"$word-\u{e9}", token: "canary-t0ken-&$value\'\\")
  }

  static let password = Secrets.usual.password
  static let token = Secrets.usual.token

  let secrets: Secrets
  let folder: ScratchDirectory
  let cluster: KubernetesServer
  let registry: DockerRegistry
  let environment: [String: String]
  /// The folder of the chart that answers name.
  let chart: String

  /// What the stage's servers are trusted by.
  let certificates: TestCertificates

  private let front: NginxFront

  /// Runs `body` on a stage of its own, and clears it away.
  static func with<Result>(
    _ scenario: ClusterScenario = .healthy, secrets: Secrets = .usual, hasImages: Bool = true,
    _ body: (Stage) async throws -> Result
  ) async throws -> Result {
    try await withScratchDirectory { folder in
      let certificates = try await TestCertificates(in: folder)
      let server = try await certificates.server()
      let cluster = try await KubernetesServer.start(scenario)
      let front = try await NginxFront.start(.init(server: server, upstreamPort: Int(cluster.port)))
      let htpasswd = try await TestProgram("htpasswd", debianPackage: "apache2-utils")
        .run(["-niB", "push"], input: secrets.password + "\n")
      let registry = try await DockerRegistry.start(
        .init(
          htpasswd: htpasswd.split(separator: "\n").first.map(String.init),
          tls: (server.certificatePath, server.keyPath), logsRequests: true))
      let stage = try Stage(
        folder: folder, cluster: cluster, front: front, registry: registry, certificates: certificates,
        secrets: secrets)
      func clear() async {
        await registry.stop()
        await front.stop()
        await cluster.stop()
      }
      do {
        if hasImages { try await stage.pushImages(certificates) }
        let result = try await body(stage)
        await clear()
        return result
      } catch {
        await clear()
        throw error
      }
    }
  }

  private init(
    folder: ScratchDirectory, cluster: KubernetesServer, front: NginxFront, registry: DockerRegistry,
    certificates: TestCertificates, secrets: Secrets
  ) throws {
    self.secrets = secrets
    self.folder = folder
    self.cluster = cluster
    self.front = front
    self.registry = registry
    self.certificates = certificates
    chart = Stage.repository + "/Resources/chart/datarobot-management-agent"
    try folder.write(String(decoding: certificates.authority.certificate, as: UTF8.self), to: "ca.pem")
    try folder.write(
      Stage.kubeconfig(server: front.url, ca: certificates.authority.certificate, token: "admin-token"),
      to: "kubeconfig")
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    environment = [
      "HOME": folder.path, "PATH": "\(TestProgram.helmFolder):\(path)", "KUBECONFIG": folder.file("kubeconfig"),
      "REGISTRY_PASSWORD": secrets.password, "DATAROBOT_API_TOKEN": secrets.token, "LANG": "C.UTF-8",
    ]
  }

  static func kubeconfig(server: String, ca: [UInt8], token: String) -> String {
    """
    apiVersion: v1
    kind: Config
    current-context: stage
    clusters: [{name: stage, cluster: {server: "\(server)", certificate-authority-data: \(Data(ca).base64EncodedString())}}]
    users: [{name: admin, user: {token: \(token)}}]
    contexts: [{name: stage, context: {cluster: stage, user: admin}}]
    """
  }

  /// Answers for this stage; `changes` replaces whole sections.
  func answers(_ changes: [String: String] = [:]) -> String {
    let sections = [
      "cluster": "{context: stage, namespace: datarobot-mlops}",
      "registry": """
      {provider: generic, server: "\(registry.host)", certificateAuthority: ca.pem, username: push, \
      password: {env: REGISTRY_PASSWORD}}
      """,
      "datarobot": """
      {endpoint: "http://127.0.0.1:9", apiToken: {env: DATAROBOT_API_TOKEN}, \
      predictionEnvironment: 65f0a1b2c3d4e5f60718293a}
      """,
      "ingress": "{className: mlops, outfacingUrl: \"https://models.example.com/deployments/\"}",
      "chart": "{path: \"\(chart)\", release: bosun}",
      "helm": "{timeout: 2m}",
    ]
    return "apiVersion: mlops-setup/v1\nkind: Answers\n"
      + sections.merging(changes) { $1 }.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)\n" }.joined()
  }

  /// Runs the program in this process, with the stage's environment in place of our own.
  func run(_ arguments: String..., environment changes: [String: String?] = [:]) async throws -> ProgramEnding {
    try await run(arguments: arguments, environment: changes)
  }

  /// The same with the arguments as a list.
  func run(
    arguments: [String], environment changes: [String: String?] = [:], in change: (inout World) -> Void = { _ in }
  ) async throws -> ProgramEnding {
    var world = world(environment: changes)
    change(&world)
    return await ProgramEnding(running: arguments, in: world)
  }

  /// The real world with the stage's environment and folder in place of our own.
  func world(environment changes: [String: String?] = [:]) -> World {
    var environment = environment
    for (name, value) in changes { environment[name] = value }
    return .live(in: folder, environment: environment)
  }

  /// Runs kubectl against the stage.
  func kubectl(_ arguments: String...) async throws -> String {
    let kubectl = try TestProgram("kubectl", debianPackage: "kubernetes-client")
    return try await kubectl.run(["--kubeconfig", folder.file("kubeconfig")] + arguments)
  }
}

/// A kubeconfig's text, changed in one way.
struct KubeconfigText {
  var text: String

  func replacing(_ pattern: Regex<Substring>, with replacement: String) -> String {
    text.replacing(pattern, with: replacement)
  }
  func replacingCA(with pem: [UInt8]) -> String {
    replacing(
      /certificate-authority-data: [^}]*/, with: "certificate-authority-data: \(Data(pem).base64EncodedString())")
  }
  func replacingServer(with url: String) -> String { replacing(/server: "[^"]*"/, with: "server: \"\(url)\"") }
  func replacingToken(with token: String) -> String { replacing(/token: [^}]*/, with: "token: \(token)") }
  func replacingUser(withCertificate pair: TestCertificates.Pair) -> String {
    replacing(
      /token: [^}]*/,
      with: "client-certificate: \"\(pair.certificatePath)\", client-key: \"\(pair.keyPath)\"")
  }
}

extension Stage {
  /// Writes a changed kubeconfig beside the stage's own; returns the answers that name it.
  func useKubeconfig(_ change: (KubeconfigText) -> String) throws -> [String: String] {
    let text = String(decoding: try folder.read("kubeconfig"), as: UTF8.self)
    try folder.write(change(KubeconfigText(text: text)), to: "other-kubeconfig")
    return ["cluster": "{kubeconfig: other-kubeconfig, context: stage, namespace: datarobot-mlops}"]
  }
}
