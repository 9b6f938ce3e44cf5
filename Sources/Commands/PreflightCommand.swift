import ArgumentParser
import SetupCore

/// `mlops-setup preflight`: the checks alone.
struct PreflightCommand: Verb {
  enum Format: String, ExpressibleByArgument, CaseIterable { case text, short, json, junit, markdown }
  enum FailOn: String, ExpressibleByArgument, CaseIterable { case fail, warn }

  static let configuration = CommandConfiguration(
    commandName: "preflight", abstract: "Check the cluster, registry, tools and answers; change nothing.",
    discussion: """
      The report goes to standard output, progress to standard error. Exit codes: 0 all is well (warnings allowed), \
      2 usage or bad answers, 3 a blocking check failed, 4 warnings with --fail-on warn, 5 a blocking check could not be \
      decided, 130 interrupted. Of several contexts the worst counts: 3, then 5, then 4.
      """)

  @Option(name: .long, help: ArgumentHelp("The answers file.", valueName: "file"))
  var answers: String?

  @Option(name: .long, help: ArgumentHelp("The kubeconfig; goes before the answers file's.", valueName: "file"))
  var kubeconfig: String?

  @Option(
    name: .customLong("context"),
    help: ArgumentHelp("A context of the kubeconfig; several are checked side by side.", valueName: "name"))
  var contexts: [String] = []

  @OptionGroup var demo: DemoOptions

  @Option(name: .long, help: "How the report is written.")
  var format = Format.text

  @Option(name: .long, help: ArgumentHelp("Write the report to a file.", valueName: "file"))
  var output: String?

  @Option(name: .long, help: ArgumentHelp("Only this check or category; may be repeated.", valueName: "id"))
  var check: [String] = []

  @Option(name: .long, help: ArgumentHelp("Not this check or category; may be repeated.", valueName: "id"))
  var skip: [String] = []

  @Option(name: .long, help: "The least that makes the exit code non-zero.")
  var failOn = FailOn.fail

  @Option(name: .long, help: ArgumentHelp("How long one look may take: 30s.", valueName: "duration"))
  var timeout = "30s"

  @Option(
    name: .long, help: ArgumentHelp("How long to repeat what fails or is unknown: 5m.", valueName: "duration"))
  var wait: String?

  @Option(name: .long, help: ArgumentHelp("An earlier JSON report; say what changed since.", valueName: "file"))
  var baseline: String?

  @Flag(name: .long, help: "List every check with what it requires, as text or JSON; check nothing.")
  var list = false

  @Flag(name: .long, help: "Print the JSON Schema of --format json; check nothing.")
  var schema = false

  func run(in context: CommandContext) async throws -> Int32 {
    if schema {
      context.console.out(PreflightReportSchema.text)
      return 0
    }
    if list {
      try writeList(context)
      return 0
    }
    return try await Interruption.catching { try await preflight(context) }
  }

  private func writeList(_ context: CommandContext) throws {
    let checks = CheckCatalog.all
    let known = checks.map(\.id)
    let selection = try CheckSelection(checks, known: known, check: check, skip: skip)
    let listed = checks.filter { selection.reported.contains($0.id) && !selection.leftOut.contains($0.id) }
    switch format {
    case .text: try write(CheckList.text(listed, TextStyle(context.console, context.world.environment)), context)
    case .json: try write(CheckList.json(listed), context)
    default:
      throw SetupError(.usage, "--list writes text or json, not \(format.rawValue)", next: "Leave --format away.")
    }
  }

  private func preflight(_ context: CommandContext) async throws -> Int32 {
    let deadline = try duration(timeout, "--timeout")
    let wait = try wait.map { try duration($0, "--wait") }
    let baseline = try earlierReport(context.world)
    try baseline?.prove(unique(contexts))
    let targets = try await targets(context)
    let progress = PreflightProgress(context.console, namesContexts: targets.count > 1)
    let run = PreflightRun(targets: targets, deadline: deadline, wait: wait)
    var reports = await progress.during { await run.reports(progress) }
    if let baseline { reports = try baseline.marked(reports) }
    try write(document(reports, TextStyle(context.console, context.world.environment)), context)
    if Task.isCancelled {
      progress.say("mlops-setup: interrupted; what was not seen by then is unknown")
      return 130
    }
    return PreflightRun.exitCode(reports, failsOnWarnings: failOn == .warn)
  }

  private func duration(_ text: String, _ option: String) throws -> Duration {
    guard let duration = GoDuration(text) else {
      throw SetupError(.usage, "\(option) \(text) is no duration", next: "Write one like 30s or 2m.")
    }
    return duration.duration
  }

  private func earlierReport(_ world: World) throws -> Baseline? {
    guard let baseline else { return nil }
    guard let bytes = try world.files.read(world.absolutePath(baseline)) else {
      throw SetupError(
        .usage, "there is no baseline \(world.absolutePath(baseline))",
        next: "Name a report that preflight --format json wrote.")
    }
    return try Baseline(bytes, source: baseline)
  }

  private func unique(_ names: [String]) -> [String] {
    names.enumerated().filter { index, name in !names[..<index].contains(name) }.map(\.element)
  }

  private func targets(_ context: CommandContext) async throws -> [PreflightRun.Target] {
    let names = unique(contexts)
    var targets: [PreflightRun.Target] = []
    for name in names.isEmpty ? [nil] : names.map({ Optional($0) }) {
      let unattended = Unattended(context: context, file: answers, kubeconfig: kubeconfig, contextName: name)
      var setup = try unattended.setup(unattended.given())
      // With an answers file, what is missing in it is an error; without one, what can be checked is checked.
      if unattended.path != nil { setup = try await unattended.completed(setup) }
      let checks = CheckCatalog.checks(Questionnaire.standard.completed(setup.answers, Survey()))
      let selection = try CheckSelection(checks, known: CheckCatalog.all.map(\.id), check: check, skip: skip)
      targets.append(PreflightRun.Target(name: name ?? "", setup: setup, selection: selection))
    }
    return targets
  }

  private func document(_ reports: [PreflightReport], _ style: TextStyle) -> String {
    switch format {
    case .text: PreflightText.document(reports, style)
    case .short: PreflightText.short(reports, style)
    case .json: reports.count == 1 ? reports[0].json() : PreflightReport.json(reports)
    case .junit: JUnitReport.document(reports)
    case .markdown: MarkdownReport.document(reports)
    }
  }

  private func write(_ document: String, _ context: CommandContext) throws {
    guard let output else { return context.console.out(document) }
    let path = context.world.absolutePath(output)
    try context.world.files.write(path, Array(document.utf8), 0o644)
    context.console.progress("The report is in \(path).")
  }
}
