import Foundation
import Kubernetes
import Simulator
import TestSupport
import Testing

/// Helm's own library, through the launcher of the tests, against the simulated API server.
@Suite("A real Helm and the simulated cluster", .serialized, .timeLimit(.minutes(2)))
struct HelmEngineTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  private static let chart = root.appending(path: "Resources/chart/datarobot-management-agent").path()
  private static let namespace = "datarobot-mlops"
  private static let fullName = "bosun-datarobot-management-agent"

  /// The engine is fetched by scripts/prerequisites; a plain `swift test` on a fresh machine has none.
  static var hasEngine: Bool {
    let folder = ProcessInfo.processInfo.environment["MLOPS_SETUP_HELM_ENGINE"].map { URL(filePath: $0) }
    return FileManager.default.fileExists(
      atPath: (folder ?? root.appending(path: ".build/helm-engine")).appending(path: "VERSION").path())
  }

  @Test(
    "Helm installs, upgrades, reports and removes the agent, and leaves nothing behind",
    .enabled(if: Self.hasEngine, "scripts/prerequisites test fetches the engine"), arguments: ["helm", "helm3"])
  func installsAndRemoves(program: String) async throws {
    try await Self.withCluster(program: program) { server, helm in
      let first = try await helm(["upgrade", "--install", "bosun", Self.chart, "--create-namespace", "-o", "json"])
      try #require(first.code == 0, "\(first.errors)\n\(Self.trail(server))")
      #expect(try Self.json(first.output)["version"] == .integer(1))
      #expect(await server.object("deployments.apps", namespace: Self.namespace, name: Self.fullName) != nil)
      #expect(
        await server.object("roles.rbac.authorization.k8s.io", namespace: Self.namespace, name: Self.fullName) != nil)

      let second = try await helm(
        [
          "upgrade", "--install", "bosun", Self.chart, "--wait", "--timeout", "60s", "--set",
          "managementAgent.tag=9.9.9", "-o", "json",
        ])
      try #require(second.code == 0, "\(second.errors)\n\(Self.trail(server))")
      let release = try Self.json(second.output)
      #expect(release["version"] == .integer(2))
      #expect(release["apply_method"]?.string == (program == "helm3" ? "csa" : "ssa"))
      let deployment = await server.object("deployments.apps", namespace: Self.namespace, name: Self.fullName)
      let container = deployment?[path: "spec", "template", "spec"]?["containers"]?.array?.first
      #expect(container?["image"]?.string?.hasSuffix(":9.9.9") == true)
      #expect(deployment?[path: "status", "readyReplicas"] == .integer(1))

      let listed = try await helm(["list", "-o", "json"])
      let row = try Self.json(listed.output).array?.first
      #expect(row?["revision"] == .string("2"))
      #expect(row?["status"] == .string("deployed"))

      let records = await server.objects("secrets", namespace: Self.namespace)
        .filter { $0["type"] == .string("helm.sh/release.v1") }
      #expect(
        Set(records.compactMap { $0[path: "metadata", "labels", "status"]?.string }) == ["superseded", "deployed"])

      let removed = try await helm(["uninstall", "bosun", "--wait", "--timeout", "60s"])
      try #require(removed.code == 0, "\(removed.errors)\n\(Self.trail(server))")
      #expect(await server.objects("deployments.apps", namespace: Self.namespace).isEmpty)
      #expect(await server.objects("secrets", namespace: Self.namespace).isEmpty)
      #expect(try await helm(["uninstall", "bosun"]).errors.hasPrefix("Error: uninstall: Release not loaded: bosun"))
      #expect(try await helm(["uninstall", "bosun", "--ignore-not-found"]).code == 0)
    }
  }

  @Test(
    "A rehearsal reads the cluster and writes nothing to it",
    .enabled(if: Self.hasEngine, "scripts/prerequisites test fetches the engine"))
  func rehearsesWithoutWriting() async throws {
    try await Self.withCluster(program: "helm") { server, helm in
      server.log.clear()
      let rehearsal = try await helm(["upgrade", "--install", "bosun", Self.chart, "--dry-run=server", "-o", "json"])
      try #require(rehearsal.code == 0, "\(rehearsal.errors)\n\(Self.trail(server))")
      #expect(try Self.json(rehearsal.output)[path: "info", "status"] == .string("pending-install"))
      #expect(server.log.writes.isEmpty)
      #expect(!server.log.entries.isEmpty)
    }
  }

  @Test(
    "What Helm did not make, Helm does not take",
    .enabled(if: Self.hasEngine, "scripts/prerequisites test fetches the engine"))
  func refusesForeignObjects() async throws {
    try await Self.withCluster(program: "helm") { server, helm in
      try await server.put([
        "apiVersion": "v1", "kind": "Namespace", "metadata": ["name": .string(Self.namespace)],
      ])
      try await server.put([
        "apiVersion": "v1", "kind": "ServiceAccount",
        "metadata": ["name": .string(Self.fullName), "namespace": .string(Self.namespace)],
      ])
      let refused = try await helm(["upgrade", "--install", "bosun", Self.chart])
      #expect(refused.code == 1)
      #expect(refused.errors.contains("cannot be imported into the current release"), "\(refused.errors)")
      #expect(await server.objects("deployments.apps", namespace: Self.namespace).isEmpty)
    }
  }

  // MARK: Helpers

  private struct Outcome {
    var code: Int32
    var output: String
    var errors: String
  }

  private typealias Helm = ([String]) async throws -> Outcome

  /// A cluster that anyone may write to: kubectl and Helm send no token over plain HTTP.
  private static func withCluster(
    program: String, _ body: (KubernetesServer, Helm) async throws -> Void
  ) async throws {
    let scenario = ClusterScenario.healthy.with {
      $0.objects.append([
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding",
        "metadata": ["name": "open-to-anyone"],
        "roleRef": ["apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"],
        "subjects": [["apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "system:anonymous"]],
      ])
    }
    let server = try await KubernetesServer.start(scenario)
    let scratch = try ScratchDirectory("helm-engine")
    do {
      let kubeconfig = """
        apiVersion: v1
        kind: Config
        current-context: simulated
        clusters: [{name: simulated, cluster: {server: '\(server.url)'}}]
        contexts: [{name: simulated, context: {cluster: simulated, user: anyone, namespace: \(namespace)}}]
        users: [{name: anyone, user: {}}]

        """
      try scratch.write(kubeconfig, to: "kubeconfig")
      try await body(server) { arguments in
        try await run(program, arguments, scratch: scratch)
      }
    } catch {
      await server.stop()
      scratch.remove()
      throw error
    }
    await server.stop()
    scratch.remove()
  }

  /// Runs the launcher and waits for it without holding a thread: the server needs them.
  private static func run(_ program: String, _ arguments: [String], scratch: ScratchDirectory) async throws -> Outcome {
    let process = Process()
    process.executableURL = root.appending(path: "Tests/Support/helm/\(program)")
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("HELM_") }
      .merging(["KUBECONFIG": scratch.file("kubeconfig"), "HOME": scratch.file("home")]) { $1 }
    let files = try ["out", "err"].map { name in
      try scratch.write("", to: name)
      return try FileHandle(forWritingTo: URL(filePath: scratch.file(name)))
    }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = files[0]
    process.standardError = files[1]
    try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
      process.terminationHandler = { _ in continuation.resume() }
      do { try process.run() } catch { continuation.resume(throwing: error) }
    }
    return Outcome(
      code: process.terminationStatus, output: String(decoding: try scratch.read("out"), as: UTF8.self),
      errors: String(decoding: try scratch.read("err"), as: UTF8.self))
  }

  private static func json(_ text: String) throws -> JSONValue {
    try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
  }

  /// The last requests, for the message of a failure.
  private static func trail(_ server: KubernetesServer) -> String {
    server.log.entries.suffix(15).map(\.description).joined(separator: "\n")
  }
}
