import HTTP
import Kubernetes
import TestSupport
import Testing

@testable import SetupCore

@Suite("The checks of the namespace and of the release in it")
struct NamespaceStateTests {
  private static let active =
    #"{"kind":"Namespace","metadata":{"name":"datarobot-mlops"},"status":{"phase":"Active"}}"#

  private static func state(
    _ namespace: String?, _ releases: Observed<ReleaseSummary> = .seen(summary([]))
  ) throws -> Finding {
    try finding(.namespaceState) { survey in
      survey.namespace = .seen(try namespace.map { try object(Namespace.self, $0) })
      survey.releases = releases
      survey.chart = .seen(try Samples.chart(.standIn))
    }
  }

  private static func summary(
    _ releases: [(String, Int, String)], charts: [String: String] = [:], isOurs: Bool = false
  ) -> ReleaseSummary {
    ReleaseSummary(
      releases: releases.map {
        HelmRelease(name: $0.0, revision: $0.1, status: $0.2, object: "sh.helm.release.v1.\($0.0).v\($0.1)")
      }, charts: .seen(charts), isOurInterruptedRun: isOurs)
  }

  @Test("Absent and active namespaces pass, and it is said whether we made it")
  func good() throws {
    #expect(try Self.state(nil).observed == "absent")
    #expect(try Self.state(nil).status == .pass)
    let foreign = try Self.state(Self.active)
    #expect(foreign.status == .pass)
    #expect(foreign.observed == "active, not made by mlops-setup")
    let ours = try Self.state(
      #"{"metadata":{"name":"n","labels":{"app.kubernetes.io/managed-by":"mlops-setup"}},"status":{"phase":"Active"}}"#)
    #expect(ours.observed == "active, made by mlops-setup")
  }

  @Test("A namespace that is being deleted fails and names what holds it up")
  func terminating() throws {
    let found = try Self.state(
      """
      {"metadata":{"name":"datarobot-mlops","deletionTimestamp":"2026-11-20T10:00:00Z","finalizers":["example.com/hold"]},
       "status":{"phase":"Terminating","conditions":[
        {"type":"NamespaceDeletionContentFailure","status":"False","message":"all well"},
        {"type":"NamespaceFinalizersRemaining","status":"True",
         "message":"Some content in the namespace has finalizers remaining: foregroundDeletion in 1 resource instances"}]}}
      """)
    #expect(found.status == .fail)
    #expect(
      found.message
        == "Namespace datarobot-mlops is being deleted since 2026-11-20T10:00:00Z, and this holds it up: "
        + "NamespaceFinalizersRemaining: Some content in the namespace has finalizers remaining: "
        + "foregroundDeletion in 1 resource instances; finalizer example.com/hold")
    #expect(found.details.count == 2)
    #expect(found.remedy?.command == "kubectl get namespace datarobot-mlops --output yaml")
  }

  @Test("Another release of the agent's chart fails; one of another chart is only told")
  func otherReleases() throws {
    let twin = try Self.state(
      Self.active,
      .seen(Self.summary([("agent", 3, "deployed")], charts: ["agent": "datarobot-management-agent-2.0.0"])))
    #expect(twin.status == .fail)
    #expect(twin.observed == "release agent: chart datarobot-management-agent-2.0.0, deployed")
    #expect(
      twin.remedy?.text == "Set chart.release to agent to upgrade it, or choose another with cluster.namespace.")
    let other = try Self.state(
      Self.active,
      .seen(Self.summary([("redis", 1, "deployed")], charts: ["redis": "datarobot-management-agent-extras-1.0.0"])))
    #expect(other.status == .pass)
    #expect(other.details == ["release redis: chart datarobot-management-agent-extras-1.0.0, deployed"])
  }

  @Test("What could not be seen is unknown, never a pass")
  func unknown() throws {
    #expect(
      finding(.namespaceState) { $0.namespace = .failed(ObservationFailure(.denied, "403")) }.status == .unknown)
    #expect(try Self.state(Self.active, .failed(ObservationFailure(.denied, "secrets: 403"))).status == .unknown)
    #expect(try Self.state(Self.active, .notAsked).status == .unknown)
    #expect(try Self.state(#"{"metadata":{"name":"n"}}"#).status == .unknown)
    var summary = Self.summary([("redis", 1, "deployed")])
    #expect(try Self.state(Self.active, .seen(summary)).status == .unknown, "helm does not list it")
    summary.charts = .failed(ObservationFailure(.malformed, "helm list failed: boom"))
    #expect(try Self.state(Self.active, .seen(summary)).status == .unknown)
  }

  private static func release(_ releases: Observed<ReleaseSummary>) throws -> Finding {
    try finding(.helmRelease) { survey in
      survey.releases = releases
      survey.chart = .seen(try Samples.chart(.standIn))
    }
  }

  @Test(
    "The release's state decides",
    arguments: [
      ("deployed", FindingStatus.pass, "Release bosun is deployed; it is upgraded where anything differs.", nil),
      (
        "failed", .warn, "The last revision of release bosun failed; this run upgrades it.",
        "helm history bosun --namespace datarobot-mlops"
      ),
      (
        "pending-upgrade", .fail, "Release bosun is pending-upgrade: another helm is at work on it, or one was killed.",
        "helm rollback bosun --namespace datarobot-mlops"
      ),
      (
        "uninstalling", .fail, "Release bosun is being uninstalled, or that was interrupted.",
        "helm uninstall bosun --namespace datarobot-mlops"
      ),
      ("uninstalled", .pass, "Release bosun is not there yet.", nil),
      ("unknown", .unknown, "Release bosun is in the state unknown.", "helm history bosun --namespace datarobot-mlops"),
    ] as [(String, FindingStatus, String, String?)])
  func releaseStates(_ state: String, _ status: FindingStatus, _ message: String, _ command: String?) throws {
    let found = try Self.release(
      .seen(Self.summary([("bosun", 4, state)], charts: ["bosun": "datarobot-management-agent-2.0.0"])))
    #expect(found.status == status)
    #expect(found.message == message)
    #expect(found.remedy?.command == command)
  }

  @Test("A first revision that is stuck is mended by taking its record away; our own interrupted run mends itself")
  func pendingInstall() throws {
    let stuck = Self.summary([("bosun", 1, "pending-install")])
    #expect(
      try Self.release(.seen(stuck)).remedy?.command
        == "kubectl delete secret sh.helm.release.v1.bosun.v1 --namespace datarobot-mlops")
    let ours = Self.summary([("bosun", 1, "pending-install")], isOurs: true)
    let found = try Self.release(.seen(ours))
    #expect(found.status == .pass)
    #expect(found.observed == "revision 1 is pending-install, left by an interrupted run of mlops-setup")
  }

  @Test("A release of another chart fails; where the chart is not known it is unknown; none passes")
  func charts() throws {
    let other = try Self.release(.seen(Self.summary([("bosun", 1, "deployed")], charts: ["bosun": "nginx-1.0.0"])))
    #expect(other.status == .fail)
    #expect(other.message == "Release bosun is of another chart: nginx-1.0.0, not datarobot-management-agent.")
    #expect(try Self.release(.seen(Self.summary([("bosun", 1, "deployed")]))).status == .unknown)
    var broken = Self.summary([("bosun", 1, "deployed")])
    broken.charts = .failed(ObservationFailure(.malformed, "helm list failed: boom"))
    #expect(try Self.release(.seen(broken)).message == "helm list failed: boom")
    #expect(try Self.release(.seen(Self.summary([]))).observed == "absent")
    #expect(try Self.release(.failed(ObservationFailure(.denied, "403"))).status == .unknown)
    #expect(try Self.release(.notAsked).status == .unknown)
  }

  @Test("A stuck release, seen through the labels of its record, and helm asked for the charts alone")
  func probe() async throws {
    let cluster = try ScriptedCluster([
      "/api/v1/namespaces/datarobot-mlops": Self.active,
      "/api/v1/namespaces/datarobot-mlops/secrets/sh.helm.release.v1.bosun.v2": """
      {"metadata":{"name":"sh.helm.release.v1.bosun.v2",
       "labels":{"owner":"helm","name":"bosun","version":"2","status":"pending-upgrade"}}}
      """,
      "/api/v1/namespaces/datarobot-mlops/secrets/sh.helm.release.v1.bosun.v1": """
      {"metadata":{"name":"sh.helm.release.v1.bosun.v1",
       "labels":{"owner":"helm","name":"bosun","version":"1","status":"superseded"}}}
      """,
    ])
    let helm: @Sendable (ProcessCommand) async throws -> ProcessResult = { command in
      if command.arguments.first == "version" { return ProcessResult(exitCode: 0, output: "v3.21.4") }
      #expect(
        command.arguments == [
          "list", "--namespace", "datarobot-mlops", "--deployed", "--failed", "--pending", "--uninstalled",
          "--uninstalling", "--superseded", "--output", "json", "--kube-context", "prod",
        ])
      return ProcessResult(
        exitCode: 0, output: #"[{"name":"bosun","namespace":"n","chart":"datarobot-management-agent-2.1.0"}]"#)
    }
    let setup = try Samples.setup(http: cluster, programs: ["helm": helm])
    let results = await CheckRunner(setup: setup, checks: [.helmRelease, .namespaceState]).run().results
    #expect(results.map(\.finding.status) == [.fail, .pass])
    #expect(results[0].finding.observed == "revision 2 is pending-upgrade")
  }
}
