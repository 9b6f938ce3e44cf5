import Kubernetes

/// A rule of a Role (rbac.authorization.k8s.io/v1 PolicyRule).
struct RBACRule: Sendable, Equatable {
  var verbs: [String]
  var groups: [String]
  /// `pods`, `pods/attach`, `*`.
  var resources: [String]
  /// Empty is all.
  var names: [String]
  /// Paths outside of resources: `/version`.
  var urls: [String]

  /// A rule from its JSON.
  init(_ json: JSONValue) {
    func texts(_ key: String) -> [String] { json[key]?.texts ?? [] }
    verbs = texts("verbs")
    groups = texts("apiGroups")
    resources = texts("resources")
    names = texts("resourceNames")
    urls = texts("nonResourceURLs")
  }

  /// The rules of a Role or ClusterRole.
  static func rules(of role: JSONValue) -> [RBACRule] { (role["rules"]?.array ?? []).map(RBACRule.init) }

  /// Whether it allows that for every name.
  func allows(_ verb: String, group: String, resource: String, subresource: String? = nil) -> Bool {
    let wanted = subresource.map { [resource + "/" + $0, "*/" + $0] } ?? [resource]
    return names.isEmpty && (verbs.contains(verb) || verbs.contains("*"))
      && (groups.contains(group) || groups.contains("*"))
      && (resources.contains("*") || wanted.contains(where: resources.contains))
  }

  /// What it grants, a question each. The API server asks the same of whoever makes a Role.
  func requests(namespace: String?) -> [AccessRequest] {
    var requests: [AccessRequest] = []
    for group in groups {
      for resource in resources {
        let parts = resource.split(separator: "/", maxSplits: 1).map(String.init)
        for verb in verbs {
          for name in names.isEmpty ? [nil] : names.map({ $0 as String? }) {
            var request = AccessRequest(
              verb, Resource(group: group, parts[0], namespaced: namespace != nil), namespace: namespace, name: name)
            request.subresource = parts.count == 2 ? parts[1] : nil
            requests.append(request)
          }
        }
      }
    }
    return requests
  }
}

/// A RoleBinding or ClusterRoleBinding of the chart.
struct RBACBinding: Sendable, Equatable {
  var title: String
  /// `Role` or `ClusterRole`.
  var roleKind: String
  var roleName: String
  /// Where it holds; nil: everywhere.
  var namespace: String?
  /// `NAMESPACE/NAME` of each service account.
  var accounts: [String]

  /// A binding from a rendered object; nil: it is none.
  init?(_ object: ChartObject, release namespace: String) {
    guard object.kind == "RoleBinding" || object.kind == "ClusterRoleBinding", let role = object.json["roleRef"] else {
      return nil
    }
    title = object.title
    roleKind = role["kind"]?.string ?? ""
    roleName = role["name"]?.string ?? ""
    let own = object.kind == "RoleBinding" ? object.namespace ?? namespace : nil
    self.namespace = own
    accounts = (object.json["subjects"]?.array ?? []).compactMap { subject in
      guard subject["kind"]?.string == "ServiceAccount", let name = subject["name"]?.string else { return nil }
      return "\(subject["namespace"]?.string ?? own ?? namespace)/\(name)"
    }
  }
}

extension RenderedChart {
  /// The chart's bindings.
  func bindings(release namespace: String) -> [RBACBinding] {
    lasting.compactMap { RBACBinding($0, release: namespace) }
  }

  /// The rules of a role of the chart; nil: the chart makes no such role.
  func rules(kind: String, name: String) -> [RBACRule]? {
    lasting.first { $0.kind == kind && $0.name == name }.map { RBACRule.rules(of: $0.json) }
  }
}
