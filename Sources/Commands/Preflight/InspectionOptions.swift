import ArgumentParser

/// What the verbs that check and report take alike.
struct InspectionOptions: ParsableArguments {
  enum Format: String, ExpressibleByArgument, CaseIterable { case text, short, json, junit, markdown }
  enum FailOn: String, ExpressibleByArgument, CaseIterable { case fail, warn }

  @Option(name: .long, help: ArgumentHelp("The answers file.", valueName: "file"))
  var answers: String?

  @Option(name: .long, help: ArgumentHelp("The kubeconfig; goes before the answers file's.", valueName: "file"))
  var kubeconfig: String?

  @Option(
    name: .customLong("context"),
    help: ArgumentHelp("A context of the kubeconfig; several are checked side by side.", valueName: "name"))
  var contexts: [String] = []

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
}
