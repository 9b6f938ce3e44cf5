public import HTTP
public import OrderedCollections

/// A request to an API server: a value made by pure functions. What is sent depends on the connection as well; see
/// `httpRequest(connection:authorization:deadline:)`.
public struct KubernetesRequest: Sendable, Equatable {
  /// What it does, for messages and for `kubectl auth can-i`.
  public struct Action: Sendable, Equatable {
    /// `list`, `create`, `patch`.
    public var verb: String
    /// The resource; nil for a bare path.
    public var resource: Resource?
    /// The namespace; nil: all of them, or none.
    public var namespace: String?
    /// The object.
    public var name: String?
    /// `log`, `attach`.
    public var subresource: String?

    /// An action from its parts.
    public init(
      verb: String, resource: Resource? = nil, namespace: String? = nil, name: String? = nil, subresource: String? = nil
    ) {
      self.verb = verb
      self.resource = resource
      self.namespace = namespace
      self.name = name
      self.subresource = subresource
    }
  }

  /// `GET`.
  public var method: String
  /// The path below the server's URL, percent-encoded.
  public var path: String
  /// The query; values not yet encoded.
  public var query: OrderedDictionary<String, String>
  /// The media type that is asked for.
  public var accept: String
  /// The body's media type.
  public var contentType: String?
  /// The body.
  public var body: [UInt8]?
  /// The time for the whole exchange with all its retries; nil: no limit (watches).
  public var deadline: Duration?
  /// What it does.
  public var action: Action

  /// A request from its parts.
  public init(
    method: String, path: String, query: OrderedDictionary<String, String> = [:], accept: String = "application/json",
    contentType: String? = nil, body: [UInt8]? = nil, deadline: Duration? = .seconds(30), action: Action
  ) {
    self.method = method
    self.path = path
    self.query = query
    self.accept = accept
    self.contentType = contentType
    self.body = body
    self.deadline = deadline
    self.action = action
  }
}

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

  /// Watches a list from a version on. The server ends it after `timeoutSeconds`.
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
      method: "GET", path: resource.path(namespace: namespace), query: query, deadline: nil,
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

  /// The exchange to make: the server's URL and path before ours, the credential, the impersonation.
  public func httpRequest(
    connection: ClusterConnection, authorization: Authorization = Authorization(), deadline: Duration? = nil
  ) -> HTTPRequest {
    var url = connection.server + path
    if !query.isEmpty {
      url += path.contains("?") ? "&" : "?"
      url += query.map { "\(percentEncoded($0.key))=\(percentEncoded($0.value))" }.joined(separator: "&")
    }
    var headers: HTTPHeaders = ["Accept": accept, "User-Agent": "mlops-setup"]
    headers["Content-Type"] = contentType
    // client-go sends neither over an unprotected connection.
    if connection.isSecure {
      headers["Authorization"] = authorization.header?.reveal()
      headers.fields += connection.impersonation?.headers ?? []
    }
    var tls = connection.tls
    if let pair = authorization.certificate {
      tls.clientCertificate = .pem(Array(pair.certificate.reveal().utf8))
      tls.clientKey = .pem(Array(pair.key.reveal().utf8))
    }
    return HTTPRequest(
      method: method, url: url, headers: headers, body: body, deadline: deadline ?? self.deadline, tls: tls,
      proxy: connection.proxy, maximumBodyBytes: action.verb == "list" ? 256 << 20 : 64 << 20)
  }
}

extension KubernetesRequest {
  /// What it does, for a sentence; a bare path is named itself.
  var phrase: String {
    action.resource == nil
      ? "\(action.verb) \(printable(String(path.prefix { $0 != "?" }), limit: 120))" : action.phrase
  }
}

extension KubernetesRequest.Action {
  /// `list nodes`, `create secrets in namespace "x"`, `get pods/log "y" in namespace "x"`, for a sentence.
  var phrase: String {
    guard let resource else { return verb }
    var text = "\(verb) \(resource.name)" + (subresource.map { "/\($0)" } ?? "")
    if let name { text += " \"\(printable(name, limit: 80))\"" }
    if let namespace {
      text += " in namespace \"\(printable(namespace, limit: 80))\""
    } else if resource.isNamespaced {
      text += " in all namespaces"
    }
    return text
  }

  /// The kubectl command that shows whether it is allowed.
  func canICommand(_ connection: ClusterConnection) -> String? {
    guard let resource else { return nil }
    var words = ["kubectl", "auth", "can-i", verb, resource.qualifiedName + (name.map { "/\($0)" } ?? "")]
    if let subresource { words.append("--subresource=\(subresource)") }
    if let namespace {
      words += ["--namespace", namespace]
    } else if resource.isNamespaced {
      words.append("--all-namespaces")
    }
    if let context = connection.context { words += ["--context", context] }
    if let impersonation = connection.impersonation {
      words += ["--as", impersonation.user]
      for group in impersonation.groups { words += ["--as-group", group] }
    }
    return words.map(shellQuoted).joined(separator: " ")
  }
}

/// A word as a POSIX shell takes it.
func shellQuoted(_ word: String) -> String {
  let isPlain =
    !word.isEmpty
    && word.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
      default: "-_./:=@%+,".utf8.contains(byte)
      }
    }
  return isPlain
    ? word : "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
}
