import Kubernetes

extension OpenShiftPlatform {
  private static let group = "rbac.authorization.k8s.io"
  private static let read: [JSONValue] = ["get", "list", "watch"]
  private static let write: [JSONValue] = [
    "create", "delete", "deletecollection", "get", "list", "patch", "update", "watch",
  ]

  private static func rule(
    _ group: String, _ resources: [JSONValue], _ verbs: [JSONValue], names: [JSONValue] = []
  ) -> JSONValue {
    var rule: JSONValue = ["verbs": .array(verbs), "apiGroups": [.string(group)], "resources": .array(resources)]
    if !names.isEmpty { rule["resourceNames"] = .array(names) }
    return rule
  }

  private static func role(_ name: String, _ rules: [JSONValue]) -> JSONValue {
    [
      "apiVersion": .string("\(group)/v1"), "kind": "ClusterRole", "metadata": ["name": .string(name)],
      "rules": .array(rules),
    ]
  }

  private static func binding(_ name: String, role: String, group subject: String) -> JSONValue {
    [
      "apiVersion": .string("\(group)/v1"), "kind": "ClusterRoleBinding", "metadata": ["name": .string(name)],
      "roleRef": ["apiGroup": .string(group), "kind": "ClusterRole", "name": .string(role)],
      "subjects": [["apiGroup": .string(group), "kind": "Group", "name": .string(subject)]],
    ]
  }

  /// What one may do with the integrated registry: layers are pulled with `get` and pushed with `update`
  /// (openshift/image-registry, its access controller).
  private static func registry(_ verbs: [JSONValue], layers: [JSONValue]) -> [JSONValue] {
    [
      rule(
        "image.openshift.io", ["imagestreamimages", "imagestreammappings", "imagestreams", "imagestreamtags"], verbs),
      rule("image.openshift.io", ["imagestreams/layers"], layers),
    ]
  }

  private static let secrets = rule("image.openshift.io", ["imagestreams/secrets"], write)
  private static let imports = rule("image.openshift.io", ["imagestreamimports"], ["create"])
  private static func namespace(_ verbs: [JSONValue]) -> [JSONValue] {
    [rule("", ["namespaces"], verbs), rule("project.openshift.io", ["projects"], verbs)]
  }

  private static var editor: [JSONValue] {
    registry(write, layers: ["get", "update"]) + [secrets, imports] + namespace(["get"])
  }

  /// What kubernetes' own roles for namespaces have besides.
  private static func more(_ verbs: [JSONValue]) -> [JSONValue] {
    [rule("route.openshift.io", ["routes"], verbs), rule("apps.openshift.io", ["deploymentconfigs"], verbs)]
  }

  /// The roles and bindings that an OpenShift cluster starts with, besides those of Kubernetes.
  var roles: [JSONValue] {
    let viewer = Self.registry(Self.read, layers: ["get"]) + Self.namespace(["get"])
    let customHost = Self.rule("route.openshift.io", ["routes/custom-host"], ["create"])
    let own: [String: [JSONValue]] = [
      "view": viewer + Self.more(Self.read), "edit": Self.editor + Self.more(Self.write) + [customHost],
      "admin": Self.editor + Self.more(Self.write) + [customHost]
        + Self.namespace(["delete", "get", "patch", "update"])
        + [
          Self.rule("authorization.k8s.io", ["localsubjectaccessreviews"], ["create"]),
          Self.rule("", ["serviceaccounts/token"], ["create"]),
        ],
    ]
    let extended = RBAC.bootstrap.compactMap { object -> JSONValue? in
      guard object.kind == "ClusterRole", let added = own[object.name] else { return nil }
      return Self.role(object.name, (object["rules"]?.array ?? []) + added)
    }
    let constraintRoles = constraints.map { constraint in
      Self.role(
        "system:openshift:scc:\(constraint.name)",
        [
          Self.rule(
            "security.openshift.io", ["securitycontextconstraints"], ["use"], names: [.string(constraint.name)])
        ])
    }
    var objects =
      extended + constraintRoles + [
        Self.role("registry-viewer", viewer), Self.role("registry-editor", Self.editor),
        Self.role(
          "registry-admin",
          Self.editor + [
            Self.rule(Self.group, ["roles", "rolebindings"], Self.write),
            Self.rule("authorization.k8s.io", ["localsubjectaccessreviews"], ["create"]),
          ]),
        Self.role("system:image-puller", [Self.rule("image.openshift.io", ["imagestreams/layers"], ["get"])]),
        Self.role(
          "system:image-pusher", [Self.rule("image.openshift.io", ["imagestreams/layers"], ["get", "update"])]),
        Self.role(
          "system:image-builder",
          [
            Self.rule("image.openshift.io", ["imagestreams/layers"], ["get", "update"]),
            Self.rule("image.openshift.io", ["imagestreams"], ["create"]),
          ]),
        Self.role("system:deployer", [Self.rule("", ["replicationcontrollers"], ["get", "list", "update", "watch"])]),
        Self.role("self-provisioner", [Self.rule("project.openshift.io", ["projectrequests"], ["create"])]),
        Self.role(
          "basic-user",
          [
            Self.rule("user.openshift.io", ["users"], ["get"], names: ["~"]),
            Self.rule("project.openshift.io", ["projectrequests"], ["list"]),
            Self.rule("project.openshift.io", ["projects"], ["list", "watch"]),
            Self.rule(Self.group, ["clusterroles"], ["get", "list"]),
            Self.rule("storage.k8s.io", ["storageclasses"], ["get", "list"]),
          ]),
        Self.binding("self-provisioners", role: "self-provisioner", group: "system:authenticated:oauth"),
        Self.binding("basic-users", role: "basic-user", group: "system:authenticated"),
      ]
    // Older releases name the group in the constraint itself.
    if hasSecondConstraints {
      let role = "system:openshift:scc:restricted-v2"
      objects.append(Self.binding(role, role: role, group: "system:authenticated"))
    }
    return objects
  }

  /// The bindings that every namespace gets: who may pull its images, push them, deploy them.
  static func bindings(in namespace: String, admin: String?) -> [JSONValue] {
    func binding(_ name: String, role: String, _ subject: JSONValue) -> JSONValue {
      [
        "metadata": ["name": .string(name), "namespace": .string(namespace)],
        "roleRef": ["apiGroup": .string(group), "kind": "ClusterRole", "name": .string(role)], "subjects": [subject],
      ]
    }
    if let admin {
      let user: JSONValue = ["apiGroup": .string(group), "kind": "User", "name": .string(admin)]
      return [binding("admin", role: "admin", user)]
    }
    func account(_ name: String) -> JSONValue {
      ["kind": "ServiceAccount", "name": .string(name), "namespace": .string(namespace)]
    }
    let accounts: JSONValue = [
      "apiGroup": .string(group), "kind": "Group", "name": .string("system:serviceaccounts:\(namespace)"),
    ]
    return [
      binding("system:image-pullers", role: "system:image-puller", accounts),
      binding("system:image-builders", role: "system:image-builder", account("builder")),
      binding("system:deployers", role: "system:deployer", account("deployer")),
    ]
  }
}
