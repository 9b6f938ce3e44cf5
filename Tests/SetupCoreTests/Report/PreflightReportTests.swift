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
      ([.pass], [.fail], .warn), ([.pass], [.unknown], .warn), ([.skipped], [.skipped], .unknown),
      ([.pass], [.warn], .warn), ([.pass], [.pass], .pass),
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

  @Test("An obstacle of several checks counts them, says of each why, and where to read more")
  func obstacle() throws {
    let report = Self.report([
      Self.result("a", .pass), Self.result("b", .unknown, message: "No answer.", remedy: Remedy("Wait.")),
      Self.result("c", .fail, blocking: false), Self.result("d", .fail, message: "Too old.\nBy far."),
    ])
    #expect(
      try #require(report.obstacle)
        == SetupError(
          .checkFailed, "Nothing was changed: 2 checks must pass first.\n  b: No answer.\n  d: Too old.",
          next: "The report says of each what to do; mlops-setup preflight makes it again."))
  }

  @Test("An obstacle of one check says what to do about it")
  func oneObstacle() throws {
    let report = Self.report([
      Self.result("a", .pass), Self.result("b", .unknown, message: "No answer.", remedy: Remedy("Wait.")),
    ])
    #expect(
      try #require(report.obstacle)
        == SetupError(.checkUnknown, "Nothing was changed: b must pass first. No answer.", next: "Wait."))
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
