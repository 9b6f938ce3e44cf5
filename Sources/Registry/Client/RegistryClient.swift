internal import FoundationEssentials
public import HTTP

/// A client of one registry (OCI distribution specification, and the token protocol of the distribution project).
///
/// It only ever reads, and opens and cancels uploads. Copies share their tokens.
public struct RegistryClient: Sendable {
  /// Whom it speaks to.
  public let endpoint: RegistryEndpoint
  let transport: any HTTPTransport
  private let credentials: RegistryCredentialProvider
  private let cache: AuthorizationCache

  /// A client; `credentials` is asked when the registry asks. `now` is the clock by which tokens end.
  public init(
    transport: any HTTPTransport, endpoint: RegistryEndpoint, credentials: @escaping RegistryCredentialProvider,
    now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
  ) {
    self.transport = transport
    self.endpoint = endpoint
    self.credentials = credentials
    cache = AuthorizationCache(now: now)
  }

  /// A client with one credential, or none.
  public init(transport: any HTTPTransport, endpoint: RegistryEndpoint, credential: RegistryCredential?) {
    self.init(transport: transport, endpoint: endpoint, credentials: { _ in credential })
  }

  /// Sends a request, answers the registry's challenge once, and hands back whatever came then.
  func send(_ request: HTTPRequest, scope: String) async throws(RegistryError) -> HTTPResponse {
    var request = request
    if let known = cache.value(for: scope) { request.headers["Authorization"] = known }
    let response = try await exchange(request)
    guard response.status == 401 else { return response }
    cache.forget(scope)
    let challenges = Challenge.parse(response.headers.values("WWW-Authenticate"))
    guard let scheme = AuthenticationScheme(challenges), let granted = try await authorize(scheme, scope: scope) else {
      return response
    }
    request.headers["Authorization"] = granted.value
    let second = try await exchange(request)
    if second.status != 401 { cache.keep(granted.value, for: scope, lifetime: granted.lifetime) }
    return second
  }

  /// One exchange with the registry, with its failures explained.
  func exchange(_ request: HTTPRequest) async throws(RegistryError) -> HTTPResponse {
    let response: HTTPResponse
    do {
      response = try await transport.send(request)
    } catch {
      throw await explain(error, host: endpoint.host)
    }
    if endpoint.scheme == .http, request.url.hasPrefix(endpoint.url("/")), Self.wantsTLS(response) {
      throw RegistryError(
        code: .speaksHTTPS, message: "\(endpoint.host) was asked over http and wants https",
        nextStep: "set registry.scheme: https")
    }
    return response
  }

  private struct Grant {
    var value: String
    var lifetime: Duration?
  }

  /// What to put into `Authorization`; nil where the registry wants a credential and there is none.
  private func authorize(_ scheme: AuthenticationScheme, scope: String) async throws(RegistryError) -> Grant? {
    let credential: RegistryCredential?
    do {
      credential = try await credentials(endpoint.credentialHost)
    } catch let error as RegistryError {
      throw error
    } catch {
      throw RegistryError(
        code: .credentialUnavailable,
        message: "the credential for \(endpoint.credentialHost) could not be had: \(error)")
    }
    switch scheme {
    case .basic:
      guard let credential, !credential.isIdentityToken else { return nil }
      return Grant(value: TokenRequest.basic(credential), lifetime: nil)
    case .bearer(let realm, let service, let asked):
      let answer = try await token(
        realm: realm, service: service, scope: asked ?? scope, credential: credential)
      return Grant(value: "Bearer " + answer.value, lifetime: answer.lifetime)
    }
  }

  private func token(
    realm text: String, service: String?, scope: String, credential: RegistryCredential?
  ) async throws(RegistryError) -> (value: String, lifetime: Duration) {
    let realm = try checkedRealm(text, carriesSecret: credential != nil)
    let scopes = scope.isEmpty ? [] : scope.split(separator: " ").map(String.init)
    let tls = tls(for: realm)
    let request =
      if let credential, credential.isIdentityToken {
        TokenRequest.refresh(
          realm: realm, service: service, scopes: scopes, identityToken: credential.password, tls: tls)
      } else {
        TokenRequest.get(realm: realm, service: service, scopes: scopes, credential: credential, tls: tls)
      }
    let response: HTTPResponse
    do {
      response = try await transport.send(request)
    } catch {
      throw await explain(error, host: realm.authority)
    }
    return try TokenAnswer.read(response, from: realm, user: credential?.username)
  }

  /// A password only goes to the realm that the registry named, and never over less than the registry itself speaks.
  private func checkedRealm(_ text: String, carriesSecret: Bool) throws(RegistryError) -> RegistryURL {
    guard let realm = RegistryURL(text) else {
      throw RegistryError(
        code: .realmRefused,
        message: "\(endpoint.host) names the token server \"\(RegistryErrorBody.printable(text))\", which is no URL",
        nextStep: "have the registry's token realm corrected to an absolute https URL")
    }
    if carriesSecret, endpoint.scheme == .https, realm.scheme == "http" {
      throw RegistryError(
        code: .realmRefused,
        message: "\(endpoint.host) speaks https but names a token server over http (\(realm.authority)); "
          + "the password was not sent there",
        nextStep: "have the registry's token realm changed to https")
    }
    return realm
  }

  /// The registry's CA holds for its token server too; its client certificate and server name do not leave its host.
  private func tls(for realm: RegistryURL) -> TLSOptions {
    guard let own = RegistryURL(endpoint.url("/")), own.hostName != realm.hostName else { return endpoint.tls }
    return TLSOptions(
      certificateAuthority: endpoint.tls.certificateAuthority, skipsVerification: endpoint.tls.skipsVerification)
  }

  private static func wantsTLS(_ response: HTTPResponse) -> Bool {
    guard response.status == 400 else { return false }
    let text = String(decoding: response.body.prefix(1024), as: UTF8.self)
    // The words of Go's net/http, nginx and Apache httpd.
    return text.contains("HTTP request to an HTTPS server") || text.contains("HTTP request was sent to HTTPS port")
      || text.contains("speaking plain HTTP to an SSL-enabled server port")
  }
}

extension TokenAnswer {
  /// The token in an answer, or why there is none.
  static func read(
    _ response: HTTPResponse, from realm: RegistryURL, user: String?
  ) throws(RegistryError) -> (value: String, lifetime: Duration) {
    let server = "the token server \(realm.authority)"
    let body = RegistryErrorBody(response.body)
    let said = body.text.map { " (\($0))" } ?? ""
    switch response.status {
    case 200...299:
      let answer: TokenAnswer
      do {
        answer = try JSONDecoder().decode(TokenAnswer.self, from: Data(response.body))
      } catch {
        throw RegistryError(
          code: .tokenFailed, message: "\(server) answered with something that is no token document",
          nextStep: "check that no proxy or login page stands in front of it")
      }
      guard let value = answer.value, Self.isSafe(value) else {
        throw RegistryError(code: .tokenFailed, message: "\(server) answered without a token")
      }
      return (value, answer.lifetime)
    case 400 where body.contains("INVALID_GRANT"), 401, 403:
      let who = user.map {
        $0 == RegistryCredential.identityTokenUsername ? "the identity token" : "the user \"\($0)\""
      }
      throw RegistryError(
        code: .credentialsRejected,
        message: "\(server) refused \(who ?? "to give a token without a user name")\(said)",
        nextStep: user == nil ? "give a user name and a password" : "check the user name and the password")
    case 429:
      throw RegistryError.tooManyRequests(server, response)
    case 500...599:
      throw RegistryError(
        code: .serverFailed, message: "\(server) failed with status \(response.status)\(said)",
        nextStep: "try again later")
    default:
      throw RegistryError(
        code: .tokenFailed, message: "\(server) gave no token, status \(response.status)\(said)",
        nextStep: "check the registry's token realm")
    }
  }

  /// A token with a line end in it would write further header fields.
  private static func isSafe(_ token: String) -> Bool { token.utf8.allSatisfy { 0x20 < $0 && $0 < 0x7f } }
}
