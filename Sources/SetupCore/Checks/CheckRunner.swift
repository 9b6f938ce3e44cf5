/// Runs checks: surveys what they need, each thing once and all side by side, and evaluates each check as soon as its
/// facts are there and the checks it builds on have passed.
public struct CheckRunner: Sendable {
  private let setup: Setup
  private let selection: CheckSelection
  private let questionnaire: Questionnaire
  private let surveyor: Surveyor
  private let waiting: CheckWaiting?

  /// A runner of these checks on the answers given so far, with a limit for each probe.
  public init(
    setup: Setup, checks: [Check], questionnaire: Questionnaire = .standard, deadline: Duration = .seconds(30)
  ) {
    self.init(
      setup: setup, selection: CheckSelection(all: checks), questionnaire: questionnaire, deadline: deadline)
  }

  /// A runner of some checks, which may wait until they pass.
  public init(
    setup: Setup, selection: CheckSelection, questionnaire: Questionnaire = .standard,
    deadline: Duration = .seconds(30), waiting: CheckWaiting? = nil
  ) {
    self.setup = setup
    self.selection = selection
    self.questionnaire = questionnaire
    surveyor = Surveyor(deadline: deadline)
    self.waiting = waiting
  }

  /// Runs them all and tells about each that is reported; the results are in the checks' order. Cancelling the task ends
  /// it early, and what was not seen by then is unknown.
  public func run(tell: @escaping @Sendable (CheckEvent) -> Void = { _ in }) async -> (
    results: [CheckResult], survey: Survey
  ) {
    let clock = ContinuousClock()
    var setup = setup
    var spent = Duration.zero
    var progress = CheckProgress(checks: selection.checks.filter { selection.running.contains($0.id) })
    while true {
      let start = clock.now
      await runOnce(setup, &progress, tell)
      spent += clock.now - start
      let pending = progress.pending.filter { selection.reported.contains($0.id) }
      guard let waiting, !pending.isEmpty, !Task.isCancelled, spent < waiting.limit else { break }
      let causes = pending.filter { $0.finding.status != .skipped }
      waiting.tell(causes.isEmpty ? pending : causes, waiting.limit - spent)
      let pause = min(waiting.interval, waiting.limit - spent)
      do { try await setup.world.sleep(pause) } catch { break }
      spent += pause
      // A client that never got through may have been made from a kubeconfig that is mended by now.
      if progress.hasFailed(["cluster.reachable", "cluster.credentials"]) { setup = setup.renewed }
      progress.reopen()
    }
    let verdicts = CheckVerdicts(progress.verdicts, setup)
    for changed in verdicts.reconsidered(selection) { tell(.finished(changed)) }
    return (verdicts.results(selection), progress.survey)
  }

  private func runOnce(
    _ setup: Setup, _ progress: inout CheckProgress, _ tell: @escaping @Sendable (CheckEvent) -> Void
  ) async {
    let clock = ContinuousClock()
    let start = clock.now
    var told: Set<CheckID> = []
    func begin(_ checks: [CheckID]) {
      for id in checks where selection.reported.contains(id) && !selection.leftOut.contains(id) {
        if told.insert(id).inserted { tell(.started(id)) }
      }
    }
    await withTaskGroup(of: (Probe, SurveyUpdate).self) { group in
      func sendReady() {
        let completed = setup.with(questionnaire.completed(setup.answers, progress.survey))
        let ready = progress.takeReady(at: clock.now - start)
        for probe in ready {
          group.addTask { [survey = progress.survey] in
            (probe, await surveyor.gather(probe, completed, survey))
          }
        }
        begin(progress.open.filter { !ready.isEmpty && !Set(ready).isDisjoint(with: $0.needs) }.map(\.id))
      }
      func settle() {
        let completed = setup.with(questionnaire.completed(setup.answers, progress.survey))
        for result in progress.settle(completed, at: clock.now - start) {
          begin([result.id])
          let isTold = selection.reported.contains(result.id) && !selection.leftOut.contains(result.id)
          if isTold { tell(.finished(result)) }
        }
      }
      sendReady()
      settle()  // those that need nothing seen
      while let (probe, update) = await group.next() {
        progress.take(update, from: probe)
        tell(.surveyed(progress.survey))
        settle()
        sendReady()
      }
    }
  }
}

/// Until when, and how often, checks are repeated that fail or are unknown.
public struct CheckWaiting: Sendable {
  /// How long to wait in all.
  public var limit: Duration
  /// The pause between two rounds.
  public var interval: Duration
  /// Told before each pause: what is waited for, and how much time is left.
  public var tell: @Sendable (_ pending: [CheckResult], _ left: Duration) -> Void

  /// A wait from its parts.
  public init(
    limit: Duration, interval: Duration = .seconds(5),
    tell: @escaping @Sendable (_ pending: [CheckResult], _ left: Duration) -> Void = { _, _ in }
  ) {
    self.limit = limit
    self.interval = interval
    self.tell = tell
  }
}
