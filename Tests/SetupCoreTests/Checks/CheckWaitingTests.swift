import FoundationEssentials
import Synchronization
import TestSupport
import Testing

@testable import SetupCore

/// How often something happened.
private final class Tally: Sendable {
  private let counts = Mutex<[String: Int]>([:])
  @discardableResult func count(_ name: String) -> Int {
    counts.withLock {
      $0[name, default: 0] += 1
      return $0[name, default: 0]
    }
  }
  var all: [String: Int] { counts.withLock { $0 } }
}

@Suite("Checks that are waited for, and how long checks take")
struct CheckWaitingTests {
  private static func check(
    _ id: CheckID, after: [CheckID] = [], needs: [Probe] = [.kubeconfig], tally: Tally,
    passesInRound: Int = 1
  ) -> Check {
    Check(id, title: "", required: "", why: "", needs: needs, after: after) { _, _, _ in
      let round = tally.count(id.name)
      return Finding(
        round >= passesInRound ? .pass : .fail, observed: "", message: "round \(round)")
    }
  }

  private static func setup(_ sleeps: Tally = Tally()) throws -> Setup {
    let setup = try Samples.setup()
    var world = setup.world
    world.sleep = { duration in
      sleeps.count("\(duration)")
      try Task.checkCancellation()
    }
    return Setup(world: world, answers: setup.answers, requirements: setup.requirements)
  }

  @Test("What failed is repeated with what builds on it, what passed is not, until all pass")
  func untilAllPass() async throws {
    let (tally, sleeps) = (Tally(), Tally())
    let told = Mutex<[String]>([])
    let checks = [
      Self.check("good", tally: tally), Self.check("late", tally: tally, passesInRound: 3),
      Self.check("behind", after: ["late"], tally: tally),
    ]
    let waiting = CheckWaiting(limit: .seconds(300)) { pending, left in
      told.withLock { $0.append(pending.map { "\($0.id): \($0.finding.message)" }.joined(separator: "; ")) }
      #expect(left > .seconds(200))
    }
    let runner = CheckRunner(
      setup: try Self.setup(sleeps), selection: CheckSelection(all: checks), waiting: waiting)
    #expect(await runner.run().results.map(\.finding.status) == [.pass, .pass, .pass])
    #expect(tally.all == ["good": 1, "late": 3, "behind": 1])
    #expect(sleeps.all == ["5.0 seconds": 2])
    #expect(
      told.withLock { $0 } == [
        "late: round 1",
        "late: round 2",
      ])
  }

  @Test("When time is up the last verdict stands", .timeLimit(.minutes(1)))
  func timeIsUp() async throws {
    let tally = Tally()
    let checks = [Self.check("never", tally: tally, passesInRound: .max)]
    let runner = CheckRunner(
      setup: try Self.setup(), selection: CheckSelection(all: checks), waiting: CheckWaiting(limit: .seconds(20)))
    let results = await runner.run().results
    #expect(results.map(\.finding.status) == [.fail])
    // At 0, 5, 10, 15 and, as each round takes a little, no later than 20 seconds.
    #expect((4...5).contains(tally.all["never"] ?? 0), "\(tally.all)")
  }

  @Test("Without a wait nothing is repeated")
  func noWait() async throws {
    let tally = Tally()
    let checks = [Self.check("late", tally: tally, passesInRound: 2)]
    #expect(await CheckRunner(setup: try Self.setup(), checks: checks).run().results[0].finding.status == .fail)
    #expect(tally.all == ["late": 1])
  }

  private static func probe(_ id: String, after: [Probe] = [], takes: Duration) -> Probe {
    Probe(id, page: .cluster, after: after, failed: { _ in { _ in } }) { _, _ in
      try await Task.sleep(for: takes)
      return { _ in }
    }
  }

  @Test("A check's duration is from when its own probes were sent to its verdict", .timeLimit(.minutes(1)))
  func durations() async throws {
    let slow = Self.probe("slow", takes: .milliseconds(1500))
    let quick = Self.probe("quick", takes: .milliseconds(5))
    let later = Self.probe("later", after: [slow], takes: .milliseconds(5))
    let tally = Tally()
    let checks = [
      Self.check("slow", needs: [slow], tally: tally), Self.check("quick", needs: [quick], tally: tally),
      Self.check("later", needs: [later], tally: tally), Self.check("none", needs: [], tally: tally),
    ]
    let results = await CheckRunner(setup: try Self.setup(), checks: checks).run().results
    let milliseconds = results.map { $0.duration / .milliseconds(1) }
    #expect(milliseconds[0] >= 1500)
    // Counted from the start of the run, the later one would take longer than the slow one that it waits for.
    #expect(milliseconds[1] >= 5 && milliseconds[1] < milliseconds[0], "\(milliseconds)")
    #expect(milliseconds[2] >= 5 && milliseconds[2] < milliseconds[0], "\(milliseconds)")
    #expect(milliseconds[3] < milliseconds[1], "\(milliseconds)")
  }

  @Test("A look that heeds neither its deadline nor its cancellation keeps nobody", .timeLimit(.minutes(1)))
  func deaf() async throws {
    let start = ContinuousClock.now
    let value = try await within(.milliseconds(50), grace: .milliseconds(50)) { () async -> Int in
      await withCheckedContinuation { continuation in
        Task.detached {
          // Deaf to the cancellation of whoever waits for it.
          do { try await Task.sleep(for: .seconds(20)) } catch {}
          continuation.resume(returning: 1)
        }
      }
    }
    #expect(value == nil)
    #expect(ContinuousClock.now - start < .seconds(15))
  }

  @Test("Within its deadline a look's value and its error come through")
  func inTime() async throws {
    #expect(try await within(.seconds(60)) { 7 } == 7)
    await #expect(throws: SetupError(.tool, "x")) {
      _ = try await within(.seconds(60)) { () async throws -> Int in throw SetupError(.tool, "x") }
    }
  }
}
