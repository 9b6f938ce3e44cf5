import FoundationEssentials
import HTTP
import Kubernetes
import Synchronization
import TestSupport
import Testing

@testable import SetupCore

@Suite("The rollout's step")
struct RolloutStepTests {
  private static let namespace = "/api/v1/namespaces/datarobot-mlops"
  private static let deployments = "/apis/apps/v1/namespaces/datarobot-mlops/deployments"

  private static func deployment(_ name: String = "agent", available: Int, release: String = "bosun") -> String {
    #"{"kind":"Deployment","metadata":{"name":"\#(name)","generation":1,"annotations":{"meta.helm.sh/release-name":"\#(release)"}},"spec":{"replicas":1,"selector":{"matchLabels":{"app":"\#(name)"}}},"status":{"observedGeneration":1,"replicas":1,"updatedReplicas":1,"availableReplicas":\#(available)}}"#
  }

  private static func pod(_ status: String) -> String {
    #"{"kind":"Pod","metadata":{"name":"agent-1","labels":{"app":"agent"}},"status":{"phase":"Running","containerStatuses":[\#(status)]}}"#
  }

  private static func cluster(
    _ objects: [String: String], release: Bool = true, override: @escaping ScriptedCluster.Override = { _ in nil }
  ) throws -> ScriptedCluster {
    let revision = ReleaseStepTests.revision(1, "deployed")
    return try ScriptedCluster(
      release ? objects.merging([revision.path: revision.json]) { $1 } : objects, override: override)
  }

  /// A set-up whose clock goes on by what is slept.
  private func setup(
    _ cluster: ScriptedCluster, _ answers: Answers = Samples.answers(),
    tick: @escaping @Sendable (Int) throws -> Void = { _ in }
  ) throws -> (Setup, elapsed: @Sendable () -> Int) {
    let seconds = Counter()
    var world = World.fake(environment: Samples.environment, files: try Samples.files(), http: cluster)
    world.now = { Date(timeIntervalSince1970: 1_800_000_000 + Double(seconds.value)) }
    world.sleep = { duration in
      try Task.checkCancellation()
      try tick(seconds.add(Int(duration.components.seconds)))
    }
    return (Setup(world: world, answers: answers, requirements: Samples.requirements), { seconds.value })
  }

  private final class Counter: Sendable {
    private let count = Mutex(0)
    var value: Int { count.withLock { $0 } }
    func add(_ more: Int) -> Int {
      count.withLock {
        $0 += more
        return $0
      }
    }
  }

  @Test("Without a release it is needed; available workloads of the release are done, others do not count")
  func inspect() async throws {
    let step = RolloutStep(Samples.answers())
    let none = try Self.cluster([:], release: false)
    #expect(
      try await step.inspect(try setup(none).0)
        == .needed(["wait until the workloads of release bosun are available"]))
    let waiting = try Self.cluster(["\(Self.deployments)/agent": Self.deployment(available: 0)])
    #expect(try await step.inspect(try setup(waiting).0) == .needed(["wait until Deployment agent is available"]))
    let done = try Self.cluster([
      "\(Self.deployments)/agent": Self.deployment(available: 1),
      "\(Self.deployments)/model": Self.deployment("model", available: 0, release: "other"),
    ])
    #expect(try await step.inspect(try setup(done).0) == .done("available: Deployment agent"))
  }

  @Test("StatefulSets and DaemonSets are waited for as Deployments are")
  func otherKinds() async throws {
    func set(_ kind: String, _ spec: String, _ status: String) -> String {
      #"{"kind":"\#(kind)","metadata":{"name":"agent","generation":2,"annotations":{"meta.helm.sh/release-name":"bosun"}},"spec":{\#(spec)},"status":{\#(status)}}"#
    }
    let apps = "/apis/apps/v1/namespaces/datarobot-mlops"
    func state(_ kind: String, spec: String = "", _ status: String) async throws -> StepState {
      let cluster = try Self.cluster(["\(apps)/\(kind.lowercased())s/agent": set(kind, spec, status)])
      return try await RolloutStep(Samples.answers()).inspect(try setup(cluster).0)
    }
    func done(_ kind: String) -> StepState { .done("available: \(kind) agent") }
    func wait(_ kind: String) -> StepState { .needed(["wait until \(kind) agent is available"]) }

    let whole = #""observedGeneration":2,"readyReplicas":2,"updatedReplicas":2"#
    #expect(try await state("StatefulSet", spec: #""replicas":2"#, whole) == done("StatefulSet"))
    #expect(try await state("StatefulSet", spec: #""replicas":3"#, whole) == wait("StatefulSet"))
    let old = #""observedGeneration":2,"readyReplicas":2,"updatedReplicas":1"#
    #expect(try await state("StatefulSet", spec: #""replicas":2"#, old) == wait("StatefulSet"))
    let half = #""replicas":2,"updateStrategy":{"type":"RollingUpdate","rollingUpdate":{"partition":1}}"#
    #expect(try await state("StatefulSet", spec: half, old) == done("StatefulSet"))
    #expect(
      try await state("StatefulSet", spec: #""replicas":2,"updateStrategy":{"type":"OnDelete"}"#, old)
        == done("StatefulSet"))
    #expect(
      try await state("StatefulSet", spec: #""replicas":2"#, whole.replacing("Generation\":2", with: "Generation\":1"))
        == wait("StatefulSet"))

    let everywhere =
      #""observedGeneration":2,"desiredNumberScheduled":3,"updatedNumberScheduled":3,"numberAvailable":3"#
    #expect(try await state("DaemonSet", everywhere) == done("DaemonSet"))
    #expect(
      try await state("DaemonSet", everywhere.replacing("Available\":3", with: "Available\":2")) == wait("DaemonSet"))
    #expect(
      try await state("DaemonSet", everywhere.replacing("Scheduled\":3,\"n", with: "Scheduled\":2,\"n"))
        == wait("DaemonSet"))
  }

  @Test("A kind that may not be listed is left out where another was found, and else it is not taken for green")
  func deniedKind() async throws {
    func inspect(_ objects: [String: String]) async throws -> StepState {
      let cluster = try Self.cluster(objects) { request in
        request.url.contains("/statefulsets")
          ? .json(403, #"{"kind":"Status","reason":"Forbidden","message":"may not list statefulsets"}"#) : nil
      }
      return try await RolloutStep(Samples.answers()).inspect(try setup(cluster).0)
    }
    #expect(
      try await inspect(["\(Self.deployments)/agent": Self.deployment(available: 1)])
        == .done("available: Deployment agent"))
    let failure = try #require(await #expect(throws: ObservationFailure.self) { try await inspect([:]) })
    #expect(failure.kind == .denied)
    #expect(failure.message.contains("statefulsets"))
  }

  @Test("It tells how far things are until they are available")
  func becomesAvailable() async throws {
    let cluster = try Self.cluster(["\(Self.deployments)/agent": Self.deployment(available: 0)])
    let (setup, elapsed) = try setup(cluster) { seconds in
      if seconds == 3 { try cluster.put("\(Self.deployments)/agent", Self.deployment(available: 1)) }
    }
    let told = Mutex<[StepProgress]>([])
    try await RolloutStep(setup.answers).perform(setup) { progress in told.withLock { $0.append(progress) } }
    #expect(elapsed() == 3)
    #expect(
      told.withLock { $0 }
        == Array(
          repeating: StepProgress(
            "0 of 1 Deployment available", details: ["Deployment agent: 0 of 1 available"]), count: 3))
    #expect(cluster.writes == [])
  }

  @Test("A crash ends the wait after its patience, told once, with the pods, the events and the log's last lines")
  func crash() async throws {
    let crashing =
      #"{"name":"agent","restartCount":3,"state":{"waiting":{"reason":"CrashLoopBackOff","message":"back-off 40s"}}}"#
    let cluster = try Self.cluster([
      "\(Self.deployments)/agent": Self.deployment(available: 0),
      "\(Self.namespace)/pods/agent-1": Self.pod(crashing),
      "\(Self.namespace)/events/e1":
        #"{"kind":"Event","metadata":{},"involvedObject":{"kind":"Pod","name":"agent-1"},"type":"Warning","reason":"BackOff","message":"Back-off restarting","lastTimestamp":"2026-01-01T00:00:02Z"}"#,
      "\(Self.namespace)/events/e3":
        #"{"kind":"Event","metadata":{},"involvedObject":{"kind":"Pod","name":"agent-1"},"type":"Warning","reason":"Failed","message":"no such file","lastTimestamp":"2026-01-01T00:00:01Z"}"#,
      "\(Self.namespace)/events/e2":
        #"{"kind":"Event","metadata":{},"involvedObject":{"kind":"Pod","name":"stranger"},"type":"Warning","reason":"X","message":"not ours"}"#,
    ]) { request in
      request.url.contains("/pods/agent-1/log") ? .text(200, "one\nMLOPS_API_TOKEN is invalid\n") : nil
    }
    let (setup, elapsed) = try setup(cluster)
    let error = try #require(
      await #expect(throws: SetupError.self) { try await RolloutStep(setup.answers).perform(setup) { _ in } })
    #expect(elapsed() == 20)
    #expect(error.code == .installFailed)
    #expect(
      error.message == """
        Pod agent-1, container agent: CrashLoopBackOff: back-off 40s
          Deployment agent: 0 of 1 available
          Pod agent-1: Running, agent: CrashLoopBackOff
          event: Pod agent-1: Failed: no such file
          log of agent-1: one
          log of agent-1: MLOPS_API_TOKEN is invalid
        """)
    #expect(error.next == "Its last log lines above say why; correct the answer they name.")
    let log = try #require(cluster.requests.last { $0.url.contains("/log") })
    #expect(log.url.contains("previous=true") && log.url.contains("tailLines=5"))
  }

  @Test("Events and logs that may not be read do not hide the reason")
  func denied() async throws {
    let cluster = try Self.cluster([
      "\(Self.deployments)/agent": Self.deployment(available: 0),
      "\(Self.namespace)/pods/agent-1": Self.pod(
        #"{"name":"agent","restartCount":3,"state":{"waiting":{"reason":"CrashLoopBackOff"}}}"#),
    ]) { request in
      request.url.contains("/events") || request.url.contains("/log") ? .status(403, "Forbidden", "no") : nil
    }
    let (setup, _) = try setup(cluster)
    let error = try #require(
      await #expect(throws: SetupError.self) { try await RolloutStep(setup.answers).perform(setup) { _ in } })
    #expect(error.message.hasPrefix("Pod agent-1, container agent: CrashLoopBackOff"))
    #expect(error.message.contains("events could not be read: "))
    #expect(error.message.contains("the log of agent-1 could not be read: "))
  }

  @Test("What is only slow ends at the answers' own limit, and says so")
  func timeout() async throws {
    let cluster = try Self.cluster(["\(Self.deployments)/agent": Self.deployment(available: 0)])
    let (setup, elapsed) = try setup(cluster, Samples.answers(["helm.timeout": .text("90s")]))
    let error = try #require(
      await #expect(throws: SetupError.self) { try await RolloutStep(setup.answers).perform(setup) { _ in } })
    #expect(elapsed() == 91)
    #expect(error.message.hasPrefix("not available after 90s: Deployment agent is not yet available"))
  }
}
