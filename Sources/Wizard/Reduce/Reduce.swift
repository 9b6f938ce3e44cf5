import Screen
import SetupCore

/// The wizard after an event, and what it asks of the world. Pure and total: any event is understood on any page.
public func reduce(_ state: inout WizardState, _ event: WizardEvent) -> [WizardEffect] {
  switch event {
  case .input(let input): state.take(input)
  case .tick(let now): state.tick(now)
  case .surveyedLocally(let seen): state.takeLocal(seen)
  case .check(let run, let event): state.take(event, ofRun: run)
  case .checksEnded(let run, let error): state.endChecks(run, error)
  case .planReady(let request, let document): state.takePlan(request, .ready(document))
  case .planFailed(let request, let error): state.takePlan(request, .failed(error))
  case .run(let event): state.take(event)
  case .runEnded(let end): state.takeEnd(end)
  case .imagesLooked(let request, let offer): state.takeOffer(request, offer)
  case .images(let event): state.takeImages(event)
  case .imagesEnded(let error): state.takeImagesEnd(error)
  case .notCopied: state.notCopied()
  case .answersSaved(let path): state.saved(path)
  case .answersNotSaved(let error): state.notSaved(error)
  }
}

extension WizardState {
  mutating func take(_ input: InputEvent) -> [WizardEffect] {
    switch input {
    case .key(let key):
      forgetNotice()
      return take(key)
    case .paste(let text):
      forgetNotice()
      return paste(text)
    case .resize(let size):
      self.size = size
      return []
    case .closed:
      return quitNow(130)
    case .interrupted:
      return interrupt()
    }
  }

  /// A key answers what the line above the footer said, and what was to happen by itself does not.
  private mutating func forgetNotice() {
    notice = nil
    stopWaiting()
  }

  /// The page is not left by itself any more.
  private mutating func stopWaiting() {
    goesOnWhenSeen = false
    if background.isLooking { background.phase = .idle }
  }

  /// Ctrl-C: it asks, over whatever is open. Where that is asked already, the second one is not a question any more.
  private mutating func interrupt() -> [WizardEffect] {
    stopWaiting()
    if let dialog, dialog.asksToLeave { return quitNow(130) }
    dialog = nil
    helpOffset = nil
    background.offset = nil
    return askToLeave()
  }

  /// Leaves without a question, saving what can be saved.
  mutating func quitNow(_ code: Int32) -> [WizardEffect] {
    var effects = leaveField()
    effects += stopRun() + stopImages()
    return effects + [.saveAnswers, .quit(code)]
  }

  mutating func take(_ key: Key) -> [WizardEffect] {
    switch key {
    case .control("l"): return [.redraw]
    case .control("z"): return [.suspend]
    case .control("c"): return interrupt()
    default: break
    }
    if dialog != nil { return dialogKey(key) }
    if helpOffset != nil { return helpKey(key) }
    if background.offset != nil { return imagesKey(key) }
    if chartKeys != nil, key != .function(1) { return chartListKey(key) }
    switch key {
    case .function(1): return showHelp()
    case .character("?") where !isTyping: return showHelp()
    case .function(2): return back()
    case .function(4), .control("r"): return jumpToReview()
    case .function(6): return showImages()
    default: break
    }
    switch page {
    case .preflight: return preflightKey(key)
    case .review: return reviewKey(key)
    case .plan: return planKey(key)
    case .run: return runKey(key)
    case .result: return resultKey(key)
    case .cluster, .registry, .dataRobot, .images: return formKey(key)
    }
  }

  /// Whether characters go into a text.
  var isTyping: Bool {
    guard let question = focusedQuestion else { return false }
    switch question.kind {
    case .choice, .values: return false
    case .text, .path, .paths, .secret, .duration: return true
    }
  }

  mutating func tick(_ now: Duration) -> [WizardEffect] {
    self.now = max(now, self.now)
    return []
  }

  mutating func saved(_ path: String) -> [WizardEffect] {
    if let code = quitAfterSaving { return [.quit(code)] }
    notice = .good("Saved: \(shownPath(path))")
    return []
  }

  mutating func notSaved(_ error: SetupError) -> [WizardEffect] {
    if quitAfterSaving != nil {
      dialog = .notSaved(error.description)
    } else {
      notice = .bad("Not saved: \(error.message)")
    }
    return []
  }

  mutating func notCopied() -> [WizardEffect] {
    notice = .warning("Too long to copy. The plan verb prints it: mlops-setup plan")
    return []
  }

  mutating func showHelp() -> [WizardEffect] {
    helpOffset = 0
    return []
  }

  mutating func helpKey(_ key: Key) -> [WizardEffect] {
    guard let offset = helpOffset else { return [] }
    switch key {
    case .up, .down, .pageUp, .pageDown, .home, .end:
      helpOffset = scrolled(
        offset, key, lines: helpLines(width: helpRect.inset().size.columns).count, rows: helpRect.inset().size.rows)
    default:
      helpOffset = nil
    }
    return []
  }

  /// The first line shown after a key, of a text that is longer than its rows.
  func scrolled(_ offset: Int, _ key: Key, lines: Int, rows: Int) -> Int {
    let last = max(0, lines - rows)
    let page = max(1, rows - 1)
    let wanted =
      switch key {
      case .up: offset - 1
      case .down: offset + 1
      case .pageUp: offset - page
      case .pageDown: offset + page
      case .home: 0
      case .end: last
      default: offset
      }
    return min(max(0, wanted), last)
  }
}
