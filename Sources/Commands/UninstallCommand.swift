import ArgumentParser
import SetupCore
import Text

/// `mlops-setup uninstall`: takes back what it made, in reverse, and nothing else.
struct UninstallCommand: Verb {
  static let configuration = CommandConfiguration(
    commandName: "uninstall", abstract: "Remove what was made, in reverse, and nothing else.")

  @OptionGroup var answers: AnswersOptions
  @OptionGroup var demo: DemoOptions

  @Flag(name: .long, help: "Remove the namespace too, where it was made by this program.")
  var namespace = false

  @Option(
    name: .long,
    help: ArgumentHelp("Remove this too, of what stays unless it is named. Several times for several.", valueName: "id")
  )
  var remove: [String] = []

  func run(in context: CommandContext) async throws -> Int32 {
    let unattended = Unattended(context: context, options: answers)
    guard unattended.path != nil else {
      throw SetupError(.usage, "uninstall needs the answers of the installation", next: "Name them with --answers.")
    }
    let setup = try await unattended.completed(unattended.setup(unattended.given(), needsSecrets: false))
    let steps = Planner.steps(setup.answers)
    let named = Set(remove.map { StepID($0) } + (namespace ? ["namespace"] : []))
    if let unknown = named.first(where: { id in !steps.contains { $0.id == id } }) {
      let known = steps.filter(\.staysUnlessNamed).map(\.id.name).joined(separator: ", ")
      throw SetupError(
        .usage, "there is nothing called \(unknown) to remove", next: "What stays unless named: \(known).")
    }
    for step in steps.reversed() {
      if step.staysUnlessNamed && !named.contains(step.id) {
        let option = step.id == "namespace" ? "--namespace" : "--remove \(step.id)"
        context.console.out("\(step.title): stays, with whatever else is in it; \(option) removes it too\n")
        continue
      }
      let done = try await step.undo(setup)
      context.console.out(OutsideText.clean("\(step.title): \(done)") + "\n")
    }
    return 0
  }
}
