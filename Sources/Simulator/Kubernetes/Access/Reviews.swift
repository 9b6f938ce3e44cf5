import FoundationEssentials
import Kubernetes
import OrderedCollections

extension KubernetesCluster {
  /// Answers what is created only to be answered: access reviews and the like. Nil for objects that are stored.
  func review(
    _ body: JSONValue, type: ResourceType, namespace: String, user: SimulatedUser, context: WriteContext
  ) throws(APIError) -> JSONValue? {
    switch type.kind {
    case "SelfSubjectAccessReview":
      return accessReview(body, type: type, subject: user, context)
    case "SubjectAccessReview", "LocalSubjectAccessReview":
      let groups = (body["spec"]?["groups"]?.array ?? []).compactMap(\.string)
      let subject = SimulatedUser(name: body["spec"]?["user"]?.string ?? "", groups: groups)
      return accessReview(body, type: type, subject: subject, context)
    case "SelfSubjectRulesReview":
      return rulesReview(body["spec"]?["namespace"]?.string ?? "", type: type, user: user)
    case "SelfSubjectReview":
      return [
        "kind": "SelfSubjectReview", "apiVersion": .string(type.groupVersion),
        "metadata": ["creationTimestamp": .string(now)],
        "status": [
          "userInfo": ["username": .string(user.name), "groups": .array(user.allGroups.map { .string($0) })]
        ],
      ]
    case "TokenReview":
      let token = body["spec"]?["token"]?.string ?? ""
      let known = users.first { $0.token == token } ?? issuedTokens[token]
      var review = body
      review["kind"] = "TokenReview"
      review["apiVersion"] = .string(type.groupVersion)
      review["status"] =
        known.map {
          [
            "authenticated": true,
            "user": ["username": .string($0.name), "groups": .array($0.allGroups.map { .string($0) })],
          ]
        } ?? ["authenticated": false]
      return review
    case "Binding": throw .methodNotAllowed
    default: return nil
    }
  }

  private func accessReview(
    _ body: JSONValue, type: ResourceType, subject: SimulatedUser, _ context: WriteContext
  ) -> JSONValue {
    let spec = body["spec"] ?? [:]
    let question: AccessQuestion
    var cleaned: JSONValue = [:]
    if let attributes = spec["resourceAttributes"] {
      func text(_ key: String) -> String { attributes[key]?.string ?? "" }
      question = AccessQuestion(
        verb: text("verb"), group: text("group"), resource: text("resource"), subresource: text("subresource"),
        name: text("name"), namespace: text("namespace"))
      var kept: JSONValue = [:]
      for key in ["namespace", "verb", "group", "version", "resource", "subresource", "name"] where !text(key).isEmpty {
        kept[key] = attributes[key]
      }
      cleaned["resourceAttributes"] = kept
    } else {
      let attributes = spec["nonResourceAttributes"] ?? [:]
      question = AccessQuestion(verb: attributes["verb"]?.string ?? "", path: attributes["path"]?.string ?? "")
      cleaned["nonResourceAttributes"] = attributes
    }
    for key in ["user", "groups", "uid", "extra"] { if let value = spec[key] { cleaned[key] = value } }
    let review: JSONValue = ["metadata": [:], "spec": cleaned]
    var managed = ManagedFields(of: [:])
    managed.recordUpdate(
      from: ManagedFields.blank(kind: type.kind), to: review, manager: context.manager, apiVersion: type.groupVersion,
      subresource: "", time: now)
    var metadata: JSONValue = ["creationTimestamp": nil]
    metadata["managedFields"] = managed.json
    let isAllowed = RBAC.isAllowed(question, user: subject, policy: policy)
    return [
      "kind": .string(type.kind), "apiVersion": .string(type.groupVersion), "metadata": metadata, "spec": cleaned,
      "status": ["allowed": .bool(isAllowed)],
    ]
  }

  private func rulesReview(_ namespace: String, type: ResourceType, user: SimulatedUser) -> JSONValue {
    let rules = RBAC.rules(for: user, namespace: namespace, policy: policy)
    func part(_ rule: JSONValue, _ keys: [String]) -> JSONValue {
      var part: JSONValue = [:]
      for key in keys { if let value = rule[key] { part[key] = value } }
      return part
    }
    let resources = rules.filter { $0["resources"] != nil }
    let paths = rules.filter { $0["nonResourceURLs"] != nil }
    return [
      "kind": "SelfSubjectRulesReview", "apiVersion": .string(type.groupVersion),
      "metadata": ["creationTimestamp": nil],
      "spec": [:],
      "status": [
        "resourceRules": .array(resources.map { part($0, ["verbs", "apiGroups", "resources", "resourceNames"]) }),
        "nonResourceRules": .array(paths.map { part($0, ["verbs", "nonResourceURLs"]) }),
        "incomplete": false,
      ],
    ]
  }

  // MARK: Tokens

  /// A token that stands for a service account from now on.
  func issueToken(namespace: String, account: String) -> String {
    let payload = Base64.encode(Array("{\"sub\":\"system:serviceaccount:\(namespace):\(account)\"}".utf8))
      .filter { $0 != "=" }
    let token = "eyJhbGciOiJSUzI1NiIsImtpZCI6InNpbXVsYXRlZCJ9.\(payload).\(random.hexadecimal(43))"
    issuedTokens[token] = SimulatedUser(
      name: "system:serviceaccount:\(namespace):\(account)",
      groups: ["system:serviceaccounts", "system:serviceaccounts:\(namespace)"])
    return token
  }

  func tokenRequest(_ body: JSONValue, account: JSONValue, _ context: WriteContext) throws(APIError) -> JSONValue {
    let seconds = body.value(at: ["spec", "expirationSeconds"])?.integer ?? 3600
    guard seconds >= 600 else {
      throw .invalid(
        kind: "TokenRequest", group: "authentication.k8s.io", name: "",
        [
          .init(
            reason: "FieldValueInvalid",
            message: "Invalid value: \(seconds): may not specify a duration less than 10 minutes",
            field: "spec.expirationSeconds")
        ])
    }
    let apiVersion = "authentication.k8s.io/v1"
    let wanted = body["spec"] ?? [:]
    var managed = ManagedFields(of: [:])
    managed.recordUpdate(
      from: ["metadata": [:], "spec": [:]], to: ["metadata": [:], "spec": wanted], manager: context.manager,
      apiVersion: apiVersion, subresource: "token", time: now)
    // The whole of a token request is its own to record: the strategy of a stored kind's status does not apply.
    if managed.entries.isEmpty, !wanted.isEmptyContainer {
      managed.entries = [
        .init(
          manager: context.manager, operation: "Update", apiVersion: apiVersion, time: now, subresource: "token",
          fields: FieldComparison.fields(of: ["spec": wanted]))
      ]
    }
    var metadata: JSONValue = [
      "name": .string(account.name), "namespace": .string(account.namespace), "creationTimestamp": .string(now),
    ]
    metadata["managedFields"] = managed.json
    return [
      "kind": "TokenRequest", "apiVersion": .string(apiVersion), "metadata": metadata,
      "spec": [
        "audiences": wanted["audiences"] ?? ["https://kubernetes.default.svc"], "expirationSeconds": .integer(seconds),
        "boundObjectRef": wanted["boundObjectRef"] ?? .null,
      ],
      "status": [
        "token": .string(issueToken(namespace: account.namespace, account: account.name)),
        "expirationTimestamp": .string(Timestamp.seconds(time.now() + Double(seconds))),
      ],
    ]
  }
}
