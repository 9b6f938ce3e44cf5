internal import FoundationEssentials
internal import HTTP

/// What the registry says of a manifest without sending it.
public struct ManifestHead: Sendable, Equatable {
  /// The digest, where the registry tells it: `sha256:…`.
  public var digest: String?
  /// The media type, without parameters.
  public var mediaType: String?
  /// The size in bytes.
  public var size: Int?

  /// A head from its parts.
  public init(digest: String? = nil, mediaType: String? = nil, size: Int? = nil) {
    self.digest = digest
    self.mediaType = mediaType
    self.size = size
  }
}

/// Whether a tag or digest is there.
public enum ManifestLookup: Sendable, Equatable {
  case found(ManifestHead)
  /// There is no such manifest, or no such repository.
  case absent
  /// Who we are may not read there.
  case denied(String)
  case unknown(RegistryError)
}

/// What an image runs on.
public struct ImagePlatform: Sendable, Hashable, CustomStringConvertible {
  /// `linux`.
  public var operatingSystem: String
  /// Go's name: `amd64`, `arm64`.
  public var architecture: String
  /// `v8`, or nil.
  public var variant: String?

  /// A platform from its parts.
  public init(operatingSystem: String, architecture: String, variant: String? = nil) {
    self.operatingSystem = operatingSystem
    self.architecture = architecture
    self.variant = variant
  }

  /// `linux/arm64/v8`.
  public var description: String { "\(operatingSystem)/\(architecture)" + (variant.map { "/\($0)" } ?? "") }
}

/// A manifest that was read.
public struct ManifestDetails: Sendable, Equatable {
  /// The digest, where the registry tells it.
  public var digest: String?
  /// The media type.
  public var mediaType: String
  /// What the image runs on: one for an image, several for an index.
  public var platforms: [ImagePlatform]

  /// Details from their parts.
  public init(digest: String? = nil, mediaType: String, platforms: [ImagePlatform]) {
    self.digest = digest
    self.mediaType = mediaType
    self.platforms = platforms
  }
}

extension RegistryClient {
  static let manifestTypes = [
    "application/vnd.oci.image.index.v1+json", "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.docker.distribution.manifest.v2+json",
  ].joined(separator: ", ")

  /// Asks for a manifest's head by tag or digest.
  public func manifest(_ repository: String, reference: String) async -> ManifestLookup {
    let response: HTTPResponse
    do {
      response = try await send(
        manifestRequest("HEAD", repository, reference), scope: "repository:\(repository):pull")
    } catch {
      return error.code == .credentialsRejected ? .denied(error.description) : .unknown(error)
    }
    switch response.status {
    case 200 where !response.isHTML:
      return .found(
        ManifestHead(
          digest: response.headers["Docker-Content-Digest"], mediaType: response.headers["Content-Type"].map(mediaType),
          size: response.headers["Content-Length"].flatMap { Int($0) }))
    case 404 where !response.isHTML:
      return .absent
    case 401, 403:
      return .denied("\(endpoint.host) refused to show \(repository):\(reference), status \(response.status)")
    default:
      return .unknown(
        .unexpected(response, host: endpoint.host, tried: "asked for the manifest \(repository):\(reference)"))
    }
  }

  /// Reads a manifest and, for a single image, its configuration, to learn what it runs on.
  public func manifestDetails(
    _ repository: String, reference: String
  ) async throws(RegistryError) -> ManifestDetails {
    let scope = "repository:\(repository):pull"
    let response = try await send(manifestRequest("GET", repository, reference), scope: scope)
    let tried = "asked for the manifest \(repository):\(reference)"
    guard response.status == 200, !response.isHTML else {
      throw .unexpected(response, host: endpoint.host, tried: tried)
    }
    let document: ManifestDocument = try decode(response.body, tried)
    var details = ManifestDetails(
      digest: response.headers["Docker-Content-Digest"],
      mediaType: document.mediaType ?? response.headers["Content-Type"].map(mediaType) ?? "unknown", platforms: [])
    if let manifests = document.manifests {
      details.platforms = manifests.compactMap { $0.platform?.platform }
    } else if let config = document.config?.digest {
      let tried = "asked for the configuration \(config) of \(repository):\(reference)"
      let blob = try await blob(repository, digest: config, scope: scope, tried: tried)
      let document: PlatformDocument = try decode(blob, tried)
      details.platforms = [document.platform].compactMap { $0 }
    } else if let architecture = document.architecture {
      details.platforms = [ImagePlatform(operatingSystem: "linux", architecture: architecture)]  // schema 1
    }
    return details
  }

  private func manifestRequest(_ method: String, _ repository: String, _ reference: String) -> HTTPRequest {
    HTTPRequest(
      method: method, url: endpoint.url("/v2/\(repository)/manifests/\(reference)"),
      headers: ["Accept": Self.manifestTypes], tls: endpoint.tls, maximumBodyBytes: 8 << 20)
  }

  /// Blobs often lie in an object store: the redirection is followed, the registry's token stays.
  private func blob(
    _ repository: String, digest: String, scope: String, tried: String
  ) async throws(RegistryError) -> [UInt8] {
    var request = HTTPRequest(
      url: endpoint.url("/v2/\(repository)/blobs/\(digest)"), tls: endpoint.tls, maximumBodyBytes: 8 << 20)
    var response = try await send(request, scope: scope)
    for _ in 0..<5 {
      guard [301, 302, 303, 307, 308].contains(response.status), let location = response.headers["Location"],
        let base = RegistryURL(request.url), let next = RegistryURL(location, relativeTo: base)
      else { break }
      if base.scheme == "https", next.scheme == "http" { break }
      request.url = next.text
      if next.isSameOrigin(as: base), base.text.hasPrefix(endpoint.url("/")) {
        response = try await send(request, scope: scope)
      } else {
        request.tls = TLSOptions(
          certificateAuthority: nil, skipsVerification: endpoint.tls.skipsVerification)
        response = try await exchange(request)
      }
    }
    guard response.status == 200, !response.isHTML else {
      throw .unexpected(response, host: endpoint.host, tried: tried)
    }
    return response.body
  }

  func decode<Value: Decodable>(_ body: [UInt8], _ tried: String) throws(RegistryError) -> Value {
    do {
      return try JSONDecoder().decode(Value.self, from: Data(body))
    } catch {
      throw RegistryError(
        code: .malformedAnswer, message: "\(tried) at \(endpoint.host): the answer is not the JSON it should be",
        nextStep: "check that no proxy changes the registry's answers")
    }
  }

  private func mediaType(_ contentType: String) -> String { String(contentType.prefix { $0 != ";" && $0 != " " }) }
}

/// The parts of an image index and an image manifest that are read (image-spec, image-index.md and manifest.md).
private struct ManifestDocument: Decodable {
  struct Descriptor: Decodable {
    var digest: String?
    var platform: PlatformDocument?
  }

  var mediaType: String?
  var manifests: [Descriptor]?
  var config: Descriptor?
  var architecture: String?
}

/// Platform fields as both an index and an image's configuration write them.
private struct PlatformDocument: Decodable {
  var os: String?
  var architecture: String?
  var variant: String?

  /// Attestations stand in an index as `unknown/unknown` and are no platform.
  var platform: ImagePlatform? {
    guard let architecture, !architecture.isEmpty, architecture != "unknown" else { return nil }
    return ImagePlatform(operatingSystem: os ?? "linux", architecture: architecture, variant: variant)
  }
}
