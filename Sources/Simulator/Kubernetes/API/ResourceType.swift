/// A resource of the API, as discovery lists it.
struct ResourceType: Sendable, Hashable {
  var group: String
  var version: String
  /// `deployments`.
  var name: String
  var kind: String
  var isNamespaced: Bool
  var verbs: [String]
  var shortNames: [String] = []
  var categories: [String] = []
  var storageVersionHash: String?
  var subresources: [Subresource] = []

  /// A part of an object with a path of its own: `deployments/scale`.
  struct Subresource: Sendable, Hashable {
    var name: String
    var kind: String
    var verbs: [String]
    var group: String?
    var version: String?
  }

  /// `apps/v1`, or `v1` for the core group.
  var groupVersion: String { group.isEmpty ? version : "\(group)/\(version)" }
  /// `deployments.apps`, as error messages name it.
  var qualifiedName: String { group.isEmpty ? name : "\(name).\(group)" }
  /// What objects of this type are stored under, whatever the version they are asked in. Events live in the core group,
  /// and projects are namespaces.
  var storageKey: String {
    switch kind {
    case "Event": "events"
    case "Project": "namespaces"
    default: qualifiedName
    }
  }
}

/// The resources that a simulated server knows.
enum ResourceTable {
  private static let all = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"]
  private static let status = ["get", "patch", "update"]

  /// One line a resource: name, kind, N or -, short names, hash, flags (a: category all, s: status, c: scale).
  private static let lines: [(groupVersion: String, table: String)] = [
    (
      "v1",
      """
      configmaps ConfigMap N cm qFsyl6wFWjQ= -
      endpoints Endpoints N ep fWeeMqaN/OA= -
      events Event N ev r2yiGXH7wu8= -
      limitranges LimitRange N limits EBKMFVe6cwo= -
      namespaces Namespace - ns Q3oi5N2YM8M= s
      nodes Node - no XwShjMxG9Fs= s
      persistentvolumeclaims PersistentVolumeClaim N pvc QWTyNDq0dC4= s
      persistentvolumes PersistentVolume - pv HN/zwEC+JgM= s
      pods Pod N po xPOwRZ+Yhw8= as
      podtemplates PodTemplate N - LIXB2x4IFpk= -
      replicationcontrollers ReplicationController N rc Jond2If31h0= asc
      resourcequotas ResourceQuota N quota 8uhSgffRX6w= s
      secrets Secret N - S6u1pOWzb84= -
      serviceaccounts ServiceAccount N sa pbx9ZvyFpBE= -
      services Service N svc 0/CO1lhkEBI= as
      """
    ),
    (
      "apps/v1",
      """
      controllerrevisions ControllerRevision N - 85nkx63pcBU= -
      daemonsets DaemonSet N ds dd7pWHUlMKQ= as
      deployments Deployment N deploy 8aSe+NMegvE= asc
      replicasets ReplicaSet N rs P1RzHs8/mWQ= asc
      statefulsets StatefulSet N sts H+vl74LkKdo= asc
      """
    ),
    (
      "batch/v1",
      """
      cronjobs CronJob N cj sd5LIXh4Fjs= as
      jobs Job N - mudhfqk/qZY= as
      """
    ),
    (
      "networking.k8s.io/v1",
      """
      ingressclasses IngressClass - - l/iqIbDgFyQ= -
      ingresses Ingress N ing 39NQlfNR+bo= s
      networkpolicies NetworkPolicy N netpol YpfwF18m1G8= s
      """
    ),
    (
      "rbac.authorization.k8s.io/v1",
      """
      clusterrolebindings ClusterRoleBinding - - 48tpQ8gZHFc= -
      clusterroles ClusterRole - - bYE5ZWDrJ44= -
      rolebindings RoleBinding N - eGsCzGH6b1g= -
      roles Role N - 7FuwZcIIItM= -
      """
    ),
    (
      "storage.k8s.io/v1",
      """
      csidrivers CSIDriver - - hL6j/rwBV5w= -
      csinodes CSINode - - Pe62DkZtjuo= -
      csistoragecapacities CSIStorageCapacity N - 4as6MA/kOg0= -
      storageclasses StorageClass - sc K+m6uJwbjGY= -
      volumeattachments VolumeAttachment - - tJx/ezt6UDU= s
      """
    ),
    ("policy/v1", "poddisruptionbudgets PodDisruptionBudget N pdb 6BGBu0kpHtk= s"),
    ("autoscaling/v2", "horizontalpodautoscalers HorizontalPodAutoscaler N hpa oQlkt7f5j/A= as"),
    ("autoscaling/v1", "horizontalpodautoscalers HorizontalPodAutoscaler N hpa oQlkt7f5j/A= as"),
    ("events.k8s.io/v1", "events Event N ev r2yiGXH7wu8= -"),
    ("coordination.k8s.io/v1", "leases Lease N - gqkMMb/YqFM= -"),
    ("discovery.k8s.io/v1", "endpointslices EndpointSlice N - Nx3SIv6I0mE= -"),
    ("scheduling.k8s.io/v1", "priorityclasses PriorityClass - pc 1QwjyaZjj3Y= -"),
    ("node.k8s.io/v1", "runtimeclasses RuntimeClass - - WQTu1GL3T2Q= -"),
    (
      "apiextensions.k8s.io/v1",
      "customresourcedefinitions CustomResourceDefinition - crd,crds jfWCUB31mvA= s"
    ),
    ("apiregistration.k8s.io/v1", "apiservices APIService - - InPBPD7+PqM= s"),
    (
      "admissionregistration.k8s.io/v1",
      """
      mutatingwebhookconfigurations MutatingWebhookConfiguration - - Sqi0GUgDaX0= -
      validatingwebhookconfigurations ValidatingWebhookConfiguration - - B0wHjQmsGNk= -
      """
    ),
    ("certificates.k8s.io/v1", "certificatesigningrequests CertificateSigningRequest - csr 95fRKMXA+00= s"),
  ]

  /// Resources with verbs or subresources that no line can say.
  private static let special: [ResourceType] = {
    func created(_ group: String, _ version: String, _ name: String, _ kind: String, _ isNamespaced: Bool)
      -> ResourceType
    {
      ResourceType(
        group: group, version: version, name: name, kind: kind, isNamespaced: isNamespaced, verbs: ["create"])
    }
    let authorization = "authorization.k8s.io"
    return [
      created("", "v1", "bindings", "Binding", true),
      ResourceType(
        group: "", version: "v1", name: "componentstatuses", kind: "ComponentStatus", isNamespaced: false,
        verbs: ["get", "list"], shortNames: ["cs"]),
      created(authorization, "v1", "localsubjectaccessreviews", "LocalSubjectAccessReview", true),
      created(authorization, "v1", "selfsubjectaccessreviews", "SelfSubjectAccessReview", false),
      created(authorization, "v1", "selfsubjectrulesreviews", "SelfSubjectRulesReview", false),
      created(authorization, "v1", "subjectaccessreviews", "SubjectAccessReview", false),
      created("authentication.k8s.io", "v1", "tokenreviews", "TokenReview", false),
    ]
  }()

  private static let extraSubresources: [String: [ResourceType.Subresource]] = {
    typealias Part = ResourceType.Subresource
    let proxy = ["create", "delete", "get", "patch", "update"]
    return [
      "namespaces": [Part(name: "finalize", kind: "Namespace", verbs: ["update"])],
      "nodes": [Part(name: "proxy", kind: "NodeProxyOptions", verbs: proxy)],
      "services": [Part(name: "proxy", kind: "ServiceProxyOptions", verbs: proxy)],
      "serviceaccounts": [
        Part(name: "token", kind: "TokenRequest", verbs: ["create"], group: "authentication.k8s.io", version: "v1")
      ],
      "pods": [
        Part(name: "attach", kind: "PodAttachOptions", verbs: ["create", "get"]),
        Part(name: "binding", kind: "Binding", verbs: ["create"]),
        Part(name: "ephemeralcontainers", kind: "Pod", verbs: status),
        Part(name: "eviction", kind: "Eviction", verbs: ["create"], group: "policy", version: "v1"),
        Part(name: "exec", kind: "PodExecOptions", verbs: ["create", "get"]),
        Part(name: "log", kind: "Pod", verbs: ["get"]),
        Part(name: "portforward", kind: "PodPortForwardOptions", verbs: ["create", "get"]),
        Part(name: "proxy", kind: "PodProxyOptions", verbs: proxy),
      ],
    ]
  }()

  /// The resources of a group version that only older servers have beside the current one, or that nothing here uses:
  /// clients refuse a version that lists none.
  static func others(group: String, version: String, current: [ResourceType]) -> [ResourceType] {
    if group == "flowcontrol.apiserver.k8s.io" {
      return parse(
        "\(group)/\(version)",
        """
        flowschemas FlowSchema - - GJVAJZSZBIw= s
        prioritylevelconfigurations PriorityLevelConfiguration - - Kir5PVfvNeI= s
        """)
    }
    let moved = ["storage.k8s.io": "csistoragecapacities", "batch": "cronjobs"]
    return current.filter { $0.group == group && $0.verbs.count > 1 && (moved[group] ?? $0.name) == $0.name }
      .map { type in
        var older = type
        older.version = version
        return older
      }
  }

  /// The resources of a server of that version.
  static func resources(minor: Int, isOpenShift: Bool) -> [ResourceType] {
    var resources = lines.flatMap { parse($0.groupVersion, $0.table) } + special
    if isOpenShift {
      resources += OpenShiftResources.lines.flatMap { parse($0.groupVersion, $0.table) } + OpenShiftResources.special
    }
    if minor >= 27 {
      resources.append(
        ResourceType(
          group: "authentication.k8s.io", version: "v1", name: "selfsubjectreviews", kind: "SelfSubjectReview",
          isNamespaced: false, verbs: ["create"]))
    }
    if minor < 23 { resources.removeAll { $0.groupVersion == "autoscaling/v2" } }
    return resources
  }

  private static func parse(_ groupVersion: String, _ table: String) -> [ResourceType] {
    let parts = groupVersion.split(separator: "/")
    let group = parts.count == 2 ? String(parts[0]) : ""
    let version = String(parts[parts.count - 1])
    return table.split(separator: "\n").map { line in
      let words = line.split(separator: " ").map(String.init)
      var type = ResourceType(
        group: group, version: version, name: words[0], kind: words[1], isNamespaced: words[2] == "N",
        verbs: words[0] == "namespaces" ? all.filter { $0 != "deletecollection" } : all,
        shortNames: words[3] == "-" ? [] : words[3].split(separator: ",").map(String.init),
        categories: words[5].contains("a") ? ["all"] : [],
        storageVersionHash: words[4] == "-" ? nil : words[4])
      if words[5].contains("c") {
        type.subresources.append(
          .init(name: "scale", kind: "Scale", verbs: status, group: "autoscaling", version: "v1"))
      }
      if words[5].contains("s") { type.subresources.append(.init(name: "status", kind: words[1], verbs: status)) }
      if group.isEmpty { type.subresources += extraSubresources[words[0]] ?? [] }
      type.subresources.sort { $0.name < $1.name }
      return type
    }
  }
}
