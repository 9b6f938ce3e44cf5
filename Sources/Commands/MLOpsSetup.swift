public import ArgumentParser

/// The program's root command.
public struct MLOpsSetup: AsyncParsableCommand {
  public static let configuration = CommandConfiguration(commandName: "mlops-setup")
  public init() {}
  public func run() async throws {}
}
