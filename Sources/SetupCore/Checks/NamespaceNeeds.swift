import Kubernetes
import OrderedCollections

/// What an installation and one build of an image take from a namespace, by the names that quotas use: `requests.cpu`,
/// `limits.memory`, `pods`, `secrets`, `count/roles.rbac.authorization.k8s.io`.
struct NamespaceNeeds: Sendable, Equatable {
  /// One pod that will be made.
  struct Pod: Sendable, Equatable {
    var title: String
    var spec: JSONValue
    var replicas: Int
  }

  var pods: [Pod] = []
  /// How many objects of each resource: `secrets`, `deployments.apps`.
  var objects: [String: Int] = [:]

  /// The needs of a chart, of the objects that our steps make, and of the image builder.
  ///
  /// - Throws: a `KubernetesError` where the resource of a kind could not be looked up.
  /// - Parameter isInstalled: The release is there already: its objects are counted in what is used.
  init(
    rendered: RenderedChart, values: EffectiveValues, resources: ResourceMap, answers: Answers, isInstalled: Bool
  ) throws {
    pods = [Pod(title: "the image builder", spec: ImageBuilder(values).podSpec(), replicas: 1)]
    objects["secrets", default: 0] += 1  // Helm's record of the revision
    if isInstalled { return }
    for resource in Planner.steps(answers).flatMap(\.objects) where resource.isNamespaced {
      objects[resource.qualifiedName, default: 0] += 1
    }
    for object in rendered.lasting {
      // A kind that the server does not know is what the rehearsal speaks of.
      let found = try resources.resource(apiVersion: object.apiVersion, kind: object.kind)
      if let found, found.isNamespaced { objects[found.qualifiedName, default: 0] += 1 }
      guard let spec = object.podSpec else { continue }
      let replicas =
        object.kind == "Deployment" || object.kind == "StatefulSet"
        ? object.json[path: "spec", "replicas"]?.integer ?? 1 : 1
      pods.append(Pod(title: object.title, spec: spec, replicas: replicas))
    }
  }
}

/// The resources of one container as the namespace's LimitRanges complete them (k8s.io/kubernetes, limitranger).
struct ContainerResources: Sendable, Equatable {
  var requests: [String: Quantity]
  var limits: [String: Quantity]

  init(_ container: JSONValue, _ ranges: [LimitRange]) throws {
    func quantities(_ key: String) throws -> [String: Quantity] {
      try (container["resources"]?[key]?.object ?? [:]).reduce(into: [:]) { result, entry in
        if let text = entry.value.scalarText { result[entry.key] = try Quantity(text) }
      }
    }
    limits = try quantities("limits")
    requests = try quantities("requests")
    // The API server itself takes a request from a limit that stands alone.
    for (resource, limit) in limits where requests[resource] == nil { requests[resource] = limit }
    for limit in ranges.flatMap(\.spec.limits) where limit.type == "Container" {
      // A maximum is the default where none is given, and a default limit the default request.
      let defaults = limit.default.merging(limit.max) { given, _ in given }
      let defaultRequests = limit.defaultRequest.merging(defaults) { given, _ in given }
        .merging(limit.min) { given, _ in given }
      for (resource, value) in defaults where limits[resource] == nil { limits[resource] = value }
      for (resource, value) in defaultRequests where requests[resource] == nil { requests[resource] = value }
    }
  }
}

/// The resources of one pod: its containers' sum, or what one init container takes where that is more.
struct PodResources: Sendable, Equatable {
  var requests: [String: Quantity] = [:]
  var limits: [String: Quantity] = [:]
  /// Each container, by name.
  var containers: [(name: String, resources: ContainerResources)] = []

  init(_ spec: JSONValue, _ ranges: [LimitRange]) throws {
    for container in spec["containers"]?.array ?? [] {
      let resources = try ContainerResources(container, ranges)
      containers.append((container["name"]?.string ?? "", resources))
      requests.merge(resources.requests, uniquingKeysWith: +)
      limits.merge(resources.limits, uniquingKeysWith: +)
    }
    for container in spec["initContainers"]?.array ?? [] {
      let resources = try ContainerResources(container, ranges)
      containers.append((container["name"]?.string ?? "", resources))
      requests.merge(resources.requests) { max($0, $1) }
      limits.merge(resources.limits) { max($0, $1) }
    }
  }

  static func == (left: PodResources, right: PodResources) -> Bool {
    left.requests == right.requests && left.limits == right.limits
  }

  /// What it counts for in a quota; nil: the quota does not count pods under that name.
  func usage(_ key: String) -> Quantity? {
    if key == "pods" || key == "count/pods" { return Quantity(1) }
    if key.hasPrefix("limits.") { return limits[String(key.dropFirst("limits.".count))] }
    let name = key.hasPrefix("requests.") ? String(key.dropFirst("requests.".count)) : key
    return requests[name]
  }
}
