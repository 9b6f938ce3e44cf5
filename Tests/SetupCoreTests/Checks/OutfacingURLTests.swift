import HTTP
import Kubernetes
import TestSupport
import Testing

@testable import SetupCore

@Suite("The check of the outfacing URL")
struct OutfacingURLTests {
  private func judge(
    _ url: String, claims: [IngressHostClaim] = [], certificate: Observed<String?> = .seen("ingress/wildcard")
  ) -> Finding {
    finding(.outfacingURL, answers: Samples.answers(["ingress.outfacingUrl": .text(url)])) {
      $0.ingressHosts = .seen(IngressHosts(claims: claims, defaultCertificate: certificate))
    }
  }

  @Test(
    "A host name and a plain path pass",
    arguments: [
      ("https://models.example.com/deployments/", "https, host models.example.com, path /deployments/"),
      ("http://models.example.com", "http, host models.example.com, path /"),
      ("https://models.example.com:8443/a", "https, host models.example.com, path /a"),
    ])
  func good(_ url: String, _ observed: String) {
    let found = judge(url)
    #expect(found.status == .pass, "\(found)")
    #expect(found.observed == observed)
  }

  @Test(
    "What the agent or Kubernetes would refuse fails",
    arguments: [
      ("models.example.com/deployments", "must begin with https:// or http://"),
      ("https:///deployments", "names no host"), ("https://user:pw@models.example.com/", "must not hold a user"),
      ("https://3scale.example.com/", "begins with '3'"), ("https://1st.example.com", "begins with '1'"),
      ("https://models.example.com/?a=b", "has a query"), ("https://my_models.example.com/", "which must be"),
      ("https://*.example.com/", "which must be"),
    ])
  func bad(_ url: String, _ evidence: String) {
    let found = judge(url)
    #expect(found.status == .fail)
    #expect(found.message.contains(evidence), "\(found.message)")
    #expect(found.remedy != nil)
  }

  @Test(
    "What works but not as expected warns",
    arguments: [
      ("http://192.0.2.10/deployments/", "answers for every host"), ("http://Models.example.com/", "capital letters"),
      ("http://models.example.com/a(b)/", "regular expression"),
      ("http://models.example.com/a//b", "regular expression"),
    ])
  func doubtful(_ url: String, _ evidence: String) {
    let found = judge(url)
    #expect(found.status == .warn)
    #expect(found.message.contains(evidence), "\(found.message)")
  }

  @Test("https without a default certificate warns: the agent writes no TLS section")
  func noCertificate() {
    for certificate: Observed<String?> in [.seen(nil), .failed(ObservationFailure(.denied, "no"))] {
      let found = judge("https://models.example.com/", certificate: certificate)
      #expect(found.status == .warn)
      #expect(found.message.contains("shows its own certificate for models.example.com"))
      #expect(found.remedy?.text.contains("--default-ssl-certificate=") == true)
    }
    #expect(judge("http://models.example.com/", certificate: .seen(nil)).status == .pass)
  }

  @Test(
    "A host that another namespace or class serves warns and names the Ingress; our own does not",
    arguments: [
      ("models.example.com", "shop", "mlops", FindingStatus.warn),
      ("models.example.com", "datarobot-mlops", "traefik", .warn),
      ("models.example.com", "datarobot-mlops", "mlops", .pass), ("shop.example.com", "shop", "mlops", .pass),
    ])
  func conflict(_ host: String, _ namespace: String, _ ingressClass: String, _ expected: FindingStatus) {
    let claim = IngressHostClaim(host: host, namespace: namespace, name: "web", ingressClass: ingressClass)
    let found = judge("https://models.example.com/deployments/", claims: [claim])
    #expect(found.status == expected, "\(found)")
    if expected == .warn {
      #expect(found.message.contains("served by the Ingress \(namespace)/web (class \(ingressClass))"))
      #expect(found.remedy?.command == "kubectl get ingress --all-namespaces")
    }
  }

  @Test("Ingresses that may not be listed are no proof that the host is free")
  func denied() async throws {
    let cluster = try ScriptedCluster { request in
      request.url.contains("/ingresses") ? .status(403, "Forbidden", "User viewer cannot list it") : nil
    }
    let setup = try Samples.setup(http: cluster)
    let results = await CheckRunner(setup: setup, checks: [.outfacingURL]).run().results
    #expect(results[0].finding.status == .warn)
    #expect(results[0].finding.message.contains("could not be seen"), "\(results[0].finding.message)")
  }

  @Test("Hosts and the controller's certificate are read from the cluster; ingresses without rules do no harm")
  func read() async throws {
    let ingress = "/apis/networking.k8s.io/v1/ingresses"
    let cluster = try ScriptedCluster([
      "\(ingress)/web":
        #"{"metadata":{"name":"web","namespace":"shop"},"spec":{"ingressClassName":"nginx","rules":[{"host":"Models.example.com"},{"host":"models.example.com"},{}]}}"#,
      "\(ingress)/old":
        #"{"metadata":{"name":"old","namespace":"x","annotations":{"kubernetes.io/ingress.class":"nginx"}},"spec":{"defaultBackend":{}}}"#,
      "/api/v1/pods/controller":
        #"{"metadata":{"name":"controller"},"spec":{"containers":[{"name":"c","image":"i","args":["--x","--default-ssl-certificate=ingress/wildcard"]}]}}"#,
    ])
    let setup = try Samples.setup(http: cluster)
    let (results, survey) = await CheckRunner(setup: setup, checks: [.outfacingURL]).run()
    #expect(
      survey.ingressHosts
        == .seen(
          IngressHosts(
            claims: [
              IngressHostClaim(host: "models.example.com", namespace: "shop", name: "web", ingressClass: "nginx")
            ], defaultCertificate: .seen("ingress/wildcard"))))
    #expect(results[0].finding.status == .warn)
    #expect(cluster.writes.allSatisfy { $0.contains("selfsubjectaccessreviews") })
  }
}
