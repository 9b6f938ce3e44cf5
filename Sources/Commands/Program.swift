import ArgumentParser
import HTTP
import SetupCore
import Text

/// The whole program but for the process around it.
public enum Program {
  /// What a command line asks for.
  public enum Request {
    /// It was answered already (help, the version, a mistake); the exit code.
    case answered(Int32)
    /// Something to run.
    case run(Invocation)
  }

  /// A verb with its options.
  public struct Invocation {
    let verb: any Verb

    /// Runs it in a context; returns the exit code.
    public func run(in context: CommandContext) async -> Int32 { await Program.run(verb, in: context) }
  }

  /// Reads a command line. What can be answered at once is, before there is any thread, client or world.
  public static func read(_ arguments: [String], _ console: Console) -> Request {
    let command: any ParsableCommand
    do {
      try proveHelp(arguments)
      command = try MLOpsSetup.parseAsRoot(arguments)
    } catch {
      return .answered(say(error, console))
    }
    guard let verb = command as? any Verb else { return .answered(finish(command, console)) }
    return .run(Invocation(verb: verb))
  }

  /// Runs a command line in a context; returns the exit code.
  public static func run(_ arguments: [String], in context: CommandContext) async -> Int32 {
    switch read(arguments, context.console) {
    case .answered(let exitCode): exitCode
    case .run(let invocation): await invocation.run(in: context)
    }
  }

  private static func run(_ verb: any Verb, in context: CommandContext) async -> Int32 {
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

  /// The argument parser's own `help` shows the root's help where there is no such verb.
  private static func proveHelp(_ arguments: [String]) throws {
    guard arguments.first == "help", let name = arguments.dropFirst().first(where: { !$0.hasPrefix("-") }) else {
      return
    }
    let verbs = MLOpsSetup.configuration.subcommands.compactMap { $0.configuration.commandName } + ["help"]
    guard verbs.contains(name) else { throw ValidationError(MLOpsSetup.noVerb(name)) }
  }

  /// `help`, `--help` and `--version` come as commands of the argument parser's own, which end by an error.
  private static func finish(_ command: any ParsableCommand, _ console: Console) -> Int32 {
    var command = command
    do {
      try command.run()
      return 0
    } catch {
      return say(error, console)
    }
  }

  /// What the argument parser has to say: help is a document, a mistake is told on standard error.
  private static func say(_ error: any Error, _ console: Console) -> Int32 {
    let isHelp = MLOpsSetup.exitCode(for: error).isSuccess
    let text = MLOpsSetup.fullMessage(for: error)
    if isHelp { console.out(text + "\n") } else { console.progress(text) }
    return isHelp ? 0 : 2
  }

  /// The real world and console, with the thread that serves the full screen.
  public static func live(_ mainThread: MainThread) -> CommandContext {
    let http = HTTPClient(configuration: HTTPClient.Configuration(userAgent: "mlops-setup/\(ProgramVersion.text)"))
    return CommandContext(world: .live(http: http), console: .live, mainThread: mainThread)
  }
}
