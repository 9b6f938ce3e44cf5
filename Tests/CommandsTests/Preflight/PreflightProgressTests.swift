import SetupCore
import Synchronization
import TestSupport
import Testing

@testable import Commands

@Suite("Progress of the checks on standard error")
struct PreflightProgressTests {
  private final class Lines: Sendable {
    private let lines = Mutex<[String]>([])
    func add(_ line: String) { lines.withLock { $0.append(line) } }
    var all: [String] { lines.withLock { $0 } }
  }

  private static func console(_ lines: Lines, columns: Int? = nil) -> Console {
    Console(
      out: { _ in lines.add("out") }, progress: { lines.add($0) },
      statusLine: columns.map { Console.StatusLine(columns: $0, show: { lines.add("status: \($0)") }) })
  }

  @Test("It names what is being checked, with its context where there are several")
  func line() {
    let one = PreflightProgress(Self.console(Lines()), namesContexts: false)
    #expect(one.line(after: .seconds(3)) == nil)
    one.tell(.started("nodes.fit"), context: "prod")
    one.tell(.started("helm.version"), context: "prod")
    #expect(one.line(after: .seconds(3)) == "checking nodes.fit, helm.version … 3 s")
    var result = ReportSamples.mixed.checks[0]
    result.id = "nodes.fit"
    one.tell(.finished(result), context: "prod")
    #expect(one.line(after: .milliseconds(4999)) == "checking helm.version … 4 s")
    let many = PreflightProgress(Self.console(Lines()), namesContexts: true)
    many.tell(.started("nodes.fit"), context: "prod")
    #expect(many.line(after: .zero) == "checking prod:nodes.fit … 0 s")
  }

  @Test("Without a terminal a line now and then shows that it lives", .timeLimit(.minutes(1)))
  func heartbeat() async throws {
    let lines = Lines()
    let progress = PreflightProgress(Self.console(lines), namesContexts: false, heartbeat: .milliseconds(50))
    progress.tell(.started("nodes.fit"), context: "")
    try await progress.during { while lines.all.isEmpty { try await Task.sleep(for: .milliseconds(10)) } }
    #expect(lines.all.first?.hasPrefix("still checking nodes.fit … ") == true)
    #expect(!lines.all.contains { $0.hasPrefix("status") })
  }

  @Test("On a terminal one line is written again and again, fits, and is gone at the end", .timeLimit(.minutes(1)))
  func statusLine() async throws {
    let lines = Lines()
    let progress = PreflightProgress(Self.console(lines, columns: 20), namesContexts: false)
    progress.tell(.started("permissions.install"), context: "")
    try await progress.during { while lines.all.count < 2 { try await Task.sleep(for: .milliseconds(10)) } }
    #expect(lines.all.first == "status: checking permissio…")
    #expect(lines.all.last == "status: ")
  }

  @Test("What is quick says nothing")
  func quick() async {
    let lines = Lines()
    await PreflightProgress(Self.console(lines), namesContexts: false).during {}
    #expect(lines.all == [])
  }
}
