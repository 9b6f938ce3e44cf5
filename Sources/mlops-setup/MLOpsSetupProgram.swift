import Commands
import Glibc

@main
struct MLOpsSetupProgram {
  static func main() {
    // A reader that goes away shows as a failed write, not as the end of the process.
    signal(SIGPIPE, SIG_IGN)
    switch Program.read(Array(CommandLine.arguments.dropFirst()), .live) {
    case .answered(let exitCode): exit(Console.exitCode(exitCode))
    case .run(let invocation):
      let thread = MainThread()
      Task.detached {
        thread.finish(await invocation.run(in: Program.live(thread)))
      }
      exit(Console.exitCode(thread.serve()))
    }
  }
}
