import Screen
import SetupCore
import Terminal
import Text
import Wizard

/// The interactive way in.
struct WizardCommand {
  let options: AnswersOptions
  let demo: DemoOptions

  func run(in context: CommandContext) async throws -> Int32 {
    let world = context.world
    guard world.hasTerminal, let mainThread = context.mainThread else {
      throw SetupError(
        .usage, "the wizard needs a terminal, and standard input or output is none",
        next: "Install unattended with --answers FILE, or check the cluster with: mlops-setup preflight")
    }
    // The simulated world has a folder of its own: it leaves the answers and the draft of real work alone.
    let isDemo = context.demonstrationAnswers != nil
    let answersPath = world.absolutePath("mlops-setup-answers.yaml")
    let draft = AnswersDraft(world: world)
    let start = try beginning(draft, answersPath: answersPath, in: context)
    var answers = start.answers
    if let kubeconfig = options.kubeconfig {
      answers[AnswerKey.kubeconfig.id] = Answer(.text(world.absolutePath(kubeconfig)))
    }
    if let name = options.context { answers[AnswerKey.context.id] = Answer(.text(name)) }
    let setup = Setup(world: world, answers: answers, requirements: try .documented())
    let greeting = [interruption(setup), start.greeting].compactMap { $0 }.joined(separator: " ")
    let actions = WizardActions.live(setup, answersPath: answersPath, draft: draft)

    // The home that the reader's shell knows: the simulated world has another.
    let demonstration = isDemo ? ["--demo"] + [demo.scenario].compactMap { $0 } : []
    let state = { @Sendable [answers] (glyphs: GlyphSet) in
      WizardState(
        checks: CheckCatalog.checks, answers: answers, answersPath: answersPath, home: world.environment["HOME"],
        demonstration: demonstration, glyphs: glyphs, greeting: greeting.isEmpty ? nil : greeting)
    }
    var ending = try await mainThread.run { try Self.drive(state, actions: actions, setup: setup) }
    if ending.state.isRunning { context.console.progress("Stopping ...") }
    await ending.settle()
    for line in ending.state.farewell { context.console.progress(line) }
    if let path = ending.savedPath {
      context.console.progress(
        "The answers are in \(path). \(Shell.line(["mlops-setup"] + demonstration))\(isDemo ? "" : " in this folder") "
          + "goes on with them.")
    }
    return ending.exitCode
  }

  /// A run on the target of these answers that did not come to its end; nil: there is none, or the answers do not say yet
  /// which target it is. The plan looks again.
  private func interruption(_ setup: Setup) -> String? {
    do {
      let known = setup.with(Questionnaire.standard.completed(setup.answers, Survey()))
      let open = try known.journal().interruptedSteps()
      let titles = Planner.steps(known.answers).filter { open.contains($0.id) }.map(\.title)
      return titles.isEmpty ? nil : "A run was interrupted during \(titles.joined(separator: ", ")): see the plan."
    } catch {
      // Whoever makes the plan reads the same journal, and is told then why it cannot be read.
      return nil
    }
  }

  /// What is known already: of last time, or in the simulated world all that fits it.
  private func beginning(
    _ draft: AnswersDraft, answersPath: String, in context: CommandContext
  ) throws -> (answers: Answers, greeting: String?) {
    let kept = try draft.beginning(answersPath: answersPath)
    guard context.demonstrationAnswers != nil else { return kept }
    let notice = "Simulated: nothing here is real."
    guard kept.greeting == nil else { return (kept.answers, "\(notice) Your answers are back.") }
    return (try Unattended(context: context, options: options).given(), "\(notice) Every answer is filled in.")
  }

  /// The screen belongs to the main thread, and is given back before anything else is written.
  private static func drive(
    _ state: @Sendable (GlyphSet) -> WizardState, actions: WizardActions, setup: Setup
  ) throws -> WizardEnding {
    let folder = StateFolder.root(setup.world)
    let terminal: Terminal
    do {
      terminal = try Terminal.open(
        Terminal.Options(
          environment: setup.world.environment, errorLog: folder + "/wizard.log",
          crashNotice: "mlops-setup stopped unexpectedly. Run it again: the answers are kept. Log: \(folder)/wizard.log"
        ))
    } catch {
      throw SetupError(.usage, error.description)
    }
    defer { terminal.close() }
    let waker = terminal.waker
    var driver = WizardDriver(
      state: state(terminal.glyphs), screen: terminal, actions: actions, secrets: setup.secrets,
      mailbox: WizardMailbox { waker.wake() })
    return driver.run()
  }
}
