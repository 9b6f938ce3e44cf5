import Kubernetes
import Text

/// The route that leads to OpenShift's registry from outside the cluster, and what verifies its certificate.
enum RegistryRoute {
  static let name = "default-route"

  /// The host of the answers, else the one that the cluster tells.
  ///
  /// - Throws: an `ObservationFailure` that is `inapplicable` where no way leads there.
  static func host(_ setup: Setup) async throws -> String {
    if let host = setup.answers[.registryRoute] { return host }
    let plan = setup.answers[.exposeRoute] == "yes" ? " The plan makes it." : ""
    switch await find(try setup.kubernetes(), project: setup.answers[.namespace]) {
    case .seen(let host?): return host
    case .seen(nil), .notAsked:
      throw ObservationFailure(
        .inapplicable, "The registry has no route to the outside, so nothing can be asked of it from here." + plan,
        remedy: Remedy("Let a cluster administrator make it.", command: RegistryRouteStep.patchCommand))
    case .failed(let failure) where failure.kind == .denied:
      throw ObservationFailure(
        .inapplicable,
        "Whether the registry has a route to the outside may not be seen, so nothing can be asked of it from here."
          + plan,
        remedy: Remedy("Ask a cluster administrator for its host and give it as registry.route."))
    case .failed(let failure): throw failure
    }
  }

  /// The route's host; nil inside: there is none.
  static func find(_ client: KubernetesClient, project: String?) async -> Observed<String?> {
    let route = await Observed(asking: {
      try await client.find(JSONValue.self, .routes, name: name, namespace: OpenShiftRegistry.namespace)?.value
    })
    switch route {
    case .seen(let route): return .seen(route?[path: "spec", "host"]?.string)
    case .notAsked: return .notAsked
    case .failed(let failure):
      guard failure.kind == .denied else { return .failed(failure) }
      // Every image stream tells it, and those of the project `openshift` may be read by everybody.
      for namespace in ["openshift", project ?? ""] where !namespace.isEmpty {
        if let told = await told(client, by: namespace) { return .seen(told) }
      }
      return .failed(failure)
    }
  }

  /// The host that the image streams of a project tell; nil inside: they tell that there is none.
  private static func told(_ client: KubernetesClient, by namespace: String) async -> String?? {
    let path = Resource.imageStreams.path(namespace: namespace) + "?limit=5"
    let answer = await Observed(asking: { try await client.raw(JSONValue.self, path).value })
    guard let streams = answer.value?["items"]?.array, !streams.isEmpty else { return nil }
    let names = streams.compactMap { $0[path: "status", "publicDockerImageRepository"]?.string }
    return .some(names.first?.split(separator: "/").first.map(String.init))
  }

  /// A CA and where it is from.
  struct Authority: Sendable {
    let pem: [UInt8]
    let source: String
  }

  /// What verifies the route's certificate: the file of the answers, else what the router was given, else what pods of
  /// the project trust, which has the router's CA in it; nil: this machine's own bundle.
  static func authority(_ setup: Setup) async throws -> Authority? {
    if let pem = try setup.registryCertificateAuthority() {
      return Authority(pem: pem, source: setup.answers[.certificateAuthority] ?? "")
    }
    let client = try setup.kubernetes()
    let secret = await Observed(asking: {
      try await client.find(Secret.self, .secrets, name: "router-certs-default", namespace: "openshift-ingress")?.value
    })
    switch secret {
    case .seen(let secret):
      guard let pem = secret?.data["tls.crt"]?.reveal(), isPEM(pem) else { return nil }
      return Authority(pem: pem, source: "the Secret router-certs-default of openshift-ingress")
    case .failed(let failure) where failure.kind != .denied: throw failure
    case .failed, .notAsked: return await podAuthority(client, setup.answers[.namespace] ?? "")
    }
  }

  /// What pods of the project trust has the router's CA in it. It may not be seen before one's project is there.
  private static func podAuthority(_ client: KubernetesClient, _ namespace: String) async -> Authority? {
    let map = await Observed(asking: {
      try await client.find(ConfigMap.self, .configMaps, name: "kube-root-ca.crt", namespace: namespace)?.value
    })
    guard let pem = map.value??.data["ca.crt"].map({ Array($0.utf8) }), isPEM(pem) else { return nil }
    return Authority(pem: pem, source: "the ConfigMap kube-root-ca.crt of \(namespace)")
  }

  private static func isPEM(_ bytes: [UInt8]) -> Bool {
    String(decoding: bytes, as: UTF8.self).contains("-----BEGIN CERTIFICATE-----")
  }
}
