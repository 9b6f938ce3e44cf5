import Kubernetes
import OrderedCollections
import Text

/// The Kubernetes service account that the image builder runs as: made here, by the chart, or by somebody else before.
struct GoogleBuilderStep: Step {
  let id: StepID = "google-builder"
  let title = "Builder account"
  private let target: GoogleTarget
  private let object: ManagedObject
  private let kubectl: Kubectl
  private let release: String

  init(_ target: GoogleTarget, _ answers: Answers) {
    self.target = target
    object = ManagedObject(
      resource: .serviceAccounts, kind: "ServiceAccount", name: target.serviceAccount, namespace: target.namespace)
    kubectl = Kubectl(answers)
    release = answers[.release] ?? ""
  }

  var objects: [Resource] { target.identity == .direct ? [.serviceAccounts] : [] }

  func access(namespaceExists: Bool) -> [AccessRequest] {
    target.identity == .direct
      ? object.access : [AccessRequest("get", .serviceAccounts, namespace: target.namespace, name: object.name)]
  }

  func commands(_ setup: Setup) -> [EquivalentCommand] {
    switch target.identity {
    case .direct: [kubectl.apply([object.manifest([:])])]
    case .serviceAccount: [EquivalentCommand("# The chart makes \(object.title) with its annotation.")]
    case .existing: [EquivalentCommand(kubectl.line("get", "serviceaccount", object.name))]
    }
  }

  private var delete: String {
    kubectl.line("delete", "serviceaccount", object.name)
  }

  func inspect(_ setup: Setup) async throws -> StepState {
    let live = try await GoogleBuilder.find(object.name, setup)
    switch target.identity {
    case .existing:
      return live.exists
        ? .done("\(object.title) is there and is used as it is")
        : .blocked("there is no \(object.title). Make it first, or choose registry.identity: direct.")
    case .serviceAccount:
      if !live.exists { return .done("the chart makes \(object.title) with its annotation") }
      if live.release == release { return .done("\(object.title) is the chart's own") }
      return .blocked(
        "\(object.title) exists and is not of the Helm release \(release), so Helm would refuse to install the chart, which "
          + "makes it. Choose registry.identity: direct or existing, or delete it: \(delete)")
    case .direct:
      if !live.exists { return .needed(["create \(object.title)"]) }
      if let helm = live.release {
        return .blocked(
          "\(object.title) was made by the Helm release \(helm), which takes it away again when its values change. Choose "
            + "another registry.serviceAccount, or registry.identity: service-account to keep it.")
      }
      guard let account = live.annotation else { return .done("\(object.title) is there, without an annotation") }
      if live.isOurs { return .needed(["take the annotation \(GoogleTarget.annotation) from \(object.title)"]) }
      return .blocked(
        "\(object.title) has the annotation \(GoogleTarget.annotation): \(account) and was written by \(live.owners): its pods "
          + "act as that account and not as themselves. It is not changed. Choose registry.identity: existing to use it as it "
          + "is, another registry.serviceAccount, or take it away: "
          + kubectl.line("annotate", "serviceaccount", object.name, "\(GoogleTarget.annotation)-"))
    }
  }

  func perform(_ setup: Setup, progress: @escaping @Sendable (StepProgress) -> Void) async throws {
    guard target.identity == .direct else { return }
    let client = try setup.kubernetes()
    try await object.apply([:], client)
    // An annotation that another hand wrote stays after an apply.
    guard try await GoogleBuilder.find(object.name, setup).annotation != nil else { return }
    throw SetupError(
      .installFailed, "\(object.title) still has the annotation \(GoogleTarget.annotation)",
      next: "Take it away: " + kubectl.line("annotate", "serviceaccount", object.name, "\(GoogleTarget.annotation)-"))
  }

  func traces(_ setup: Setup) async throws -> [Trace] {
    guard target.identity == .direct else { return [.stays("\(object.title) stays: it is not ours")] }
    return [try await object.trace(setup.kubernetes())]
  }
}
