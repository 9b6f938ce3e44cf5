public import HTTP
import OrderedCollections
import Text

extension KubernetesRequest {
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
    return Shell.line(words)
  }
}
