import Screen
import SetupCore

extension WizardState {
  /// Shows another page. What was typed on this one stays, and its checks run where its answers changed.
  mutating func go(to target: Page, focus: FormFocus? = nil) -> [WizardEffect] {
    var effects = leaveField()
    left.insert(page)
    if isForm { effects += runChecks([page]) }
    page = target
    if target == .review { returnsToReview = false }
    if let focus { form.remembered[target] = focus }
    enterForm()
    return effects + enterPage()
  }

  private mutating func enterPage() -> [WizardEffect] {
    switch page {
    case .preflight:
      preflight.selected = min(preflight.selected, max(0, checks.listed.count - 1))
      preflight.offset = 0
      return runChecks([.cluster])
    case .review:
      left.formUnion(questionnaire.questions.map(\.page))
      let effects = runChecks(checks.groups)
      review.selected = firstReviewRow
      return effects
    case .plan:
      return plan.inputs == planInputs && plan.document != nil ? [] : makePlan()
    case .registry:
      return lookUpRegistry()
    case .cluster, .dataRobot, .images, .run, .result:
      return []
    }
  }

  /// What the kind of registry on its page looks up, where nobody did yet: also one that only what was seen suggests.
  mutating func lookUpRegistry() -> [WizardEffect] {
    guard page == .registry, let provider = RegistryProviders.chosen(completed), !provider.lookups.isEmpty,
      case .notAsked = provider.lookedUp(survey)
    else { return [] }
    return surveyLocally()
  }

  /// Back a page. It never asks for a valid page and never changes an answer.
  mutating func back() -> [WizardEffect] {
    if run.isRunning { return askToLeave() }
    if returnsToReview { return go(to: .review) }
    switch page {
    case .run, .result: return go(to: .review)
    default: break
    }
    guard let previous = page.previous else { return askToLeave() }
    return go(to: previous)
  }

  /// On to the next page, where this one is complete.
  mutating func forward() -> [WizardEffect] {
    let effects = leaveField()
    let problems = problems(on: page)
    if isLookingLocally, !problems.isEmpty, problems.allSatisfy(\.isMissing) {
      goesOnWhenSeen = true
      notice = .warning("Still looking: what is found fills in the rest.")
      return effects
    }
    if let first = problems.first {
      left.insert(page)
      setFocus(.question(first.question))
      notice = .bad(problems.count == 1 ? "Mend this to go on." : "Mend this and \(problems.count - 1) more to go on.")
      return effects
    }
    if let look = lookForImages() { return effects + look }
    guard let next = returnsToReview ? .review : page.next else { return effects }
    return effects + go(to: next)
  }

  mutating func jumpToReview() -> [WizardEffect] {
    if run.isRunning { return askToLeave() }
    return page == .review ? [] : go(to: .review)
  }

  /// Asks before the wizard is left, or a run is stopped.
  mutating func askToLeave() -> [WizardEffect] {
    let effects = leaveField()
    if isForm { setFocus(form.focus) }
    if run.isRunning {
      dialog = .stopRun
    } else if page == .result, run.end?.error == nil {
      return effects + [.quit(0)]
    } else {
      dialog = .leave(answersPath: shownPath(answersPath), stopsImages: background.isRunning)
    }
    return effects
  }

  /// The code to leave with where nothing is going on any more.
  var exitCode: Int32 {
    guard let end = run.end else { return 130 }
    return end.error.map { $0.code == .interrupted ? 130 : SetupError(.installFailed, "").exitCode } ?? 0
  }

  mutating func dialogKey(_ key: Key) -> [WizardEffect] {
    guard var shown = dialog, !shown.buttons.isEmpty else {
      dialog = nil
      return []
    }
    let count = shown.buttons.count
    switch key {
    case .escape:
      return press(.stay)
    case .left, .up, .backTab:
      shown.focus = (shown.focus + count - 1) % count
    case .right, .down, .tab:
      shown.focus = (shown.focus + 1) % count
    case .enter:
      return press(shown.buttons[min(shown.focus, count - 1)].action)
    case .character(let character):
      let letter = Character(character.lowercased().first.map(String.init) ?? " ")
      if let button = shown.buttons.first(where: { $0.key == letter }) { return press(button.action) }
    default:
      break
    }
    dialog = shown
    return []
  }

  private mutating func press(_ action: Dialog.Action) -> [WizardEffect] {
    dialog = nil
    switch action {
    case .stay:
      quitAfterSaving = nil
      return []
    case .saveAndQuit:
      quitAfterSaving = exitCode
      return [.saveAnswers]
    case .quit:
      return [.quit(exitCode)]
    case .install:
      return startRun()
    case .stopRun: return stopRun()
    case .bringImages: return bringImages()
    case .leaveImages: return leaveImages()
    case .stopImages: return stopImages()
    case .review: return go(to: .review)
    }
  }

  /// Stops the installation after what it is doing.
  mutating func stopRun() -> [WizardEffect] {
    guard run.isRunning else { return [] }
    run.isStopping = true
    return run.waitsForImages ? stopImages() : [.cancelRun]
  }
}
