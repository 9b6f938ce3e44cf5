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
    if endpoint.scheme == .http, request.url.hasPrefix(endpoint.url("/")), wantsTLS(response) {
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
    if let problem = credential?.problem {
      throw RegistryError(
        code: .credentialUnavailable,
        message: "the credential for \(endpoint.credentialHost) cannot be sent: \(problem)",
        nextStep: "give the user name and the password again")
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

  /// The registry says that it wants https: it redirects there, or complains in the words of Go, nginx or Apache httpd.
  private func wantsTLS(_ response: HTTPResponse) -> Bool {
    switch response.status {
    case 301, 302, 307, 308:
      guard let own = RegistryURL(endpoint.url("/")),
        let target = response.headers["Location"].flatMap(RegistryURL.init)
      else { return false }
      return target.scheme == "https" && target.hostName == own.hostName
    case 400:
      let text = String(decoding: response.body.prefix(1024), as: UTF8.self)
      return text.contains("HTTP request to an HTTPS server") || text.contains("HTTP request was sent to HTTPS port")
        || text.contains("speaking plain HTTP to an SSL-enabled server port")
    default:
      return false
    }
  }
}
