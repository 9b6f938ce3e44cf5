import Kubernetes

extension Probe {
  /// OpenShift's registry as this machine sees it.
  static let openShiftRegistry = Probe(
    "openshift.registry", \.openShiftRegistry, page: .cluster, after: [.cluster]
  ) { setup, _ in try await OpenShiftLookups.registry(setup) }
  /// What the project holds and may hold for the image builder.
  static let openShiftProject = Probe(
    "openshift.project", \.openShiftProject, page: .cluster, after: [.cluster]
  ) { setup, _ in try await OpenShiftLookups.project(setup) }
}

enum OpenShiftLookups {
  static func registry(_ setup: Setup) async throws -> OpenShiftRegistrySummary {
    let client = try setup.kubernetes()
    guard try await client.apiGroups().value.serves("image.openshift.io") else {
      throw ObservationFailure(
        .absent, "\(client.connection.server) is no OpenShift: it does not serve image.openshift.io",
        remedy: Remedy("Choose another kind of registry with registry.provider."))
    }
    let route = await RegistryRoute.find(client, project: setup.answers[.namespace])
    let config = await Observed(asking: {
      try await client.get(JSONValue.self, .imageRegistryConfigs, name: "cluster").value
    })
    let review = ResourceAttributes("patch", .imageRegistryConfigs, name: "cluster")
    let mayExpose = await Observed(asking: { try await client.review(review).value.allowed }).value ?? false
    let exposure: OpenShiftRegistrySummary.Exposure =
      switch route {
      case .seen(_?): RegistryRouteStep.isOurs(config.value) ? .ours : .byOthers
      case .seen(nil): mayExpose ? .possible : .notOurs
      case .failed, .notAsked: .unseen
      }
    return OpenShiftRegistrySummary(
      host: route.value ?? nil, exposure: exposure, identity: client.connection.identity,
      hasToken: try await client.bearerToken() != nil, management: config.management)
  }

  static func project(_ setup: Setup) async throws -> OpenShiftProject {
    let client = try setup.kubernetes()
    let namespace = try setup.namespace()
    var project = OpenShiftProject()
    let bindings = try await GrantStep.bindings(client, namespace: namespace)
    for constraint in BuilderConstraint.allCases {
      if let name = GrantStep.serving(bindings, role: constraint.role, namespace: namespace) {
        project.rights[constraint] = .granted(by: name)
      } else {
        let may = try await GrantStep.mayBind(constraint, namespace: namespace, client)
        project.rights[constraint] = may ? .possible : .notOurs
      }
    }
    project.hasServiceCA = await hasServiceCA(client, namespace)
    return project
  }

  /// nil: the project is not there yet, or may not be seen.
  private static func hasServiceCA(_ client: KubernetesClient, _ namespace: String) async -> Bool? {
    let map = await Observed(asking: {
      try await client.find(
        ConfigMap.self, .configMaps, name: OpenShiftRegistry.serviceCA.map, namespace: namespace)?.value
    })
    if case .seen(let map?) = map { return map.data[OpenShiftRegistry.serviceCA.key]?.isEmpty == false }
    guard case .seen = map else { return nil }
    let there = await Observed(asking: { try await client.find(Namespace.self, .namespaces, name: namespace) != nil })
    return there.value == true ? false : nil
  }
}

extension Observed<JSONValue> {
  /// `spec.managementState` of the registry's configuration.
  fileprivate var management: Observed<String> {
    switch self {
    case .seen(let config): .seen(config[path: "spec", "managementState"]?.string ?? "")
    case .failed(let failure): .failed(failure)
    case .notAsked: .notAsked
    }
  }
}

/// OpenShift's registry as this machine sees it.
struct OpenShiftRegistrySummary: Sendable, Equatable {
  /// Whether it has a route to the outside, and whose doing that is.
  enum Exposure: Sendable, Equatable {
    case byOthers
    case ours
    /// It has none, and we may make it.
    case possible
    /// It has none, and we may not make it.
    case notOurs
    case unseen
  }

  /// The route's host; nil: none was seen.
  var host: String?
  var exposure: Exposure
  /// Who is logged in: `the token of user "admin"`.
  var identity: String
  /// Whether that is something that the registry takes.
  var hasToken: Bool
  /// `Managed`, `Removed`, `Unmanaged`.
  var management: Observed<String>
}

/// What the project holds and may hold for the image builder.
struct OpenShiftProject: Sendable, Equatable {
  /// Whether the builder may use a constraint.
  enum Right: Sendable, Equatable {
    case granted(by: String)
    /// We may give it.
    case possible
    /// Only another may give it.
    case notOurs
  }

  var rights: [BuilderConstraint: Right] = [:]
  /// Whether the ConfigMap with the CA that signs the registry's certificate is there; nil: not seen.
  var hasServiceCA: Bool?

  /// The safest way to verify the registry that works here.
  var verification: String {
    if hasServiceCA != false { return "service-ca" }
    return rights[.hostMount] == .notOurs ? "skip" : "host"
  }
}

extension Survey {
  /// OpenShift's registry as this machine sees it. It goes with its cluster.
  var openShiftRegistry: Observed<OpenShiftRegistrySummary> {
    get { self["cluster/registry/openshift"] }
    set { self["cluster/registry/openshift"] = newValue }
  }
  /// What the project holds for the image builder. It goes with its cluster.
  var openShiftProject: Observed<OpenShiftProject> {
    get { self["cluster/registry/project"] }
    set { self["cluster/registry/project"] = newValue }
  }
}

extension OpenShiftRegistry {
  /// Where OpenShift puts the CA of its Services' certificates into every project.
  static let serviceCA = (map: "openshift-service-ca.crt", key: "service-ca.crt")

  func lookedUp(_ survey: Survey) -> Observed<String> {
    switch survey.openShiftRegistry {
    case .notAsked: return .notAsked
    case .failed(let failure): return .failed(failure)
    case .seen(let registry):
      let way =
        switch registry.exposure {
        case .byOthers, .ours: "a route leads to the registry"
        case .possible: "no route leads to the registry yet; you may make it"
        case .notOurs: "no route leads to the registry; a cluster administrator can make it"
        case .unseen: "whether a route leads to the registry may not be seen"
        }
      let login = registry.hasToken ? registry.identity : "\(registry.identity), which the registry does not take"
      return .seen("\(way); \(login)")
    }
  }
}
