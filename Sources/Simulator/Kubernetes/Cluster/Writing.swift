import FoundationEssentials
import Kubernetes
import OrderedCollections

/// On whose behalf something is written, and how.
struct WriteContext {
  /// The field manager.
  var manager: String
  var isDryRun = false
  var subresource = ""
  /// Who is responsible; nil for the cluster's own controllers.
  var user: SimulatedUser?
}

/// What a write leads to.
struct Outcome {
  var status: Int
  var object: JSONValue
  var warnings: [String] = []
}

extension KubernetesCluster {
  /// Kinds whose specs have a generation.
  private static let generational: Set<String> = [
    "Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Job", "Ingress", "IngressClass", "PodDisruptionBudget",
    "NetworkPolicy", "CustomResourceDefinition", "CronJob",
  ]
  /// Kinds whose deletion answers with the object (`ReturnDeletedObject`).
  private static let returnedOnDelete: Set<String> = [
    "StorageClass", "CSIDriver", "CSINode", "PersistentVolume", "PersistentVolumeClaim", "PodTemplate", "Pod",
    "ResourceQuota", "ServiceAccount", "VolumeAttachment", "Namespace",
  ]

  // MARK: Create

  func create(_ body: JSONValue, type: ResourceType, namespace: String, context: WriteContext) throws(APIError)
    -> Outcome
  {
    var object = body
    try checkType(object, type)
    if type.isNamespaced {
      if let given = object["metadata"]?["namespace"]?.string, !given.isEmpty, given != namespace {
        throw .badRequest("the namespace of the provided object does not match the namespace sent on the request")
      }
      object.set(.string(namespace), at: "metadata", "namespace")
    } else {
      object.set(nil, at: "metadata", "namespace")
    }
    if object.name.isEmpty, let prefix = object["metadata"]?["generateName"]?.string, !prefix.isEmpty {
      object.set(.string(prefix + random.suffix()), at: "metadata", "name")
    }
    if !(object["metadata"]?["resourceVersion"]?.string ?? "").isEmpty {
      throw APIError(
        code: 400, reason: "BadRequest", message: "resourceVersion should not be set on objects to be created")
    }
    if type.isNamespaced { try checkNamespace(namespace, of: object, type: type) }

    object.set(.string(random.uuid()), at: "metadata", "uid")
    object.set(.string(now), at: "metadata", "creationTimestamp")
    object.set(nil, at: "metadata", "deletionTimestamp")
    object.set(nil, at: "metadata", "selfLink")
    prepare(&object, type: type)
    Defaults.apply(to: &object, type: type)
    if context.subresource != "apply" {
      var managed = ManagedFields(of: [:])
      managed.recordUpdate(
        from: ManagedFields.blank(kind: type.kind), to: object, manager: context.manager, apiVersion: type.groupVersion,
        subresource: "", time: now)
      object.set(managed.json, at: "metadata", "managedFields")
    }
    if let user = context.user { try checkEscalation(object, type: type, user: user) }
    try mutate(&object, type: type, user: context.user)
    let causes = Validation.create(object, type: type)
    if !causes.isEmpty { throw .invalid(kind: type.kind, group: type.group, name: object.name, causes) }
    let warnings = try admit(object, type: type)
    if find(type.storageKey, object.namespace, object.name) != nil { throw .alreadyExists(type, object.name) }
    if context.isDryRun { return Outcome(status: 201, object: object, warnings: warnings) }
    let stored = persist(object, type: type)
    didCreate(stored, type: type)
    return Outcome(status: 201, object: stored, warnings: warnings)
  }

  private func checkType(_ object: JSONValue, _ type: ResourceType) throws(APIError) {
    let apiVersion = object["apiVersion"]?.string ?? ""
    let kind = object.kind
    if !kind.isEmpty, kind != type.kind {
      throw .badRequest(
        "\(kind) in version \"\(apiVersion.split(separator: "/").last ?? "")\" cannot be handled as a \(type.kind): "
          + "converting (\(apiVersion), Kind=\(kind)) to (\(type.groupVersion), Kind=\(type.kind)): unknown conversion")
    }
    if !apiVersion.isEmpty, apiVersion != type.groupVersion {
      throw .badRequest(
        "the API version in the data (\(apiVersion)) does not match the expected API version (\(type.groupVersion))")
    }
  }

  private func checkNamespace(_ namespace: String, of object: JSONValue, type: ResourceType) throws(APIError) {
    guard let found = find("namespaces", "", namespace) else {
      throw .notFound(namespaceType, namespace)
    }
    if found.isBeingDeleted {
      throw .forbidden(
        type, object.name, "unable to create new content in namespace \(namespace) because it is being terminated",
        causes: [
          .init(
            reason: "NamespaceTerminating", message: "namespace \(namespace) is being terminated",
            field: "metadata.namespace")
        ])
    }
  }

  var namespaceType: ResourceType { knownType("v1", "Namespace") }

  /// A built-in type that is always there.
  func knownType(_ apiVersion: String, _ kind: String) -> ResourceType {
    discovery.type(apiVersion: apiVersion, kind: kind)
      ?? ResourceType(
        group: "", version: "v1", name: kind.lowercased() + "s", kind: kind, isNamespaced: true, verbs: [])
  }

  private func hasStatus(_ type: ResourceType) -> Bool { type.subresources.contains { $0.name == "status" } }

  /// What a resource's strategy sets and resets before a create.
  private func prepare(_ object: inout JSONValue, type: ResourceType) {
    object["apiVersion"] = .string(type.groupVersion)
    object["kind"] = .string(type.kind)
    if Self.generational.contains(type.kind) { object.set(1, at: "metadata", "generation") }
    if hasStatus(type) || type.kind == "Deployment" { object["status"] = Self.blankStatus(type.kind) }
    if type.name == "events", type.group == "events.k8s.io" { object = Rendering.event(object, isNew: false) }
    if type.kind == "Event" {
      for name in ["firstTimestamp", "lastTimestamp", "eventTime"] { object.setDefault(.null, at: name) }
      object.setDefault([:], at: "source")
      object.setDefault("", at: "reportingComponent")
      object.setDefault("", at: "reportingInstance")
    }
    if type.kind == "Service", object.value(at: ["spec", "clusterIP"]) == nil {
      let address = JSONValue.string("10.96.\(random.next() % 256).\(random.next() % 254 + 1)")
      object.set(address, at: "spec", "clusterIP")
      object.set([address], at: "spec", "clusterIPs")
      object.setDefault(["IPv4"], at: "spec", "ipFamilies")
      object.setDefault("SingleStack", at: "spec", "ipFamilyPolicy")
    }
    if ["Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Job"].contains(type.kind),
      object.value(at: ["spec", "template"]) != nil, discovery.version.minor < 34
    {
      object.set(.null, at: "spec", "template", "metadata", "creationTimestamp")
    }
  }

  private static func blankStatus(_ kind: String) -> JSONValue {
    switch kind {
    case "Namespace": ["phase": "Active"]
    case "Pod": ["phase": "Pending", "qosClass": "BestEffort"]
    case "Ingress", "Service": ["loadBalancer": [:]]
    case "PersistentVolumeClaim": ["phase": "Pending"]
    case "ReplicaSet", "StatefulSet": ["replicas": 0]
    default: [:]
    }
  }

  /// The mutating admission of a new object.
  private func mutate(_ object: inout JSONValue, type: ResourceType, user: SimulatedUser?) throws(APIError) {
    if type.kind == "Pod" { try mutatePod(&object, type: type) }
    if let platform = discovery.openShift {
      if type.kind == "Pod" { object = try constrain(object, type: type, user: user, platform: platform) }
      if type.kind == "Route" { try completeRoute(&object, user: user, platform: platform) }
    }
    if type.kind == "PersistentVolumeClaim", object.value(at: ["spec", "storageClassName"]) == nil {
      let standard = all("storageclasses.storage.k8s.io").first {
        $0.annotations["storageclass.kubernetes.io/is-default-class"] == "true"
      }
      if let standard { object.set(.string(standard.name), at: "spec", "storageClassName") }
    }
    if type.kind == "Ingress", object.value(at: ["spec", "ingressClassName"]) == nil {
      let standard = all("ingressclasses.networking.k8s.io").first {
        $0.annotations["ingressclass.kubernetes.io/is-default-class"] == "true"
      }
      if let standard { object.set(.string(standard.name), at: "spec", "ingressClassName") }
    }
  }

  private func mutatePod(_ object: inout JSONValue, type: ResourceType) throws(APIError) {
    object.setDefault("default", at: "spec", "serviceAccountName")
    let account = object.value(at: ["spec", "serviceAccountName"])?.string ?? "default"
    object.set(.string(account), at: "spec", "serviceAccount")
    guard let found = find("serviceaccounts", object.namespace, account) else {
      throw .forbidden(
        type, object.name,
        "error looking up service account \(object.namespace)/\(account): serviceaccount \"\(account)\" not found")
    }
    if object.value(at: ["spec", "imagePullSecrets"]) == nil, let secrets = found["imagePullSecrets"] {
      object.set(secrets, at: "spec", "imagePullSecrets")
    }
    limitRange(&object)
    var containers = object.value(at: ["spec", "containers"])?.array ?? []
    if object.value(at: ["spec", "automountServiceAccountToken"]) != false {
      let volume = "kube-api-access-\(random.suffix())"
      let mount: JSONValue = [
        "name": .string(volume), "readOnly": true, "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount",
      ]
      containers = containers.map { container in
        var container = container
        container["volumeMounts"] = .array((container["volumeMounts"]?.array ?? []) + [mount])
        return container
      }
      let source: JSONValue = [
        "name": .string(volume),
        "projected": [
          "sources": [
            ["serviceAccountToken": ["expirationSeconds": 3607, "path": "token"]],
            ["configMap": ["name": "kube-root-ca.crt", "items": [["key": "ca.crt", "path": "ca.crt"]]]],
            [
              "downwardAPI": [
                "items": [["path": "namespace", "fieldRef": ["apiVersion": "v1", "fieldPath": "metadata.namespace"]]]
              ]
            ],
          ],
          "defaultMode": 420,
        ],
      ]
      object.set(.array((object.value(at: ["spec", "volumes"])?.array ?? []) + [source]), at: "spec", "volumes")
    }
    object.set(.array(containers), at: "spec", "containers")
    let tolerations: [JSONValue] = ["not-ready", "unreachable"].map {
      [
        "key": .string("node.kubernetes.io/\($0)"), "operator": "Exists", "effect": "NoExecute",
        "tolerationSeconds": 300,
      ]
    }
    object.set(
      .array((object.value(at: ["spec", "tolerations"])?.array ?? []) + tolerations), at: "spec", "tolerations")
    object.setDefault(0, at: "spec", "priority")
    object.setDefault("PreemptLowerPriority", at: "spec", "preemptionPolicy")
    object.set(.string(Self.qualityOfService(containers)), at: "status", "qosClass")
  }

  /// A container's requests and limits where it gives none and the namespace's LimitRanges do.
  private func limitRange(_ object: inout JSONValue) {
    for range in all("limitranges", in: object.namespace) {
      for limit in range.value(at: ["spec", "limits"])?.array ?? [] where limit["type"] == "Container" {
        let containers = object.value(at: ["spec", "containers"])?.array ?? []
        object.set(
          .array(
            containers.map { container in
              var container = container
              for (resource, value) in limit["default"]?.object ?? [:] {
                container.setDefault(value, at: "resources", "limits", resource)
              }
              for (resource, value) in limit["defaultRequest"]?.object ?? limit["default"]?.object ?? [:] {
                container.setDefault(value, at: "resources", "requests", resource)
              }
              return container
            }), at: "spec", "containers")
      }
    }
  }

  static func qualityOfService(_ containers: [JSONValue]) -> String {
    let resources = containers.map { $0["resources"] ?? [:] }
    if resources.allSatisfy({ ($0["requests"] ?? [:]).isEmptyContainer && ($0["limits"] ?? [:]).isEmptyContainer }) {
      return "BestEffort"
    }
    let isGuaranteed = resources.allSatisfy { resource in
      ["cpu", "memory"].allSatisfy { name in
        guard let limit = resource["limits"]?[name] else { return false }
        return (resource["requests"]?[name] ?? limit) == limit
      }
    }
    return isGuaranteed ? "Guaranteed" : "Burstable"
  }

  /// The validating admission: pod security and quota. Returns warnings.
  private func admit(_ object: JSONValue, type: ResourceType) throws(APIError) -> [String] {
    guard type.isNamespaced else { return [] }
    var warnings: [String] = []
    let namespace = find("namespaces", "", object.namespace)
    let spec = type.kind == "Pod" ? object["spec"] : object.value(at: ["spec", "template", "spec"])
    if let spec {
      if type.kind == "Pod" {
        let enforced = PodSecurity.level("enforce", of: namespace)
        let broken = PodSecurity.violations(spec, at: enforced)
        if !broken.isEmpty {
          let version = PodSecurity.version("enforce", of: namespace)
          throw .forbidden(
            type, object.name, "violates PodSecurity \"\(enforced.rawValue):\(version)\": \(PodSecurity.text(broken))")
        }
      }
      let warned = PodSecurity.level("warn", of: namespace)
      let broken = PodSecurity.violations(spec, at: warned)
      if !broken.isEmpty {
        let version = PodSecurity.version("warn", of: namespace)
        warnings.append("would violate PodSecurity \"\(warned.rawValue):\(version)\": \(PodSecurity.text(broken))")
      }
    }
    let quotas = all("resourcequotas", in: object.namespace)
    if !quotas.isEmpty {
      let refusal = Quota.refusal(of: object, type: type, quotas: quotas) { used($0, in: object.namespace) }
      if let refusal { throw .forbidden(type, object.name, refusal) }
    }
    return warnings
  }

  /// What a namespace's objects use of a quota's resource.
  func used(_ resource: String, in namespace: String) -> Thousandths {
    var sum = Thousandths(value: 0)
    for type in discovery.resources where type.isNamespaced && type.verbs.contains("list") {
      guard type.group != "events.k8s.io", type.groupVersion != "autoscaling/v1" else { continue }
      for object in all(type.storageKey, in: namespace) {
        if let amount = Quota.usage(of: object, type: type)[resource] { sum = sum + amount }
      }
    }
    return sum
  }

  /// What controllers do at once with a new object.
  private func didCreate(_ object: JSONValue, type: ResourceType) {
    if type.kind == "Namespace" { fillNamespace(object.name) }
  }

  // MARK: Update

  /// Changes an object: `change` gets the stored one and gives the wanted one.
  func update(
    type: ResourceType, namespace: String, name: String, context: WriteContext,
    change: (JSONValue) throws(APIError) -> JSONValue
  ) throws(APIError) -> Outcome {
    guard let old = find(type.storageKey, namespace, name) else { throw .notFound(type, name) }
    var new = try change(old)
    try checkType(new, type)
    if new.name != name {
      throw .badRequest("the name of the object (\(new.name)) does not match the name on the URL (\(name))")
    }
    if !new.resourceVersion.isEmpty, new.resourceVersion != old.resourceVersion {
      throw .conflict(type, name, APIError.modifiedSince)
    }
    if !new.uid.isEmpty, new.uid != old.uid {
      throw .conflict(
        type, name, "Precondition failed: UID in precondition: \(new.uid), UID in object meta: \(old.uid)")
    }
    new["apiVersion"] = .string(type.groupVersion)
    new["kind"] = .string(type.kind)
    for field in ["uid", "resourceVersion", "creationTimestamp", "generation", "deletionTimestamp", "namespace"] {
      new.set(old["metadata"]?[field], at: "metadata", field)
    }
    switch context.subresource {
    case "status":
      let status = new["status"]
      let annotations = new["metadata"]?["annotations"]
      new = old
      new["status"] = status
      if let annotations { new.set(annotations, at: "metadata", "annotations") }
    default:
      if hasStatus(type) { new["status"] = old["status"] }
      Defaults.apply(to: &new, type: type)
    }
    if let user = context.user, old["rules"] != new["rules"] || old["subjects"] != new["subjects"] {
      try checkEscalation(new, type: type, user: user)
    }
    if Self.generational.contains(type.kind), context.subresource != "status", old["spec"] != new["spec"] {
      new.set(.integer((old["metadata"]?["generation"]?.integer ?? 1) + 1), at: "metadata", "generation")
    }
    if context.subresource != "apply" {
      // A client may clear the books, but not rewrite them.
      var managed = ManagedFields(of: old)
      managed.recordUpdate(
        from: old, to: new, manager: context.manager, apiVersion: type.groupVersion, subresource: context.subresource,
        time: now)
      new.set(managed.json, at: "metadata", "managedFields")
    }
    if context.subresource != "status" {
      let causes = Validation.update(from: old, to: new, type: type)
      if !causes.isEmpty { throw .invalid(kind: type.kind, group: type.group, name: name, causes) }
    }
    let warnings = type.kind == "Namespace" ? podSecurityWarnings(from: old, to: new) : []
    if new == old { return Outcome(status: 200, object: old, warnings: warnings) }
    if context.isDryRun { return Outcome(status: 200, object: new, warnings: warnings) }
    let stored = persist(new, type: type)
    if stored.isBeingDeleted, (stored["metadata"]?["finalizers"]?.array ?? []).isEmpty, type.kind != "Namespace",
      type.kind != "Pod"
    {
      erase(stored, type: type)
    }
    return Outcome(status: 200, object: stored, warnings: warnings)
  }

  private func podSecurityWarnings(from old: JSONValue, to new: JSONValue) -> [String] {
    let level = PodSecurity.level("enforce", of: new)
    guard level > PodSecurity.level("enforce", of: old) else { return [] }
    return PodSecurity.warnings(
      namespace: new.name, level: level, version: PodSecurity.version("enforce", of: new),
      pods: all("pods", in: new.name))
  }

  // MARK: Apply

  func serverSideApply(
    _ configuration: JSONValue, type: ResourceType, namespace: String, name: String, force: Bool, context: WriteContext
  ) throws(APIError) -> Outcome {
    var configuration = configuration
    configuration.setDefault(.string(name), at: "metadata", "name")
    if type.isNamespaced {
      configuration.setDefault(.string(namespace), at: "metadata", "namespace")
      if configuration.namespace != namespace {
        throw .badRequest("the namespace of the provided object does not match the namespace sent on the request")
      }
    }
    try checkType(configuration, type)
    if configuration.kind.isEmpty { throw .badRequest("invalid object type: /, Kind=") }
    if configuration["metadata"]?["managedFields"]?.array?.isEmpty == false {
      throw .badRequest("metadata.managedFields must be nil")
    }
    if configuration.name != name {
      throw .badRequest("the name of the object (\(configuration.name)) does not match the name on the URL (\(name))")
    }
    var applied = context
    applied.subresource = "apply"
    guard find(type.storageKey, namespace, name) != nil else {
      if !configuration.uid.isEmpty {
        throw .conflict(
          type, name,
          "uid mismatch: the provided object specified uid \(configuration.uid), and no existing object was found")
      }
      let empty: JSONValue = ["metadata": [:]]
      let new = try ServerSideApply.apply(
        configuration, to: empty, manager: context.manager, apiVersion: type.groupVersion, subresource: "",
        force: force,
        time: now)
      return try create(new, type: type, namespace: namespace, context: applied)
    }
    let time = now
    return try update(
      type: type, namespace: namespace, name: name, context: context.subresource.isEmpty ? applied : context
    ) { live throws(APIError) in
      try ServerSideApply.apply(
        configuration, to: live, manager: context.manager, apiVersion: type.groupVersion,
        subresource: context.subresource,
        force: force, time: time)
    }
  }

  // MARK: Delete

  func delete(
    type: ResourceType, namespace: String, name: String, options: JSONValue, isDryRun: Bool
  ) throws(APIError) -> Outcome {
    guard var object = find(type.storageKey, namespace, name) else { throw .notFound(type, name) }
    if let wanted = options["preconditions"]?["uid"]?.string, wanted != object.uid {
      throw .conflict(
        type, name, "Precondition failed: UID in precondition: \(wanted), UID in object meta: \(object.uid)")
    }
    if let wanted = options["preconditions"]?["resourceVersion"]?.string, wanted != object.resourceVersion {
      throw .conflict(
        type, name,
        "Precondition failed: ResourceVersion in precondition: \(wanted), ResourceVersion in object meta: "
          + object.resourceVersion)
    }
    if isDryRun { return deleted(object, type) }
    let policy = options["propagationPolicy"]?.string ?? "Background"
    if policy == "Orphan" { orphanDependents(of: object) }
    if policy == "Foreground", !dependents(of: object.uid).isEmpty {
      let finalizers = (object["metadata"]?["finalizers"]?.array ?? []).filter { $0 != "foregroundDeletion" }
      object.set(.array(finalizers + ["foregroundDeletion"]), at: "metadata", "finalizers")
    }
    let isPodOnNode =
      type.kind == "Pod" && behaviour.hasKubelets && object.value(at: ["spec", "nodeName"]) != nil
      && options["gracePeriodSeconds"]?.integer != 0
    let isHeld =
      type.kind == "Namespace" || isPodOnNode || !(object["metadata"]?["finalizers"]?.array ?? []).isEmpty
    guard isHeld else {
      erase(object, type: type)
      return deleted(object, type)
    }
    if !object.isBeingDeleted {
      object.set(.string(now), at: "metadata", "deletionTimestamp")
      if type.kind == "Namespace" {
        object.set("Terminating", at: "status", "phase")
        schedule["namespace/\(name)"] = time.now() + behaviour.namespaceRemoval.seconds
      } else {
        let grace = type.kind == "Pod" ? object.value(at: ["spec", "terminationGracePeriodSeconds"]) ?? 30 : 0
        object.set(options["gracePeriodSeconds"] ?? grace, at: "metadata", "deletionGracePeriodSeconds")
        if type.kind == "Pod" { schedule["pod-removal/\(namespace)/\(name)"] = time.now() + behaviour.pace.seconds }
      }
      object = persist(object, type: type)
    }
    return Outcome(status: 200, object: object)
  }

  private func deleted(_ object: JSONValue, _ type: ResourceType) -> Outcome {
    if Self.returnedOnDelete.contains(type.kind) { return Outcome(status: 200, object: object) }
    var details = APIError.details(name: object.name, group: type.group, kind: type.name)
    details["uid"] = .string(object.uid)
    return Outcome(
      status: 200,
      object: ["kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Success", "details": details])
  }

  /// Objects that name an owner.
  func dependents(of uid: String) -> [(object: JSONValue, type: ResourceType)] {
    var found: [(JSONValue, ResourceType)] = []
    for type in storedTypes {
      for object in all(type.storageKey)
      where (object["metadata"]?["ownerReferences"]?.array ?? []).contains(where: { $0["uid"]?.string == uid }) {
        found.append((object, type))
      }
    }
    return found
  }

  private func orphanDependents(of object: JSONValue) {
    for (dependent, type) in dependents(of: object.uid) {
      var dependent = dependent
      let rest = (dependent["metadata"]?["ownerReferences"]?.array ?? []).filter { $0["uid"]?.string != object.uid }
      dependent.set(rest.isEmpty ? Optional.none : .array(rest), at: "metadata", "ownerReferences")
      persist(dependent, type: type)
    }
  }

  /// One type for each kind of object that is stored.
  var storedTypes: [ResourceType] {
    var seen: Set<String> = []
    return discovery.resources.filter { type in
      !type.verbs.contains("list") || type.group == "events.k8s.io" ? false : seen.insert(type.storageKey).inserted
    }
  }
}

extension Duration {
  /// The duration in seconds.
  var seconds: Double {
    let (seconds, attoseconds) = components
    return Double(seconds) + Double(attoseconds) / 1e18
  }
}
