import Kubernetes
import Text

/// Lets the agent create pods/attach, which Kubernetes asks for from 1.35 on beside `get`, where the chart's Role does not:
/// the build of a model's image gets its files that way.
struct AgentAttachStep: Step {
  let id: StepID = "agent-attach"
  let title = "Right to attach"
  /// The Role, and its binding.
  static let name = "mlops-agent-attach"

  private let answers: Answers

  init(_ answers: Answers) { self.answers = answers }

  /// Asked for where it is needed: most charts' Roles hold it, and then nothing is made.
  func access(namespaceExists: Bool) -> [AccessRequest] { [] }

  /// What was found of the agent's account.
  private enum Need {
    /// Nothing is to be done, and why.
    case none(String)
    /// The account lacks it by the chart's roles; `isHeld`: the cluster gives it to the account all the same.
    case right(account: String, isHeld: Bool)
  }

  private func need(_ setup: Setup) async throws -> Need {
    if let minor = try await setup.kubernetes().version().value.version?.minor, minor < AgentRights.attachCreateSince {
      return .none("Kubernetes 1.\(minor) does not ask for it")
    }
    switch await Surveyor().survey(for: .agentRights, setup).agentRights {
    case .seen(let rights):
      guard let missing = rights.missing.first(where: \.isAttachCreate) else {
        return .none("the chart gives it to the service account \(rights.account)")
      }
      return .right(account: rights.account, isHeld: missing.elsewhere == .seen(true))
    case .failed(let failure):
      return .none("left to the chart: what it gives its agent could not be seen (\(failure.message))")
    case .notAsked: return .none("left to the chart: what it gives its agent was not looked at")
    }
  }

  private func objects(for account: String) -> ObjectStep {
    let namespace = answers[.namespace]
    let role = WantedObject(
      .roles, "Role", Self.name, namespace: namespace,
      ["rules": [["apiGroups": [""], "resources": ["pods/attach"], "verbs": ["create"]]]])
    let binding = WantedObject(
      .roleBindings, "RoleBinding", Self.name, namespace: namespace,
      [
        "roleRef": ["apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": .string(Self.name)],
        "subjects": [["kind": "ServiceAccount", "name": .string(account), "namespace": .string(namespace ?? "")]],
      ])
    return ObjectStep(id: id, title: title, [role, binding], answers)
  }

  func commands(_ setup: Setup) async throws -> [EquivalentCommand] {
    guard case .right(let account, _) = try await need(setup) else { return [] }
    return objects(for: account).commands(setup)
  }

  func inspect(_ setup: Setup) async throws -> StepState {
    switch try await need(setup) {
    case .none(let reason): return .done(reason)
    case .right(let account, let isHeld):
      let step = objects(for: account)
      let state = try await step.inspect(setup)
      guard case .needed(let changes) = state else { return state }
      if isHeld { return .done("the cluster gives it to the service account \(account)") }
      for resource in [Resource.roles, .roleBindings] {
        let create = ResourceAttributes("create", resource, namespace: answers[.namespace])
        guard try await setup.kubernetes().review(create).value.allowed else {
          return .blocked(
            "The chart does not let its agent create pods/attach, without which no model's image can be built, and you may "
              + "not create \(resource.qualifiedName). Have an administrator of the namespace run:\n"
              + step.commands(setup).map(\.shell).joined(separator: "\n"))
        }
      }
      return .needed(changes.map { "\($0), so that the service account \(account) may create pods/attach" })
    }
  }

  func perform(_ setup: Setup, progress: @escaping @Sendable (StepProgress) -> Void) async throws {
    guard case .right(let account, _) = try await need(setup) else { return }
    try await objects(for: account).perform(setup, progress: progress)
  }

  func traces(_ setup: Setup) async throws -> [Trace] { try await objects(for: "").traces(setup) }
}

extension AgentRightsSummary.Missing {
  /// Whether it is `create` on pods/attach.
  var isAttachCreate: Bool {
    request.verb == "create" && request.resource == "pods" && request.subresource == "attach"
  }
}
