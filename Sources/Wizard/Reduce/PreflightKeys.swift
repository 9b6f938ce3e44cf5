import Screen
import SetupCore

extension WizardState {
  /// The check that is selected.
  var selectedCheck: CheckBoard.Item? {
    let listed = checks.listed
    return listed.indices.contains(preflight.selected) ? listed[preflight.selected] : listed.last
  }

  mutating func preflightKey(_ key: Key) -> [WizardEffect] {
    switch key {
    case .up, .backTab: selectCheck(preflight.selected - 1)
    case .down, .tab: selectCheck(preflight.selected + 1)
    case .home: selectCheck(0)
    case .end: selectCheck(checks.listed.count - 1)
    case .pageUp, .pageDown:
      let pane = preflightPanes.detail
      preflight.offset = scrolled(
        preflight.offset, key, lines: checkDetail(width: pane.size.columns).count, rows: pane.size.rows)
    case .character("r"):
      return runChecks(selectedCheck.map { [$0.group] } ?? [.cluster], evenIfFresh: true)
    case .character("c"):
      return copy(selectedCheck?.result?.finding.remedy?.command)
    case .enter, .function(10), .control("n"):
      let open = checks.blockades.filter { $0.group == .cluster }
      let effects = forward()
      if !open.isEmpty {
        notice = .warning(
          checks.isBusy
            ? "Checks still run. Installing waits for them."
            : "\(open.count) \(open.count == 1 ? "check keeps" : "checks keep") this from being installed. See Review.")
      }
      return effects
    case .escape: return back()
    default: break
    }
    return []
  }

  private mutating func selectCheck(_ index: Int) {
    preflight.selected = min(max(0, index), max(0, checks.listed.count - 1))
    preflight.offset = 0
    preflight.isChosen = true
  }

  mutating func copy(_ text: String?) -> [WizardEffect] {
    guard let text, !text.isEmpty else {
      notice = .warning("There is no command to copy.")
      return []
    }
    notice = .good("Copied, where the terminal allows it.")
    return [.copy(text)]
  }

  mutating func take(_ event: CheckEvent, ofRun run: Int) -> [WizardEffect] {
    switch event {
    case .started(let id): checks.started(id, run: run, now: now)
    case .finished(let result): checks.finished(result, run: run)
    case .surveyed(let seen):
      guard checks.isLive(run) else { break }
      let kind = completed[.provider]
      survey = survey.merging(seen)
      if completed[.provider] != kind { return lookUpRegistry() }
    }
    return []
  }

  mutating func endChecks(_ run: Int, _ error: SetupError?) -> [WizardEffect] {
    checks.ended(run: run, error)
    let bad = checks.listed.firstIndex { $0.status == .fail } ?? checks.listed.firstIndex { $0.status == .unknown }
    if let bad, !preflight.isChosen {
      preflight.selected = bad
      preflight.offset = 0
    }
    // Nobody has gone down the review yet: it opens at what is in the way, as it does once all is known.
    if page == .review, review.selected == 0 { review.selected = firstReviewRow }
    return []
  }
}
