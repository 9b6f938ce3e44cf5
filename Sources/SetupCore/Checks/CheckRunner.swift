/// Runs checks: surveys what they need, each thing once and all side by side, and evaluates each check as soon as its
/// facts are there and the checks it builds on have passed.
public struct CheckRunner: Sendable {
  private let setup: Setup
  private let checks: [Check]
  /// How long one probe may take.
  private let deadline: Duration

  /// A runner of these checks.
  public init(setup: Setup, checks: [Check], deadline: Duration = .seconds(30)) {
    self.setup = setup
    self.checks = checks
    self.deadline = deadline
  }

  /// Runs them all and tells about each; the results are in the checks' order. Cancelling the task ends it early, and
  /// what was not decided then is unknown.
  public func run(
    known: Survey = Survey(), tell: @escaping @Sendable (CheckEvent) -> Void = { _ in }
  ) async -> (results: [CheckResult], survey: Survey) {
    let clock = ContinuousClock()
    let start = clock.now
    var survey = known
    var results: [CheckID: CheckResult] = [:]
    var missing = Set(checks.flatMap(\.needs)).union([.kubeconfig])
    let surveyor = Surveyor(setup: setup, deadline: deadline)

    func settle() {
      // One verdict can free another, so it goes on until none is freed.
      var isSettled = false
      while !isSettled {
        isSettled = true
        for check in checks where results[check.id] == nil && missing.isDisjoint(with: check.needs) {
          guard let finding = verdict(check, survey, results) else { continue }
          let result = CheckResult(
            id: check.id, title: check.title, isBlocking: check.isBlocking, required: check.required,
            finding: finding, duration: clock.now - start)
          results[check.id] = result
          tell(.finished(result))
          isSettled = false
        }
      }
    }

    for check in checks { tell(.started(check.id)) }
    await withTaskGroup(of: (Probe, SurveyUpdate).self) { group in
      func send(_ probe: Probe) {
        group.addTask { [survey] in (probe, await surveyor.gather(probe, survey)) }
      }
      var waiting = missing
      func sendReady() {
        for probe in Probe.allCases where waiting.contains(probe) && missing.isDisjoint(with: probe.after) {
          waiting.remove(probe)
          send(probe)
        }
      }
      sendReady()
      while let (probe, update) = await group.next() {
        update(&survey)
        missing.remove(probe)
        tell(.surveyed(survey))
        settle()
        sendReady()
      }
    }
    return (checks.compactMap { results[$0.id] }, survey)
  }

  private func verdict(_ check: Check, _ survey: Survey, _ results: [CheckID: CheckResult]) -> Finding? {
    if let reason = check.exemption(setup.answers, survey) {
      return Finding(.skipped, observed: "", message: reason)
    }
    let chosen = Set(checks.map(\.id))
    for id in check.after where chosen.contains(id) {
      guard let status = results[id]?.finding.status else { return nil }
      if status == .fail || status == .unknown || status == .skipped {
        return Finding(.skipped, observed: "", message: "Not looked at, because \(id) is \(status.rawValue).")
      }
    }
    return check.evaluate(survey, setup.answers, setup.requirements)
  }
}
