import HTTP
import Text

extension ResponseReader {
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
      error.command = namespace.map { "kubectl get namespace \(Shell.quote($0)) --output yaml" }
    } else if said.contains("exceeded quota") || said.contains("failed quota") {
      error.nextStep = "Raise the namespace's quota or free some of it"
      error.command = namespace.map { "kubectl describe resourcequota --namespace \(Shell.quote($0))" }
    } else if said.contains("violates PodSecurity") {
      error.nextStep = "The namespace's pod-security.kubernetes.io/enforce label forbids such pods"
      error.command = namespace.map { "kubectl get namespace \(Shell.quote($0)) --show-labels" }
    } else if said.contains("admission webhook") {
      error.nextStep = "A policy of the cluster refuses it; ask whoever runs the cluster"
    } else {
      let user = Self.quoted(after: "User ", in: said) ?? "we"
      if request.action.resource != nil {
        error.message = "\(user == "we" ? "we" : "user \(user)") may not \(request.phrase)"
        // What RBAC always says is said by then; what a vendor's authorizer adds is not.
        let more = Self.beyondTheUsual(said)
        if !more.isEmpty { error.message += ": \(more)" }
      }
      error.nextStep =
        user == "\"system:anonymous\""
        ? "The request was made without a login; give the context a user with a credential"
        : "Ask whoever runs the cluster for this permission"
      error.command = user == "\"system:anonymous\"" ? nil : request.action.canICommand(connection)
    }
  }

  /// What a refusal says beside who cannot do what and where (k8s.io/apiserver, responsewriters.ForbiddenMessage); all of
  /// it where it is worded in another way.
  private static func beyondTheUsual(_ said: String) -> String {
    guard let sentence = said.firstRange(of: "\" cannot ") else { return said }
    var rest = said[sentence.upperBound...]
    if let end = rest.firstRange(of: " at the cluster scope") {
      rest = rest[end.upperBound...]
    } else if let place = rest.firstRange(of: " in the namespace \"") {
      rest = rest[place.upperBound...].drop { $0 != "\"" }.dropFirst()
    } else {
      return said
    }
    return String(rest.drop { $0 == ":" || $0 == " " })
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
