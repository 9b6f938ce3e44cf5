internal import HTTP

/// Whether an image may be pushed into a repository; found out by opening an upload and cancelling it.
public enum PushCheck: Sendable, Equatable {
  case allowed
  /// Who we are may not push there; what the registry said.
  case denied(String)
  /// The repository, or the project it lies in, has to be created first.
  case repositoryMissing
  /// The registry takes no uploads at all.
  case readOnly
  /// Not known, and why: unreachable, throttled, failed, no registry.
  case unknown(RegistryError)
}

/// Whether images may be pulled from a repository.
public enum PullCheck: Sendable, Equatable {
  case allowed
  /// Who we are may not pull from there; what the registry said.
  case denied(String)
  /// No image was ever pushed there.
  case repositoryMissing
  case unknown(RegistryError)
}

extension RegistryClient {
  /// Opens an upload and cancels it, as kaniko does before it builds. Nothing is left behind, except that a registry
  /// which creates repositories on push may have created this one.
  public func checkPush(_ repository: String) async -> PushCheck {
    let tried = "opened an upload into \(repository)"
    let scope = "repository:\(repository):pull,push"
    let response: HTTPResponse
    do {
      response = try await send(
        HTTPRequest(
          method: "POST", url: endpoint.url("/v2/\(repository)/blobs/uploads/"), body: [], tls: endpoint.tls,
          maximumBodyBytes: 1 << 20),
        scope: scope)
    } catch {
      return error.code == .credentialsRejected ? .denied(error.description) : .unknown(error)
    }
    let body = RegistryErrorBody(response.body)
    switch response.status {
    case 202:
      guard let location = response.headers["Location"] else {
        return .unknown(
          RegistryError(
            code: .malformedAnswer, message: "\(tried) at \(endpoint.host): accepted, but without a Location"))
      }
      await cancelUpload(at: location, of: repository, scope: scope)
      return .allowed
    case 401, 403:
      if response.isHTML { break }
      return .denied(body.text ?? "status \(response.status) without an explanation")
    case 404 where !body.errors.isEmpty:
      return .repositoryMissing
    case 405:
      return .readOnly
    default:
      break
    }
    return .unknown(.unexpected(response, host: endpoint.host, tried: tried))
  }

  /// An upload that is not cancelled is swept by the registry; a failure here changes nothing.
  private func cancelUpload(at location: String, of repository: String, scope: String) async {
    guard let base = RegistryURL(endpoint.url("/v2/\(repository)/blobs/uploads/")),
      let url = RegistryURL(location, relativeTo: base), url.authority == base.authority
    else { return }  // the token does not follow to another host
    // A registry behind a TLS proxy may name itself with http: the host is the same, our scheme is the right one.
    let request = HTTPRequest(
      method: "DELETE", url: "\(base.scheme)://\(base.authority)\(url.target)", tls: endpoint.tls,
      maximumBodyBytes: 1 << 20)
    do { _ = try await send(request, scope: scope) } catch {}
  }

  /// Asks for one manifest or, where no reference is given, for the list of tags.
  public func checkPull(_ repository: String, reference: String? = nil) async -> PullCheck {
    let path = reference.map { "manifests/\($0)" } ?? "tags/list?n=1"
    let tried = "asked for \(repository)"
    let response: HTTPResponse
    do {
      response = try await send(
        HTTPRequest(
          url: endpoint.url("/v2/\(repository)/\(path)"), headers: ["Accept": Self.manifestTypes],
          tls: endpoint.tls, maximumBodyBytes: 8 << 20),
        scope: "repository:\(repository):pull")
    } catch {
      return error.code == .credentialsRejected ? .denied(error.description) : .unknown(error)
    }
    let body = RegistryErrorBody(response.body)
    switch response.status {
    case 200 where !response.isHTML:
      return .allowed
    case 401, 403:
      if response.isHTML { break }
      return .denied(body.text ?? "status \(response.status) without an explanation")
    case 404 where body.contains("MANIFEST_UNKNOWN"):
      return .allowed  // the repository could be read, the tag is not there
    case 404 where !body.errors.isEmpty:
      return .repositoryMissing
    default:
      break
    }
    return .unknown(.unexpected(response, host: endpoint.host, tried: tried))
  }
}
