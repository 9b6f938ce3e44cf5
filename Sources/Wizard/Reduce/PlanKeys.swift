import Screen
import SetupCore

extension WizardState {
  /// What the plan depends on: every answer.
  var planInputs: CheckBoard.Inputs {
    var values: [QuestionID: AnswerValue] = [:]
    for id in answers.ids { values[id] = answers[id]?.value }
    return CheckBoard.Inputs(values: values, secretRevisions: secretRevisions)
  }

  mutating func makePlan() -> [WizardEffect] {
    plan.request += 1
    plan.progress = .making(since: now)
    plan.inputs = planInputs
    plan.offset = 0
    return [.makePlan(request: plan.request)]
  }

  mutating func takePlan(_ request: Int, _ progress: PlanState.Progress) -> [WizardEffect] {
    guard request == plan.request, plan.isMaking else { return [] }
    plan.progress = progress
    return []
  }

  mutating func planKey(_ key: Key) -> [WizardEffect] {
    switch key {
    case .up, .down, .pageUp, .pageDown, .home, .end:
      let rect = planRect
      plan.offset = scrolled(
        plan.offset, key, lines: planLines(width: rect.size.columns - 1).count, rows: rect.size.rows)
    case .character("v"):
      plan.showsCommands.toggle()
      plan.offset = scrolled(
        plan.offset, .tab, lines: planLines(width: planRect.size.columns - 1).count, rows: planRect.size.rows)
    case .character("c"):
      return copy(plan.document?.steps.flatMap(\.commands).map(\.shell).joined(separator: "\n"))
    case .character("s"): return [.saveAnswers]
    case .character("r"): return makePlan()
    case .enter, .character("i"), .function(10), .control("n"): return install()
    case .escape: return back()
    default: break
    }
    return []
  }

  /// Why the plan is not run now, a line each; empty: it may be.
  var refusals: [String] {
    let checks = checks.blockades.map { "\($0.check.title): \($0.blockade ?? "")" }
    let steps = (plan.document?.steps ?? []).filter { $0.state == "blocked" }
      .map { "\($0.title): \(withTitles($0.details.first ?? "blocked"))" }
    return checks + steps
  }

  /// Above them.
  var refusalTitle: String { refusals.count == 1 ? "Not now" : "Not now, \(refusals.count) in the way" }

  private mutating func install() -> [WizardEffect] {
    guard let document = plan.document else {
      if case .failed = plan.progress { return makePlan() }
      notice = .warning("The plan is not ready yet.")
      return []
    }
    let refusals = refusals
    guard refusals.isEmpty else {
      dialog = .refusal(refusalTitle, refusals)
      return []
    }
    guard let summary = document.summary else {
      run = RunState()
      run.end = WizardRunEnd(commands: LookAfter.commands(completed))
      run.steps = document.steps.map { step in
        RunState.Step(
          id: StepID(step.id), title: step.title, onlyWaits: step.onlyWaits,
          progress: .ended(.unchanged(step.details.first ?? ""), took: .zero))
      }
      return go(to: .result)
    }
    dialog = .install(
      target: document.target, summary: summary, waits: background.isRunning, isSimulated: !demonstration.isEmpty)
    return []
  }

  /// Begins the installation, or begins it again: every step looks first.
  mutating func startRun() -> [WizardEffect] {
    guard let document = plan.document, !run.isRunning else { return [] }
    run = RunState()
    run.steps = document.steps.map { RunState.Step(id: StepID($0.id), title: $0.title, onlyWaits: $0.onlyWaits) }
    run.startedAt = now
    if background.isRunning {
      run.waitsForImages = true
      return go(to: .run)
    }
    background.phase = .idle
    return go(to: .run) + [.run(request: plan.request)]
  }
}
