internal import HTTP

extension RegistryClient {
  /// A transport's failure in the words of someone who sets up a registry.
  func explain(_ error: any Error, host: String) async -> RegistryError {
    if let known = error as? RegistryError { return known }
    guard let failure = error as? HTTPError else {
      let code: RegistryError.Code = error is CancellationError ? .cancelled : .connectionFailed
      return RegistryError(code: code, message: "\(host) could not be asked: \(error)")
    }
    let isRegistry = host == endpoint.host
    if isRegistry, endpoint.scheme == .https, [.tlsFailed, .protocolFailed].contains(failure.code),
      await answers(over: .http)
    {
      return RegistryError(
        code: .speaksHTTP, message: "\(host) was asked over https, and this registry speaks HTTP",
        nextStep: "set registry.scheme: http")
    }
    if isRegistry, endpoint.scheme == .http, [.protocolFailed, .connectionFailed].contains(failure.code),
      await answers(over: .https)
    {
      return RegistryError(
        code: .speaksHTTPS, message: "\(host) was asked over http, and this registry speaks HTTPS",
        nextStep: "set registry.scheme: https")
    }
    return RegistryError(failure, host: host, hasAuthority: endpoint.tls.certificateAuthority != nil)
  }

  /// Whether anything speaks that scheme there; asked without a credential.
  private func answers(over scheme: RegistryEndpoint.Scheme) async -> Bool {
    let request = HTTPRequest(
      url: "\(scheme.rawValue)://\(endpoint.host)/v2/", deadline: .seconds(10), tls: endpoint.tls,
      maximumBodyBytes: 1 << 20)
    do {
      let response = try await transport.send(request)
      return response.status != 400 || response.headers["Docker-Distribution-Api-Version"] != nil
    } catch let error as HTTPError {
      let certificate: [HTTPError.Code] = [
        .certificateUntrusted, .certificateExpired, .certificateNameMismatch, .certificateAuthorityInvalid,
      ]
      return scheme == .https && certificate.contains(error.code)
    } catch {
      return false  // the first failure is the one that is told
    }
  }
}

extension RegistryError {
  /// An HTTP failure with what to do about it.
  init(_ failure: HTTPError, host: String, hasAuthority: Bool) {
    let code: Code
    var nextStep: String?
    switch failure.code {
    case .certificateUntrusted:
      code = .certificateUntrusted
      nextStep =
        hasAuthority
        ? "the registry's certificate is signed by another authority than the one in registry.certificateAuthority; "
          + "give the right one"
        : "the registry's certificate is signed by an authority this machine does not know; "
          + "give registry.certificateAuthority"
    case .certificateExpired:
      code = .certificateExpired
      nextStep = "have the registry's certificate renewed, and check this machine's clock"
    case .certificateNameMismatch:
      code = .certificateNameMismatch
      nextStep = "use a host name that stands in the registry's certificate"
    case .tlsFailed:
      code = .tlsFailed
      nextStep = "check that the port is the registry's; if it speaks HTTP, set registry.scheme: http"
    case .certificateAuthorityInvalid:
      code = .tlsFailed
      nextStep = "check the file given as registry.certificateAuthority; it has to be PEM"
    case .identityInvalid:
      code = .tlsFailed
      nextStep = "check the client certificate and its key"
    case .nameNotResolved:
      code = .nameNotResolved
      nextStep = "check the registry's host name and this machine's name servers"
    case .connectionRefused:
      code = .connectionFailed
      nextStep = "check the registry's host and port"
    case .timedOut:
      code = .timedOut
      nextStep = "check that a firewall or a proxy lets this machine reach the registry"
    case .proxyFailed:
      code = .proxyFailed
      nextStep = "check HTTPS_PROXY and NO_PROXY"
    case .cancelled:
      code = .cancelled
    case .invalidURL:
      code = .malformedAnswer
    case .protocolFailed, .tooLarge:
      code = .malformedAnswer
      nextStep = "check that a registry answers at this host and port"
    case .connectionFailed:
      code = .connectionFailed
      nextStep = "check that the registry can be reached from this machine"
    case .libraryMissing:
      code = .connectionFailed
    }
    self.init(code: code, message: "\(host) could not be asked: \(failure.message)", nextStep: nextStep)
  }

  /// Status 429, with the time the server asks for.
  static func tooManyRequests(_ server: String, _ response: HTTPResponse) -> RegistryError {
    let wait = response.headers["Retry-After"].map { value in
      let text = RegistryErrorBody.printable(value)
      return Int(value) != nil ? "try again in \(text) seconds" : "try again after \(text)"
    }
    let said = RegistryErrorBody(response.body).text.map { " (\($0))" } ?? ""
    return RegistryError(
      code: .tooManyRequests, message: "\(server) takes no more requests for now, status 429\(said)",
      nextStep: wait ?? "try again later; a login raises the limit on some registries")
  }

  /// What an answer means that is none of those an operation expects.
  static func unexpected(_ response: HTTPResponse, host: String, tried: String) -> RegistryError {
    let said = RegistryErrorBody(response.body).text.map { " (\($0))" } ?? ""
    let what = "\(tried) at \(host): status \(response.status)\(said)"
    switch response.status {
    case 429:
      return tooManyRequests(host, response)
    case 500...599:
      return RegistryError(code: .serverFailed, message: what, nextStep: "try again later, and see the registry's log")
    case 300...399:
      let target = response.headers["Location"].map { " to \(RegistryErrorBody.printable($0))" } ?? ""
      return RegistryError(
        code: .notARegistry, message: "\(what), a redirection\(target)",
        nextStep: "give the host that the registry itself answers at")
    case _ where response.isHTML:
      return RegistryError(
        code: .notARegistry, message: "\(what), a web page", nextStep: "check the registry's host and port")
    case 401:
      return RegistryError(
        code: .credentialsRejected, message: what, nextStep: "check the user name and the password")
    case 403:
      return RegistryError(code: .denied, message: what, nextStep: "ask for the right to do this")
    case 404:
      return RegistryError(code: .notFound, message: what, nextStep: "check the name")
    case 400 where RegistryErrorBody(response.body).contains("NAME_INVALID"):
      return RegistryError(
        code: .nameInvalid, message: what, nextStep: "use a repository name that this registry allows")
    default:
      return RegistryError(code: .malformedAnswer, message: what, nextStep: "check the registry's host and port")
    }
  }
}
