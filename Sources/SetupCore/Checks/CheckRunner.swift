/// Runs checks: surveys what they need, each thing once and all side by side, and evaluates each check as soon as its
/// facts are there and the checks it builds on have passed.
public struct CheckRunner: Sendable {
  private let setup: Setup
  private let checks: [Check]
  private let questionnaire: Questionnaire
  private let surveyor: Surveyor

  /// A runner of these checks on the answers given so far, with a limit for each probe.
  public init(
    setup: Setup, checks: [Check], questionnaire: Questionnaire = .standard, deadline: Duration = .seconds(30)
  ) {
    self.setup = setup
    self.checks = checks
    self.questionnaire = questionnaire
    surveyor = Surveyor(deadline: deadline)
  }

  /// Runs them all and tells about each; the results are in the checks' order. Cancelling the task ends it early, and
  /// what was not seen by then is unknown.
  public func run(tell: @escaping @Sendable (CheckEvent) -> Void = { _ in }) async -> (
    results: [CheckResult], survey: Survey
  ) {
    let start = ContinuousClock.now
    var progress = Progress(checks: checks)
    for check in checks { tell(.started(check.id)) }
    await withTaskGroup(of: (Probe, SurveyUpdate).self) { group in
      func sendReady() {
        let completed = setup.with(questionnaire.completed(setup.answers, progress.survey))
        for probe in progress.takeReady() {
          group.addTask { [survey = progress.survey] in
            (probe, await surveyor.gather(probe, completed, survey))
          }
        }
      }
      func settle() {
        let completed = questionnaire.completed(setup.answers, progress.survey)
        for result in progress.settle(completed, setup.requirements, elapsed: ContinuousClock.now - start) {
          tell(.finished(result))
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
    return (progress.results, progress.survey)
  }
}

/// How far a run of checks is: what was sent and seen, and the verdicts so far. It does nothing itself.
private struct Progress {
  let checks: [Check]
  private(set) var survey = Survey()
  private var verdicts: [CheckID: CheckResult] = [:]
  /// Not yet looked at.
  private var missing: Set<Probe>
  /// Not yet sent.
  private var waiting: [Probe]

  init(checks: [Check]) {
    self.checks = checks
    // What a probe builds on is looked at too; the order is that of the checks.
    var needed: [Probe] = []
    func add(_ probe: Probe) {
      if needed.contains(probe) { return }
      probe.after.forEach(add)
      needed.append(probe)
    }
    for probe in checks.flatMap(\.needs) { add(probe) }
    missing = Set(needed)
    waiting = needed
  }

  var results: [CheckResult] { checks.compactMap { verdicts[$0.id] } }

  /// The probes whose time has come, in a fixed order.
  mutating func takeReady() -> [Probe] {
    let ready = waiting.filter { missing.isDisjoint(with: $0.after) }
    waiting.removeAll(where: ready.contains)
    return ready
  }

  mutating func take(_ update: SurveyUpdate, from probe: Probe) {
    update(&survey)
    missing.remove(probe)
  }

  /// The verdicts that can be given now. One verdict can free another, so it goes on until none is freed.
  mutating func settle(_ answers: Answers, _ requirements: Requirements, elapsed: Duration) -> [CheckResult] {
    var settled: [CheckResult] = []
    var count = -1
    while count != settled.count {
      count = settled.count
      for check in checks where verdicts[check.id] == nil && missing.isDisjoint(with: check.needs) {
        guard let finding = verdict(check, answers, requirements) else { continue }
        let result = CheckResult(
          id: check.id, title: check.title, isBlocking: check.isBlocking, required: check.required, finding: finding,
          duration: elapsed)
        verdicts[check.id] = result
        settled.append(result)
      }
    }
    return settled
  }

  private func verdict(_ check: Check, _ answers: Answers, _ requirements: Requirements) -> Finding? {
    if let reason = check.exemption(answers, survey) { return Finding(.skipped, observed: "", message: reason) }
    for required in checks where check.after.contains(required.id) {
      guard let status = verdicts[required.id]?.finding.status else { return nil }
      let isExempt = required.exemption(answers, survey) != nil
      if status == .fail || status == .unknown || (status == .skipped && !isExempt) {
        return Finding(.skipped, observed: "", message: "Not looked at, because \(required.id) is \(status.rawValue).")
      }
    }
    return check.evaluate(survey, answers, requirements)
  }
}
