import ArgumentParser
import SetupCore
import Text

/// Which answers, and what on the command line goes before them.
struct AnswersOptions: ParsableArguments {
  @Option(name: .long, help: ArgumentHelp("The answers file.", valueName: "file"))
  var answers: String?

  @Option(name: .long, help: ArgumentHelp("The kubeconfig; goes before the answers file's.", valueName: "file"))
  var kubeconfig: String?

  @Option(
    name: .long, help: ArgumentHelp("The kubeconfig's context; goes before the answers file's.", valueName: "name"))
  var context: String?
}

/// The simulated world.
struct DemoOptions: ParsableArguments {
  @Flag(name: .long, help: "Run against a simulated cluster, registry and DataRobot on this machine.")
  var demo = false

  @Argument(
    help: ArgumentHelp(
      "With --demo: what is wrong with the simulated cluster; list names them all.", valueName: "scenario"))
  var scenario: String?

  func validate() throws {
    guard let scenario, !demo else { return }
    throw ValidationError(MLOpsSetup.noVerb(scenario))
  }
}
