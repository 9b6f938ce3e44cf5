/// A verdict, and whether the check was kept from being looked at.
struct CheckVerdict: Sendable {
  var result: CheckResult
  /// Skipped though it applies.
  var isWithheld: Bool
  /// The check that it was skipped for; nil: it skipped itself.
  var withheldBy: CheckID?
}

/// How far a run of checks is: what was sent and seen, and the verdicts so far. It does nothing itself.
struct CheckProgress {
  let checks: [Check]
  private(set) var survey = Survey()
  private(set) var verdicts: [CheckID: CheckVerdict] = [:]
  /// Not yet looked at.
  private var missing: Set<Probe> = []
  /// Not yet sent.
  private var waiting: [Probe] = []
  /// When each was sent.
  private var sent: [Probe: Duration] = [:]

  init(checks: [Check]) {
    self.checks = checks
    gather()
  }

  /// Those without a verdict.
  var open: [Check] { checks.filter { verdicts[$0.id] == nil } }

  /// Those that are not as they should be, in order.
  var pending: [CheckResult] {
    checks.compactMap { verdicts[$0.id] }.filter(\.isPending).map(\.result)
  }

  func hasFailed(_ ids: [CheckID]) -> Bool { ids.contains { verdicts[$0]?.isPending == true } }

  /// Takes back the verdicts that are not as they should be: what they need is looked at again.
  mutating func reopen() {
    verdicts = verdicts.filter { !$0.value.isPending }
    gather()
  }

  /// What the open checks need, with what that builds on, in the order of the checks.
  private mutating func gather() {
    var needed: [Probe] = []
    func add(_ probe: Probe) {
      if needed.contains(probe) { return }
      probe.after.forEach(add)
      needed.append(probe)
    }
    for probe in open.flatMap(\.needs) { add(probe) }
    missing = Set(needed)
    waiting = needed
    sent = [:]
  }

  /// The probes whose time has come, in a fixed order.
  mutating func takeReady(at elapsed: Duration) -> [Probe] {
    let ready = waiting.filter { missing.isDisjoint(with: $0.after) }
    waiting.removeAll(where: ready.contains)
    for probe in ready { sent[probe] = elapsed }
    return ready
  }

  mutating func take(_ update: SurveyUpdate, from probe: Probe) {
    update(&survey)
    missing.remove(probe)
  }

  /// The verdicts that can be given now. One verdict can free another, so it goes on until none is freed.
  mutating func settle(_ setup: Setup, at elapsed: Duration) -> [CheckResult] {
    var settled: [CheckResult] = []
    var count = -1
    while count != settled.count {
      count = settled.count
      for check in open where missing.isDisjoint(with: check.needs) {
        guard var verdict = verdict(check, setup) else { continue }
        let start = check.needs.compactMap { sent[$0] }.min() ?? elapsed
        verdict.result.duration = elapsed - start
        verdicts[check.id] = verdict
        settled.append(verdict.result)
      }
    }
    return settled
  }

  /// The check at the bottom of a verdict: the reader is told of it and not of a chain.
  private func cause(of verdict: CheckVerdict) -> CheckResult {
    var bottom = verdict
    while let id = bottom.withheldBy, let next = verdicts[id] { bottom = next }
    return bottom.result
  }

  private func verdict(_ check: Check, _ setup: Setup) -> CheckVerdict? {
    if let reason = check.exemption(setup.answers, survey) {
      return CheckVerdict(check, Finding(.skipped, observed: "", message: reason))
    }
    for required in checks where check.after.contains(required.id) {
      guard let verdict = verdicts[required.id] else { return nil }
      let status = verdict.result.finding.status
      if status == .fail || status == .unknown || verdict.isWithheld {
        let cause = cause(of: verdict)
        let message = "Not looked at, because \(cause.id) \(cause.finding.status.predicate)."
        return CheckVerdict(
          check, Finding(.skipped, observed: "", message: message), isWithheld: true, withheldBy: required.id)
      }
    }
    var finding = check.evaluate(survey, setup.answers, setup.requirements)
    if let command = finding.remedy?.command { finding.remedy?.command = Kubectl(setup.answers).aimed(command) }
    let judged = finding.waived(check.id, by: setup.answers.waivers, on: CalendarDate(setup.world.now()))
    return CheckVerdict(check, judged, isWithheld: judged.status == .skipped, withheldBy: judged.leftTo)
  }
}

extension CheckVerdict {
  init(_ check: Check, _ finding: Finding, isWithheld: Bool = false, withheldBy: CheckID? = nil) {
    let result = CheckResult(
      id: check.id, title: check.title, isBlocking: check.isBlocking, required: check.required, why: check.why,
      finding: finding, duration: .zero)
    self.init(result: result, isWithheld: isWithheld, withheldBy: withheldBy)
  }

  fileprivate var isPending: Bool {
    isWithheld || result.finding.status == .fail || result.finding.status == .unknown
  }
}
