import Kubernetes
import Text

/// A RoleBinding in the project that gives a ClusterRole to the image builder. One of another's that does so will do.
struct GrantStep: Step {
  let id: StepID
  let title: String
  private let role: String
  private let constraint: BuilderConstraint?
  private let why: String
  private let object: ManagedObject
  private let members: JSONValue
  private let kubectl: Kubectl

  init(
    id: StepID, title: String, role: String, why: String, constraint: BuilderConstraint? = nil, _ answers: Answers
  ) {
    self.id = id
    self.title = title
    self.role = role
    self.why = why
    self.constraint = constraint
    object = ManagedObject(
      resource: .roleBindings, kind: "RoleBinding", name: Self.name(role), namespace: answers[.namespace])
    members = [
      "roleRef": ["apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": .string(role)],
      "subjects": [
        [
          "kind": "ServiceAccount", "name": .string(OpenShiftRegistry.account),
          "namespace": .string(answers[.namespace] ?? ""),
        ]
      ],
    ]
    kubectl = Kubectl(answers)
  }

  /// The use of a security context constraint.
  init(constraint: BuilderConstraint, _ answers: Answers) {
    let title = constraint == .anyUser ? "Right to be root" : "Right to mount"
    self.init(
      id: StepID("image-builder-\(constraint.rawValue)"), title: title, role: constraint.role, why: constraint.why,
      constraint: constraint, answers)
  }

  private static func name(_ role: String) -> String {
    "\(OpenShiftRegistry.account)-\(role.split(separator: ":").last.map(String.init) ?? role)"
  }

  var objects: [Resource] { [.roleBindings] }

  func commands(_ setup: Setup) -> [EquivalentCommand] { [kubectl.apply([object.manifest(members)])] }

  func access(namespaceExists: Bool) -> [AccessRequest] {
    object.access + [AccessRequest("list", .roleBindings, namespace: object.namespace)]
  }

  func inspect(_ setup: Setup) async throws -> StepState {
    let client = try setup.kubernetes()
    let bindings = try await Self.bindings(client, namespace: object.namespace ?? "")
    if let serving = Self.serving(bindings, role: role, namespace: object.namespace ?? "") {
      return .done("RoleBinding \(serving) lets the image builder \(why)")
    }
    if let constraint, try await Self.mayBind(constraint, namespace: object.namespace, client) == false {
      return .blocked(
        "Only a cluster administrator may let the image builder \(why) (ClusterRole \(role)). Have one run: "
          + Self.adminCommand(constraint, namespace: object.namespace ?? ""))
    }
    if let named = bindings.first(where: { $0[path: "metadata", "name"]?.string == object.name }) {
      let found = named[path: "roleRef", "name"]?.string ?? "nothing"
      guard found == role else {
        return .blocked(
          "\(object.title) exists and grants \(OutsideText.clean(found)), which Kubernetes lets nobody change. Delete it "
            + "first: "
            + Shell.line(["kubectl", "delete", "rolebinding", object.name, "--namespace", object.namespace ?? ""]))
      }
      let live = try await client.find(
        PartialObject.self, object.resource, name: object.name, namespace: object.namespace)?.value
      if let live, !ManagedObject.isOurs(live.metadata) {
        return object.foreign(live.metadata, differences: ["the image builder is not among its subjects"])
      }
      return .needed(["change \(object.title): the image builder is not among its subjects"])
    }
    return .needed(["create \(object.title), which lets the image builder \(why) (ClusterRole \(role))"])
  }

  func perform(_ setup: Setup, progress: @escaping @Sendable (StepProgress) -> Void) async throws {
    try await object.apply(members, setup.kubernetes())
  }

  func traces(_ setup: Setup) async throws -> [Trace] { [try await object.trace(setup.kubernetes())] }

  /// The role bindings of a project; of one that is not ours none are seen, and none of them serves us.
  static func bindings(_ client: KubernetesClient, namespace: String) async throws -> [JSONValue] {
    let list = await Observed(asking: {
      try await client.list(JSONValue.self, .roleBindings, namespace: namespace).value.items
    })
    if case .failed(let failure) = list, failure.kind != .denied { throw failure }
    return list.value ?? []
  }

  /// The binding that gives the role to the image builder, alone or with all accounts of its project.
  static func serving(_ bindings: [JSONValue], role: String, namespace: String) -> String? {
    let groups = ["system:serviceaccounts", "system:serviceaccounts:\(namespace)", "system:authenticated"]
    let found = bindings.first { binding in
      guard binding[path: "roleRef", "kind"] == "ClusterRole", binding[path: "roleRef", "name"] == .string(role) else {
        return false
      }
      return (binding["subjects"]?.array ?? []).contains { subject in
        switch subject["kind"]?.string {
        case "ServiceAccount":
          subject["name"] == .string(OpenShiftRegistry.account)
            && (subject["namespace"]?.string ?? namespace) == namespace
        case "Group": groups.contains(subject["name"]?.string ?? "")
        default: false
        }
      }
    }
    return found?[path: "metadata", "name"]?.string
  }

  /// Whether we may give away the use of a constraint: by the verb `bind`, or because it is ours to use (kubernetes.io,
  /// "Using RBAC Authorization").
  static func mayBind(
    _ constraint: BuilderConstraint, namespace: String?, _ client: KubernetesClient
  ) async throws -> Bool {
    let bind = ResourceAttributes("bind", .clusterRoles, namespace: namespace, name: constraint.role)
    if try await client.review(bind).value.allowed { return true }
    let use = ResourceAttributes(
      "use", .securityContextConstraints, namespace: namespace, name: constraint.rawValue)
    return try await client.review(use).value.allowed
  }

  /// What a cluster administrator types.
  static func adminCommand(_ constraint: BuilderConstraint, namespace: String) -> String {
    Shell.line([
      "kubectl", "create", "rolebinding", name(constraint.role), "--clusterrole=\(constraint.role)",
      "--serviceaccount=\(namespace):\(OpenShiftRegistry.account)", "--namespace=\(namespace)",
    ])
  }
}
