import Screen
import SetupCore
import Synchronization
import Wizard

/// News from background work on its way to the thread that owns the screen.
final class WizardMailbox: Sendable {
  private let events = Mutex<[WizardEvent]>([])
  private let wake: @Sendable () -> Void

  /// A mailbox that calls `wake` after each event, from whatever thread.
  init(wake: @escaping @Sendable () -> Void) { self.wake = wake }

  func post(_ event: WizardEvent) {
    events.withLock { $0.append(event) }
    wake()
  }

  /// All that came, in order.
  func take() -> [WizardEvent] {
    events.withLock { events in
      defer { events = [] }
      return events
    }
  }
}

/// Plans hold live steps, which the wizard's state does not: they wait here for the moment that they are run.
private final class PlanShelf: Sendable {
  private let plans = Mutex<[Int: Plan]>([:])
  func keep(_ plan: Plan, _ request: Int) { plans.withLock { $0 = [request: plan] } }
  func plan(_ request: Int) -> Plan? { plans.withLock { $0[request] } }
}

/// How a wizard was left.
struct WizardEnding: Sendable {
  /// The process' exit code.
  let exitCode: Int32
  /// Where the answers were written; nil: they were not.
  let savedPath: String?
  /// The state at the end.
  private(set) var state: WizardState
  /// The installation, and the images that are brought before it.
  private let tasks: [Task<Void, Never>]
  private let mailbox: WizardMailbox

  fileprivate init(
    exitCode: Int32, savedPath: String?, state: WizardState, tasks: [Task<Void, Never>], mailbox: WizardMailbox
  ) {
    self.exitCode = exitCode
    self.savedPath = savedPath
    self.state = state
    self.tasks = tasks
    self.mailbox = mailbox
  }

  /// Waits for the end of what was told to stop, and takes its news into the state.
  mutating func settle() async {
    for task in tasks { await task.value }
    for event in mailbox.take() { _ = reduce(&state, event) }
  }
}

/// The wizard's loop: an event, `reduce`, its effects, a frame. It runs on the thread that owns the screen and blocks it;
/// all that takes time runs in detached tasks, which post into the mailbox.
struct WizardDriver {
  private var state: WizardState
  private let screen: any WizardScreen
  private let actions: WizardActions
  private let secrets: SecretStore
  private let mailbox: WizardMailbox

  private let plans = PlanShelf()
  private let start = ContinuousClock.now
  private var localTask: Task<Void, Never>?
  private var checkTasks: [Int: Task<Void, Never>] = [:]
  private var planTask: Task<Void, Never>?
  private var runTask: Task<Void, Never>?
  private var lookTask: Task<Void, Never>?
  private var imagesTask: Task<Void, Never>?
  private var exitCode: Int32?
  private var savedPath: String?
  /// Whether answers that should have been written could not be: then the draft stays.
  private var isUnsaved = false
  private var pending: [WizardEvent] = []

  init(
    state: WizardState, screen: any WizardScreen, actions: WizardActions, secrets: SecretStore, mailbox: WizardMailbox
  ) {
    self.state = state
    self.screen = screen
    self.actions = actions
    self.secrets = secrets
    self.mailbox = mailbox
  }

  /// Runs the wizard to its end. An installation that was told to stop may still be at it: whoever gives the screen back
  /// waits for it (`WizardEnding.settle`).
  mutating func run() -> WizardEnding {
    handle(.input(.resize(screen.size)))
    for effect in state.start() { perform(effect) }
    while true {
      while !pending.isEmpty, exitCode == nil { handle(pending.removeFirst()) }
      if let exitCode {
        end()
        return WizardEnding(
          exitCode: exitCode, savedPath: savedPath, state: state, tasks: [runTask, imagesTask].compactMap { $0 },
          mailbox: mailbox)
      }
      screen.show(render(state, size: state.size))
      let input = screen.nextEvent(timeout: state.isBusy ? .milliseconds(100) : nil)
      pending.append(.tick(ContinuousClock.now - start))
      pending += mailbox.take()
      if let input { pending.append(.input(input)) }
    }
  }

  private mutating func handle(_ event: WizardEvent) {
    for effect in reduce(&state, event) { perform(effect) }
  }

  private mutating func end() {
    localTask?.cancel()
    planTask?.cancel()
    runTask?.cancel()
    lookTask?.cancel()
    imagesTask?.cancel()
    for task in checkTasks.values { task.cancel() }
    guard !isUnsaved else { return }
    // A draft that cannot be removed only offers itself once more.
    do { try actions.dropDraft() } catch { mailbox.post(.answersNotSaved(SetupError(wrapping: error, code: .tool))) }
  }

  private mutating func perform(_ effect: WizardEffect) {
    let (actions, mailbox, plans) = (actions, mailbox, plans)
    let (answers, judged, completed) = (state.answersGiven, state.answersToCheck, state.completed)
    switch effect {
    case .surveyLocally:
      localTask?.cancel()
      localTask = Task.detached { [survey = state.survey] in
        let seen = await actions.surveyLocally(answers, survey)
        if !Task.isCancelled { mailbox.post(.surveyedLocally(seen)) }
      }
    case .runChecks(let run, let ids):
      checkTasks[run] = Task.detached {
        await actions.check(ids, judged) { mailbox.post(.check(run: run, $0)) }
        mailbox.post(.checksEnded(run: run, nil))
      }
    case .cancelChecks(let run):
      checkTasks.removeValue(forKey: run)?.cancel()
    case .keepSecret(let question, let secret):
      secrets.keep(secret, for: question)
    case .forgetSecret(let question):
      secrets.forget(question)
    case .makePlan(let request):
      planTask?.cancel()
      planTask = Task.detached {
        do {
          let plan = try await actions.plan(completed)
          plans.keep(plan, request)
          mailbox.post(.planReady(request: request, PlanDocument(plan)))
        } catch {
          mailbox.post(.planFailed(request: request, SetupError(wrapping: error, code: .tool)))
        }
      }
    case .run(let request):
      guard let plan = plans.plan(request) else {
        pending.append(
          .runEnded(
            WizardRunEnd(error: SetupError(.installFailed, "The plan is gone.", next: "Go back and make it again."))))
        return
      }
      runTask = Task.detached {
        let end = await actions.run(plan, completed) { mailbox.post(.run($0)) }
        mailbox.post(.runEnded(end))
      }
    case .cancelRun:
      runTask?.cancel()
    case .lookForImages(let request):
      lookTask?.cancel()
      lookTask = Task.detached {
        mailbox.post(.imagesLooked(request: request, await actions.lookForImages(completed)))
      }
    case .pushImages:
      imagesTask = Task.detached {
        mailbox.post(.imagesEnded(await actions.pushImages(completed) { mailbox.post(.images($0)) }))
      }
    case .cancelImages:
      imagesTask?.cancel()
    case .answersChanged:
      do { try actions.keepDraft(state.answersGiven) } catch { notSaved(error) }
    case .saveAnswers:
      do {
        let path = try actions.save(state.answersToSave)
        pending.append(.answersSaved(path))
        savedPath = path
        isUnsaved = false
      } catch {
        isUnsaved = true
        notSaved(error)
      }
    case .copy(let text):
      if !screen.copy(text) { pending.append(.notCopied) }
    case .redraw:
      screen.redraw()
    case .suspend:
      // The terminal stops the process itself when Ctrl-Z is pressed.
      break
    case .quit(let code):
      exitCode = exitCode ?? code
    }
  }

  private mutating func notSaved(_ error: any Error) {
    pending.append(.answersNotSaved(SetupError(wrapping: error, code: .tool)))
  }
}
