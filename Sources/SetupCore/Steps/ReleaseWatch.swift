import Kubernetes
import Synchronization
import Text

/// Watches a release's objects while helm is at work on them. With a rollback helm waits for them and clears them away
/// where they fail: why they did must have been seen before.
final class ReleaseWatch: Sendable {
  private let release: String
  private let namespace: String
  private let setup: Setup
  /// What was there before.
  private let before = Mutex(ReleaseObjects())
  private let found = Mutex<Diagnosis?>(nil)
  private static let interval = Duration.seconds(1)

  init(_ release: String, in namespace: String, _ setup: Setup) {
    self.release = release
    self.namespace = namespace
    self.setup = setup
  }

  /// Runs `work` and tells of the objects meanwhile.
  func during<Value: Sendable>(
    _ message: String, tell: @escaping @Sendable (StepProgress) -> Void, _ work: () async throws -> Value
  ) async throws -> Value {
    // It is for the progress alone: helm works on where they cannot be seen.
    let objects = await Observed { try await ReleaseObjects.look(at: self.release, in: self.namespace, self.setup) }
    before.withLock { $0 = objects.value ?? ReleaseObjects() }
    let watch = Task { await follow(message, tell) }
    defer { watch.cancel() }
    let value = try await work()
    watch.cancel()
    await watch.value
    return value
  }

  /// Why a release does not come up.
  struct Diagnosis: Sendable {
    let obstacle: RolloutPicture.Obstacle
    /// What was found out about it.
    let lines: [String]
  }

  /// Why the release did not come up, as far as it was seen.
  var diagnosis: Diagnosis? { found.withLock { $0 } }

  /// What has become of the objects: `ConfigMap bosun: made`.
  func changes() async throws -> [String] {
    try await ReleaseObjects.look(at: release, in: namespace, setup).changes(since: before.withLock { $0 })
  }

  private func follow(_ message: String, _ tell: @escaping @Sendable (StepProgress) -> Void) async {
    var watch = RolloutWatch()
    let start = ContinuousClock.now
    while !Task.isCancelled {
      do {
        let picture = try await RolloutPicture.look(at: release, in: namespace, setup)
        let lines = try await changes() + picture.lines
        if !lines.isEmpty { tell(StepProgress(message, details: lines)) }
        if !picture.isRolledOut { try await note(picture, &watch, at: .now - start) }
        try await setup.world.sleep(Self.interval)
      } catch {
        if Task.isCancelled { return }
        tell(
          StepProgress(
            message, details: ["its objects cannot be seen: \(SetupError(wrapping: error, code: .tool).message)"]))
        do { try await setup.world.sleep(Self.interval * 5) } catch { return }
      }
    }
  }

  /// Keeps the reason why it is not up, with events and log lines.
  private func note(_ picture: RolloutPicture, _ watch: inout RolloutWatch, at elapsed: Duration) async throws {
    let obstacle = picture.obstacle
    let known = found.withLock { $0?.obstacle }
    let isDue = watch.verdict(picture, at: elapsed) != nil
    // While helm goes back, pods begin anew: what any pod goes through is no reason beside one that was seen.
    let isLess = known?.patience != nil && obstacle.patience == nil
    guard obstacle.kind != "waiting", obstacle.kind != "unseen" || known == nil, !isLess,
      obstacle.reason != known?.reason || isDue
    else { return }
    let lines = try await RolloutDiagnosis.lines(obstacle, picture, in: namespace, setup)
    found.withLock { $0 = Diagnosis(obstacle: obstacle, lines: lines) }
  }
}

/// The objects of a release, each with its version.
struct ReleaseObjects: Sendable, Equatable {
  private var versions: [String: String] = [:]
  private var order: [String] = []

  /// The kinds that an agent's chart usually makes; workloads and their pods are told by `RolloutPicture`.
  private static let kinds: [(Resource, String)] = [
    (.serviceAccounts, "ServiceAccount"), (.secrets, "Secret"), (.configMaps, "ConfigMap"), (.roles, "Role"),
    (.roleBindings, "RoleBinding"), (.services, "Service"),
  ]

  init() {}

  /// Looks for what Helm has marked as the release's. A kind that may not be listed is left out.
  static func look(at release: String, in namespace: String, _ setup: Setup) async throws -> ReleaseObjects {
    let client = try setup.kubernetes()
    var objects = ReleaseObjects()
    for (resource, kind) in kinds {
      let list = await Observed {
        try await client.servedMetadata(
          resource, namespace: namespace, labelSelector: "\(ManagedObject.ownerLabel)=Helm")
      }
      if case .failed(let failure) = list, failure.kind != .denied { throw failure }
      for metadata in list.value ?? [] where metadata.annotations["meta.helm.sh/release-name"] == release {
        objects.order.append("\(kind) \(metadata.name)")
        objects.versions["\(kind) \(metadata.name)"] = metadata.resourceVersion ?? ""
      }
    }
    return objects
  }

  /// A line for each that is other than it was: `ConfigMap bosun: made`.
  func changes(since before: ReleaseObjects) -> [String] {
    let lines = order.compactMap { title -> String? in
      guard let old = before.versions[title] else { return "\(title): made" }
      return old == versions[title] ? nil : "\(title): changed"
    }
    return lines + before.order.filter { versions[$0] == nil }.map { "\($0): removed" }
  }
}
