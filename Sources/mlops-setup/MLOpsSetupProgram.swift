import ArgumentParser
import Commands

@main
struct MLOpsSetupProgram {
  static func main() async { await MLOpsSetup.main() }
}
