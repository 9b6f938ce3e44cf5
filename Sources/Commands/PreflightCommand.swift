import ArgumentParser
import SetupCore

/// `mlops-setup preflight`: the checks alone.
struct PreflightCommand: InspectionVerb {
  static let inspection = Inspection.preflight

  static let configuration = CommandConfiguration(
    commandName: "preflight", abstract: "Check the cluster, registry, tools and answers; change nothing.",
    discussion: """
      The report goes to standard output, progress to standard error. Exit codes: 0 all is well (warnings allowed), \
      2 usage or bad answers, 3 a blocking check failed, 4 warnings with --fail-on warn, 5 a blocking check could not be \
      decided, 130 interrupted. Of several contexts the worst counts: 3, then 5, then 4.
      """)

  @OptionGroup var options: InspectionOptions
  @OptionGroup var demo: DemoOptions
}
