import FoundationEssentials
import HTTP
import Kubernetes
import TestSupport
import Testing

@testable import SetupCore

@Suite("Checks of the cluster's version and the recognition of its vendor")
struct VersionCheckTests {
  @Test(
    "A Kubernetes version counts without its vendor's suffix, and one that upstream no longer mends warns",
    arguments: [
      ("1", "36", "v1.36.1", FindingStatus.pass),
      ("1", "35+", "v1.35.3-eks-5d632ec", .pass),
      ("1", "37", "v1.37.0-gke.100", .pass),
      ("1", "36", "v1.36.0-rc.0", .pass),
      ("", "", "v1.36.9", .pass),
      ("1", "37", "v1.37.9", .pass),
      ("1", "38", "v1.38.0", .warn),
      ("1", "99", "v1.99.0", .warn),
      ("1", "34", "v1.34.2", .warn),
      ("1", "24+", "v1.24.17-eks-8cb36c9", .warn),
      ("1", "30", "v1.30.2+k3s1", .warn),
      ("1", "21", "v1.21.0-gke.1", .warn),
      ("1", "20", "v1.20.15", .fail),
      ("1", "20+", "v1.20.15-eks-fb459a0", .fail),
      ("1", "100", "v1.100.0", .fail),
      ("2", "0", "v2.0.0", .fail),
      ("0", "99", "v0.99.0", .fail),
    ])
  func versions(_ major: String, _ minor: String, _ git: String, _ expected: FindingStatus) async throws {
    let cluster = try ScriptedCluster { request in
      request.url.hasSuffix("/version")
        ? .json(200, #"{"major":"\#(major)","minor":"\#(minor)","gitVersion":"\#(git)"}"#) : nil
    }
    let runner = CheckRunner(
      setup: try Samples.setup(http: cluster), checks: [.clusterReachable, .clusterCredentials, .kubernetesVersion])
    let results = await runner.run().results
    #expect(results.map(\.finding.status) == [.pass, .pass, expected], "\(results)")
    #expect(results.last?.finding.observed.hasPrefix(git) == true)
  }

  private static func found(_ git: String, at day: String = "2026-11-24") throws -> Finding {
    let now = try #require(Timestamp.rfc3339("\(day)T12:00:00Z"))
    return finding(.kubernetesVersion) {
      $0.cluster = .seen(.sample(git, at: now))
      $0.apiGroups = .seen(APIGroupList())
      $0.nodes = .seen([])
    }
  }

  @Test(
    "The day decides whether upstream still mends a version",
    arguments: [
      ("v1.36.1", "2026-11-24", FindingStatus.pass), ("v1.35.1", "2027-02-28", .pass), ("v1.35.1", "2027-03-01", .warn),
      ("v1.34.1", "2026-10-27", .pass), ("v1.34.1", "2026-10-28", .warn), ("v1.37.1", "2028-01-01", .warn),
      ("v1.38.0", "2028-01-01", .warn),
    ])
  func days(_ git: String, _ day: String, _ expected: FindingStatus) throws {
    #expect(try Self.found(git, at: day).status == expected)
  }

  @Test("A warning tells the day, the versions that are mended, and what the vendor does")
  func evidence() throws {
    let found = try Self.found("v1.29.4-eks-036c24b")
    #expect(found.observed == "v1.29.4-eks-036c24b (EKS)")
    #expect(
      found.message
        == "The cluster runs v1.29.4-eks-036c24b, which the agent takes; upstream's fixes for 1.29 ended on 2025-02-28."
    )
    #expect(
      found.remedy?.text == "Upgrade the cluster, one minor version at a time. Upstream mends 1.35, 1.36, 1.37 today.")
    #expect(found.details.first?.hasPrefix("EKS may still mend it: EKS extended support") == true)
    #expect(found.details.last == "EKS, as the version v1.29.4-eks-036c24b tells")
    let new = try Self.found("v1.45.0+k3s1")
    #expect(
      new.message
        == "The cluster runs v1.45.0+k3s1. The agent's plugin takes it, but the newest version that this program knows is 1.37: what Kubernetes changed after it was not looked at."
    )
    let old = try Self.found("v1.20.15")
    #expect(old.message == "The cluster runs v1.20.15; the agent needs 1.21 or newer.")
    #expect(
      try Self.found("v1.100.0").message == "The cluster runs v1.100.0; the agent's plugin takes nothing above 1.99.")
  }

  // MARK: OpenShift

  private static func groups(_ names: String...) throws -> APIGroupList {
    try object(APIGroupList.self, #"{"groups":[\#(names.map { #"{"name":"\#($0)"}"# }.joined(separator: ","))]}"#)
  }

  private static func openShift(
    _ version: Observed<OpenShiftVersion>, kubernetes: String = "v1.33.5"
  ) throws -> Finding {
    try finding(.openShiftVersion) {
      $0.cluster = .seen(.sample(kubernetes))
      $0.apiGroups = .seen(try groups("config.openshift.io", "route.openshift.io"))
      $0.openShiftVersion = version
    }
  }

  @Test(
    "OpenShift is counted by its own version, the installed one during an update",
    arguments: [
      ("4.20.3", "4.20.3", FindingStatus.pass, "The cluster runs OpenShift 4.20.3."),
      ("4.8.0-rc.1", "4.8.0-rc.1", .pass, "The cluster runs OpenShift 4.8.0-rc.1."),
      ("4.7.60", "4.8.1", .fail, "The cluster runs OpenShift 4.7.60; the agent needs 4.8 or newer."),
      ("3.11.0", "3.11.0", .fail, "The cluster runs OpenShift 3.11.0; the agent needs 4.8 or newer."),
      ("4.19.1", "4.20.3", .warn, "The cluster runs OpenShift 4.19.1, and an update to 4.20.3 is under way."),
      ("nightly", "nightly", .unknown, "OpenShift's ClusterVersion names no version that can be understood."),
    ])
  func openShiftVersions(_ installed: String, _ desired: String, _ expected: FindingStatus, _ message: String) throws {
    let found = try Self.openShift(.seen(OpenShiftVersion(installed: installed, desired: desired)))
    #expect(found.status == expected)
    #expect(found.message == message)
  }

  @Test("A ClusterVersion that may not be read is not green, and one that could not be is unknown")
  func openShiftDenied() throws {
    let denied = Observed<OpenShiftVersion>.failed(ObservationFailure(.denied, "clusterversions is forbidden"))
    let found = try Self.openShift(denied)
    #expect(found.status == .warn)
    #expect(
      found.message == "You may not read OpenShift's version; its Kubernetes 1.33 is that of OpenShift 4.20.")
    #expect(try Self.openShift(denied, kubernetes: "v1.20.0").status == .fail)
    #expect(try Self.openShift(.failed(ObservationFailure(.timedOut, "late"))).status == .unknown)
    #expect(try Self.openShift(.seen(OpenShiftVersion())).status == .unknown)
  }

  @Test("API groups that cannot be read leave it unknown whether it is OpenShift")
  func groupsDenied() {
    let found = finding(.openShiftVersion) { $0.apiGroups = .failed(ObservationFailure(.denied, "/apis is forbidden")) }
    #expect(found.status == .unknown)
    #expect(found.message == "Whether this is OpenShift cannot be told, because its API groups cannot be read.")
  }

  @Test("On OpenShift its own version is looked at, elsewhere Kubernetes'")
  func either() async throws {
    let version =
      #"{"kind":"ClusterVersion","status":{"desired":{"version":"4.20.3"},"history":[{"version":"4.20.3","state":"Completed"}]}}"#
    let openShift = try ScriptedCluster([
      "/apis": #"{"kind":"APIGroupList","groups":[{"name":"config.openshift.io"},{"name":"route.openshift.io"}]}"#,
      "/apis/config.openshift.io/v1/clusterversions/version": version,
    ])
    for (cluster, expected) in [
      (openShift, [FindingStatus.skipped, .pass]), (try ScriptedCluster(), [.warn, .skipped]),
      (
        try ScriptedCluster(["/apis": #"{"kind":"APIGroupList","groups":[{"name":"route.openshift.io"}]}"#]),
        [.warn, .skipped]
      ),
    ] {
      let runner = CheckRunner(
        setup: try Samples.setup(http: cluster), checks: [.kubernetesVersion, .openShiftVersion])
      #expect(await runner.run().results.map(\.finding.status) == expected)
    }
  }

  // MARK: Vendors

  private static func node(_ name: String, labels: String = "{}", provider: String = "") throws -> Node {
    try object(
      Node.self, #"{"metadata":{"name":"\#(name)","labels":\#(labels)},"spec":{"providerID":"\#(provider)"}}"#)
  }

  private static func vendor(
    _ git: String, server: String = Samples.server, groups: [String] = [], _ nodes: [Node] = []
  ) throws -> Distribution? {
    var survey = Survey()
    survey.cluster = .seen(.sample(git, server: server))
    survey.apiGroups = .seen(
      try object(
        APIGroupList.self, #"{"groups":[\#(groups.map { #"{"name":"\#($0)"}"# }.joined(separator: ","))]}"#))
    survey.nodes = .seen(nodes)
    return survey.distribution
  }

  @Test(
    "The vendor is told by API groups, the version, nodes or the server's name, and what told is named",
    arguments: [
      (
        try vendor("v1.33.5", groups: ["config.openshift.io", "route.openshift.io"]), Distribution.Kind.openShift,
        "the API group config.openshift.io"
      ),
      (
        try vendor("v1.33.5", groups: ["route.openshift.io"]), .microShift,
        "the API group route.openshift.io without config.openshift.io"
      ),
      (try vendor("v1.34.1-eks-8cb36c9"), .eks, "the version v1.34.1-eks-8cb36c9"),
      (try vendor("v1.34.1-gke.1293000"), .gke, "the version v1.34.1-gke.1293000"),
      (try vendor("v1.34.1+rke2r1"), .rke2, "the version v1.34.1+rke2r1"),
      (try vendor("v1.34.1+k3s1"), .k3s, "the version v1.34.1+k3s1"),
      (
        try vendor("v1.34.1", [node("a", labels: #"{"kubernetes.azure.com/cluster":"x"}"#)]), .aks,
        "the label kubernetes.azure.com/cluster of node a"
      ),
      (try vendor("v1.34.1", [node("a", provider: "kind://docker/kind/a")]), .kind, "the provider id of node a"),
      (
        try vendor("v1.34.1", [node("a", labels: #"{"minikube.k8s.io/version":"v1.37"}"#)]), .minikube,
        "the label minikube.k8s.io/version of node a"
      ),
      (
        try vendor("v1.34.1", [node("a", labels: #"{"microk8s.io/cluster":"true"}"#)]), .microk8s,
        "the label microk8s.io/cluster of node a"
      ),
      (
        try vendor("v1.34.1", server: "https://X1.gr7.us-east-1.eks.amazonaws.com"), .eks,
        "the API server's name x1.gr7.us-east-1.eks.amazonaws.com"
      ),
      (
        try vendor("v1.34.1", server: "https://c-1.hcp.westeurope.azmk8s.io:443"), .aks,
        "the API server's name c-1.hcp.westeurope.azmk8s.io"
      ),
      (
        try vendor("v1.34.1-eks-1", [node("cp", labels: #"{"node-role.kubernetes.io/control-plane":""}"#)]), .other,
        "the version v1.34.1-eks-1 and the control plane node cp"
      ),
      (try vendor("v1.34.1", server: "https://eks.amazonaws.com.evil.example"), .other, ""),
      (try vendor("v1.34.1", [node("a", provider: "aws:///us-east-1a/i-1")]), .other, ""),
    ])
  func vendors(_ seen: Distribution?, _ kind: Distribution.Kind, _ evidence: String) {
    #expect(seen == Distribution(kind, evidence: evidence))
  }
}
