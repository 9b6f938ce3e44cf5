import Simulator
import TestSupport

/// A real kubectl for a simulated cluster of its own.
struct RealKubectl {
  let server: KubernetesServer
  let folder: ScratchDirectory
  private let program: TestProgram

  /// Runs `body` with a kubectl for a server that takes everybody for the administrator: kubectl sends no token over
  /// plain HTTP.
  static func with(_ scenario: ClusterScenario, _ body: (RealKubectl) async throws -> Void) async throws {
    let program = try TestProgram("kubectl", debianPackage: "kubernetes-client")
    let server = try await KubernetesServer.start(scenario, withoutCredentials: .admin)
    do {
      try await withScratchDirectory { folder in
        try folder.write(
          """
          apiVersion: v1
          kind: Config
          current-context: s
          clusters: [{name: s, cluster: {server: "\(server.url)"}}]
          contexts: [{name: s, context: {cluster: s, user: u}}]
          users: [{name: u, user: {}}]

          """, to: "kubeconfig")
        try await body(RealKubectl(server: server, folder: folder, program: program))
      }
    } catch {
      await server.stop()
      throw error
    }
    await server.stop()
  }

  /// What it prints.
  func run(_ arguments: [String]) async throws -> String {
    try await program.run(
      ["--kubeconfig", folder.file("kubeconfig"), "--cache-dir", folder.file("cache")] + arguments)
  }
}
