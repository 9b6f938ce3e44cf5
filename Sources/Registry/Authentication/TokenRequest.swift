internal import FoundationEssentials
internal import HTTP

/// How a registry wants to be authenticated, as its challenge says it.
enum AuthenticationScheme: Equatable, Sendable {
  case basic
  case bearer(realm: String, service: String?, scope: String?)

  /// Bearer before Basic; schemes we do not speak are passed over.
  init?(_ challenges: [Challenge]) {
    for challenge in challenges where challenge.scheme == "bearer" {
      guard let realm = challenge.parameters["realm"], !realm.isEmpty else { continue }
      self = .bearer(
        realm: realm, service: challenge.parameters["service"], scope: challenge.parameters["scope"])
      return
    }
    guard challenges.contains(where: { $0.scheme == "basic" }) else { return nil }
    self = .basic
  }
}

/// The requests of the token protocol (distribution, docs/spec/auth/token.md and oauth.md) as values.
enum TokenRequest {
  /// The value of an `Authorization` field for HTTP Basic, in UTF-8 (RFC 7617).
  static func basic(_ credential: RegistryCredential) -> String {
    "Basic " + Data("\(credential.username):\(credential.password)".utf8).base64EncodedString()
  }

  /// `GET realm?service=…&scope=…`; `account` goes along with a password.
  static func get(
    realm: RegistryURL, service: String?, scopes: [String], credential: RegistryCredential?, tls: TLSOptions
  ) -> HTTPRequest {
    var parameters: [(String, String)] = []
    if let service { parameters.append(("service", service)) }
    parameters += scopes.map { ("scope", $0) }
    var headers: HTTPHeaders = ["Accept": "application/json"]
    if let credential {
      parameters.append(("account", credential.username))
      headers["Authorization"] = basic(credential)
    }
    let query = form(parameters)
    let separator = query.isEmpty ? "" : realm.target.contains("?") ? "&" : "?"
    return HTTPRequest(url: realm.text + separator + query, headers: headers, tls: tls, maximumBodyBytes: 1 << 20)
  }

  /// `POST realm` with the identity token as OAuth 2's refresh token.
  static func refresh(
    realm: RegistryURL, service: String?, scopes: [String], identityToken: String, tls: TLSOptions
  ) -> HTTPRequest {
    var parameters = [
      ("grant_type", "refresh_token"), ("service", service ?? realm.authority), ("client_id", "mlops-setup"),
    ]
    if !scopes.isEmpty { parameters.append(("scope", scopes.joined(separator: " "))) }
    parameters.append(("refresh_token", identityToken))
    return HTTPRequest(
      method: "POST", url: realm.text,
      headers: ["Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"],
      body: Array(form(parameters).utf8), tls: tls, maximumBodyBytes: 1 << 20)
  }

  private static func form(_ parameters: [(String, String)]) -> String {
    parameters.map { "\($0.0)=\(RegistryURL.percentEncoded($0.1))" }.joined(separator: "&")
  }
}
