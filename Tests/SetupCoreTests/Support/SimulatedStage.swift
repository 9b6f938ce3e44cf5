import Foundation
import Kubernetes
import Simulator
import TestSupport
import Testing

@testable import SetupCore

/// A simulated cluster with a real helm in front of it. Over plain HTTP nobody sends a token, so what anonymous users may
/// do is what the tests' user may do.
struct SimulatedStage {
  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().path()
  static let chart = root + "/Resources/chart/datarobot-management-agent"

  /// The engine is fetched by scripts/prerequisites; a plain `swift test` on a fresh machine has none.
  static var hasEngine: Bool {
    let folder = ProcessInfo.processInfo.environment["MLOPS_SETUP_HELM_ENGINE"] ?? root + "/.build/helm-engine"
    return FileManager.default.fileExists(atPath: folder + "/VERSION")
  }

  let server: KubernetesServer
  let scratch: ScratchDirectory
  let setup: Setup

  /// Everything, or these rules alone in the namespace of the agent.
  enum Rights {
    case all
    case rules([JSONValue])
  }

  static func with(
    _ scenario: ClusterScenario = .healthy, rights: Rights = .all, program: String = "helm",
    values: String? = nil, changes: [QuestionID: AnswerValue] = [:],
    _ body: (SimulatedStage) async throws -> Void
  ) async throws {
    let scenario = scenario.with { scenario in
      let kind: JSONValue
      let name: JSONValue
      switch rights {
      case .all: (kind, name) = ("ClusterRole", "cluster-admin")
      case .rules(let rules):
        (kind, name) = ("ClusterRole", "the-user")
        scenario.objects.append([
          "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": ["name": "the-user"],
          "rules": .array(
            rules + [
              ["apiGroups": ["authorization.k8s.io"], "resources": ["*"], "verbs": ["create"]],
              ["nonResourceURLs": ["*"], "verbs": ["get"]],
            ]),
        ])
      }
      scenario.objects.append([
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding",
        "metadata": ["name": "open-to-anyone"],
        "roleRef": ["apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": name],
        "subjects": [["apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "system:anonymous"]],
      ])
    }
    let server = try await KubernetesServer.start(scenario)
    let scratch = try ScratchDirectory("stage")
    do {
      try await body(SimulatedStage(server, scratch, program: program, values: values, changes: changes))
    } catch {
      await server.stop()
      scratch.remove()
      throw error
    }
    await server.stop()
    scratch.remove()
  }

  private init(
    _ server: KubernetesServer, _ scratch: ScratchDirectory, program: String, values: String?,
    changes: [QuestionID: AnswerValue]
  ) throws {
    self.server = server
    self.scratch = scratch
    try scratch.write(
      """
      apiVersion: v1
      kind: Config
      current-context: prod
      clusters: [{name: prod, cluster: {server: '\(server.url)'}}]
      contexts: [{name: prod, context: {cluster: prod, user: anyone}}]
      users: [{name: anyone, user: {}}]
      """, to: "kubeconfig")
    // Helm 3's launcher goes by another name, and is looked for under helm's.
    try FileManager.default.createDirectory(atPath: scratch.file("bin"), withIntermediateDirectories: true)
    try scratch.write(
      "#!/bin/sh\nexec '\(Self.root)/Tests/Support/helm/\(program)' \"$@\"\n", to: "bin/helm")
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: scratch.file("bin/helm"))
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    let environment = [
      "HOME": scratch.path, "PATH": "\(scratch.file("bin")):\(path)", "KUBECONFIG": scratch.file("kubeconfig"),
      "REGISTRY_PASSWORD": Samples.password, "DATAROBOT_API_TOKEN": Samples.token, "LANG": "C.UTF-8",
      "MLOPS_SETUP_HELM_ENGINE": ProcessInfo.processInfo.environment["MLOPS_SETUP_HELM_ENGINE"]
        ?? Self.root + "/.build/helm-engine",
    ]
    var all: [QuestionID: AnswerValue] = ["chart.path": .text(Self.chart)]
    if let values {
      try scratch.write(values, to: "more.yaml")
      all["chart.values"] = .list([scratch.file("more.yaml")])
    }
    setup = Setup(
      world: .live(in: scratch, environment: environment), answers: Samples.answers(all.merging(changes) { $1 }),
      requirements: Samples.requirements)
  }

  /// What these checks find, by their ids.
  func findings(_ checks: Check...) async -> [CheckID: Finding] {
    let results = await CheckRunner(setup: setup, checks: checks).run().results
    return Dictionary(results.map { ($0.id, $0.finding) }, uniquingKeysWith: { $1 })
  }

  /// The agent's namespace, with these labels.
  static func namespace(_ labels: JSONValue = [:]) -> JSONValue {
    [
      "apiVersion": "v1", "kind": "Namespace", "metadata": ["name": "datarobot-mlops", "labels": labels],
    ]
  }
}
