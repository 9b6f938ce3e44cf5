import FoundationEssentials
import Kubernetes
import Text

extension Probe {
  /// One start of the image builder. The only probe that writes: what it makes, it removes.
  static let builderTrial = Probe(
    "builder-trial", \.builderTrial, page: .dataRobot, after: [.agentRelease, .values],
    leastDeadline: .seconds(180)
  ) { setup, survey in try await BuilderTrialProbe.look(setup, survey) }
}

/// Starts the image builder once, as the agent's plugin would, and sees how it ends.
enum BuilderTrialProbe {
  /// Taken from the time that the probe has, for the removal and the verdict.
  private static let reserve = Duration.seconds(15)
  private static let interval = Duration.seconds(1)

  static func look(_ setup: Setup, _ survey: Survey) async throws -> BuilderTrial {
    guard case .seen(let release) = survey.agentRelease, release.isThere else {
      throw ObservationFailure(.absent, "there is no release, so nothing was started")
    }
    let values = try survey.values.get("the chart's values were not read")
    guard let destination = values["imageBuilder", "generatedImageRepository"]?.string ?? setup.answers[.generated]
    else {
      throw ObservationFailure(
        .absent, "no repository for generated images was named", remedy: Remedy("Set images.generated."))
    }
    let client = try setup.kubernetes()
    let account = ImageBuilder.account(
      values, rendered: try await accounts(client, setup), release: setup.answers[.release] ?? "",
      chart: survey.chart.value?.name ?? Chart.agentName)
    let objects = BuilderTrialObjects(
      values, account: account, destination: destination, namespace: try setup.namespace())
    try await clear(objects, client, setup)

    var trial = BuilderTrial(objects)
    let ending: Result<BuilderTrial.Ending, any Error>
    do {
      ending = .success(try await run(objects, client, setup, &trial))
    } catch {
      ending = .failure(error)
    }
    // Cancelled work ends here too, and what was made goes all the same: the removal is a task of its own.
    trial.leftBehind = await Task { await remove(objects, client) }.value
    switch ending {
    case .success(let ending): trial.ending = ending
    case .failure(let error):
      var failure = ObservationFailure(error)
      if !trial.leftBehind.isEmpty {
        failure.message += "; not removed: " + trial.leftBehind.joined(separator: "; ")
      }
      throw failure
    }
    return trial
  }

  /// The service accounts that the release made, as a rendered chart would show them; nil: we may not see them, and the
  /// values alone have to tell.
  private static func accounts(_ client: KubernetesClient, _ setup: Setup) async throws -> RenderedChart? {
    do {
      let all = try await client.listMetadata(.serviceAccounts, namespace: setup.namespace()).value.items
      let made = all.map(\.metadata).filter { $0.annotations["meta.helm.sh/release-name"] == setup.answers[.release] }
      return RenderedChart(
        objects: made.map {
          ChartObject(apiVersion: "v1", kind: "ServiceAccount", name: $0.name, namespace: nil, hooks: [], json: [:])
        })
    } catch let error as KubernetesError where error.code == .forbidden {
      return nil
    }
  }

  /// Removes what a killed run left. What is not ours stays, and stands in the way.
  private static func clear(_ objects: BuilderTrialObjects, _ client: KubernetesClient, _ setup: Setup) async throws {
    for object in [objects.pod, objects.context] {
      var tries = 0
      while let live = try await find(object, client) {
        guard ManagedObject.isOurs(live.metadata) else {
          throw ObservationFailure(
            .absent, "\(object.title) is in the way: it was written by \(ManagedObject.owners(live.metadata))",
            remedy: Remedy(
              "Delete it, where nobody needs it.",
              command: "kubectl delete \(object.kind.lowercased()) \(object.name) --namespace \(objects.namespace)"))
        }
        guard tries < 30 else {
          throw ObservationFailure(
            .timedOut, "\(object.title) of an earlier run does not go away", remedy: Remedy("Try again in a while."))
        }
        if live.metadata.deletionTimestamp == nil { try await object.remove(client) }
        tries += 1
        try await setup.world.sleep(interval)
      }
    }
  }

  private static func find(_ object: ManagedObject, _ client: KubernetesClient) async throws -> PartialObject? {
    try await client.find(PartialObject.self, object.resource, name: object.name, namespace: object.namespace)?.value
  }

  /// Makes both objects and watches the pod to its end, or to where waiting on makes no sense.
  private static func run(
    _ objects: BuilderTrialObjects, _ client: KubernetesClient, _ setup: Setup, _ trial: inout BuilderTrial
  ) async throws -> BuilderTrial.Ending {
    do {
      try await objects.context.apply(objects.contextMembers, client)
      _ = try await client.create(
        JSONValue.self, .pods, objects.podManifest, namespace: objects.namespace)
    } catch let error as KubernetesError {
      return try refusal(error)
    }
    let end = (KubernetesClient.patience ?? .now + .seconds(180)) - reserve
    var standing: (kind: String, since: ContinuousClock.Instant)?
    while true {
      guard
        let pod = try await client.find(Pod.self, .pods, name: objects.pod.name, namespace: objects.namespace)?.value
      else { return .vanished }
      trial.node = pod.spec.nodeName
      trial.constraint = pod.metadata.annotations["openshift.io/scc"]
      if pod.isFinished { return try await ended(pod, client, setup) }
      let obstacle = RolloutPicture.obstacle(of: pod)
      if standing?.kind != obstacle?.kind { standing = obstacle.map { ($0.kind, .now) } }
      if let obstacle, let patience = obstacle.patience, let since = standing?.since, .now - since >= patience {
        return .stuck(obstacle)
      }
      if .now >= end { return late(pod, obstacle) }
      try await setup.world.sleep(interval)
    }
  }

  /// What it means that the API server does not take them.
  private static func refusal(_ error: KubernetesError) throws -> BuilderTrial.Ending {
    switch DryRunProbe.outcome(error) {
    case .refused(let said): return .refused(said)
    case .skipped: return .refused(OutsideText.clean(error.status?.message ?? error.message))
    case .notPermitted(let said): return .notPermitted(said)
    case .unknown, .accepted: throw error
    }
  }

  private static func late(_ pod: Pod, _ obstacle: RolloutPicture.Obstacle?) -> BuilderTrial.Ending {
    if let obstacle { return .stuck(obstacle) }
    if let scheduled = pod.status.conditions["PodScheduled"], !scheduled.isTrue {
      return .unscheduled(OutsideText.clean(scheduled.message ?? scheduled.reason ?? "no reason was given"))
    }
    return .late(RolloutPicture.state(pod))
  }

  private static func ended(_ pod: Pod, _ client: KubernetesClient, _ setup: Setup) async throws -> BuilderTrial.Ending
  {
    let container = pod.status.containerStatuses.first { $0.name == "kaniko" }?.state.terminated
    let reason = pod.status.reason ?? container?.reason
    do {
      let log = try await client.logs(
        pod: pod.metadata.name, namespace: setup.namespace(), container: "kaniko", tailLines: 100
      ).value
      let text = Redaction(setup)(OutsideText.clean(log, keepsLines: true))
      return .ended(exitCode: container?.exitCode, reason: reason, log: .seen(text))
    } catch let error as KubernetesError {
      return .ended(exitCode: container?.exitCode, reason: reason, log: .failed(ObservationFailure(error)))
    }
  }

  /// Removes both; what could not be removed, with the reason.
  private static func remove(_ objects: BuilderTrialObjects, _ client: KubernetesClient) async -> [String] {
    var left: [String] = []
    for object in [objects.pod, objects.context] {
      do {
        try await object.remove(client)
      } catch {
        left.append("\(object.title) (\(SetupError(wrapping: error, code: .tool).message))")
      }
    }
    return left
  }
}

/// One start of the image builder, and how it ended.
struct BuilderTrial: Sendable, Equatable {
  enum Ending: Sendable, Equatable {
    /// We may not make the pod.
    case notPermitted(String)
    /// The API server does not take the pod: policies, quotas, a missing account.
    case refused(String)
    /// It was taken and cannot start.
    case stuck(RolloutPicture.Obstacle)
    /// No node takes it.
    case unscheduled(String)
    /// It had not ended by the end of our time; its state.
    case late(String)
    /// Somebody removed it.
    case vanished
    case ended(exitCode: Int?, reason: String?, log: Observed<String>)
  }

  var image: String
  var account: String
  /// `Secret registry-creds`; nil: no login is mounted.
  var login: String?
  var destination: String
  /// Whether it asks the registry for permission to push.
  var asksRegistry: Bool
  /// What was made for it.
  var made: String
  var node: String?
  /// The security context constraint that OpenShift gave it.
  var constraint: String?
  var ending = Ending.vanished
  /// What could not be removed again.
  var leftBehind: [String] = []

  init(_ objects: BuilderTrialObjects) {
    image = objects.image
    account = objects.account
    login = objects.login
    destination = objects.destination
    asksRegistry = objects.asksRegistry
    made = objects.names
  }
}

extension Survey {
  /// One start of the image builder.
  var builderTrial: Observed<BuilderTrial> {
    get { self["cluster/builderTrial"] }
    set { self["cluster/builderTrial"] = newValue }
  }
}
