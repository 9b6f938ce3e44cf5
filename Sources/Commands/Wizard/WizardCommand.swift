import SetupCore

/// The interactive way in.
struct WizardCommand {
  let options: AnswersOptions

  func run(in context: CommandContext) async throws -> Int32 {
    guard context.world.hasTerminal else {
      throw SetupError(
        .usage, "the wizard needs a terminal, and standard input or output is none",
        next: "Install unattended with --answers FILE, or check the cluster with: mlops-setup preflight")
    }
    return 0
  }
}
