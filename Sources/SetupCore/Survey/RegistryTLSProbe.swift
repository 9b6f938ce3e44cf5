public import FoundationEssentials
public import HTTP
import Registry

extension Probe {
  /// The registry's certificate chain, and whether this machine trusts it.
  public static let registryTLS = Probe("registry.tls", \.registryTLS, page: .registry) { setup, _ in
    try await RegistryTLSProbe.look(setup)
  }
}

/// Asks the registry once with verification and looks at its chain once without. No credential is sent either time.
enum RegistryTLSProbe {
  static func look(_ setup: Setup) async throws -> RegistryTLS {
    let access = try await setup.registryAccess()
    let client = setup.registryClient(access, as: nil)
    let host = client.endpoint.host
    let now = setup.world.now()
    guard client.endpoint.scheme == .https else {
      return RegistryTLS(host: host, trust: .plain, chain: .notAsked, authority: nil, seenAt: now)
    }
    async let chain = chain(setup, client.endpoint)
    let trust = try trust(await client.ping())
    var seen = RegistryTLS(
      host: host, trust: trust, chain: await chain, authority: access.authority ?? authority(setup), seenAt: now)
    // Docker Hub's API has a host of its own, which is the cluster's way too.
    if RegistryEndpoint(host: access.server).host != host { seen.inside = access.server }
    return seen
  }

  /// Any answer of HTTP came over a connection that was verified, whatever it says.
  private static func trust(_ answer: RegistryPing) throws -> RegistryTLS.Trust {
    guard case .unknown(let error) = answer else { return .trusted }
    switch error.code {
    case .certificateUntrusted: return .untrusted(error.message)
    case .certificateExpired: return .expired(error.message)
    case .certificateNameMismatch: return .nameMismatch(error.message)
    case .serverFailed, .tooManyRequests: return .trusted
    default: throw error
    }
  }

  private static func chain(_ setup: Setup, _ endpoint: RegistryEndpoint) async -> Observed<[PresentedCertificate]> {
    guard let inspector = setup.world.http as? any TLSInspecting else { return .notAsked }
    do {
      let chain = try await inspector.presentedCertificates(
        "https://\(endpoint.host)/v2/", tls: endpoint.tls, proxy: .environment, timeout: .seconds(10))
      return .seen(chain)
    } catch {
      return .failed(ObservationFailure(.unreachable, "its certificates could not be read: \(error)"))
    }
  }

  /// What this machine verifies with, where that is not its own bundle.
  private static func authority(_ setup: Setup) -> String? {
    if let path = setup.answers[.certificateAuthority] { return path }
    guard let path = setup.world.environment["SSL_CERT_FILE"], !path.isEmpty else { return nil }
    return systemBundles.contains(path) ? nil : path
  }

  /// Where distributions keep their bundle: Debian and Alpine, Red Hat, SUSE, and what OpenSSL was built with.
  private static let systemBundles = [
    "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", "/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem",
  ]
}

extension Survey {
  /// The registry's certificate chain.
  public var registryTLS: Observed<RegistryTLS> {
    get { self["registry/tls"] }
    set { self["registry/tls"] = newValue }
  }
}

/// The registry's certificate chain, and what this machine makes of it.
public struct RegistryTLS: Sendable, Equatable {
  /// Whether this machine trusts it.
  public enum Trust: Sendable, Equatable {
    /// The registry speaks http, and there is nothing to trust.
    case plain
    case trusted
    /// Nobody we know signed it; what was said.
    case untrusted(String)
    case expired(String)
    case nameMismatch(String)
  }

  /// The registry's host and port.
  public var host: String
  /// Whether this machine trusts it.
  public var trust: Trust
  /// What it presented, its own certificate first; not asked: this transport cannot see it.
  public var chain: Observed<[PresentedCertificate]>
  /// The CA file that was given to us, where the machine's own bundle was not used.
  public var authority: String?
  /// The name under which the cluster reaches it, where that is another one with a certificate of its own.
  public var inside: String?
  /// Our clock at that moment.
  public var seenAt: Date

  /// A chain from its parts.
  public init(
    host: String, trust: Trust, chain: Observed<[PresentedCertificate]>, authority: String?, seenAt: Date
  ) {
    self.host = host
    self.trust = trust
    self.chain = chain
    self.authority = authority
    self.seenAt = seenAt
  }
}
