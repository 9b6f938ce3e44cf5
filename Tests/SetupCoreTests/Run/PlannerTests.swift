import FoundationEssentials
import HTTP
import Kubernetes
import Synchronization
import TestSupport
import Testing

@testable import SetupCore

@Suite("The planner")
struct PlannerTests {
  private static let withCA = Samples.answers(["registry.certificateAuthority": .text("ca.pem")])

  @Test("Steps come in the order in which each finds what it needs")
  func order() {
    #expect(
      Planner.steps(Self.withCA).map(\.id.name) == [
        "namespace", "api-token", "registry-credentials", "registry-ca", "values", "agent-attach", "release",
        "rollout",
      ])
    let plain = Samples.answers([
      "registry.certificateAuthority": .text("ca.pem"), "registry.scheme": .text("http"),
    ])
    #expect(!Planner.steps(plain).contains { $0.id == "registry-ca" })
  }

  @Test("Planning reads and changes nothing, and the plan says what would change")
  func plan() async throws {
    let cluster = try ScriptedCluster()
    let files = try Samples.files(["/home/admin/work/ca.pem": Samples.pem])
    let before = files.paths
    let plan = try await Planner.plan(try Samples.setup(Self.withCA, files: files, http: cluster))
    #expect(plan.target == "context prod, namespace datarobot-mlops")
    #expect(!plan.isDone)
    #expect(cluster.writes == [])
    #expect(files.paths == before)
    let document = PlanDocument(plan)
    #expect(document.steps.filter { $0.state != "needed" }.map(\.id) == ["agent-attach"], "this cluster is old")
    #expect(document.steps.count == 8)
    #expect(document.steps[0].details == ["create Namespace datarobot-mlops"])
    let text = TextReport.plan(document)
    if let difference = try goldenDifference("SetupCore/plan.txt", text) { Issue.record("\(difference)") }
    #expect(!text.contains("55f1"))
    let json = String(decoding: try JSONEncoder().encode(document), as: UTF8.self)
    #expect(!json.contains("55f1"))
    #expect(try object(PlanDocument.self, json) == document)
  }

  @Test("A whole installation, run twice, changes nothing the second time, and no secret leaves the cluster's Secrets")
  func twice() async throws {
    let cluster = try ScriptedCluster()
    let files = try Samples.files(["/home/admin/work/ca.pem": Samples.pem])
    let commands = Mutex<[String]>([])
    let setup = try Samples.setup(
      Self.withCA, files: files, http: cluster,
      programs: [
        "helm": { command in
          commands.withLock { $0.append("\(command)") }
          let revision = ReleaseStepTests.revision(1, "deployed")
          try cluster.put(revision.path, revision.json)
          return ProcessResult(exitCode: 0)
        }
      ])
    let journal = Journal(path: try setup.stateFolder().journal, world: setup.world)
    func run() async throws -> RunReport {
      try await Runner(plan: try await Planner.plan(setup), setup: setup, journal: journal).run { _ in }
    }
    let first = try await run()
    #expect(first.failure == nil, "\(first)")
    #expect(first.entries.filter { if case .changed = $0.outcome { true } else { false } }.count == 6)
    let writes = cluster.writes.count
    #expect(try await Planner.plan(setup).isDone)
    let second = try await run()
    #expect(second.changedNothing, "\(second)")
    #expect(cluster.writes.count == writes)
    #expect(commands.withLock { $0.count } == 1)

    for path in files.paths where path.contains("/.local/state/") {
      #expect(files.text(path)?.contains("55f1") == false, "\(path)")
      #expect(files.mode(path) == 0o600, "\(path)")
    }
    #expect(!commands.withLock { $0.joined() }.contains("55f1"))
    #expect(!"\(first)\(second)".contains("55f1"))

    for step in Planner.steps(setup.answers).reversed() { _ = try await step.undo(setup) }
    #expect(
      cluster.requests.filter { $0.method == "DELETE" }.map { $0.url.components("/").last ?? "" } == [
        "mlops-setup-bosun", "registry-ca", "registry-creds", "mlops-api-key", "datarobot-mlops",
      ])
  }

  @Test("A plan tells which of its steps an earlier run was interrupted in, until they are done")
  func interrupted() async throws {
    let cluster = try ScriptedCluster()
    let setup = try Samples.setup(files: try Samples.files(), http: cluster)
    #expect(PlanDocument(try await Planner.plan(setup)).interruption == nil)
    let journal = try setup.journal()
    // The chart of this cluster's age needs nothing for `agent-attach`, so that is done.
    for step: StepID in ["release", "agent-attach", "another-plan's"] {
      try journal.write(event: "step-started", step: step)
    }
    let document = PlanDocument(try await Planner.plan(setup))
    #expect(document.interrupted == ["Helm release"])
    let told =
      "An earlier run was interrupted during Helm release. This one looks at what is there and goes on from that."
    #expect(document.interruption == told)
    #expect(TextReport.plan(document).contains("\n\n\(told)\n\n1. "))
  }

  @Test("All steps that cannot be done are told at once")
  func obstacle() {
    let steps = Planner.steps(Samples.answers())
    var plan = Plan(
      target: "", entries: [.init(step: steps[0], state: .blocked("theirs")), .init(step: steps[1], state: .done(""))])
    #expect(plan.obstacle == SetupError(.checkFailed, "Nothing was changed: Namespace: theirs"))
    plan.entries[1].state = .blocked("denied")
    #expect(
      plan.obstacle
        == SetupError(
          .checkFailed, "Nothing was changed: 2 steps cannot be done.\n  Namespace: theirs\n  DataRobot token: denied"))
    plan.entries = [.init(step: steps[1], state: .needed(["make it"]))]
    #expect(plan.obstacle == nil)
  }

  @Test("A run after a kill within helm clears what it left and ends as if nothing had happened")
  func afterKill() async throws {
    let cluster = try ScriptedCluster()
    let files = try Samples.files()
    let calls = Mutex(0)
    let setup = try Samples.setup(
      files: files, http: cluster,
      programs: [
        "helm": { _ in
          let call = calls.withLock {
            $0 += 1
            return $0
          }
          let revision = ReleaseStepTests.revision(1, call == 1 ? "pending-install" : "deployed")
          try cluster.put(revision.path, revision.json)
          if call == 1 { throw CancellationError() }
          return ProcessResult(exitCode: 0)
        }
      ])
    func run(_ setup: Setup) async throws -> RunReport {
      let journal = Journal(path: try setup.stateFolder().journal, world: setup.world)
      return try await Runner(plan: try await Planner.plan(setup), setup: setup, journal: journal).run { _ in }
    }
    let error = await #expect(throws: SetupError.self) { try await run(setup) }
    #expect(error?.code == .interrupted)
    // Before the second run an answer is corrected, so that another step has work to do before the release's.
    var answers = setup.answers
    answers["ingress.className"] = Answer(.text("edge"))
    let report = try await run(setup.with(answers))
    #expect(report.failure == nil, "\(report)")
    #expect(calls.withLock { $0 } == 2)
    #expect(cluster.writes.contains { $0.hasPrefix("DELETE") && $0.hasSuffix("sh.helm.release.v1.bosun.v1") })
  }
}
