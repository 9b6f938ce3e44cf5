import ArgumentParser
import HTTP
import SetupCore
import Text

/// The whole program but for the process around it.
public enum Program {
  /// Runs a command line in a context; returns the exit code.
  public static func run(_ arguments: [String], in context: CommandContext) async -> Int32 {
    let command: any ParsableCommand
    do {
      command = try MLOpsSetup.parseAsRoot(arguments)
    } catch {
      let isHelp = MLOpsSetup.exitCode(for: error).isSuccess
      let text = MLOpsSetup.fullMessage(for: error)
      if isHelp { context.console.out(text + "\n") } else { context.console.progress(text) }
      return isHelp ? 0 : 2
    }
    guard let verb = command as? any Verb else {
      // `help` and the like: the library's own commands.
      context.console.out(MLOpsSetup.helpMessage() + "\n")
      return 0
    }
    do {
      if verb.demo.demo, verb.demo.scenario == "list" {
        context.console.out(DemoWorld.list)
        return 0
      }
      if verb.demo.demo {
        return try await DemoWorld.with(scenario: verb.demo.scenario, beneath: context.world) { world, answers in
          var demonstration = context
          demonstration.world = world
          demonstration.demonstrationAnswers = answers
          return try await verb.run(in: demonstration)
        }
      }
      return try await verb.run(in: context)
    } catch {
      let failure = SetupError(wrapping: error, code: .tool)
      context.console.progress("mlops-setup: " + OutsideText.clean(failure.description, keepsLines: true))
      return failure.exitCode
    }
  }

  /// The real world and console, with the thread that serves the full screen.
  public static func live(_ mainThread: MainThread) -> CommandContext {
    let http = HTTPClient(configuration: HTTPClient.Configuration(userAgent: "mlops-setup/\(ProgramVersion.text)"))
    return CommandContext(world: .live(http: http), console: .live, mainThread: mainThread)
  }
}
