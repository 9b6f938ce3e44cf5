import ArgumentParser
import SetupCore

/// `mlops-setup images`: brings the images into the registry, and does nothing else. The cluster is not asked, so it can
/// be done on another machine, and long before the installation.
struct ImagesCommand: Verb {
  static let configuration = CommandConfiguration(
    commandName: "images", abstract: "Bring the images that the registry lacks into it, and do nothing else.")

  @OptionGroup var answers: AnswersOptions
  @OptionGroup var demo: DemoOptions

  func run(in context: CommandContext) async throws -> Int32 {
    try await Interruption.catching {
      let unattended = Unattended(context: context, options: answers)
      let setup = try await unattended.completed(unattended.setup(unattended.given(), needsCluster: false))
      let plan = try await Planner.plan(setup, only: "images")
      guard !plan.entries.isEmpty else {
        throw SetupError(
          .usage, "the answers name nothing that images could come from",
          next: "Set agent.tarball or images.archives.")
      }
      return try await unattended.run(plan, setup)
    }
  }
}
