import Commands
import Glibc

@main
struct MLOpsSetupProgram {
  static func main() {
    // A reader that goes away shows as a failed write, not as the end of the process.
    signal(SIGPIPE, SIG_IGN)
    let arguments = Array(CommandLine.arguments.dropFirst())
    let thread = MainThread()
    Task.detached {
      thread.finish(await Program.run(arguments, in: Program.live(thread)))
    }
    exit(thread.serve())
  }
}
