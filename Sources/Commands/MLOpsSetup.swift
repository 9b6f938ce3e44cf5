public import ArgumentParser
import Text

/// The program's root command.
public struct MLOpsSetup: AsyncParsableCommand {
  /// Name, help and verbs.
  public static let configuration = CommandConfiguration(
    commandName: "mlops-setup",
    abstract: "Takes a Kubernetes cluster to a healthy DataRobot MLOps management agent.",
    discussion: """
      Without a verb it starts the wizard, or with --answers installs unattended. Exit codes: 0 done, 1 cluster or tool \
      error, 2 usage or bad answers, 3 a check failed, 4 warnings with --fail-on warn, 5 a blocking check is unknown, \
      6 the installation failed, 130 interrupted.
      """,
    version: ProgramVersion.text,
    subcommands: [
      InstallCommand.self, PreflightCommand.self, PlanCommand.self, ImagesCommand.self, VerifyCommand.self,
      UninstallCommand.self,
    ],
    defaultSubcommand: InstallCommand.self)

  /// What is said where there is no such verb.
  static func noVerb(_ name: String) -> String {
    let verbs = configuration.subcommands.compactMap { $0.configuration.commandName }
    let guess = DidYouMean.nearest(to: name, among: verbs).map { "; did you mean \($0)?" }
    return "there is no verb \(name)\(guess ?? "; the verbs are \(verbs.joined(separator: ", "))")"
  }

  /// The root, which does nothing itself.
  public init() {}
}

/// The program's version.
public enum ProgramVersion {
  /// `0.1.0`.
  public static let text = "0.1.0"
}
