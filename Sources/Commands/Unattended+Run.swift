import SetupCore
import Synchronization
import Text

extension Unattended {
  /// Runs a plan, tells of it as it goes and reports at the end; returns the exit code. Throws where a step is blocked.
  func run(_ plan: Plan, _ setup: Setup) async throws -> Int32 {
    if let obstacle = plan.obstacle { throw obstacle }
    let console = context.console
    if let interruption = PlanDocument(plan).interruption { console.progress(interruption) }
    for entry in plan.entries {
      guard case .needed(let changes) = entry.state else { continue }
      for change in changes { console.progress(OutsideText.clean("  to do: \(entry.step.title): \(change)")) }
    }
    let journal = try setup.journal()
    let narrator = Mutex(RunNarrator(plan))
    let start = ContinuousClock.now
    let ended = try await Runner(plan: plan, setup: setup, journal: journal).run { event in
      let lines = narrator.withLock { $0.lines(event, at: ContinuousClock.now - start) }
      for line in lines { console.progress(OutsideText.clean(line)) }
    }
    console.out(TextReport.run(ended))
    return ended.failure == nil ? 0 : SetupError(.installFailed, "").exitCode
  }
}
