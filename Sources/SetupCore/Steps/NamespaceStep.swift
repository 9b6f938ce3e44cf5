import Kubernetes

/// A namespace: the agent's, or that of the ingress controller. One that exists is used as it is.
struct NamespaceStep: Step {
  let id: StepID = "namespace"
  let title = "Namespace"
  private let object: ManagedObject
  /// What can be chosen in its place.
  private let answer: String?
  private let kubectl: Kubectl

  /// The namespace of that name; nil: that of the answers.
  init(_ answers: Answers, name: String? = nil) {
    object = ManagedObject(
      resource: .namespaces, kind: "Namespace", name: name ?? answers[.namespace] ?? "", namespace: nil)
    answer = name == nil ? "another with cluster.namespace" : nil
    kubectl = Kubectl(answers)
  }

  /// It may hold more by now than what we put into it.
  var staysUnlessNamed: Bool { true }
  var objects: [Resource] { [.namespaces] }

  func commands(_ setup: Setup) -> [EquivalentCommand] {
    let look = kubectl.command("get", "namespace", object.name, "--output=name").shell
    return [EquivalentCommand("\(look) 2>/dev/null ||\n\(creation.shell)")]
  }

  /// What makes one that is not there.
  var creation: EquivalentCommand { kubectl.apply([object.manifest([:])]) }

  func access(namespaceExists: Bool) -> [AccessRequest] {
    namespaceExists ? [AccessRequest("get", .namespaces, name: object.name)] : object.access
  }

  func inspect(_ setup: Setup) async throws -> StepState {
    guard let live = try await setup.kubernetes().find(Namespace.self, .namespaces, name: object.name)?.value else {
      return .needed(["create \(object.title)"])
    }
    if live.isTerminating {
      return .blocked(
        "\(object.title) is being deleted. Wait until it is gone\(answer.map { ", or choose \($0)" } ?? "")."
          + live.status.conditions.filter(\.isTrue).compactMap(\.message).map { " " + $0 }.joined())
    }
    return .done("\(object.title) exists")
  }

  func perform(_ setup: Setup, progress: @escaping @Sendable (StepProgress) -> Void) async throws {
    try await object.apply([:], setup.kubernetes())
  }

  func undo(_ setup: Setup) async throws -> String { try await object.undo(setup.kubernetes()) }
}
