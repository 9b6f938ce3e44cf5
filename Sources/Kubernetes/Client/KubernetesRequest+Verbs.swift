import OrderedCollections

/// How dependents of a deleted object go.
public enum DeletePropagation: String, Sendable, Equatable {
  /// After it, in the background.
  case background = "Background"
  /// Before it.
  case foreground = "Foreground"
  /// They stay.
  case orphan = "Orphan"
}

/// Whether the server reports unknown and duplicate fields of a written object.
public enum FieldValidation: String, Sendable, Equatable {
  case ignore = "Ignore"
  case warn = "Warn"
  case strict = "Strict"
}

extension KubernetesRequest {
  /// The name that our writes carry.
  public static let fieldManager = "mlops-setup"

  /// Reads a path as it stands: `/version`, `/readyz?verbose`.
  public static func raw(_ path: String, accept: String = "application/json, */*") -> KubernetesRequest {
    KubernetesRequest(method: "GET", path: path, accept: accept, action: Action(verb: "get"))
  }

  /// Reads one object.
  public static func get(
    _ resource: Resource, name: String, namespace: String? = nil, subresource: String? = nil
  ) -> KubernetesRequest {
    KubernetesRequest(
      method: "GET", path: resource.path(namespace: namespace, name: name, subresource: subresource),
      action: Action(
        verb: "get", resource: resource, namespace: namespace, name: name, subresource: subresource))
  }

  /// Reads one page of a list.
  public static func list(
    _ resource: Resource, namespace: String? = nil, labelSelector: String? = nil, fieldSelector: String? = nil,
    limit: Int? = 500, continueToken: String? = nil, metadataOnly: Bool = false
  ) -> KubernetesRequest {
    var query: OrderedDictionary<String, String> = [:]
    query["labelSelector"] = labelSelector
    query["fieldSelector"] = fieldSelector
    query["limit"] = limit.map(String.init)
    query["continue"] = continueToken
    return KubernetesRequest(
      method: "GET", path: resource.path(namespace: namespace), query: query,
      accept: metadataOnly
        ? "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json" : "application/json",
      action: Action(verb: "list", resource: resource, namespace: namespace))
  }

  /// Watches a list from a version on. The server ends it after `timeoutSeconds`; where the network died meanwhile we do, later.
  public static func watch(
    _ resource: Resource, namespace: String? = nil, resourceVersion: String? = nil, labelSelector: String? = nil,
    fieldSelector: String? = nil, timeoutSeconds: Int = 300
  ) -> KubernetesRequest {
    var query: OrderedDictionary<String, String> = ["watch": "true", "allowWatchBookmarks": "true"]
    query["labelSelector"] = labelSelector
    query["fieldSelector"] = fieldSelector
    query["resourceVersion"] = resourceVersion
    query["timeoutSeconds"] = "\(timeoutSeconds)"
    return KubernetesRequest(
      method: "GET", path: resource.path(namespace: namespace), query: query, deadline: .seconds(timeoutSeconds + 30),
      action: Action(verb: "watch", resource: resource, namespace: namespace))
  }

  /// Creates an object from its JSON.
  public static func create(
    _ resource: Resource, name: String? = nil, namespace: String? = nil, subresource: String? = nil, body: [UInt8],
    dryRun: Bool = false, fieldValidation: FieldValidation? = nil
  ) -> KubernetesRequest {
    KubernetesRequest(
      method: "POST", path: resource.path(namespace: namespace, name: name, subresource: subresource),
      query: writeQuery(dryRun: dryRun, fieldValidation: fieldValidation), contentType: "application/json", body: body,
      action: Action(
        verb: "create", resource: resource, namespace: namespace, name: name, subresource: subresource))
  }

  /// Applies an object's JSON on the server (server-side apply). JSON is YAML, and the only media type is YAML's.
  public static func apply(
    _ resource: Resource, name: String, namespace: String? = nil, body: [UInt8],
    fieldManager: String = KubernetesRequest.fieldManager, force: Bool = false, dryRun: Bool = false,
    fieldValidation: FieldValidation? = nil
  ) -> KubernetesRequest {
    var query: OrderedDictionary<String, String> = ["fieldManager": fieldManager]
    if force { query["force"] = "true" }
    if dryRun { query["dryRun"] = "All" }
    query["fieldValidation"] = fieldValidation?.rawValue
    return KubernetesRequest(
      method: "PATCH", path: resource.path(namespace: namespace, name: name), query: query,
      contentType: "application/apply-patch+yaml", body: body,
      action: Action(verb: "patch", resource: resource, namespace: namespace, name: name))
  }

  /// Changes an object by a JSON merge patch (RFC 7396).
  public static func mergePatch(
    _ resource: Resource, name: String, namespace: String? = nil, subresource: String? = nil, body: [UInt8],
    dryRun: Bool = false, fieldValidation: FieldValidation? = nil
  ) -> KubernetesRequest {
    KubernetesRequest(
      method: "PATCH", path: resource.path(namespace: namespace, name: name, subresource: subresource),
      query: writeQuery(dryRun: dryRun, fieldValidation: fieldValidation),
      contentType: "application/merge-patch+json", body: body,
      action: Action(
        verb: "patch", resource: resource, namespace: namespace, name: name, subresource: subresource))
  }

  /// Deletes an object; with a uid or a version only if it still is that one.
  public static func delete(
    _ resource: Resource, name: String, namespace: String? = nil, propagation: DeletePropagation = .background,
    uid: String? = nil, resourceVersion: String? = nil, dryRun: Bool = false
  ) throws(KubernetesError) -> KubernetesRequest {
    var options: JSONValue = [
      "kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": .string(propagation.rawValue),
    ]
    if uid != nil || resourceVersion != nil {
      var conditions: JSONValue = [:]
      conditions["uid"] = uid.map { .string($0) }
      conditions["resourceVersion"] = resourceVersion.map { .string($0) }
      options["preconditions"] = conditions
    }
    if dryRun { options["dryRun"] = ["All"] }
    return KubernetesRequest(
      method: "DELETE", path: resource.path(namespace: namespace, name: name), contentType: "application/json",
      body: try KubernetesError.encode(options),
      action: Action(verb: "delete", resource: resource, namespace: namespace, name: name))
  }

  /// Reads the log of a pod's container, at most `limitBytes` of it.
  public static func logs(
    pod: String, namespace: String, container: String? = nil, tailLines: Int? = nil, previous: Bool = false,
    limitBytes: Int = 1 << 20
  ) -> KubernetesRequest {
    var query: OrderedDictionary<String, String> = [:]
    query["container"] = container
    query["tailLines"] = tailLines.map(String.init)
    if previous { query["previous"] = "true" }
    query["limitBytes"] = "\(limitBytes)"
    return KubernetesRequest(
      method: "GET", path: Resource.pods.path(namespace: namespace, name: pod, subresource: "log"), query: query,
      accept: "text/plain, application/json, */*",
      action: Action(verb: "get", resource: .pods, namespace: namespace, name: pod, subresource: "log"))
  }

  private static func writeQuery(
    dryRun: Bool, fieldValidation: FieldValidation?
  ) -> OrderedDictionary<String, String> {
    var query: OrderedDictionary<String, String> = ["fieldManager": fieldManager]
    if dryRun { query["dryRun"] = "All" }
    query["fieldValidation"] = fieldValidation?.rawValue
    return query
  }
}
