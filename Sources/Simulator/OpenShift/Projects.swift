import Kubernetes

/// Projects, project requests and the user who asks (openshift/openshift-apiserver, pkg/project and pkg/user).
extension KubernetesCluster {
  private static let reserved = ["openshift-", "kubernetes-", "kube-"]
  /// How errors name a project that was asked for.
  private static let requested = ResourceType(
    group: "project.openshift.io", version: "v1", name: "project", kind: "Project", isNamespaced: false, verbs: [])

  /// Answers what is no object of its own; nil where the general way holds.
  func openShiftAnswer(
    _ info: RequestInfo, _ type: ResourceType, _ user: SimulatedUser, body: () throws(APIError) -> JSONValue,
    options: () throws(APIError) -> JSONValue, context: WriteContext
  ) throws(APIError) -> APIResponse? {
    switch (type.kind, info.verb) {
    case ("User", "get") where info.name == "~":
      return .json([
        "kind": "User", "apiVersion": .string(type.groupVersion),
        "metadata": ["name": .string(user.name), "creationTimestamp": nil], "identities": nil,
        "groups": .array(user.allGroups.map { .string($0) }),
      ])
    case ("ProjectRequest", "list"):
      let question = AccessQuestion(verb: "create", group: type.group, resource: type.name)
      guard RBAC.isAllowed(question, user: user, policy: policy) else {
        throw APIError(
          code: 403, reason: "Forbidden", message: "You may not request a new project via this API.",
          details: APIError.details(group: type.group, kind: "projectrequest"))
      }
      return .json(["kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Success"])
    case ("ProjectRequest", "create"):
      let namespace = try requestProject(try body(), user: user, context: context)
      return .json(
        Rendering.object(namespace, as: knownType("project.openshift.io/v1", "Project")), status: 201)
    case ("Project", "delete"):
      let outcome = try delete(
        type: namespaceType, namespace: "", name: info.name, options: try options(), isDryRun: context.isDryRun)
      return .json(Rendering.object(outcome.object, as: type), status: outcome.status)
    default: return nil
    }
  }

  /// Makes the namespace that a project request asks for, and who asks its administrator.
  private func requestProject(
    _ body: JSONValue, user: SimulatedUser, context: WriteContext
  ) throws(APIError) -> JSONValue {
    let name = body.name
    if let prefix = Self.reserved.first(where: { name.hasPrefix($0) }) {
      throw .forbidden(Self.requested, name, "cannot request a project starting with \"\(prefix)\"")
    }
    if find("namespaces", "", name) != nil { throw .alreadyExists(Self.requested, name) }
    let namespace: JSONValue = [
      "metadata": [
        "name": .string(name),
        "annotations": [
          "openshift.io/description": body["description"] ?? "", "openshift.io/display-name": body["displayName"] ?? "",
          "openshift.io/requester": .string(user.name),
        ],
      ]
    ]
    let made = try create(
      namespace, type: namespaceType, namespace: "",
      context: WriteContext(manager: "openshift-apiserver", isDryRun: context.isDryRun))
    if context.isDryRun { return made.object }
    for binding in OpenShiftPlatform.bindings(in: name, admin: user.name) {
      make(binding, type: knownType("rbac.authorization.k8s.io/v1", "RoleBinding"))
    }
    return find("namespaces", "", name) ?? made.object
  }

  /// Whether a list of projects shows this one: whoever may look at the namespace sees the project.
  func maySee(project name: String, _ user: SimulatedUser, policy: RBAC.Policy) -> Bool {
    RBAC.isAllowed(
      AccessQuestion(verb: "get", resource: "namespaces", name: name, namespace: name), user: user, policy: policy)
  }

  /// What a new namespace gets besides what every Kubernetes gives it.
  func fillProject(_ name: String) {
    if let namespace = find("namespaces", "", name) { allotRange(to: namespace) }
    for account in ["builder", "deployer"] {
      make(
        ["metadata": ["name": .string(account), "namespace": .string(name)]], type: knownType("v1", "ServiceAccount"))
    }
    make(
      [
        "metadata": [
          "name": "openshift-service-ca.crt", "namespace": .string(name),
          "annotations": ["service.beta.openshift.io/inject-cabundle": "true"],
        ],
        "data": ["service-ca.crt": .string(Self.authority)],
      ], type: knownType("v1", "ConfigMap"))
    for binding in OpenShiftPlatform.bindings(in: name, admin: nil) {
      make(binding, type: knownType("rbac.authorization.k8s.io/v1", "RoleBinding"))
    }
  }
}
