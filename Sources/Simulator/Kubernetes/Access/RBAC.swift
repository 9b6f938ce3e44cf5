import Kubernetes

/// Who asks.
public struct SimulatedUser: Sendable, Equatable {
  /// `admin`, `system:serviceaccount:NS:NAME`.
  public var name: String
  /// The groups, without `system:authenticated`, which every user with a credential is in.
  public var groups: [String]
  /// The bearer token that stands for the user; nil where only a client certificate or impersonation does.
  public var token: String?

  /// A user from its parts.
  public init(name: String, groups: [String] = [], token: String? = nil) {
    self.name = name
    self.groups = groups
    self.token = token
  }

  static let anonymous = SimulatedUser(name: "system:anonymous", groups: ["system:unauthenticated"])

  var allGroups: [String] {
    self == .anonymous ? groups : groups.contains("system:authenticated") ? groups : groups + ["system:authenticated"]
  }
}

/// What is asked of the authorizer.
struct AccessQuestion: Equatable {
  var verb: String
  var group = ""
  var resource = ""
  var subresource = ""
  var name = ""
  var namespace = ""
  /// The path of a request that is about no resource.
  var path: String?
}

/// Role based access control, evaluated over the roles and bindings that are stored.
enum RBAC {
  struct Policy {
    var roles: [JSONValue]
    var clusterRoles: [JSONValue]
    var roleBindings: [JSONValue]
    var clusterRoleBindings: [JSONValue]
  }

  /// The rules that hold for a user: those of the cluster, and those of one namespace.
  static func rules(for user: SimulatedUser, namespace: String, policy: Policy) -> [JSONValue] {
    var rules: [JSONValue] = []
    for binding in policy.clusterRoleBindings.sorted(by: { $0.name < $1.name }) where isSubject(user, of: binding) {
      rules += referenced(by: binding, policy: policy)
    }
    if !namespace.isEmpty {
      for binding in policy.roleBindings where binding.namespace == namespace && isSubject(user, of: binding) {
        rules += referenced(by: binding, policy: policy)
      }
    }
    return rules
  }

  static func isAllowed(_ question: AccessQuestion, user: SimulatedUser, policy: Policy) -> Bool {
    if user.groups.contains("system:masters") { return true }
    return rules(for: user, namespace: question.namespace, policy: policy).contains { allows($0, question) }
  }

  private static func referenced(by binding: JSONValue, policy: Policy) -> [JSONValue] {
    let reference = binding["roleRef"]
    let name = reference?["name"]?.string ?? ""
    let role =
      reference?["kind"] == "ClusterRole"
      ? policy.clusterRoles.first { $0.name == name }
      : policy.roles.first { $0.name == name && $0.namespace == binding.namespace }
    return role?["rules"]?.array ?? []
  }

  private static func isSubject(_ user: SimulatedUser, of binding: JSONValue) -> Bool {
    (binding["subjects"]?.array ?? []).contains { subject in
      let name = subject["name"]?.string ?? ""
      switch subject["kind"]?.string {
      case "User": return name == user.name
      case "Group": return user.allGroups.contains(name)
      case "ServiceAccount":
        let namespace = subject["namespace"]?.string ?? binding.namespace
        return user.name == "system:serviceaccount:\(namespace):\(name)"
      default: return false
      }
    }
  }

  private static func texts(_ rule: JSONValue, _ key: String) -> [String] {
    (rule[key]?.array ?? []).compactMap(\.string)
  }

  static func allows(_ rule: JSONValue, _ question: AccessQuestion) -> Bool {
    let verbs = texts(rule, "verbs")
    guard verbs.contains("*") || verbs.contains(question.verb) else { return false }
    if let path = question.path {
      return texts(rule, "nonResourceURLs").contains { pattern in
        pattern == "*" || pattern == path || (pattern.hasSuffix("*") && path.hasPrefix(pattern.dropLast()))
      }
    }
    let groups = texts(rule, "apiGroups")
    guard groups.contains("*") || groups.contains(question.group) else { return false }
    let resources = texts(rule, "resources")
    let full = question.subresource.isEmpty ? question.resource : "\(question.resource)/\(question.subresource)"
    let isResource =
      resources.contains("*") || resources.contains(full)
      || (!question.subresource.isEmpty
        && (resources.contains("*/\(question.subresource)") || resources.contains("\(question.resource)/*")))
    guard isResource else { return false }
    let names = texts(rule, "resourceNames")
    return names.isEmpty || names.contains(question.name)
  }

  /// `User "viewer" cannot list resource "nodes" in API group "" at the cluster scope`.
  static func refusal(_ question: AccessQuestion, user: SimulatedUser) -> String {
    if let path = question.path { return "User \"\(user.name)\" cannot \(question.verb) path \"\(path)\"" }
    let resource = question.subresource.isEmpty ? question.resource : "\(question.resource)/\(question.subresource)"
    let scope = question.namespace.isEmpty ? "at the cluster scope" : "in the namespace \"\(question.namespace)\""
    return
      "User \"\(user.name)\" cannot \(question.verb) resource \"\(resource)\" in API group \"\(question.group)\" \(scope)"
  }

  /// The roles and bindings that every cluster starts with.
  static var bootstrap: [JSONValue] {
    func role(_ name: String, _ rules: JSONValue) -> JSONValue {
      [
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole",
        "metadata": ["name": .string(name), "labels": ["kubernetes.io/bootstrapping": "rbac-defaults"]], "rules": rules,
      ]
    }
    func binding(_ name: String, _ groups: [String]) -> JSONValue {
      [
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding",
        "metadata": ["name": .string(name), "labels": ["kubernetes.io/bootstrapping": "rbac-defaults"]],
        "roleRef": ["apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": .string(name)],
        "subjects": .array(
          groups.map { ["apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": .string($0)] }),
      ]
    }
    let read: JSONValue = ["get", "list", "watch"]
    let write: JSONValue = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"]
    func namespaced(_ verbs: JSONValue, secrets: Bool) -> JSONValue {
      var core: [JSONValue] = [
        "configmaps", "endpoints", "events", "limitranges", "persistentvolumeclaims", "pods", "pods/log", "pods/status",
        "replicationcontrollers", "resourcequotas", "serviceaccounts", "services",
      ]
      if secrets { core += ["secrets", "pods/attach", "pods/exec", "pods/portforward"] }
      return [
        ["apiGroups": [""], "resources": .array(core), "verbs": verbs],
        [
          "apiGroups": ["apps", "batch", "autoscaling", "policy", "networking.k8s.io"], "resources": ["*"],
          "verbs": verbs,
        ],
      ]
    }
    let rbac: JSONValue = [
      "apiGroups": ["rbac.authorization.k8s.io"], "resources": ["roles", "rolebindings"], "verbs": write,
    ]
    return [
      role(
        "cluster-admin",
        [
          ["verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]],
          ["verbs": ["*"], "nonResourceURLs": ["*"]],
        ]),
      role("admin", .array((namespaced(write, secrets: true).array ?? []) + [rbac])),
      role("edit", namespaced(write, secrets: true)),
      role("view", namespaced(read, secrets: false)),
      role(
        "system:basic-user",
        [
          [
            "verbs": ["create"], "apiGroups": ["authorization.k8s.io"],
            "resources": ["selfsubjectaccessreviews", "selfsubjectrulesreviews"],
          ]
        ]),
      role(
        "system:discovery",
        [
          [
            "verbs": ["get"],
            "nonResourceURLs": [
              "/api", "/api/*", "/apis", "/apis/*", "/healthz", "/livez", "/openapi", "/openapi/*", "/readyz",
              "/version",
              "/version/",
            ],
          ]
        ]),
      role(
        "system:public-info-viewer",
        [["verbs": ["get"], "nonResourceURLs": ["/healthz", "/livez", "/readyz", "/version", "/version/"]]]),
      binding("cluster-admin", ["system:masters"]),
      binding("system:basic-user", ["system:authenticated"]),
      binding("system:discovery", ["system:authenticated"]),
      binding("system:public-info-viewer", ["system:authenticated", "system:unauthenticated"]),
    ]
  }
}
