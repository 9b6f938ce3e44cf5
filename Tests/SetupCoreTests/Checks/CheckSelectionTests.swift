import Synchronization
import Testing

@testable import SetupCore

@Suite("A selection of checks")
struct CheckSelectionTests {
  private static func check(
    _ id: CheckID, after: [CheckID] = [], blocking: Bool = true, status: FindingStatus = .pass,
    runs: Counter = Counter()
  ) -> Check {
    Check(id, title: "", required: "", why: "", isBlocking: blocking, needs: [.kubeconfig], after: after) { _, _, _ in
      runs.count(id)
      return Finding(
        status, observed: "", message: "\(id) says so", remedy: Remedy("Mend \(id)."))
    }
  }

  /// How often each check was evaluated.
  private final class Counter: Sendable {
    private let runs = Mutex<[CheckID: Int]>([:])
    func count(_ id: CheckID) { runs.withLock { $0[id, default: 0] += 1 } }
    var all: [CheckID: Int] { runs.withLock { $0 } }
  }

  private static func select(
    _ checks: [Check], check: [String] = [], skip: [String] = []
  ) throws(SetupError) -> CheckSelection {
    try CheckSelection(checks, known: checks.map(\.id), check: check, skip: skip)
  }

  private static func run(
    _ checks: [Check], check: [String] = [], skip: [String] = []
  ) async throws -> [CheckResult] {
    let runner = CheckRunner(setup: try Samples.setup(), selection: try select(checks, check: check, skip: skip))
    return await runner.run().results
  }

  @Test("A selected check runs with what it builds on, and alone is reported")
  func dependencies() async throws {
    let counter = Counter()
    let checks = [
      Self.check("a.x", runs: counter), Self.check("b.y", after: ["a.x"], runs: counter),
      Self.check("b.z", after: ["b.y"], runs: counter), Self.check("c.w", runs: counter),
    ]
    let results = try await Self.run(checks, check: ["b.z"])
    #expect(results.map(\.id) == ["b.z"])
    #expect(results[0].finding.status == .pass)
    #expect(counter.all == ["a.x": 1, "b.y": 1, "b.z": 1])
  }

  @Test("A selected check whose ground failed unseen is unknown, never skipped into a green report")
  func hiddenFailure() async throws {
    let checks = [
      Self.check("a.x", status: .fail), Self.check("b.y", after: ["a.x"]), Self.check("b.z", after: ["b.y"]),
    ]
    let results = try await Self.run(checks, check: ["b.z"])
    #expect(results.map(\.finding.status) == [.unknown])
    #expect(results[0].finding.message == "Not looked at, because a.x failed: a.x says so")
    #expect(results[0].finding.remedy == Remedy("Mend a.x."))
    #expect(PreflightReport(context: nil, server: nil, checks: results).exitCode(failsOnWarnings: false) == 5)
    // Where the report shows the failure itself it stays skipped.
    #expect(try await Self.run(checks).map(\.finding.status) == [.fail, .skipped, .skipped])
  }

  @Test("A check left out is reported as left out, is not run, and hides no failure from what builds on it")
  func leftOut() async throws {
    let counter = Counter()
    let checks = [Self.check("a.x", status: .fail, runs: counter), Self.check("b.y", runs: counter)]
    let results = try await Self.run(checks, skip: ["a"])
    #expect(results.map(\.finding.status) == [.skipped, .pass])
    #expect(results[0].finding.message == "Left out by --skip.")
    #expect(counter.all == ["b.y": 1])
    let built = [Self.check("a.x", status: .fail), Self.check("b.y", after: ["a.x"])]
    #expect(try await Self.run(built, skip: ["a.x"]).map(\.finding.status) == [.skipped, .unknown])
  }

  @Test("An advisory failure does not make what blocks behind it green")
  func advisoryGround() async throws {
    let checks = [Self.check("a.x", blocking: false, status: .fail), Self.check("b.y", after: ["a.x"])]
    let results = try await Self.run(checks)
    #expect(results.map(\.finding.status) == [.fail, .unknown])
    #expect(PreflightReport(context: nil, server: nil, checks: results).result == .unknown)
  }

  @Test(
    "A name that nothing has is a usage error with what was meant",
    arguments: [
      (["nodes.fti"], [], "--check nodes.fti: there is no such check or category", "Did you mean nodes.fit?"),
      ([], ["regsitry"], "--skip regsitry: there is no such check or category", "Did you mean registry?"),
      ([], [""], "--skip : there is no such check or category", "mlops-setup preflight --list names them all."),
      (
        ["bananas"], [], "--check bananas: there is no such check or category",
        "mlops-setup preflight --list names them all."
      ),
      (
        ["registry"], ["registry"], "no check is left to run: --skip leaves out all that were chosen",
        "mlops-setup preflight --list names them all."
      ),
    ])
  func refused(_ check: [String], _ skip: [String], _ message: String, _ next: String) {
    let checks = CheckCatalog.all
    #expect {
      _ = try Self.select(checks, check: check, skip: skip)
    } throws: { error in
      (error as? SetupError) == SetupError(.usage, message, next: next)
    }
  }

  @Test("A check that only other answers have is none that could be left to run")
  func notApplicable() {
    #expect {
      _ = try CheckSelection([Self.check("a.x")], known: ["a.x", "b.y"], check: ["b.y"], skip: [])
    } throws: { error in
      (error as? SetupError)?.message == "no check is left to run: none of them applies to these answers"
    }
  }

  @Test("Every check's id is lower-case words with a category, unique, and builds on checks before it")
  func catalogue() {
    let ids = CheckCatalog.all.map(\.id)
    #expect(Set(ids).count == ids.count)
    for (index, check) in CheckCatalog.all.enumerated() {
      #expect(check.id.name.wholeMatch(of: /[a-z][A-Za-z0-9]*(\.[a-z][A-Za-z0-9-]*)+/) != nil, "\(check.id)")
      #expect(check.after.allSatisfy { ids[..<index].contains($0) }, "\(check.id)")
    }
  }
}
