public import FoundationEssentials
import HTTP

/// What came with an answer besides its body.
public struct ResponseMetadata: Sendable, Equatable {
  /// The HTTP status.
  public var status: Int
  /// The server's clock, from the Date header.
  public var serverDate: Date?
  /// What the server warns of, for a person.
  public var warnings: [String]

  /// Metadata from their parts.
  public init(status: Int, serverDate: Date? = nil, warnings: [String] = []) {
    self.status = status
    self.serverDate = serverDate
    self.warnings = warnings
  }
}

/// A value with what came with it.
public struct Answer<Value: Sendable>: Sendable {
  /// The value.
  public var value: Value
  /// What came with it. For a list of several pages: of the last page, with the warnings of all.
  public var metadata: ResponseMetadata

  /// An answer from its parts; tests make them.
  public init(value: Value, metadata: ResponseMetadata = ResponseMetadata(status: 200)) {
    self.value = value
    self.metadata = metadata
  }

  func map<Other>(_ transform: (Value) throws(KubernetesError) -> Other) throws(KubernetesError) -> Answer<Other> {
    Answer<Other>(value: try transform(value), metadata: metadata)
  }
}

extension Answer: Equatable where Value: Equatable {}

/// Turns HTTP answers into values or errors; pure.
struct ResponseReader {
  var request: KubernetesRequest
  var connection: ClusterConnection

  /// The body of a success, or what went wrong.
  func read(_ response: HTTPResponse) throws(KubernetesError) -> Answer<[UInt8]> {
    if looksLikePage(response) || (300..<400).contains(response.status) { throw notKubernetes(response) }
    guard (200..<300).contains(response.status) else { throw failure(response) }
    return Answer(value: response.body, metadata: Self.metadata(response))
  }

  /// Decodes the JSON of a success.
  func decode<Value: Decodable>(_ type: Value.Type, _ answer: Answer<[UInt8]>) throws(KubernetesError) -> Answer<Value>
  {
    do {
      return Answer<Value>(value: try JSON.decode(type, answer.value), metadata: answer.metadata)
    } catch {
      guard answer.value.first(where: { !Self.isBlank($0) }) == UInt8(ascii: "{") else {
        throw notKubernetes(HTTPResponse(status: answer.metadata.status, body: answer.value))
      }
      throw KubernetesError(
        .undecodable,
        "cannot \(request.phrase): the answer of \(printable(connection.server)) cannot be read: \(JSON.explain(error))",
        nextStep: "See that the server is a Kubernetes API server of a version that this program knows",
        httpStatus: answer.metadata.status)
    }
  }

  static func metadata(_ response: HTTPResponse) -> ResponseMetadata {
    ResponseMetadata(
      status: response.status, serverDate: response.headers["Date"].flatMap(Timestamp.http),
      warnings: response.headers.values("Warning").flatMap(warnings(in:)))
  }

  /// The texts of a Warning header (RFC 7234, section 5.5): `299 - "text", 299 - "another"`. Codes but 299 are not the API's.
  static func warnings(in header: String) -> [String] {
    var texts: [String] = []
    var rest = header[...]
    while let open = rest.firstIndex(of: "\"") {
      let code = rest[..<open].drop { $0 == "," || $0 == " " }.prefix { $0 != " " }
      var text = ""
      var index = rest.index(after: open)
      while index < rest.endIndex, rest[index] != "\"" {
        if rest[index] == "\\", rest.index(after: index) < rest.endIndex { index = rest.index(after: index) }
        text.append(rest[index])
        index = rest.index(after: index)
      }
      if code == "299" { texts.append(printable(text, limit: 1_000)) }
      rest = index < rest.endIndex ? rest[rest.index(after: index)...] : ""
      // A date may follow in quotes of its own.
      let next = rest.drop { $0 == " " }
      if next.first == "\"", let end = next.dropFirst().firstIndex(of: "\"") { rest = next[next.index(after: end)...] }
    }
    return texts
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

  private func looksLikePage(_ response: HTTPResponse) -> Bool {
    if request.action.subresource == "log" && response.status == 200 { return false }
    return response.headers["Content-Type"]?.lowercased().hasPrefix("text/html") == true
      || response.body.first { !Self.isBlank($0) } == UInt8(ascii: "<")
  }

  private func notKubernetes(_ response: HTTPResponse) -> KubernetesError {
    var text =
      "cannot \(request.phrase): \(printable(connection.server)) answers with HTTP status \(response.status)"
    if let place = response.headers["Location"] {
      text += ", sends us on to \(printable(Self.withoutQuery(place), limit: 200))"
    }
    let kind = response.headers["Content-Type"].map { " (\(printable($0, limit: 60)))" } ?? ""
    let begin = printable(String(decoding: response.body.prefix(2_000), as: UTF8.self), limit: 120)
    text += begin.isEmpty ? " and no body" : " and no Kubernetes answer\(kind): \(begin)"
    return KubernetesError(
      .notKubernetes, text,
      nextStep: "A proxy or a login page may answer in the cluster's place. Check the server's URL with its path, "
        + "HTTPS_PROXY and NO_PROXY, and log in again",
      httpStatus: response.status)
  }

  private static func withoutQuery(_ url: String) -> String { String(url.prefix { $0 != "?" && $0 != "#" }) }

  // MARK: Failures

  /// The error that an answer of 4xx or 5xx is.
  func failure(_ response: HTTPResponse) -> KubernetesError {
    if let status = Self.status(response.body) {
      return failure(
        status: status, text: printable(status.message ?? "", limit: 2_000), http: response.status)
    }
    let text = printable(String(decoding: response.body.prefix(2_000), as: UTF8.self), limit: 200)
    // Whatever stands before the server may refuse a login or fail; but only the server itself knows what exists. It says
    // so in a Status, and with this text where it knows nothing of the path.
    let isCredible = [401, 403, 429].contains(response.status) || response.status >= 500
    guard isCredible || (response.status == 404 && text.hasPrefix("404 page not found")) else {
      return notKubernetes(response)
    }
    return failure(status: Status(), text: text, http: response.status)
  }

  private static func status(_ body: [UInt8]) -> Status? {
    do {
      let object = try JSON.decode(APIObject<Status>.self, body)
      return object.kind == "Status" ? object.object : nil
    } catch {
      // No Status: the caller says what came instead.
      return nil
    }
  }

  /// The error that a Status is, in an answer or in a watch.
  func failure(status: Status, text: String, http: Int) -> KubernetesError {
    let code = Self.code(status, http)
    var error = KubernetesError(code, "", httpStatus: http, status: status)
    let tried = "cannot \(request.phrase)"
    let said = text.isEmpty ? "HTTP status \(http)" : text
    error.message = "\(tried): \(said)"
    switch code {
    case .unauthorized: explainUnauthorized(&error, tried)
    case .forbidden: explainForbidden(&error, said)
    case .fieldManagerConflict:
      error.conflicts = Self.conflicts(status)
      let fields = error.conflicts.map { "\($0.field) is owned by \"\($0.manager)\"" }.joined(separator: "; ")
      error.message = "\(tried): other field managers own what would change: \(fields)"
      error.nextStep = "Leave these fields to their owners, or take them over by forcing the conflicts"
    case .conflict: error.nextStep = "The object was changed meanwhile; read it again and try again"
    case .invalid:
      let causes = (status.details?.causes ?? []).map { cause in
        let field = cause.field.map { printable($0, limit: 120) + ": " } ?? ""
        return field + printable(cause.message ?? cause.reason ?? "invalid", limit: 400)
      }
      if !causes.isEmpty { error.message = "\(tried): the server refuses it: \(causes.joined(separator: "; "))" }
    case .notFound where status.details?.kind == "namespaces" && request.action.resource?.name != "namespaces":
      error.nextStep = "Create the namespace first"
    case .notFound where status.details?.name == nil && request.action.resource != nil:
      let resource = request.action.resource?.qualifiedName ?? ""
      error.message =
        "\(tried): this server does not serve \(resource) in version \(request.action.resource?.version ?? "")"
    case .tooManyRequests, .server, .timeout: error.nextStep = "Try again in a while"
    default: break
    }
    return error
  }

  private func explainUnauthorized(_ error: inout KubernetesError, _ tried: String) {
    guard connection.isSecure else {
      error.message =
        "\(tried): the server wants a login, and no credential is sent to \(printable(connection.server)) without TLS"
      error.nextStep = "Use the server's https URL in the kubeconfig"
      return
    }
    error.message = "\(tried): the server does not accept \(connection.identity) (401 Unauthorized)"
    error.nextStep =
      switch connection.credential {
      case .token:
        "The token has ended or belongs to another cluster; log in again to get a new one (OpenShift: oc login)"
      case .tokenFile: "Log in again so that the file is written anew"
      case .basic: "Clusters since 1.19 accept no passwords; use a token, a certificate or a plugin"
      case .exec(let plugin):
        "Log in with the tool that \(printable(plugin.command)) belongs to, as a user whom this cluster knows"
      case .none:
        connection.tls.clientCertificate == nil
          ? "Give the context a user with a credential"
          : "The certificate is not signed by this cluster's client CA; get a new kubeconfig"
      }
  }

  private func explainForbidden(_ error: inout KubernetesError, _ said: String) {
    let namespace = request.action.namespace
    if error.status?.details?.causes?.contains(where: { $0.reason == "NamespaceTerminating" }) == true {
      error.nextStep = "Wait until the namespace is gone, then create it again"
      error.command = namespace.map { "kubectl get namespace \(shellQuoted($0)) --output yaml" }
    } else if said.contains("exceeded quota") || said.contains("failed quota") {
      error.nextStep = "Raise the namespace's quota or free some of it"
      error.command = namespace.map { "kubectl describe resourcequota --namespace \(shellQuoted($0))" }
    } else if said.contains("violates PodSecurity") {
      error.nextStep = "The namespace's pod-security.kubernetes.io/enforce label forbids such pods"
      error.command = namespace.map { "kubectl get namespace \(shellQuoted($0)) --show-labels" }
    } else if said.contains("admission webhook") {
      error.nextStep = "A policy of the cluster refuses it; ask whoever runs the cluster"
    } else {
      let user = Self.quoted(after: "User ", in: said) ?? "we"
      if request.action.resource != nil {
        error.message =
          user == "we"
          ? "we may not \(request.phrase): \(said)" : "user \(user) may not \(request.phrase): \(said)"
      }
      error.nextStep =
        user == "\"system:anonymous\""
        ? "The request was made without a login; give the context a user with a credential"
        : "Ask whoever runs the cluster for this permission; to look again"
      error.command = user == "\"system:anonymous\"" ? nil : request.action.canICommand(connection)
    }
  }

  /// The quoted word that follows, with its quotes.
  private static func quoted(after prefix: String, in text: String) -> String? {
    guard let begin = text.firstRange(of: prefix + "\"")?.upperBound, let end = text[begin...].firstIndex(of: "\"")
    else { return nil }
    return "\"\(text[begin..<end])\""
  }

  /// `conflict with "helm" using apps/v1: .spec.replicas` has the owner in quotes and the field by its side.
  private static func conflicts(_ status: Status) -> [KubernetesError.Conflict] {
    var found: [KubernetesError.Conflict] = []
    for cause in status.details?.causes ?? [] where cause.reason == "FieldManagerConflict" {
      let manager = quoted(after: "conflict with ", in: cause.message ?? "")?.dropFirst().dropLast()
      let conflict = KubernetesError.Conflict(
        field: printable(cause.field ?? "", limit: 200), manager: printable(manager.map(String.init) ?? "?", limit: 120)
      )
      if !found.contains(conflict) { found.append(conflict) }
    }
    return found
  }

  private static func code(_ status: Status, _ http: Int) -> KubernetesError.Code {
    switch status.reason {
    case "Unauthorized": return .unauthorized
    case "Forbidden": return .forbidden
    case "NotFound": return .notFound
    case "AlreadyExists": return .alreadyExists
    case "Conflict":
      let isOwned = status.details?.causes?.contains { $0.reason == "FieldManagerConflict" } == true
      return isOwned ? .fieldManagerConflict : .conflict
    case "Gone", "Expired": return .expired
    case "Invalid": return .invalid
    case "Timeout", "ServerTimeout": return .timeout
    case "TooManyRequests": return .tooManyRequests
    case "BadRequest": return .badRequest
    case "MethodNotAllowed": return .methodNotAllowed
    default: break
    }
    switch status.code ?? http {
    case 401: return .unauthorized
    case 403: return .forbidden
    case 404: return .notFound
    case 405: return .methodNotAllowed
    case 409: return .conflict
    case 410: return .expired
    case 422: return .invalid
    case 429: return .tooManyRequests
    case 504: return .timeout
    case 500...: return .server
    default: return .badRequest
    }
  }
}
