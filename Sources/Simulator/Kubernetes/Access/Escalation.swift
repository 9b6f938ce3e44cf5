import Kubernetes

/// RBAC's rule that nobody grants what he does not hold (kubernetes.io/docs, "Privilege escalation prevention").
extension KubernetesCluster {
  /// Refuses a role or binding that would give away rights its writer lacks.
  func checkEscalation(_ object: JSONValue, type: ResourceType, user: SimulatedUser) throws(APIError) {
    guard type.group == "rbac.authorization.k8s.io" else { return }
    let isBinding = type.kind.hasSuffix("Binding")
    let namespace = type.isNamespaced ? object.namespace : ""
    let verb = isBinding ? "bind" : "escalate"
    let reference = object["roleRef"]
    let role = isBinding ? (reference?["kind"] == "ClusterRole" ? "clusterroles" : "roles") : type.name
    let exemption = AccessQuestion(
      verb: verb, group: type.group, resource: role,
      name: (isBinding ? reference?["name"]?.string : nil) ?? object.name,
      namespace: namespace)
    let policy = policy
    if RBAC.isAllowed(exemption, user: user, policy: policy) { return }
    let rules: [JSONValue]
    if isBinding {
      let name = reference?["name"]?.string ?? ""
      let found = find("\(role).\(type.group)", role == "roles" ? namespace : "", name)
      guard let found else {
        let missing = ResourceType(
          group: type.group, version: "v1", name: role, kind: "", isNamespaced: role == "roles", verbs: [])
        throw .notFound(missing, name)
      }
      rules = found["rules"]?.array ?? []
    } else {
      rules = object["rules"]?.array ?? []
    }
    let lacking = rules.filter { rule in
      !Self.questions(of: rule, namespace: namespace).allSatisfy { RBAC.isAllowed($0, user: user, policy: policy) }
    }
    if lacking.isEmpty { return }
    let groups = user.allGroups.map { "\"\($0)\"" }.joined(separator: " ")
    throw .forbidden(
      type, object.name,
      "user \"\(user.name)\" (groups=[\(groups)]) is attempting to grant RBAC permissions not currently held:\n"
        + lacking.map(Self.display).joined(separator: "\n"))
  }

  private static func texts(_ rule: JSONValue, _ key: String) -> [String] {
    (rule[key]?.array ?? []).compactMap(\.string)
  }

  /// Every single right that a rule gives.
  private static func questions(of rule: JSONValue, namespace: String) -> [AccessQuestion] {
    var questions: [AccessQuestion] = []
    for verb in texts(rule, "verbs") {
      for path in texts(rule, "nonResourceURLs") { questions.append(AccessQuestion(verb: verb, path: path)) }
      for group in texts(rule, "apiGroups") {
        for resource in texts(rule, "resources") {
          let parts = resource.split(separator: "/", maxSplits: 1).map(String.init)
          let names = texts(rule, "resourceNames")
          for name in names.isEmpty ? [""] : names {
            questions.append(
              AccessQuestion(
                verb: verb, group: group, resource: parts.first ?? "", subresource: parts.count > 1 ? parts[1] : "",
                name: name, namespace: namespace))
          }
        }
      }
    }
    return questions
  }

  /// `{APIGroups:[""], Resources:["pods"], Verbs:["create"]}`.
  private static func display(_ rule: JSONValue) -> String {
    let fields = [
      ("APIGroups", "apiGroups"), ("Resources", "resources"), ("ResourceNames", "resourceNames"),
      ("NonResourceURLs", "nonResourceURLs"), ("Verbs", "verbs"),
    ]
    let shown = fields.compactMap { name, key -> String? in
      let values = texts(rule, key)
      return values.isEmpty ? nil : "\(name):[\(values.map { "\"\($0)\"" }.joined(separator: " "))]"
    }
    return "{\(shown.joined(separator: ", "))}"
  }
}
