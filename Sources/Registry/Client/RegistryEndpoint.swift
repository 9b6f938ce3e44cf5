public import HTTP

/// Where a registry answers, and how its certificate is verified.
public struct RegistryEndpoint: Sendable, Hashable {
  /// The scheme that is spoken to the registry.
  public enum Scheme: String, Sendable, Hashable, CaseIterable {
    case https
    case http
  }

  /// `host[:port]`, the API's: `registry-1.docker.io` for Docker Hub.
  public var host: String
  /// The scheme.
  public var scheme: Scheme
  /// How its certificate is verified.
  public var tls: TLSOptions

  /// An endpoint from its parts; `docker.io` becomes its API host.
  public init(host: String, scheme: Scheme = .https, tls: TLSOptions = TLSOptions()) {
    self.host = host == ImageReference.dockerHub || host == "index.docker.io" ? "registry-1.docker.io" : host
    self.scheme = scheme
    self.tls = tls
  }

  /// The endpoint of the registry that holds an image.
  public init(of image: ImageReference, scheme: Scheme = .https, tls: TLSOptions = TLSOptions()) {
    self.init(host: image.apiHost, scheme: scheme, tls: tls)
  }

  /// The host as docker config files and credential providers know it: `docker.io` for Docker Hub.
  public var credentialHost: String { host == "registry-1.docker.io" ? ImageReference.dockerHub : host }

  /// The absolute URL of a path that begins with a slash.
  func url(_ path: String) -> String { "\(scheme.rawValue)://\(host)\(path)" }
}
