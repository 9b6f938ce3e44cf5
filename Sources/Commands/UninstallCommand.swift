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

  func run(in context: CommandContext) async throws -> Int32 {
    let unattended = Unattended(context: context, options: answers)
    guard unattended.path != nil else {
      throw SetupError(.usage, "uninstall needs the answers of the installation", next: "Name them with --answers.")
    }
    let setup = try await unattended.completed(unattended.setup(unattended.given(), needsSecrets: false))
    for step in Planner.steps(setup.answers).reversed() {
      if step.id == "namespace" && !namespace {
        context.console.out("\(step.title): stays, with whatever else is in it; --namespace removes it too\n")
        continue
      }
      let done = try await step.undo(setup)
      context.console.out(OutsideText.clean("\(step.title): \(done)") + "\n")
    }
    return 0
  }
}
