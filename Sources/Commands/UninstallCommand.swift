import ArgumentParser
import SetupCore
import Text

/// `mlops-setup uninstall`: takes back what it made, in reverse, and nothing else.
struct UninstallCommand: Verb {
  static let configuration = CommandConfiguration(
    commandName: "uninstall", abstract: "Remove what was made, in reverse, and nothing else.",
    discussion: """
      It lists first what would go, what stays and why. On a terminal it then asks; without one it goes on. What another \
      hand has written to since, deployed models, the namespace and what lies in a cloud stay unless they are named.
      """)

  @OptionGroup var answers: AnswersOptions
  @OptionGroup var demo: DemoOptions

  @Flag(name: .long, help: "List what would be removed, and remove nothing.")
  var dryRun = false

  @Flag(name: .long, help: "Remove the namespace too, where it was made by this program.")
  var namespace = false

  @Flag(name: .long, help: "Remove the deployed models too.")
  var models = false

  @Option(
    name: .long,
    help: ArgumentHelp("Remove this too, of what stays unless it is named. Several times for several.", valueName: "id")
  )
  var remove: [String] = []

  @Flag(name: .long, help: "Do not ask.")
  var yes = false

  func run(in context: CommandContext) async throws -> Int32 {
    let unattended = Unattended(context: context, options: answers)
    guard unattended.path != nil else {
      throw SetupError(.usage, "uninstall needs the answers of the installation", next: "Name them with --answers.")
    }
    let setup = try await unattended.completed(unattended.setup(unattended.given(), needsSecrets: false))
    let named = Set(remove.map { StepID($0) } + (namespace ? ["namespace"] : []))
    let uninstaller = Uninstaller(setup, Uninstaller.Choices(named: named, takesModels: models))
    try uninstaller.proveNames()
    let found = try await Interruption.catching { try await uninstaller.rehearse() }
    context.console.out(TextReport.uninstall(found))
    if let obstacle = found.obstacle { throw obstacle }
    let count = found.count(.removable)
    if dryRun || count == 0 { return 0 }
    if context.world.hasTerminal, !yes, !isConfirmed("\nRemove these \(count)? Type yes: ", context.console) {
      throw SetupError(.interrupted, "nothing was removed")
    }
    let console = context.console
    let titles = Dictionary(found.entries.map { ($0.id, $0.title) }) { first, _ in first }
    let ended = try await Interruption.catching {
      try await uninstaller.run(found) { event in
        if case .started(let id) = event { console.progress("Removing: \(titles[id] ?? id.name) …") }
      }
    }
    console.out("\n" + TextReport.uninstall(ended))
    console.progress("What was done stands in \(try setup.stateFolder().journal)")
    return ended.failure?.exitCode ?? 0
  }

  private func isConfirmed(_ question: String, _ console: Console) -> Bool {
    ["y", "yes"].contains(console.ask(question)?.lowercased())
  }
}
