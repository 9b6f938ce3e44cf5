import Kubernetes

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
    do throws(KubernetesError) {
      let route = try await client.find(
        JSONValue.self, .routes, name: name, namespace: OpenShiftRegistry.namespace)?.value
      return .seen(route?[path: "spec", "host"]?.string)
    } catch  where error.code == .forbidden {
      // Every image stream tells it, and those of the project `openshift` may be read by everybody.
      for namespace in ["openshift", project].compactMap({ $0 }) {
        let path = Resource.imageStreams.path(namespace: namespace) + "?limit=5"
        do throws(KubernetesError) {
          let streams = try await client.raw(JSONValue.self, path).value["items"]?.array ?? []
          let told = streams.compactMap { $0[path: "status", "publicDockerImageRepository"]?.string }
          if let host = told.first?.split(separator: "/").first { return .seen(String(host)) }
          if !streams.isEmpty { return .seen(nil) }
        } catch {
          continue  // the next may tell; that none does is told below
        }
      }
      return .failed(ObservationFailure(error))
    } catch {
      return .failed(ObservationFailure(error))
    }
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
    do throws(KubernetesError) {
      let secret = try await client.find(
        Secret.self, .secrets, name: "router-certs-default", namespace: "openshift-ingress")?.value
      if let pem = secret?.data["tls.crt"]?.reveal(), isPEM(pem) {
        return Authority(pem: pem, source: "the Secret router-certs-default of openshift-ingress")
      }
    } catch  where error.code == .forbidden {
      guard let namespace = setup.answers[.namespace] else { return nil }
      return try await podAuthority(client, namespace)
    }
    return nil
  }

  private static func podAuthority(_ client: KubernetesClient, _ namespace: String) async throws -> Authority? {
    do throws(KubernetesError) {
      let map = try await client.find(ConfigMap.self, .configMaps, name: "kube-root-ca.crt", namespace: namespace)
      guard let pem = map?.value.data["ca.crt"].map({ Array($0.utf8) }), isPEM(pem) else { return nil }
      return Authority(pem: pem, source: "the ConfigMap kube-root-ca.crt of \(namespace)")
    } catch  where error.code == .forbidden {
      return nil
    }
  }

  private static func isPEM(_ bytes: [UInt8]) -> Bool {
    String(decoding: bytes, as: UTF8.self).contains("-----BEGIN CERTIFICATE-----")
  }
}
