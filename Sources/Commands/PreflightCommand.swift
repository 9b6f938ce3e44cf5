import ArgumentParser
import SetupCore

/// `mlops-setup preflight`: the checks alone.
struct PreflightCommand: Verb {
  enum Format: String, ExpressibleByArgument, CaseIterable { case text, json }
  enum FailOn: String, ExpressibleByArgument, CaseIterable { case fail, warn }

  static let configuration = CommandConfiguration(
    commandName: "preflight", abstract: "Check the cluster, registry, tools and answers; change nothing.")

  @OptionGroup var answers: AnswersOptions
  @OptionGroup var demo: DemoOptions

  @Option(name: .long, help: "How the report is written.")
  var format = Format.text

  @Option(name: .long, help: ArgumentHelp("Write the report to a file.", valueName: "file"))
  var output: String?

  @Option(name: .long, help: "The least that makes the exit code non-zero.")
  var failOn = FailOn.fail

  @Option(name: .long, help: ArgumentHelp("How long one look may take: 30s.", valueName: "duration"))
  var timeout = "30s"

  func run(in context: CommandContext) async throws -> Int32 {
    guard let deadline = GoDuration(timeout) else {
      throw SetupError(.usage, "--timeout \(timeout) is no duration", next: "Write one like 30s or 2m.")
    }
    let unattended = Unattended(context: context, options: answers)
    var setup = try unattended.setup(unattended.given())
    // With an answers file, what is missing in it is an error; without one, what can be checked is checked.
    if unattended.path != nil { setup = try await unattended.completed(setup) }
    let checks = CheckCatalog.checks(Questionnaire.standard.completed(setup.answers, Survey()))
    let (results, survey) = await CheckRunner(setup: setup, checks: checks, deadline: deadline.duration).run()
    let report = PreflightReport(results, survey, Questionnaire.standard.completed(setup.answers, survey))
    let document = format == .json ? try report.json() : TextReport.preflight(report)
    if let output {
      try context.world.files.write(context.world.absolutePath(output), Array(document.utf8), 0o644)
    } else {
      context.console.out(document)
    }
    try Task.checkCancellation()
    return switch report.result {
    case .fail: 3
    case .unknown: 5
    case .warn: failOn == .warn ? 4 : 0
    case .pass, .skipped, .waived: 0
    }
  }
}
