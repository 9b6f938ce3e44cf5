import Commands
import Glibc

@main
struct MLOpsSetupProgram {
  static func main() async {
    // A reader that goes away shows as a failed write, not as the end of the process.
    signal(SIGPIPE, SIG_IGN)
    let arguments = Array(CommandLine.arguments.dropFirst())
    exit(await Program.run(arguments, in: Program.live()))
  }
}
