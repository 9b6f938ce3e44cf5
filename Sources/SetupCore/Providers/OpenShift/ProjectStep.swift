import Kubernetes
import Text

/// The project of the agent. A cluster administrator makes the namespace; anyone else asks OpenShift for a project, whose
/// administrator he then is. One that exists is used as it is.
struct ProjectStep: Step {
  let id: StepID = "namespace"
  let title = "Project"
  private let namespace: NamespaceStep
  private let name: String
  private let kubectl: Kubectl

  init(_ answers: Answers) {
    namespace = NamespaceStep(answers)
    name = answers[.namespace] ?? ""
    kubectl = Kubectl(answers)
  }

  /// What tells a project that we asked for: one who is not its administrator yet cannot label it.
  private static let description = "Made by mlops-setup for the DataRobot MLOps management agent"
  private static let descriptionAnnotation = "openshift.io/description"

  var staysUnlessNamed: Bool { true }
  var objects: [Resource] { [.namespaces] }

  private var request: JSONValue {
    [
      "apiVersion": .string(Resource.projectRequests.apiVersion), "kind": "ProjectRequest",
      "metadata": ["name": .string(name)], "description": .string(Self.description),
    ]
  }

  func commands(_ setup: Setup) -> [EquivalentCommand] {
    let look = kubectl.command("get", "namespace", name, "--output=name").shell
    let may = kubectl.command("auth", "can-i", "create", "namespaces", "--quiet").shell
    let make = namespace.creation.shell
    let ask = kubectl.create(request).shell
    return [EquivalentCommand("\(look) >/dev/null 2>&1 ||\nif \(may); then\n\(make)\nelse\n\(ask)\nfi")]
  }

  func access(namespaceExists: Bool) -> [AccessRequest] {
    // Whoever may make namespaces may ask for projects too: both are given to all who may anything at all.
    // One that is there was seen, which a project's administrator may who may not see namespaces at large.
    namespaceExists ? [] : [AccessRequest("create", .projectRequests)]
  }

  func inspect(_ setup: Setup) async throws -> StepState {
    let client = try setup.kubernetes()
    let found = await Observed(asking: { try await client.find(PartialObject.self, .namespaces, name: name) != nil })
    if found != .seen(false), !found.isDenied { return try await namespace.inspect(setup) }
    if try await mayMakeNamespaces(client) { return .needed(["create Namespace \(name)"]) }
    guard try await mayAsk(client) else {
      return .blocked(
        "The project \(name) is not there, or you may not see it, and you may not ask for projects. Have a cluster "
          + "administrator make it: kubectl create namespace \(Shell.quote(name)), and make you its administrator: "
          + "kubectl create rolebinding admin --clusterrole=admin --user=YOU --namespace=\(Shell.quote(name))")
    }
    return .needed(["ask OpenShift for the project \(name)"])
  }

  /// The namespace behind the project. OpenShift does not show to others whether one is there; whoever may ask for
  /// projects can try, and to him there is none.
  func find(_ client: KubernetesClient) async throws -> Namespace? {
    let found = await Observed(asking: { try await client.find(Namespace.self, .namespaces, name: name)?.value })
    guard case .failed(let failure) = found else { return found.value ?? nil }
    if failure.kind == .denied, try await mayAsk(client) { return nil }
    throw failure
  }

  private func mayAsk(_ client: KubernetesClient) async throws -> Bool {
    try await client.review(ResourceAttributes("create", .projectRequests)).value.allowed
  }

  /// Whether these answers' project would be asked for, because we may not make namespaces.
  static func isAskedFor(_ setup: Setup) async throws -> Bool {
    guard let step = Planner.namespaceStep(setup.answers) as? ProjectStep else { return false }
    return try await !step.mayMakeNamespaces(setup.kubernetes())
  }

  private func mayMakeNamespaces(_ client: KubernetesClient) async throws -> Bool {
    for verb in ["create", "patch"] {
      let allowed = try await client.review(ResourceAttributes(verb, .namespaces, name: verb == "create" ? nil : name))
      if !allowed.value.allowed { return false }
    }
    return true
  }

  func perform(_ setup: Setup, progress: @escaping @Sendable (StepProgress) -> Void) async throws {
    let client = try setup.kubernetes()
    if try await mayMakeNamespaces(client) { return try await namespace.perform(setup, progress: progress) }
    do {
      _ = try await client.create(PartialObject.self, .projectRequests, request)
    } catch {
      guard error.code == .alreadyExists else { throw error }
      throw SetupError(
        .installFailed, "there is a project \(name) already, and you may not look into it",
        next: "Ask its administrator for the role admin there, or choose another with cluster.namespace.")
    }
    // The binding that makes us its administrator is known to the API server a moment later.
    for _ in 0..<30 {
      if try await client.review(ResourceAttributes("create", .secrets, namespace: name)).value.allowed { return }
      try await setup.world.sleep(.seconds(1))
    }
    throw SetupError(
      .installFailed, "the project \(name) was made, and you are not its administrator",
      next: "Ask a cluster administrator how projects are made here, and run again once you are.")
  }

  func traces(_ setup: Setup) async throws -> [Trace] {
    let client = try setup.kubernetes()
    let live = try await client.find(Namespace.self, .namespaces, name: name)?.value
    guard let live, live.metadata.annotations[Self.descriptionAnnotation] == Self.description else {
      return try await namespace.traces(setup)
    }
    return [
      .removable(
        Removal("the project \(name)") {
          _ = try await client.delete(.projects, name: name)
          return try await NamespaceStep.waitUntilGone(name, setup) ?? .gone("deleted the project \(name)")
        })
    ]
  }
}
