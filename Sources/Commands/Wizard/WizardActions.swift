import SetupCore
import Wizard

/// What the wizard does to the world: one closure for each of its effects that leaves the process' memory. The command
/// fills it with the core's work, a test with what it wants to see.
struct WizardActions: Sendable {
  /// Looks at what is seen from this machine, beside what was seen before.
  var surveyLocally: @Sendable (_ answers: Answers, _ seen: Survey) async -> Survey
  /// Runs checks and tells about them.
  var check:
    @Sendable (_ ids: [CheckID], _ answers: Answers, _ tell: @escaping @Sendable (CheckEvent) -> Void) async -> Void
  /// Makes the plan for completed answers.
  var plan: @Sendable (_ completed: Answers) async throws -> Plan
  /// Runs a plan and tells about it.
  var run:
    @Sendable (_ plan: Plan, _ completed: Answers, _ tell: @escaping @Sendable (RunEvent) -> Void) async -> WizardRunEnd
  /// Looks which images the registry lacks.
  var lookForImages: @Sendable (_ completed: Answers) async -> ImagesOffer = { _ in .nothing }
  /// Brings them and tells about it; returns why they did not arrive, nil where they did.
  var pushImages:
    @Sendable (_ completed: Answers, _ tell: @escaping @Sendable (RunEvent) -> Void) async -> SetupError? = { _, _ in
      nil
    }
  /// Writes the answers file; returns its path.
  var save: @Sendable (_ answers: Answers) throws -> String
  /// Keeps the answers against a crash.
  var keepDraft: @Sendable (_ answers: Answers) throws -> Void
  /// Removes what `keepDraft` kept.
  var dropDraft: @Sendable () throws -> Void
}

extension WizardActions {
  /// The core's work on a set-up, whose answers are replaced by those of the wizard each time.
  static func live(_ base: Setup, answersPath: String, draft: AnswersDraft) -> WizardActions {
    WizardActions(
      surveyLocally: { await Surveyor().local(base.with($0), seen: $1) },
      check: { ids, answers, tell in
        let checks = CheckCatalog.all.filter { ids.contains($0.id) }
        _ = await CheckRunner(setup: base.with(answers), checks: checks).run(tell: tell)
      },
      plan: { completed in
        let setup = base.with(completed)
        try setup.proveConnection()
        let problems = setup.secretProblems()
        guard problems.isEmpty else {
          throw SetupError(
            .usage, problems.map { "\($0.question) \($0.text)" }.joined(separator: "\n"),
            next: "Go back and type it, or name where it is to be found.")
        }
        return try await Planner.plan(setup)
      },
      run: { plan, completed, tell in
        let commands = LookAfter.commands(completed)
        var logPath: String?
        do {
          let setup = base.with(completed)
          let journal = try setup.journal()
          logPath = journal.path
          let report = try await Runner(plan: plan, setup: setup, journal: journal).run(tell: tell)
          return WizardRunEnd(error: report.failure?.error, commands: commands, logPath: logPath)
        } catch {
          return WizardRunEnd(
            error: SetupError(wrapping: error, code: .installFailed), commands: commands, logPath: logPath)
        }
      },
      lookForImages: { completed in
        do {
          return try await ImagesOffer.look(base.with(completed))
        } catch {
          return .later(SetupError(wrapping: error, code: .tool).message)
        }
      },
      pushImages: { completed, tell in
        do {
          let setup = base.with(completed)
          let plan = try await Planner.plan(setup, only: "images")
          if let obstacle = plan.obstacle { return obstacle }
          let journal = try setup.journal()
          return try await Runner(plan: plan, setup: setup, journal: journal).run(tell: tell).failure?.error
        } catch {
          return SetupError(wrapping: error, code: .installFailed)
        }
      },
      save: { answers in
        try base.world.files.write(answersPath, Array(AnswersFile.text(answers).utf8), 0o600)
        return answersPath
      },
      keepDraft: draft.keep, dropDraft: draft.drop)
  }
}
