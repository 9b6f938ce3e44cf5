import Kubernetes
import OrderedCollections

extension KubernetesCluster {
  /// Answers a request: who is it, what is asked, may he, do it.
  func respond(to request: APIRequest, trustsFront: Bool, address: String) -> APIResponse {
    var user = SimulatedUser.anonymous
    var response: APIResponse
    do throws(APIError) {
      user = try authenticate(request, trustsFront: trustsFront)
      let info = RequestInfo(method: request.method, path: request.path, query: request.query)
      try authorize(info, user)
      response =
        info.isResource
        ? try resource(request, info, user) : try nonResource(request, info, address: address)
    } catch {
      response = .error(error)
    }
    response.user = user.name
    return response
  }

  // MARK: Who and whether

  private func authenticate(_ request: APIRequest, trustsFront: Bool) throws(APIError) -> SimulatedUser {
    var user = withoutCredentials
    if let header = request.headers["authorization"] {
      guard header.hasPrefix("Bearer "), let known = token(String(header.dropFirst(7))) else { throw .unauthorized }
      user = known
    } else if trustsFront, let name = request.headers["x-remote-user"], !name.isEmpty {
      let groups = (request.headers["x-remote-group"] ?? "").split(separator: ",")
        .map { String($0.drop { $0 == " " }) }.filter { !$0.isEmpty }
      user = SimulatedUser(name: name, groups: groups)
    }
    guard let name = request.headers["impersonate-user"] else { return user }
    let question = AccessQuestion(verb: "impersonate", resource: "users", name: name)
    guard RBAC.isAllowed(question, user: user, policy: policy) else {
      let type = ResourceType(group: "", version: "v1", name: "users", kind: "User", isNamespaced: false, verbs: [])
      var error = APIError.forbidden(type, name, RBAC.refusal(question, user: user))
      error.isFromFilter = true
      throw error
    }
    let groups = (request.headers["impersonate-group"] ?? "").split(separator: ",").map {
      String($0.drop { $0 == " " })
    }
    return SimulatedUser(name: name, groups: groups)
  }

  /// Whom a token stands for.
  func token(_ text: String) -> SimulatedUser? {
    users.first { $0.token == text } ?? issuedTokens[text]
  }

  var policy: RBAC.Policy {
    let group = "rbac.authorization.k8s.io"
    return RBAC.Policy(
      roles: all("roles.\(group)"), clusterRoles: all("clusterroles.\(group)"),
      roleBindings: all("rolebindings.\(group)"), clusterRoleBindings: all("clusterrolebindings.\(group)"))
  }

  private func authorize(_ info: RequestInfo, _ user: SimulatedUser) throws(APIError) {
    let question =
      info.isResource
      ? AccessQuestion(
        verb: info.verb, group: info.group, resource: info.resource, subresource: info.subresource, name: info.name,
        namespace: info.namespace)
      : AccessQuestion(verb: info.verb, path: info.path)
    if RBAC.isAllowed(question, user: user, policy: policy) { return }
    let why = RBAC.refusal(question, user: user)
    var error: APIError
    if info.isResource {
      let type = ResourceType(
        group: info.group, version: info.version, name: info.resource, kind: "", isNamespaced: false, verbs: [])
      error = .forbidden(type, info.name, why)
    } else {
      error = APIError(code: 403, reason: "Forbidden", message: "forbidden: \(why)", details: [:])
    }
    error.isFromFilter = true
    throw error
  }

  // MARK: Without a resource

  private func nonResource(
    _ request: APIRequest, _ info: RequestInfo, address: String
  ) throws(APIError) -> APIResponse {
    var path = request.path
    if path.count > 1, path.hasSuffix("/") { path.removeLast() }
    let parts = path.split(separator: "/").map(String.init)
    let document: JSONValue?
    switch (parts.first ?? "", parts.count) {
    case ("version", 1): document = discovery.versionDocument
    case ("api", 1): document = discovery.coreVersions(address: address)
    case ("api", 2): document = discovery.resourceList(group: "", version: parts[1])
    case ("apis", 1): document = discovery.groupList
    case ("apis", 2): document = discovery.group(parts[1])
    case ("apis", 3): document = discovery.resourceList(group: parts[1], version: parts[2])
    case ("openapi", 2) where parts[1] == "v3": document = OpenAPIDocument.index(discovery)
    case ("openapi", 3...) where parts[1] == "v3":
      document = OpenAPIDocument.document(parts[2...].joined(separator: "/"), discovery)
    case ("openapi", 2) where parts[1] == "v2": return OpenAPIDocument.v2
    case ("healthz", _), ("livez", _), ("readyz", _): return .text("ok")
    default: document = nil
    }
    guard let document else { return .notFoundPage }
    guard request.method == "GET" || request.method == "HEAD" else { throw .methodNotAllowed }
    return .json(document)
  }

  // MARK: Resources

  private func resource(_ request: APIRequest, _ info: RequestInfo, _ user: SimulatedUser) throws(APIError)
    -> APIResponse
  {
    let isKnownVersion = discovery.resourceList(group: info.group, version: info.version) != nil
    if !isKnownVersion { return .notFoundPage }
    guard let type = discovery.type(group: info.group, version: info.version, name: info.resource) else {
      throw .unknownResource
    }
    let namespace = type.isNamespaced ? info.namespace : ""
    let query = request.query
    if !info.subresource.isEmpty { return try subresource(request, info, type, user) }
    guard type.verbs.contains(info.verb) else { throw .methodNotAllowed }
    let context = WriteContext(manager: manager(request), isDryRun: query.isDryRun, user: user)
    let special = try openShiftAnswer(
      info, type, user, body: { () throws(APIError) in try decode(request, type) },
      options: { () throws(APIError) in try deleteOptions(request) }, context: context)
    if let special { return special }
    let outcome: Outcome
    switch info.verb {
    case "get":
      guard let object = find(type.storageKey, namespace, info.name) else { throw .notFound(type, info.name) }
      let rendered = Rendering.object(object, as: type)
      return .json(wantsMetadataOnly(request) ? Rendering.metadataOnly(rendered) : rendered)
    case "list": return try list(request, type, namespace, info, user)
    case "watch": return try watch(request, type, namespace, info)
    case "create":
      let body = try decode(request, type)
      if let review = try review(body, type: type, namespace: namespace, user: user, context: context) {
        return .json(review, status: 201)
      }
      outcome = try create(body, type: type, namespace: namespace, context: context)
    case "update":
      let body = try decode(request, type)
      outcome = try update(type: type, namespace: namespace, name: info.name, context: context) { _ throws(APIError) in
        body
      }
    case "patch": outcome = try patch(request, type, namespace, info.name, context)
    case "delete":
      outcome = try delete(
        type: type, namespace: namespace, name: info.name, options: try deleteOptions(request), isDryRun: query.isDryRun
      )
    case "deletecollection":
      let selected = try select(request, type, namespace, info)
      let options = try deleteOptions(request)
      for object in selected {
        _ = try delete(
          type: type, namespace: object.namespace, name: object.name, options: options, isDryRun: query.isDryRun)
      }
      return .json(listDocument(selected, type))
    default: throw .methodNotAllowed
    }
    return answer(outcome, type)
  }

  private func answer(_ outcome: Outcome, _ type: ResourceType) -> APIResponse {
    let isStatus = outcome.object.kind == "Status"
    return .json(
      isStatus ? outcome.object : Rendering.object(outcome.object, as: type), status: outcome.status,
      warnings: outcome.warnings)
  }

  /// The field manager: as given, or the first word of the user agent.
  private func manager(_ request: APIRequest) -> String {
    if let given = request.query["fieldManager"], !given.isEmpty { return given }
    let agent = request.headers["user-agent"] ?? ""
    return agent.isEmpty ? "unknown" : String(agent.prefix { $0 != "/" })
  }

  private func mediaType(_ request: APIRequest) -> String {
    String((request.headers["content-type"] ?? "").prefix { $0 != ";" }.filter { $0 != " " })
  }

  private func wantsMetadataOnly(_ request: APIRequest) -> Bool {
    (request.headers["accept"] ?? "").split(separator: ",").first?.contains("as=PartialObjectMetadata") == true
  }

  private func decode(_ request: APIRequest, _ type: ResourceType) throws(APIError) -> JSONValue {
    let format: BodyReader.Format
    switch mediaType(request) {
    case "", "application/json": format = .json
    case "application/yaml": format = .yaml
    case "application/vnd.kubernetes.protobuf": format = .protobuf
    default: throw .unsupportedMediaType
    }
    do {
      return try BodyReader.read(request.body, format)
    } catch {
      let text = String(decoding: request.body, as: UTF8.self)
      throw .badRequest(
        "the object provided is unrecognized (must be of type \(type.kind)): couldn't get version/kind; json parse error: "
          + "\(error.message) (\(text.prefix(100)))")
    }
  }

  private func deleteOptions(_ request: APIRequest) throws(APIError) -> JSONValue {
    var options: JSONValue = [:]
    if !request.body.isEmpty {
      let isProtobuf = mediaType(request) == "application/vnd.kubernetes.protobuf"
      do { options = try BodyReader.read(request.body, isProtobuf ? .protobuf : .yaml) } catch {
        throw .badRequest(error.message)
      }
    }
    if let policy = request.query["propagationPolicy"] { options["propagationPolicy"] = .string(policy) }
    if let seconds = request.query.integer("gracePeriodSeconds") { options["gracePeriodSeconds"] = .integer(seconds) }
    return options
  }

  // MARK: Lists and watches

  private func selectors(
    _ request: APIRequest, _ type: ResourceType, _ info: RequestInfo
  ) throws(APIError) -> (labels: LabelSelector, fields: FieldSelector) {
    let query = request.query
    let labels = try query["labelSelector"].map { text throws(APIError) in try LabelSelector(text) } ?? .everything
    var fields =
      try query["fieldSelector"].map { text throws(APIError) in try FieldSelector(text, for: type) } ?? .everything
    if !info.name.isEmpty {
      fields.terms.append(.init(path: ["metadata", "name"], value: info.name, isNegative: false))
    }
    return (labels, fields)
  }

  private func select(
    _ request: APIRequest, _ type: ResourceType, _ namespace: String, _ info: RequestInfo
  ) throws(APIError) -> [JSONValue] {
    let (labels, fields) = try selectors(request, type, info)
    return all(type.storageKey, in: namespace).filter { labels.matches($0.labels) && fields.matches($0) }
  }

  private func listDocument(_ objects: [JSONValue], _ type: ResourceType) -> JSONValue {
    [
      "kind": .string("\(type.kind)List"), "apiVersion": .string(type.groupVersion),
      "metadata": ["resourceVersion": .string(String(revision))],
      "items": .array(objects.map { Rendering.item($0, as: type) }),
    ]
  }

  private func list(
    _ request: APIRequest, _ type: ResourceType, _ namespace: String, _ info: RequestInfo, _ user: SimulatedUser
  ) throws(APIError) -> APIResponse {
    let query = request.query
    let (labels, fields) = try selectors(request, type, info)
    var found = keyed(type.storageKey, in: namespace)
    var shown = revision
    if let text = query["continue"], !text.isEmpty {
      let token = try ContinueToken(text)
      if token.revision < compactedRevision { throw Self.continueExpired }
      shown = token.revision
      let prefix = namespace.isEmpty ? "" : "\(namespace)/"
      found = found.filter { "\(prefix)\(token.start)" <= $0.key }
    }
    found = found.filter { labels.matches($0.object.labels) && fields.matches($0.object) }
    if type.kind == "Project" {
      let policy = policy
      found = found.filter { maySee(project: $0.object.name, user, policy: policy) }
    }
    var metadata: JSONValue = ["resourceVersion": .string(String(shown))]
    if let limit = query.integer("limit"), limit > 0, found.count > limit {
      let rest = found.count - limit
      found = Array(found.prefix(limit))
      let last = found[limit - 1].key
      let start = namespace.isEmpty ? last : String(last.dropFirst(namespace.count + 1))
      metadata["continue"] = .string(ContinueToken(revision: shown, start: start + "\u{0}").text)
      if labels == .everything, fields == .everything { metadata["remainingItemCount"] = .integer(rest) }
    }
    if wantsMetadataOnly(request) {
      return .json([
        "kind": "PartialObjectMetadataList", "apiVersion": "meta.k8s.io/v1", "metadata": metadata,
        "items": .array(found.map { Rendering.metadataOnly(Rendering.object($0.object, as: type)) }),
      ])
    }
    var document = listDocument(found.map(\.object), type)
    document["metadata"] = metadata
    return .json(document)
  }

  private static let continueExpired = APIError.expired(
    "The provided continue parameter is too old to display a consistent list result. You can start a new list without the "
      + "continue parameter, or use the continue token in this response to retrieve the remainder of the results. "
      + "Continuing with the provided token results in an inconsistent list - objects that were created, modified, or "
      + "deleted between the time the first chunk was returned and now may show up in the list.")

  private func watch(
    _ request: APIRequest, _ type: ResourceType, _ namespace: String, _ info: RequestInfo
  ) throws(APIError) -> APIResponse {
    let query = request.query
    let sendsInitialEvents = query.flag("sendInitialEvents")
    if query["resourceVersionMatch"] != nil || query["sendInitialEvents"] != nil {
      let cause: APIError.Cause?
      if discovery.version.minor < 27 {
        cause = .init(
          reason: "FieldValueForbidden", message: "Forbidden: resourceVersionMatch is forbidden for watch",
          field: "resourceVersionMatch")
      } else if discovery.version.minor < 32 {
        cause = .init(
          reason: "FieldValueForbidden",
          message: "Forbidden: sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled",
          field: "sendInitialEvents")
      } else {
        cause = nil
      }
      if let cause { throw .invalid(kind: "ListOptions", group: "meta.k8s.io", name: "", [cause]) }
    }
    let (labels, fields) = try selectors(request, type, info)
    let stream = watch(
      type, namespace: namespace, labels: labels, fields: fields, from: query.integer("resourceVersion"),
      isMetadataOnly: wantsMetadataOnly(request), sendsInitialEvents: sendsInitialEvents,
      bookmarks: query.flag("allowWatchBookmarks"), seconds: query.integer("timeoutSeconds") ?? 1800)
    return APIResponse(
      status: 200, headers: [("Cache-Control", "no-cache, private"), ("Content-Type", "application/json")],
      body: .stream(stream))
  }

  // MARK: Patches

  private func patch(
    _ request: APIRequest, _ type: ResourceType, _ namespace: String, _ name: String, _ context: WriteContext
  ) throws(APIError) -> Outcome {
    let mediaType = mediaType(request)
    let isApply = ["application/apply-patch+yaml", "application/apply-patch+cbor"].contains(mediaType)
    let known = [
      "application/json-patch+json", "application/merge-patch+json", "application/strategic-merge-patch+json",
    ]
    guard isApply || known.contains(mediaType) else { throw .unsupportedMediaType }
    if isApply, request.query["fieldManager"]?.isEmpty != false {
      throw .invalid(
        kind: "PatchOptions", group: "meta.k8s.io", name: "",
        [
          .init(
            reason: "FieldValueRequired", message: "Required value: is required for apply patch", field: "fieldManager")
        ])
    }
    let body: JSONValue
    do {
      body = try BodyReader.read(request.body, isApply ? .yaml : .json)
    } catch {
      throw .badRequest(
        isApply ? "error decoding YAML: \(error.message)" : "error decoding patch: \(error.message)")
    }
    if isApply {
      return try serverSideApply(
        body, type: type, namespace: namespace, name: name, force: request.query.flag("force"), context: context)
    }
    return try update(type: type, namespace: namespace, name: name, context: context) { old throws(APIError) in
      switch mediaType {
      case "application/json-patch+json": return try JSONPatch.apply(body, to: old)
      case "application/merge-patch+json": return MergePatch.apply(body, to: old)
      default: return StrategicMergePatch.apply(body, to: old)
      }
    }
  }

  // MARK: Subresources

  private func subresource(
    _ request: APIRequest, _ info: RequestInfo, _ type: ResourceType, _ user: SimulatedUser
  ) throws(APIError) -> APIResponse {
    guard let part = type.subresources.first(where: { $0.name == info.subresource }) else { throw .unknownResource }
    guard part.verbs.contains(info.verb) else { throw .methodNotAllowed }
    let namespace = type.isNamespaced ? info.namespace : ""
    let context = WriteContext(
      manager: manager(request), isDryRun: request.query.isDryRun, subresource: info.subresource)
    guard let object = find(type.storageKey, namespace, info.name) else { throw .notFound(type, info.name) }
    switch (part.name, info.verb) {
    case ("status", "get"): return .json(Rendering.object(object, as: type))
    case ("status", "patch"): return answer(try patch(request, type, namespace, info.name, context), type)
    case ("status", "update"):
      let body = try decode(request, type)
      return answer(
        try update(type: type, namespace: namespace, name: info.name, context: context) { _ throws(APIError) in body },
        type)
    case ("scale", "get"): return .json(scale(of: object))
    case ("scale", _):
      let body: JSONValue
      if info.verb == "patch" {
        do { body = MergePatch.apply(try JSONText.parse(request.body), to: scale(of: object)) } catch {
          throw .badRequest(error.message)
        }
      } else {
        body = try decode(request, type)
      }
      let replicas = body.value(at: ["spec", "replicas"]) ?? 0
      let outcome = try update(
        type: type, namespace: namespace, name: info.name,
        context: WriteContext(manager: context.manager, isDryRun: context.isDryRun)
      ) { old throws(APIError) in
        var new = old
        new.set(replicas, at: "spec", "replicas")
        return new
      }
      return .json(scale(of: outcome.object))
    case ("token", _): return .json(try tokenRequest(try decode(request, type), account: object, context), status: 201)
    case ("log", _): return try log(of: object, request.query)
    case ("eviction", _):
      _ = try delete(type: type, namespace: namespace, name: info.name, options: [:], isDryRun: request.query.isDryRun)
      return .json(
        ["kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Success", "code": 201], status: 201)
    case ("finalize", _):
      let body = try decode(request, type)
      return answer(
        try update(type: type, namespace: namespace, name: info.name, context: context) { _ throws(APIError) in body },
        type)
    default:
      throw .badRequest("the simulated cluster does not serve \(type.name)/\(part.name)")
    }
  }

  private func scale(of object: JSONValue) -> JSONValue {
    let labels = object.value(at: ["spec", "selector", "matchLabels"])?.texts ?? [:]
    let selector = labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
    return [
      "kind": "Scale", "apiVersion": "autoscaling/v1",
      "metadata": [
        "name": .string(object.name), "namespace": .string(object.namespace), "uid": .string(object.uid),
        "resourceVersion": .string(object.resourceVersion),
        "creationTimestamp": object["metadata"]?["creationTimestamp"] ?? .null,
      ],
      "spec": ["replicas": object.value(at: ["spec", "replicas"]) ?? 0],
      "status": ["replicas": object.value(at: ["status", "replicas"]) ?? 0, "selector": .string(selector)],
    ]
  }

  private func log(of pod: JSONValue, _ query: RequestQuery) throws(APIError) -> APIResponse {
    let containers = pod.value(at: ["spec", "containers"])?.array ?? []
    let name = query["container"] ?? containers.first?["name"]?.string ?? ""
    guard let container = containers.first(where: { $0["name"]?.string == name }) else {
      throw .badRequest("container \(name) is not valid for pod \(pod.name)")
    }
    let status = (pod.value(at: ["status", "containerStatuses"])?.array ?? []).first { $0["name"]?.string == name }
    if status == nil || status?["state"]?["waiting"]?["reason"]?.string.map({ $0 != "CrashLoopBackOff" }) == true {
      let reason = status?["state"]?["waiting"]?["reason"]?.string ?? "ContainerCreating"
      let detail =
        reason.hasPrefix("ErrImage") || reason.hasPrefix("ImagePull") ? "trying and failing to pull image" : reason
      throw .badRequest("container \"\(name)\" in pod \"\(pod.name)\" is waiting to start: \(detail)")
    }
    var response = APIResponse.text(containerLog(pod, container))
    response.headers = [("Cache-Control", "no-cache, private"), ("Content-Type", "text/plain")]
    return response
  }
}
