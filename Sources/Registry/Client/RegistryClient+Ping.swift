internal import HTTP

/// What `GET /v2/` said to someone without a credential.
public enum RegistryPing: Sendable, Equatable {
  /// A registry that is open to anyone.
  case open
  /// A registry that asks for a credential in these ways.
  case wantsCredential([Challenge])
  /// Something else; the error says what.
  case notARegistry(RegistryError)
  /// Not known: it could not be reached, or it failed.
  case unknown(RegistryError)
}

/// Whether a credential is good, as far as the registry says without an image's name.
public enum CredentialCheck: Sendable, Equatable {
  /// The registry took the credential.
  case accepted
  /// The registry lets anyone in and did not look at the credential.
  case notAsked
  /// The registry, or its token server, refused it.
  case rejected(RegistryError)
  case unknown(RegistryError)
}

extension RegistryClient {
  /// Asks whether a registry (V2) answers, without a credential.
  public func ping() async -> RegistryPing {
    let response: HTTPResponse
    do {
      response = try await exchange(pingRequest)
    } catch {
      return .unknown(error)
    }
    switch response.status {
    case 200:
      return response.isHTML ? .notARegistry(unexpected(response)) : .open
    case 401:
      let challenges = Challenge.parse(response.headers.values("WWW-Authenticate"))
      if challenges.isEmpty {
        return .notARegistry(
          RegistryError(
            code: .notARegistry,
            message: "\(endpoint.host) wants a credential but does not say which (no WWW-Authenticate)",
            nextStep: "check that no proxy stands in front of the registry"))
      }
      return .wantsCredential(challenges)
    case 404:
      return .notARegistry(
        RegistryError(
          code: .notARegistry, message: "\(endpoint.host) answers, but has no registry API at /v2/ (status 404)",
          nextStep: "check the registry's host and port"))
    case 429, 500...599:
      return .unknown(unexpected(response))
    default:
      return .notARegistry(unexpected(response))
    }
  }

  /// Asks whether the credential is taken. It proves nothing about any repository.
  public func checkCredential() async -> CredentialCheck {
    switch await ping() {
    case .open: return .notAsked
    case .notARegistry(let error), .unknown(let error): return .unknown(error)
    case .wantsCredential: break
    }
    do {
      let response = try await send(pingRequest, scope: "")
      switch response.status {
      case 200: return .accepted
      case 401, 403: return .rejected(unexpected(response))
      default: return .unknown(unexpected(response))
      }
    } catch {
      return error.code == .credentialsRejected ? .rejected(error) : .unknown(error)
    }
  }

  private var pingRequest: HTTPRequest {
    HTTPRequest(url: endpoint.url("/v2/"), tls: endpoint.tls, maximumBodyBytes: 1 << 20)
  }

  private func unexpected(_ response: HTTPResponse) -> RegistryError {
    .unexpected(response, host: endpoint.host, tried: "asked for the registry API (GET /v2/)")
  }
}
