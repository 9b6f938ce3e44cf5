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

  func traces(_ setup: Setup) async throws -> [Trace] {
    let trace = try await object.trace(setup.kubernetes())
    guard case .removable(var removal) = trace else { return [trace] }
    removal.perform = { [perform = removal.perform] in
      let done = try await perform()
      return try await Self.waitUntilGone(object.name, setup) ?? done
    }
    return [.removable(removal)]
  }

  /// A namespace that is being deleted; nil: it is gone. OpenShift lets nobody look for a project that is not his.
  private static func remains(_ name: String, _ setup: Setup) async throws -> Namespace? {
    let client = try setup.kubernetes()
    do {
      let live = try await client.find(Namespace.self, .namespaces, name: name)?.value
      return live.flatMap { $0.isTerminating ? $0 : nil }
    } catch {
      if error.code == .forbidden { return nil }
      throw error
    }
  }

  /// Waits while Kubernetes empties a namespace that was deleted; nil: it is gone. One that finalizers hold is told.
  static func waitUntilGone(_ name: String, _ setup: Setup) async throws -> Trace? {
    let limit = 120
    for _ in 0..<limit {
      guard try await remains(name, setup) != nil else { return nil }
      try await setup.world.sleep(.seconds(1))
    }
    guard let live = try await remains(name, setup) else { return nil }
    let reasons = live.status.conditions.filter(\.isTrue).compactMap(\.message).joined(separator: " ")
    return .stays("Namespace \(name) is being deleted, and was still there after \(limit) s. \(reasons)")
  }
}
