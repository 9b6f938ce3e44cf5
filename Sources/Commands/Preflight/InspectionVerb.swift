import ArgumentParser
import SetupCore

/// A verb that runs checks and writes their report: what to check is a list of its own, all else is alike.
protocol InspectionVerb: Verb, Sendable {
  static var inspection: Inspection { get }
  var options: InspectionOptions { get }
}

extension InspectionVerb {
  private var inspection: Inspection { Self.inspection }

  func run(in context: CommandContext) async throws -> Int32 {
    if options.schema {
      context.console.out(PreflightReportSchema.text)
      return 0
    }
    if options.list {
      try writeList(context)
      return 0
    }
    let verb = self
    return try await Interruption.catching { try await verb.inspect(context) }
  }

  private func writeList(_ context: CommandContext) throws {
    let checks = inspection.all
    let selection = try CheckSelection(
      checks, known: checks.map(\.id), check: options.check, skip: options.skip, of: inspection)
    let listed = checks.filter { selection.reported.contains($0.id) && !selection.leftOut.contains($0.id) }
    switch options.format {
    case .text: try write(CheckList.text(listed, TextStyle(context.console, context.world.environment)), context)
    case .json: try write(CheckList.json(listed), context)
    default:
      throw SetupError(
        .usage, "--list writes text or json, not \(options.format.rawValue)", next: "Leave --format away.")
    }
  }

  private func inspect(_ context: CommandContext) async throws -> Int32 {
    let deadline = try duration(options.timeout, "--timeout")
    let wait = try options.wait.map { try duration($0, "--wait") }
    let baseline = try earlierReport(context)
    try baseline?.prove(unique(options.contexts))
    try proveOutput(context)
    let targets = try await targets(context)
    let progress = PreflightProgress(context.console, namesContexts: targets.count > 1)
    let run = PreflightRun(inspection: inspection, targets: targets, deadline: deadline, wait: wait)
    var reports = await progress.during { await run.reports(progress) }
    if let baseline { reports = try baseline.marked(reports) }
    try write(document(reports, TextStyle(context.console, context.world.environment)), context)
    if Task.isCancelled {
      progress.say("mlops-setup: interrupted; what was not seen by then is unknown")
      return 130
    }
    return PreflightRun.exitCode(reports, failsOnWarnings: options.failOn == .warn)
  }

  private func duration(_ text: String, _ option: String) throws -> Duration {
    guard let duration = GoDuration(text) else {
      throw SetupError(.usage, "\(option) \(text) is no duration", next: "Write one like 30s or 2m.")
    }
    return duration.duration
  }

  private func earlierReport(_ context: CommandContext) throws -> Baseline? {
    guard let baseline = options.baseline else { return nil }
    let path = context.path(baseline)
    guard let bytes = try context.world.files.read(path) else {
      throw SetupError(
        .usage, "there is no baseline \(path)",
        next: "Name a report that \(inspection.rawValue) --format json wrote.")
    }
    return try Baseline(bytes, source: baseline, of: inspection)
  }

  private func unique(_ names: [String]) -> [String] {
    names.enumerated().filter { index, name in !names[..<index].contains(name) }.map(\.element)
  }

  private func targets(_ context: CommandContext) async throws -> [PreflightRun.Target] {
    let names = unique(options.contexts)
    var targets: [PreflightRun.Target] = []
    for name in names.isEmpty ? [nil] : names.map({ Optional($0) }) {
      let unattended = Unattended(
        context: context, file: options.answers, kubeconfig: options.kubeconfig, contextName: name)
      var setup = try unattended.setup(unattended.given())
      // With an answers file, what is missing in it is an error; without one, what can be checked is checked.
      if unattended.path != nil { setup = try await unattended.completed(setup) }
      let checks = inspection.checks(Questionnaire.standard.completed(setup.answers, Survey()))
      let selection = try CheckSelection(
        checks, known: inspection.all.map(\.id), check: options.check, skip: options.skip, of: inspection)
      targets.append(PreflightRun.Target(name: name ?? "", setup: setup, selection: selection))
    }
    return targets
  }

  private func document(_ reports: [PreflightReport], _ style: TextStyle) -> String {
    switch options.format {
    case .text: PreflightText.document(reports, style)
    case .short: PreflightText.short(reports, style)
    case .json: reports.count == 1 ? reports[0].json() : PreflightReport.json(reports)
    case .junit: JUnitReport.document(reports)
    case .markdown: MarkdownReport.document(reports)
    }
  }

  /// Before anything is looked at: a slip of the pen would lose the report.
  private func proveOutput(_ context: CommandContext) throws {
    guard let path = options.output.map(context.path), let slash = path.lastIndex(of: "/") else { return }
    let folder = slash == path.startIndex ? "/" : String(path[..<slash])
    guard try context.world.files.kind(folder) != .directory else { return }
    throw SetupError(.usage, "there is no folder \(folder) for the report", next: "Make it, or correct --output.")
  }

  private func write(_ document: String, _ context: CommandContext) throws {
    guard let output = options.output else { return context.console.out(document) }
    let path = context.path(output)
    try context.world.files.write(path, Array(document.utf8), 0o644)
    context.console.progress("The report is in \(path).")
  }
}
