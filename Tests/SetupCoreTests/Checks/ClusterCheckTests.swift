import FoundationEssentials
import HTTP
import Kubernetes
import TestSupport
import Testing

@testable import SetupCore

@Suite("Checks of the cluster")
struct ClusterCheckTests {
  private static func summary(
    _ git: String = "v1.29.4", _ major: Int = 1, _ minor: Int = 29, credentials: Observed<String> = .seen("admin")
  ) -> ClusterSummary {
    ClusterSummary(
      context: "prod", server: Samples.server, gitVersion: git, major: major, minor: minor, serverDate: nil,
      localDate: Date(timeIntervalSince1970: 0), credentials: credentials)
  }

  @Test("A version that is none is unknown, and what needs it is skipped")
  func nonsenseVersion() async throws {
    let cluster = try ScriptedCluster { request in
      request.url.hasSuffix("/version") ? .json(200, #"{"major":"","minor":"","gitVersion":"latest"}"#) : nil
    }
    let runner = CheckRunner(setup: try Samples.setup(http: cluster), checks: [.clusterReachable, .kubernetesVersion])
    let results = await runner.run().results
    #expect(results.map(\.finding.status) == [.fail, .skipped])
    #expect(results[0].finding.message == "\(Samples.server) calls itself version 'latest', which is none")
    #expect(results[1].finding.message == "Not looked at, because cluster.reachable failed.")
  }

  @Test(
    "An API server that does not answer fails; one that takes too long is unknown",
    arguments: [
      (ObservationFailure.Kind.unreachable, FindingStatus.fail), (.malformed, .fail), (.absent, .fail),
      (.denied, .unknown), (.timedOut, .unknown),
    ])
  func unreachable(_ kind: ObservationFailure.Kind, _ expected: FindingStatus) {
    let failure = ObservationFailure(kind, "no route to host", remedy: Remedy("Dial in first."))
    let found = finding(.clusterReachable) { $0.cluster = .failed(failure) }
    #expect(
      found
        == Finding(
          expected, observed: "no route to host", message: "no route to host", remedy: Remedy("Dial in first.")))
  }

  @Test("A proxy that does not get through says nothing against the API server, and nothing for it")
  func gateway() async throws {
    let page = "<html><h1>502 Bad Gateway</h1></html>"
    for (answer, expected) in [
      (HTTPResponse.text(502, page, headers: ["Content-Type": "text/html"]), FindingStatus.unknown),
      (.text(503, "no healthy upstream"), .unknown), (.status(503, "ServiceUnavailable", "etcd is away"), .fail),
      (.text(200, page, headers: ["Content-Type": "text/html"]), .fail),
    ] {
      let cluster = try ScriptedCluster { $0.url.hasSuffix("/version") ? answer : nil }
      let runner = CheckRunner(
        setup: try Samples.setup(http: cluster), checks: [.clusterReachable, .clusterCredentials])
      let results = await runner.run().results
      #expect(results.map(\.finding.status) == [expected, .skipped], "\(answer)")
      #expect(
        results[0].finding.message.hasPrefix("Something in front of the API server does not get through")
          == (expected == .unknown))
    }
  }

  @Test("A 401 is an answer: the server is there, and the credentials are what is wrong")
  func unauthorized() {
    let failure = ObservationFailure(.unauthorized, "401 Unauthorized")
    #expect(finding(.clusterReachable) { $0.cluster = .failed(failure) }.status == .pass)
    #expect(finding(.clusterCredentials) { $0.cluster = .failed(failure) }.status == .fail)
  }

  @Test("Where no credential could be had nothing was asked: no verdict on the server, a red one on the credentials")
  func noCredential() {
    let failure = ObservationFailure(.noCredential, "the plugin failed")
    #expect(finding(.clusterReachable) { $0.cluster = .failed(failure) }.status == .skipped)
    #expect(finding(.clusterCredentials) { $0.cluster = .failed(failure) }.status == .fail)
  }

  @Test("A server that answers names itself and its version")
  func reachable() {
    let found = finding(.clusterReachable) { $0.cluster = .seen(Self.summary("v1.24.17-eks-8cb36c9", 1, 24)) }
    #expect(
      found
        == Finding(
          .pass, observed: Samples.server, message: "\(Samples.server) answers as Kubernetes v1.24.17-eks-8cb36c9."))
  }

  @Test(
    "Only refused credentials fail; what could not be asked is unknown",
    arguments: [
      (Observed<String>.seen("the token of user \"admin\""), FindingStatus.pass),
      (.failed(ObservationFailure(.unauthorized, "401")), .fail),
      (.failed(ObservationFailure(.denied, "403")), .unknown),
      (.failed(ObservationFailure(.timedOut, "late")), .unknown),
      (.failed(ObservationFailure(.malformed, "html")), .unknown),
      (.notAsked, .unknown),
    ])
  func credentials(_ observed: Observed<String>, _ expected: FindingStatus) {
    let found = finding(.clusterCredentials) { $0.cluster = .seen(Self.summary(credentials: observed)) }
    #expect(found.status == expected)
  }

  @Test("A 401 and an anonymous user's 403 both fail the credentials, not the connection")
  func refusedCredentials() async throws {
    for (code, reason) in [(401, "Unauthorized"), (403, "Forbidden")] {
      let cluster = try ScriptedCluster { request in
        request.method == "POST" ? .status(code, reason, "selfsubjectaccessreviews is refused") : nil
      }
      let runner = CheckRunner(
        setup: try Samples.setup(http: cluster), checks: [.clusterReachable, .clusterCredentials, .nodesFit])
      let results = await runner.run().results
      #expect(results.map(\.finding.status) == [.pass, .fail, .skipped], "\(code)")
      #expect(results[2].finding.message == "Not looked at, because cluster.credentials failed.")
    }
  }

  @Test("What nobody looked at is unknown, in every check")
  func notAsked() {
    for check in CheckCatalog.core where check.id != "images.references" {
      let found = check.evaluate(Survey(), Samples.answers(), Samples.requirements)
      #expect(found.status == .unknown, "\(check.id)")
      #expect(found.message == "This was not looked at.", "\(check.id)")
    }
  }

  @Test("Ids are unique, name known checks, and every check says what it requires and why")
  func catalogue() {
    let checks = CheckCatalog.checks(Samples.answers())
    #expect(Set(checks.map(\.id)).count == checks.count)
    for check in checks {
      #expect(!check.title.isEmpty && !check.required.isEmpty && check.why.hasSuffix("."), "\(check.id)")
      for id in check.after { #expect(checks.contains { $0.id == id }, "\(check.id) is after \(id)") }
    }
    #expect(
      checks.filter { !$0.isBlocking }.map(\.id) == [
        "storage.class", "registry.repositories", "registry.images", "builder.image", "datarobot.reachable",
      ])
  }
}
