import FoundationEssentials
import Kubernetes

/// Waits until the release's workloads are available, and says all the while how far they are and what is in the way.
struct RolloutStep: Step {
  let id: StepID
  let title = "Rollout"
  let onlyWaits = true
  private let answers: Answers
  private let release: String
  private let namespace: String
  /// Between two looks.
  private static let interval = Duration.seconds(1)

  /// The agent's rollout.
  init(_ answers: Answers) {
    self.init(id: "rollout", AgentSource(answers), answers)
  }

  init(id: StepID, _ source: any ReleaseSource, _ answers: Answers) {
    self.id = id
    self.answers = answers
    release = source.release
    namespace = source.namespace ?? answers[.namespace] ?? ""
  }

  func commands(_ setup: Setup) -> [EquivalentCommand] {
    let kubectl = Kubectl(answers, namespace: namespace)
    let kinds = Workload.resources.map(\.name).joined(separator: ",")
    let ours = #"{range .items[?(@.metadata.annotations.meta\.helm\.sh/release-name=="\#(release)")]}"#
    let list = kubectl.line("get", kinds, "--output=jsonpath=\(ours)" + #"{.kind}/{.metadata.name}{"\n"}{end}"#)
    let wait = kubectl.line("rollout", "status", "--timeout=\(answers[.timeout] ?? "10m")")
    return [
      EquivalentCommand(
        """
        workloads=$(\(list)) || test -n "$workloads"
        for workload in $workloads; do
          \(wait) "$workload"
        done
        """)
    ]
  }

  func access(namespaceExists: Bool) -> [AccessRequest] {
    [Resource.deployments, .pods, .events].map { AccessRequest("list", $0, namespace: namespace) }
  }

  func inspect(_ setup: Setup) async throws -> StepState {
    guard try await HelmRelease.find(release, setup, namespace: namespace) != nil else {
      return .needed(["wait until the workloads of release \(release) are available"])
    }
    let workloads = try await Workload.all(of: release, in: namespace, setup)
    let waiting = workloads.filter { !$0.isRolledOut }
    if !waiting.isEmpty { return .needed(waiting.map { "wait until \($0.title) is available" }) }
    let names = workloads.map(\.title).joined(separator: ", ")
    return .done(workloads.isEmpty ? "release \(release) has no workloads" : "available: \(names)")
  }

  func perform(_ setup: Setup, progress: @escaping @Sendable (StepProgress) -> Void) async throws {
    let limit = GoDuration(answers[.timeout] ?? "")?.duration ?? .seconds(600)
    let start = setup.world.now()
    var watch = RolloutWatch()
    while true {
      let elapsed = Duration.seconds(setup.world.now().timeIntervalSince(start))
      let picture = try await RolloutPicture.look(at: release, in: namespace, setup)
      if picture.isRolledOut { return }
      progress(StepProgress(picture.summary, details: picture.lines))
      if let reason = watch.verdict(picture, at: elapsed) ?? (elapsed > limit ? picture.obstacle : nil) {
        throw try await failure(reason, picture, setup, timedOut: elapsed > limit)
      }
      try await setup.world.sleep(Self.interval)
    }
  }

  private func failure(
    _ obstacle: RolloutPicture.Obstacle, _ picture: RolloutPicture, _ setup: Setup, timedOut: Bool
  ) async throws -> SetupError {
    let lines = try await RolloutDiagnosis.lines(obstacle, picture, in: namespace, setup)
    let prefix = timedOut ? "not available after \(answers[.timeout] ?? "10m"): " : ""
    return SetupError(
      .installFailed, ([prefix + obstacle.reason] + lines.map { "  \($0)" }).joined(separator: "\n"),
      next: obstacle.next)
  }

  func traces(_ setup: Setup) async throws -> [Trace] { [] }
}
