import ArgumentParser
import SetupCore
import Text

/// `mlops-setup`, without a verb: the wizard, or with `--answers` the same unattended.
struct InstallCommand: Verb {
  static let configuration = CommandConfiguration(
    commandName: "install", abstract: "Start the wizard, or install unattended with --answers (default).")

  @OptionGroup var answers: AnswersOptions
  @OptionGroup var demo: DemoOptions

  func run(in context: CommandContext) async throws -> Int32 {
    if answers.answers != nil { return try await Interruption.catching { try await install(in: context) } }
    return try await WizardCommand(options: answers, demo: demo).run(in: context)
  }

  /// The same questions, checks, plan and run, fed by a file.
  private func install(in context: CommandContext) async throws -> Int32 {
    let console = context.console
    let unattended = Unattended(context: context, options: answers)
    let setup = try await unattended.completed(unattended.setup(unattended.given()))
    console.progress("Checking …")
    let (results, survey) = await CheckRunner(setup: setup, checks: CheckCatalog.checks(setup.answers)).run()
    try Task.checkCancellation()
    let report = PreflightReport(results, survey, setup.answers)
    if let obstacle = report.obstacle {
      console.out(PreflightText.document([report], TextStyle(console, context.world.environment)))
      throw obstacle
    }
    for check in results where ![.pass, .skipped].contains(check.finding.status) {
      console.progress(OutsideText.clean("  \(check.finding.status.rawValue): \(check.finding.message)"))
    }
    let code = try await unattended.run(try await Planner.plan(setup), setup)
    if code == 0, context.demonstrationAnswers == nil, let file = unattended.path {
      console.progress("Verify that it works: " + Shell.line(["mlops-setup", "verify", "--answers", file]))
    }
    return code
  }
}
