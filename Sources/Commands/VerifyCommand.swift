import ArgumentParser
import SetupCore

/// `mlops-setup verify`: whether what was installed works.
struct VerifyCommand: InspectionVerb {
  static let inspection = Inspection.verify

  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Check that the installed agent works: release, pods, log, health, image builder, ingress.",
    discussion: """
      The report goes to standard output, progress to standard error. All of it looks and changes nothing but \
      agent.builder, which starts the image builder once with a build that ends before anything is pushed, and removes \
      it again; --skip agent.builder leaves it out. Right after an installation DataRobot takes some minutes to show the \
      agent's health: --wait 10m. Exit codes: 0 all is well (warnings allowed), 2 usage or bad answers, 3 a blocking \
      check failed, 4 warnings with --fail-on warn, 5 a blocking check could not be decided, 130 interrupted. Of several \
      contexts the worst counts: 3, then 5, then 4.
      """)

  @OptionGroup var options: InspectionOptions
  @OptionGroup var demo: DemoOptions
}
