import Screen
import SetupCore
import Text

extension WizardState {
  mutating func take(_ event: RunEvent) -> [WizardEffect] {
    guard run.isRunning else { return [] }
    let now = now
    switch event {
    case .started(let id):
      update(id) { step in step.progress = .running(since: now, nil) }
    case .progress(let id, let progress):
      update(id) { step in
        if case .running(let since, _) = step.progress {
          step.progress = .running(since: since, progress)
        } else {
          step.progress = .running(since: now, progress)
        }
      }
    case .finished(let id, let outcome):
      update(id) { step in
        if case .running(let since, _) = step.progress {
          step.progress = .ended(outcome, took: now - since)
        } else {
          step.progress = .ended(outcome, took: .zero)
        }
      }
    }
    return []
  }

  private mutating func update(_ id: StepID, _ change: (inout RunState.Step) -> Void) {
    for index in run.steps.indices where run.steps[index].id == id { change(&run.steps[index]) }
  }

  mutating func takeEnd(_ end: WizardRunEnd) -> [WizardEffect] {
    guard run.isRunning else { return [] }
    run.end = end
    run.endedAt = now
    run.isStopping = false
    run.waitsForImages = false
    run.offset = nil
    if dialog == .stopRun { dialog = nil }
    for index in run.steps.indices {
      switch run.steps[index].progress {
      case .ended: break
      case .waiting: run.steps[index].progress = .ended(.notReached, took: .zero)
      case .running(let since, _):
        let error = end.error ?? SetupError(.installFailed, "The step did not say how it ended.", next: "Run it again.")
        run.steps[index].progress = .ended(.failed(error), took: now - since)
      }
    }
    // What it found has changed by the run, whatever its end.
    plan.inputs = nil
    guard end.error == nil else { return [] }
    return go(to: .result) + [.saveAnswers]
  }

  mutating func runKey(_ key: Key) -> [WizardEffect] {
    switch key {
    case .up, .down, .pageUp, .pageDown, .home, .end:
      let rect = runRect
      let lines = runLines(width: rect.size.columns - 1)
      run.offset = scrolled(
        run.offset ?? runOffset(lines, rows: rect.size.rows), key, lines: lines.count, rows: rect.size.rows)
      return []
    default: break
    }
    guard run.hasEndedEarly else {
      if key == .escape { return back() }
      return []
    }
    switch key {
    case .left, .backTab: run.choice = chosen(by: -1)
    case .right, .tab: run.choice = chosen(by: 1)
    case .enter: return choose(run.choice)
    case .character("r"): return choose(.retry)
    case .character("b"), .escape: return choose(.back)
    case .character("q"): return choose(.quit)
    case .character("s"): return [.saveAnswers]
    default: break
    }
    return []
  }

  private func chosen(by step: Int) -> RunState.Choice {
    let all = RunState.Choice.allCases
    let index = all.firstIndex(of: run.choice) ?? 0
    return all[(index + step + all.count) % all.count]
  }

  private mutating func choose(_ choice: RunState.Choice) -> [WizardEffect] {
    switch choice {
    case .retry: return startRun()
    case .back: return go(to: .review)
    case .quit: return askToLeave()
    }
  }

  /// The command that does all this again.
  var replayCommand: String { command() }

  /// A command line of ours on the answers file, in the simulated world where the wizard is in it.
  func command(_ verb: String? = nil) -> String {
    Shell.line(["mlops-setup"] + [verb].compactMap { $0 } + demonstration + ["--answers"])
      + " " + shellPath(answersPath)
  }

  mutating func resultKey(_ key: Key) -> [WizardEffect] {
    switch key {
    case .up, .down, .pageUp, .pageDown, .home, .end:
      let rect = bodyRect
      run.offset = scrolled(
        run.offset ?? 0, key, lines: resultLines(width: rect.size.columns - 1).count, rows: rect.size.rows)
    case .character("c"): return copy(replayCommand)
    case .character("s"): return [.saveAnswers]
    case .enter, .character("q"): return [.quit(exitCode)]
    case .escape: return back()
    default: break
    }
    return []
  }
}
