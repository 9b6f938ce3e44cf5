import FoundationEssentials
import HTTP
import TestSupport
import Testing

@testable import SetupCore

/// Where other preflight tools are green, silent or unclear and should not be, and the test that shows what is said
/// here. What no other test shows stands in this file.
@Suite("False greens of other tools")
struct FalseGreenTests {
  private static let checks = "SetupCoreTests/Checks"
  private static let here = "\(checks)/FalseGreenTests.swift"

  static let table: [NamedTest] = [
    // How outcomes are told.
    NamedTest("an analyzer that errors vanishes", here, "A probe that throws leaves its check in the report, unknown"),
    NamedTest(
      "no outcome matches", "\(checks)/ClusterCheckTests.swift", "What nobody looked at is unknown, in every check"),
    NamedTest(
      "nothing is selected", "CommandsTests/Preflight/PreflightCommandTests.swift", "What cannot be used on the"),
    NamedTest(
      "all is skipped", "SetupCoreTests/Report/PreflightReportTests.swift", "The verdict is the worst that blocks"),
    NamedTest("warnings hide behind PASS", here, "Warnings alone are never called a pass, in any format"),
    NamedTest(
      "a failing preflight exits 0", "CommandsTests/Preflight/PreflightCommandTests.swift",
      "A blocking failure exits 3"),
    NamedTest(
      "standard output is not clean", "CommandsTests/Preflight/PreflightCommandTests.swift", "A pass exits 0, in every"),
    NamedTest("denied collectors vanish", "\(checks)/CheckRunnerTests.swift", "What may not be read is unknown"),
    NamedTest("timeouts are masked", "\(checks)/CheckRunnerTests.swift", "An API server that hangs is unknown"),
    NamedTest("a skipped ground hides", "\(checks)/CheckSelectionTests.swift", "A selected check whose ground failed"),
    NamedTest("it stops at the first failure", here, "A failure stops nothing that does not build on it"),
    NamedTest("only all checks can be waived", "EndToEndTests/PreflightTests.swift", "What the answers waive keeps"),
    NamedTest("checks write to the cluster", "EndToEndTests/PreflightTests.swift", "Changes nothing, and says"),
    NamedTest(
      "JSON and JUnit lose checks", "SetupCoreTests/Report/PreflightFormatTests.swift", "JSON is the documented"),
    // What is looked at.
    NamedTest(
      "a vendor's suffix", "\(checks)/VersionCheckTests.swift", "A Kubernetes version counts without its vendor's"),
    NamedTest("Ready is true on any node", here, "One node that is Ready does not make another one Ready"),
    NamedTest("taints and cordons are ignored", "\(checks)/NodesFitTests.swift", "What keeps a node out is named"),
    NamedTest(
      "a taint is no obstacle if tolerated", "\(checks)/NodesFitTests.swift", "Tolerations and the node selector"),
    NamedTest(
      "capacity in place of what is free", "\(checks)/NodesFitTests.swift", "Allocatable that others have reserved"),
    NamedTest("a sum over nodes", "\(checks)/NodesFitTests.swift", "Nodes that are enough together do not help"),
    NamedTest("an upgrade needs less", "\(checks)/NodesFitTests.swift", "Pods for which room is being made count"),
    NamedTest("a class by its name only", "\(checks)/IngressCheckTests.swift", "A class without a controller warns"),
    NamedTest(
      "a class of another controller", "\(checks)/IngressCheckTests.swift", "Other controllers are refused by name"),
    NamedTest("a storage class by name only", "\(checks)/StorageClassTests.swift", "One default class that waits"),
    NamedTest("a push is not tried", "\(checks)/RegistryCheckTests.swift", "A push that is refused fails with what"),
    NamedTest("TLS is not verified", "\(checks)/RegistryTLSTests.swift", "An unknown signer fails and is named"),
    NamedTest("rights for reading only", "\(checks)/PermissionsTests.swift", "What is denied is named"),
    NamedTest(
      "a dry run without its namespace", "\(checks)/ChartRenderTests.swift", "Without the namespace only it and"),
    NamedTest(
      "an unreachable server of no use", "\(checks)/ClusterCheckTests.swift", "An API server that does not answer"),
    NamedTest("a registry at an IP address", here, "A registry at an IP address is judged as any other"),
  ]

  @Test("Each has a test of that name", arguments: table)
  func exists(_ test: NamedTest) throws { #expect(try test.exists(), "\(test.file) has no test \(test.name)") }

  @Test("A probe that throws leaves its check in the report, unknown")
  func throwing() async throws {
    let cluster = try ScriptedCluster { request in
      if request.url.contains("/ingressclasses") { return .json(200, "{") }
      return nil
    }
    let checks: [Check] = [.clusterReachable, .clusterCredentials, .ingressClass, .ingressController]
    let results = await CheckRunner(setup: try Samples.setup(http: cluster), checks: checks).run().results
    #expect(results.map(\.id) == checks.map(\.id))
    #expect(results[2].finding.status == .unknown, "\(results[2].finding)")
    #expect(results[3].finding.status != .pass, "\(results[3].finding)")
    let report = PreflightReport(context: "prod", server: nil, checks: results)
    #expect(report.exitCode(failsOnWarnings: false) == 5)
  }

  @Test("Warnings alone are never called a pass, in any format")
  func warnings() {
    let report = PreflightReport(
      context: "prod", server: nil,
      checks: [PreflightReportTests.result("a", .pass), PreflightReportTests.result("b", .warn)])
    #expect(report.result == .warn)
    #expect(report.json().contains(#""result": "warn""#))
    #expect(MarkdownReport.document([report]).contains("warn"))
    #expect(report.exitCode(failsOnWarnings: true) == 4)
  }

  @Test("A failure stops nothing that does not build on it")
  func goesOn() async throws {
    let cluster = try ScriptedCluster { request in
      request.url.hasSuffix("/version") ? .json(200, #"{"major":"1","minor":"20","gitVersion":"v1.20.1"}"#) : nil
    }
    let checks: [Check] = [.clusterReachable, .clusterCredentials, .kubernetesVersion, .ingressClass, .nodesFit]
    let results = await CheckRunner(setup: try Samples.setup(http: cluster), checks: checks).run().results
    #expect(results.map(\.finding.status) == [.pass, .pass, .fail, .fail, .fail], "\(results)")
  }

  @Test("One node that is Ready does not make another one Ready")
  func readyElsewhere() async throws {
    func node(_ name: String, cpu: String, ready: String) -> String {
      """
      {"metadata":{"name":"\(name)"},"spec":{},"status":{"allocatable":{"cpu":"\(cpu)","memory":"64G",
      "ephemeral-storage":"500G","pods":"110"},"conditions":[{"type":"Ready","status":"\(ready)"}],
      "nodeInfo":{"architecture":"amd64","operatingSystem":"linux"}}}
      """
    }
    let nodes = [node("small", cpu: "1", ready: "True"), node("large", cpu: "16", ready: "False")]
    let cluster = try ScriptedCluster([
      "/api/v1/nodes": #"{"kind":"List","metadata":{},"items":[\#(nodes.joined(separator: ","))]}"#
    ])
    let runner = CheckRunner(setup: try Samples.setup(http: cluster), checks: [.nodesFit])
    let finding = try #require(await runner.run().results.first?.finding)
    #expect(finding.status == .fail)
    #expect(finding.details.contains { $0.contains("large") && $0.contains("not Ready") }, "\(finding)")
  }

  @Test("A registry at an IP address is judged as any other", arguments: [(202, FindingStatus.pass), (403, .fail)])
  func addresses(_ upload: Int, _ expected: FindingStatus) async throws {
    let transport = ScriptedTransport { request in
      let challenge: HTTPHeaders = ["WWW-Authenticate": #"Basic realm="registry""#]
      if request.headers["Authorization"] == nil { return .text(401, headers: challenge) }
      if request.method == "DELETE" { return .text(204) }
      if request.url.hasSuffix("/v2/") { return .text(200) }
      return .text(upload, headers: ["Location": "https://192.0.2.7:5000/v2/mlops/frozen-models/blobs/uploads/1"])
    }
    let answers = Samples.answers([
      "registry.server": .text("192.0.2.7:5000"), "images.generated": .text("192.0.2.7:5000/mlops/frozen-models"),
    ])
    let runner = CheckRunner(
      setup: try Samples.setup(answers, http: transport),
      checks: [.registryReachable, .registryCredentials, .registryPush])
    let results = await runner.run().results
    #expect(results.map(\.finding.status) == [.pass, .pass, expected], "\(results)")
    #expect(results[0].finding.observed.contains("192.0.2.7:5000") || results[0].finding.message.contains("192.0.2.7"))
  }
}
