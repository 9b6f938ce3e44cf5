import Kubernetes
import Text

/// The Google service account that the image builder acts as, in the documented way.
struct GoogleAccountStep: Step {
  let id: StepID = "google-account"
  let title = "Google account"
  private let target: GoogleTarget

  init(_ target: GoogleTarget) { self.target = target }

  var staysUnlessNamed: Bool { true }

  func access(namespaceExists: Bool) -> [AccessRequest] { [] }

  private var creation: [String] {
    [
      "iam", "service-accounts", "create", target.googleAccountName, "--display-name=DataRobot image builder",
      "--description=\(GCloud.description)",
    ]
  }

  private var look: [String] { ["iam", "service-accounts", "describe", target.email] }

  func commands(_ setup: Setup) -> [EquivalentCommand] {
    [
      EquivalentCommand(
        "\(GCloud.line(look, target.project)) >/dev/null 2>&1 ||\n\(GCloud.line(creation, target.project))")
    ]
  }

  /// Whether a service account was made by us.
  static func isOurs(_ live: JSONValue) -> Bool { live["description"]?.string == GCloud.description }

  func inspect(_ setup: Setup) async throws -> StepState {
    let cloud = GCloud(world: setup.world, project: target.project)
    guard let live = try await cloud.find(look) else {
      return .needed(["create the Google service account \(target.email)"])
    }
    if live["disabled"]?.bool == true {
      return .blocked(
        "the Google service account \(target.email) is disabled. Enable it: "
          + GCloud.line(["iam", "service-accounts", "enable", target.email], target.project))
    }
    return .done("the Google service account \(target.email) is there")
  }

  func perform(_ setup: Setup, progress: @escaping @Sendable (StepProgress) -> Void) async throws {
    progress(StepProgress("creating \(target.email)"))
    do {
      try await GCloud(world: setup.world, project: target.project).perform(creation)
    } catch let error as CloudError where error.kind == .alreadyExists {
      // Somebody was quicker; what matters is that it is there.
    }
  }

  func traces(_ setup: Setup) async throws -> [Trace] {
    let cloud = GCloud(world: setup.world, project: target.project)
    guard let live = try await cloud.find(look) else { return [.gone("\(target.email) is not there")] }
    guard Self.isOurs(live) else { return [.stays("\(target.email) stays: it is not ours")] }
    return [
      .removable(target.email) { try await cloud.perform(["iam", "service-accounts", "delete", target.email]) }
    ]
  }
}
