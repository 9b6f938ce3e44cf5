import ArgumentParser
import FoundationEssentials
import SetupCore

/// `mlops-setup plan`: every change with its equivalent command; changes nothing.
struct PlanCommand: Verb {
  enum Format: String, ExpressibleByArgument, CaseIterable { case text, json }

  static let configuration = CommandConfiguration(
    commandName: "plan", abstract: "Show every change, and the command that does the same; change nothing.")

  @OptionGroup var answers: AnswersOptions
  @OptionGroup var demo: DemoOptions

  @Option(name: .long, help: "How the plan is written.")
  var format = Format.text

  @Flag(name: .long, help: "Print a shell script that does the same by kubectl, helm and the cloud's programs.")
  var script = false

  func validate() throws {
    if script && format != .text { throw ValidationError("--script is a format of its own; leave --format out") }
  }

  func run(in context: CommandContext) async throws -> Int32 {
    let unattended = Unattended(context: context, options: answers)
    let setup = try await unattended.completed(unattended.setup(unattended.given()))
    let document = PlanDocument(try await Planner.plan(setup))
    if script {
      context.console.out(PlanScript.text(document, setup.answers))
      return 0
    }
    switch format {
    case .text:
      context.console.out(TextReport.plan(document))
      context.console.progress(
        "No check was made for this plan: mlops-setup preflight makes them all, and so does an installation.")
    case .json:
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
      context.console.out(String(decoding: try encoder.encode(document), as: UTF8.self) + "\n")
    }
    return 0
  }
}
