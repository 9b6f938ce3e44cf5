import FoundationEssentials
import Kubernetes
import TestSupport
import Testing

@testable import SetupCore

@Suite("The preflight report")
struct PreflightReportTests {
  static func result(
    _ id: CheckID, _ status: FindingStatus, blocking: Bool = true, message: String = "m", remedy: Remedy? = nil,
    details: [String] = []
  ) -> CheckResult {
    CheckResult(
      id: id, title: "T", isBlocking: blocking, required: "r",
      finding: Finding(status, observed: "o", message: message, remedy: remedy, details: details),
      duration: .milliseconds(1234))
  }

  private static func report(_ checks: [CheckResult]) -> PreflightReport {
    PreflightReport(context: "prod", server: Samples.server, checks: checks)
  }

  @Test(
    "The verdict is the worst that blocks; what is advisory only warns",
    arguments: [
      ([], [], FindingStatus.unknown), ([.pass], [], .pass), ([.pass, .skipped], [], .pass),
      ([.pass, .waived], [], .pass), ([.pass, .warn], [], .warn), ([.pass, .unknown], [], .unknown),
      ([.unknown, .fail, .warn], [], .fail), ([.fail, .unknown], [], .fail),
      ([.pass], [.fail], .warn), ([.pass], [.unknown], .warn), ([.pass], [.warn], .warn), ([.pass], [.pass], .pass),
      ([.unknown], [.fail], .unknown), ([], [.fail], .warn),
    ] as [([FindingStatus], [FindingStatus], FindingStatus)])
  func verdict(_ blocking: [FindingStatus], _ advisory: [FindingStatus], _ expected: FindingStatus) {
    let report = Self.report(
      blocking.map { Self.result("b", $0) } + advisory.map { Self.result("a", $0, blocking: false) })
    #expect(report.result == expected)
    // What stands in the way and the verdict never disagree, but for an empty report, which proves nothing.
    let isBlocked = blocking.contains(.fail) || blocking.contains(.unknown)
    #expect((report.obstacle != nil) == isBlocked)
  }

  @Test(
    "An obstacle's exit code is a failure's before an unknown's, in any order",
    arguments: [
      ([FindingStatus.fail], SetupError.Code.checkFailed, Int32(3)), ([.unknown], .checkUnknown, 5),
      ([.unknown, .fail], .checkFailed, 3), ([.fail, .unknown], .checkFailed, 3),
    ])
  func exitCodes(_ statuses: [FindingStatus], _ code: SetupError.Code, _ exit: Int32) throws {
    let obstacle = try #require(Self.report(statuses.map { Self.result("b", $0) }).obstacle)
    #expect(obstacle.code == code)
    #expect(obstacle.exitCode == exit)
  }

  @Test("An obstacle names every check in the way and what to do about the first")
  func obstacle() throws {
    let report = Self.report([
      Self.result("a", .pass), Self.result("b", .unknown, message: "No answer.", remedy: Remedy("Wait.")),
      Self.result("c", .fail, blocking: false), Self.result("d", .fail, message: "Too old."),
    ])
    #expect(
      try #require(report.obstacle)
        == SetupError(.checkFailed, "Nothing was changed: b, d must pass first. No answer.", next: "Wait."))
  }

  @Test("The JSON document can be read, is the same bytes each time and counts every check once")
  func json() throws {
    let report = Self.report([
      Self.result("a", .pass), Self.result("b", .fail, remedy: Remedy("Do.", command: "kubectl x", url: "https://x/y")),
      Self.result("c", .skipped, blocking: false, details: ["one", "two"]),
    ])
    let text = try report.json()
    #expect(text == (try report.json()))
    #expect(text.hasSuffix("}\n"))
    let document = try object(JSONValue.self, text)
    #expect(document["apiVersion"] == "mlops-setup/v1")
    #expect(document["kind"] == "PreflightReport")
    #expect(document["result"] == "fail")
    #expect(document["server"] == .string(Samples.server))
    let summary = try #require(document["summary"])
    #expect(FindingStatus.allCases.compactMap { summary[$0.rawValue]?.integer }.reduce(0, +) == 3)
    #expect(summary["unknown"] == 0)
    let checks = try #require(document["checks"]?.array)
    #expect(checks.map { $0["id"]?.string } == ["a", "b", "c"])
    #expect(checks[1]["remedy"]?["url"] == "https://x/y")
    #expect(checks[2]["details"] == ["one", "two"])
    #expect(checks[2]["blocking"] == false)
    #expect(checks[0]["durationMilliseconds"] == 1234)
  }

  @Test("A report names the context of the answers and the server of the cluster, or of the kubeconfig")
  func place() {
    var survey = Survey()
    survey.contexts = .seen([
      ContextSummary(name: "prod", server: "https://a", namespace: nil, isCurrent: true),
      ContextSummary(name: "other", server: "https://b", namespace: nil, isCurrent: false),
    ])
    let report = PreflightReport([], survey, Samples.answers())
    #expect(report.context == "prod")
    #expect(report.server == "https://a")
  }

  private static let mixed = report([
    CheckResult(
      id: "cluster.reachable", title: "API server answers", isBlocking: true, required: "an answer",
      finding: Finding(.pass, observed: "x", message: "It answers.", details: ["not shown"]), duration: .zero),
    result(
      "nodes.fit", .fail, message: "No node is large enough.",
      remedy: Remedy("Add a node.", command: "kubectl describe nodes", url: "https://kubernetes.io/nodes"),
      details: ["a: CPU 1; excluded: CPU 1 below 2", "b: evil \u{1b}[2J\u{202e}txet"]),
    result("registry.push", .skipped, message: "Not looked at, because nodes.fit is fail."),
    result("datarobot.token", .unknown, blocking: false, message: "No answer."),
    result("helm.version", .warn, message: "Old.\n  pass     forged  A line of its own."),
    result("chart.found", .waived, message: "Accepted until June."),
  ])

  @Test("The text report tells what to do beneath all that did not pass, and nothing from outside can forge a line")
  func text() throws {
    let text = TextReport.preflight(Self.mixed)
    if let difference = try goldenDifference("SetupCore/preflight.txt", text) { Issue.record("\(difference)") }
    #expect(!text.contains("\u{1b}"))
    #expect(!text.split(separator: "\n").contains { $0.hasPrefix("  pass     forged") })
  }

  @Test("The JSON document is the recorded one")
  func jsonGolden() throws {
    if let difference = try goldenDifference("SetupCore/preflight.json", Self.mixed.json()) {
      Issue.record("\(difference)")
    }
  }

  @Test("An empty report is unknown and says so")
  func emptyText() {
    let text = TextReport.preflight(PreflightReport(context: nil, server: nil, checks: []))
    #expect(text == "Preflight of the cluster\n\n\nResult: unknown ()\n")
  }

  @Test("A run's text tells each step, where it stopped and what to do")
  func run() throws {
    let failed = RunReport(
      target: "context prod",
      entries: [
        .init(id: "namespace", title: "Namespace", outcome: .unchanged("Namespace x exists")),
        .init(id: "values", title: "Values file", outcome: .changed("write v")),
        .init(
          id: "release", title: "Helm release",
          outcome: .failed(
            SetupError(
              .installFailed, "helm could not:\n  Pod a: \u{1b}[31mred\n  changed      forged", next: "By hand"))),
        .init(id: "rollout", title: "Rollout", outcome: .notReached),
      ])
    let text = TextReport.run(failed)
    if let difference = try goldenDifference("SetupCore/run-failed.txt", text) { Issue.record("\(difference)") }
    #expect(failed.failure?.step.id == "release")
    #expect(!failed.changedNothing)
    let unchanged = RunReport(target: "", entries: [failed.entries[0]])
    #expect(unchanged.changedNothing)
    #expect(TextReport.run(unchanged).contains("Nothing was changed: all is as it should be."))
    let changed = RunReport(target: "", entries: Array(failed.entries[0...1]))
    #expect(TextReport.run(changed).contains("The agent is installed."))
  }
}
