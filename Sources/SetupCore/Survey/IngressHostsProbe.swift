import Kubernetes

extension Probe {
  /// Who serves which host, and whether ingress-nginx has a certificate of its own for hosts without one.
  public static let ingressHosts = Probe("ingress.hosts", \.ingressHosts, page: .cluster, after: [.cluster]) {
    setup, _ in try await IngressHostsProbe.look(setup)
  }
}

enum IngressHostsProbe {
  static func look(_ setup: Setup) async throws -> IngressHosts {
    let client = try setup.kubernetes()
    let ingresses = try await client.list(IngressObject.self, .ingresses).value.items
    return IngressHosts(claims: ingresses.flatMap(claims), defaultCertificate: await defaultCertificate(client))
  }

  private static func claims(_ ingress: IngressObject) -> [IngressHostClaim] {
    let hosts = Set(ingress.spec.rules.compactMap { $0.host?.lowercased() })
    let ingressClass =
      ingress.spec.ingressClassName ?? ingress.metadata.annotations["kubernetes.io/ingress.class"]
    return hosts.sorted().map { host in
      IngressHostClaim(
        host: host, namespace: ingress.metadata.namespace ?? "", name: ingress.metadata.name,
        ingressClass: ingressClass)
    }
  }

  /// The controller's `--default-ssl-certificate`; nil inside: none of its pods has one.
  private static func defaultCertificate(_ client: KubernetesClient) async -> Observed<String?> {
    do throws(KubernetesError) {
      let selector = "app.kubernetes.io/name in (ingress-nginx,rke2-ingress-nginx)"
      let pods = try await client.list(Pod.self, .pods, labelSelector: selector).value.items
      let option = "--default-ssl-certificate="
      let value = pods.flatMap(\.spec.containers).flatMap(\.args).first { $0.hasPrefix(option) }
      return .seen(value.map { String($0.dropFirst(option.count)) })
    } catch {
      return .failed(ObservationFailure(error))
    }
  }
}

extension Survey {
  /// Who serves which host.
  public var ingressHosts: Observed<IngressHosts> {
    get { self["cluster/ingressHosts"] }
    set { self["cluster/ingressHosts"] = newValue }
  }
}

/// Who serves which host.
public struct IngressHosts: Sendable, Equatable {
  /// Every host of every Ingress.
  public var claims: [IngressHostClaim]
  /// `NAMESPACE/SECRET` with the certificate that ingress-nginx shows for hosts without one; nil inside: there is none.
  public var defaultCertificate: Observed<String?>

  /// Hosts from their parts.
  public init(claims: [IngressHostClaim], defaultCertificate: Observed<String?>) {
    self.claims = claims
    self.defaultCertificate = defaultCertificate
  }
}

/// An Ingress' rule for a host.
public struct IngressHostClaim: Sendable, Equatable {
  /// The host, in lower case.
  public var host: String
  /// The Ingress' namespace.
  public var namespace: String
  /// The Ingress' name.
  public var name: String
  /// Its class; nil: the cluster's default.
  public var ingressClass: String?

  /// A claim from its parts.
  public init(host: String, namespace: String, name: String, ingressClass: String?) {
    self.host = host
    self.namespace = namespace
    self.name = name
    self.ingressClass = ingressClass
  }
}

/// What is read of an Ingress (networking.k8s.io/v1).
private struct IngressObject: Decodable, Sendable {
  struct Rule: Decodable, Sendable {
    var host: String?
  }
  struct Spec: Decodable, Sendable {
    var ingressClassName: String?
    var rules: [Rule]

    enum CodingKeys: CodingKey { case ingressClassName, rules }

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      ingressClassName = try container.decodeIfPresent(String.self, forKey: .ingressClassName)
      rules = try container.decodeIfPresent([Rule].self, forKey: .rules) ?? []
    }
  }

  var metadata: ObjectMeta
  var spec: Spec
}
