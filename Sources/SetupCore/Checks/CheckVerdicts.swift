/// All verdicts of a run, and what a report may make of them. A check that was kept from being looked at is `skipped`
/// only where the report itself shows why: what it was kept back for is reported, and not green.
struct CheckVerdicts {
  private let verdicts: [CheckID: CheckVerdict]
  private let setup: Setup

  init(_ verdicts: [CheckID: CheckVerdict], _ setup: Setup) {
    self.verdicts = verdicts
    self.setup = setup
  }

  /// The results of the selected checks, in their order.
  func results(_ selection: CheckSelection) -> [CheckResult] {
    let changed = Dictionary(uniqueKeysWithValues: reconsidered(selection).map { ($0.id, $0) })
    return selection.checks.filter { selection.reported.contains($0.id) }.compactMap { check in
      if selection.leftOut.contains(check.id) {
        return CheckVerdict(check, Finding(.skipped, observed: "", message: "Left out by --skip.")).result
      }
      return changed[check.id] ?? verdicts[check.id]?.result
    }
  }

  /// Those that are unknown in this selection though the run skipped them.
  func reconsidered(_ selection: CheckSelection) -> [CheckResult] {
    let shown = selection.reported.subtracting(selection.leftOut)
    let reported = selection.checks.filter { shown.contains($0.id) }.compactMap { verdicts[$0.id] }
    let isObstructed = reported.contains { verdict in
      verdict.result.isBlocking && [.fail, .unknown].contains(verdict.result.finding.status)
    }
    let troubled = Set(
      reported.filter { ![.pass, .skipped].contains($0.result.finding.status) }.map(\.result.id.category))
    return reported.filter(\.isWithheld).compactMap { verdict in
      let root = root(of: verdict)
      let isExplained: Bool
      if let root {
        isExplained = shown.contains(root.id) && (isObstructed || !verdict.result.isBlocking)
      } else {
        // It skipped itself: what it saw is another check's to tell, which is one of its category.
        isExplained = !verdict.result.isBlocking || troubled.contains(verdict.result.id.category)
      }
      if isExplained { return nil }
      var result = verdict.result
      let reason = root.map {
        "Not looked at, because \($0.id) \($0.finding.status.predicate): \($0.finding.message)"
      }
      let finding = Finding(
        .unknown, observed: "nothing", message: reason ?? result.finding.message, remedy: root?.finding.remedy,
        details: root?.finding.details ?? [])
      result.finding = finding.waived(
        result.id, by: setup.answers.waivers, on: CalendarDate(setup.world.now()))
      return result
    }
  }

  /// The check at the bottom of why this one was not looked at.
  private func root(of verdict: CheckVerdict) -> CheckResult? {
    var root: CheckVerdict?
    var next = verdict.withheldBy
    while let id = next, let verdict = verdicts[id] {
      root = verdict
      next = verdict.withheldBy
    }
    return root?.result
  }
}
