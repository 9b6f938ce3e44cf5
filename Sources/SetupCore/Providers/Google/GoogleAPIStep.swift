import Kubernetes
import Text

/// The APIs that everything else here goes through, enabled in the registry's project.
struct GoogleAPIStep: Step {
  let id: StepID = "google-api"
  let title = "Google APIs"
  private let target: GoogleTarget

  init(_ target: GoogleTarget) { self.target = target }

  var staysUnlessNamed: Bool { true }

  func access(namespaceExists: Bool) -> [AccessRequest] { [] }

  /// A Google service account is made by one more, and its tokens by another.
  private var services: [String] {
    ["artifactregistry.googleapis.com"]
      + (target.identity == .serviceAccount ? ["iam.googleapis.com", "iamcredentials.googleapis.com"] : [])
  }

  func commands(_ setup: Setup) -> [EquivalentCommand] {
    [EquivalentCommand(GCloud.line(["services", "enable"] + services, target.project))]
  }

  func inspect(_ setup: Setup) async throws -> StepState {
    let said: JSONValue
    do {
      said = try await GCloud(world: setup.world, project: target.project).call(["services", "list", "--enabled"])
    } catch let error as CloudError where error.kind == .denied {
      // The steps that need them say so where they are not.
      return .done("taken as enabled, as it may not be seen: \(error.message)")
    }
    let enabled = (said.array ?? []).compactMap { $0[path: "config", "name"]?.string }
    let missing = services.filter { !enabled.contains($0) }
    return missing.isEmpty
      ? .done("enabled in project \(target.project): \(services.joined(separator: ", "))")
      : .needed(missing.map { "enable \($0) in project \(target.project)" })
  }

  func perform(_ setup: Setup, progress: @escaping @Sendable (StepProgress) -> Void) async throws {
    progress(StepProgress("enabling \(services.joined(separator: ", ")); this takes a minute"))
    try await GCloud(world: setup.world, project: target.project).perform(
      ["services", "enable"] + services, deadline: .seconds(300))
  }

  func traces(_ setup: Setup) async throws -> [Trace] {
    [.stays("the APIs stay enabled: others in project \(target.project) may use them by now")]
  }
}
