import FoundationEssentials
import HTTP
import Kubernetes
import Simulator
import TestSupport
import Testing

@testable import SetupCore

@Suite("The step that lets the agent attach", .serialized, .timeLimit(.minutes(3)))
struct AgentAttachStepTests {
  private static let account = "bosun-datarobot-management-agent"

  /// The stand-in chart, whose Role is made to lack the verb.
  private static func with(
    minor: Int = 36, rights: SimulatedStage.Rights = .all, lacks: Bool = true,
    _ body: (SimulatedStage, AgentAttachStep) async throws -> Void
  ) async throws {
    let scenario = ClusterScenario.healthy.with {
      $0.version = ClusterVersion(minor: minor)
      $0.objects.append(SimulatedStage.namespace())
    }
    try await withScratchDirectory { folder in
      let chart = folder.file("chart")
      try FileManager.default.copyItem(atPath: SimulatedStage.chart, toPath: chart)
      if lacks {
        let path = "chart/templates/rbac.yaml"
        let text = String(decoding: try folder.read(path), as: UTF8.self)
        let lacking = text.components("resources: [pods/attach]\n    verbs: [get, create]")
          .joined(separator: "resources: [pods/attach]\n    verbs: [get]")
        #expect(lacking != text)
        try folder.write(lacking, to: path)
      }
      try await SimulatedStage.with(scenario, rights: rights, changes: ["chart.path": .text(chart)]) { stage in
        try await body(stage, AgentAttachStep(stage.setup.answers))
      }
    }
  }

  @Test(
    "Where the chart's Role lacks the verb a Role of ours gives it, once; then the agent may, and it goes again",
    .enabled(if: SimulatedStage.hasEngine, "scripts/prerequisites test fetches the engine"))
  func needed() async throws {
    try await Self.with { stage, step in
      let setup = stage.setup
      let suffix = ", so that the service account \(Self.account) may create pods/attach"
      #expect(
        try await step.inspect(setup)
          == .needed([
            "create Role mlops-agent-attach\(suffix)", "create RoleBinding mlops-agent-attach\(suffix)",
          ]))
      let before = await stage.findings(.permissionsAgent)["permissions.agent"]
      #expect(before?.status == .pass)
      #expect(before?.message.contains("which the plan adds (Role mlops-agent-attach)") == true)
      let commands = try await step.commands(setup)
      #expect(commands.count == 1)
      #expect(commands[0].shell.contains("name: \(Self.account)"))

      try await step.perform(setup) { _ in }
      let attach = ResourceAttributes("create", .pods, namespace: "datarobot-mlops", subresource: "attach")
      let user = "system:serviceaccount:datarobot-mlops:\(Self.account)"
      let answer = try await setup.kubernetes().review(attach, user: user, groups: []).value
      #expect(answer.allowed)
      stage.server.log.clear()
      guard case .done = try await step.inspect(setup) else {
        Issue.record("not done")
        return
      }
      let after = await stage.findings(.permissionsAgent)["permissions.agent"]
      #expect(after?.status == .pass)
      #expect(
        try await step.undo(setup)
          == "deleted RoleBinding mlops-agent-attach; deleted Role mlops-agent-attach")
      let roles = await stage.server.objects("roles.rbac.authorization.k8s.io", namespace: "datarobot-mlops")
      #expect(roles.isEmpty)
    }
  }

  @Test(
    "Older servers do not ask for it, and a chart that gives it needs nothing",
    .enabled(if: SimulatedStage.hasEngine, "scripts/prerequisites test fetches the engine"))
  func notNeeded() async throws {
    try await Self.with(minor: 34) { stage, step in
      let state = try await step.inspect(stage.setup)
      #expect(state == .done("Kubernetes 1.34 does not ask for it"))
      #expect(try await step.commands(stage.setup) == [])
    }
    try await Self.with(lacks: false) { stage, step in
      let state = try await step.inspect(stage.setup)
      #expect(state == .done("the chart gives it to the service account \(Self.account)"))
      #expect(try await step.commands(stage.setup) == [])
    }
  }

  @Test(
    "Whoever may make no Roles is told what an administrator has to run",
    .enabled(if: SimulatedStage.hasEngine, "scripts/prerequisites test fetches the engine"))
  func refused() async throws {
    let read: JSONValue = ["apiGroups": ["*"], "resources": ["*"], "verbs": ["get", "list"]]
    try await Self.with(rights: .rules([read])) { stage, step in
      let reason = try await step.inspect(stage.setup).whyBlocked()
      #expect(reason.contains("you may not create roles.rbac.authorization.k8s.io"))
      #expect(reason.contains("kubectl apply --server-side"))
      #expect(reason.contains("resources:\n      - pods/attach"), "\(reason)")
    }
  }

  @Test("What could not be rendered is left to the chart, and that is said")
  func unseen() async throws {
    let cluster = try ScriptedCluster { request in
      request.url.hasSuffix("/version") ? .json(200, #"{"major":"1","minor":"36","gitVersion":"v1.36.0"}"#) : nil
    }
    let helm: @Sendable (ProcessCommand) async throws -> ProcessResult = { command in
      command.arguments.first == "version"
        ? ProcessResult(exitCode: 0, output: "v4.2.4") : ProcessResult(exitCode: 1, errors: "Error: unknown command")
    }
    let setup = try Samples.setup(http: cluster, programs: ["helm": helm])
    guard case .done(let found) = try await AgentAttachStep(setup.answers).inspect(setup) else {
      Issue.record("not done")
      return
    }
    #expect(found.hasPrefix("left to the chart: what it gives its agent could not be seen"), "\(found)")
  }
}
