import Kubernetes
import Text

/// The repository of all images. One under a name of Container Registry is used where it is there, and never made.
struct GoogleRepositoryStep: Step {
  let id: StepID = "google-repository"
  let title = "Repository"
  private let target: GoogleTarget

  init(_ target: GoogleTarget) { self.target = target }

  var staysUnlessNamed: Bool { true }

  func access(namespaceExists: Bool) -> [AccessRequest] { [] }

  private var creation: [String] {
    target.onRepository("create") + [
      "--repository-format=docker", "--labels=\(GCloud.label.key)=\(GCloud.label.value)",
      "--description=Images of the DataRobot management agent",
    ]
  }

  func commands(_ setup: Setup) -> [EquivalentCommand] {
    let look = GCloud.line(target.onRepository("describe"), target.project)
    if target.isOldHost { return [EquivalentCommand("# It must be there.\n\(look) >/dev/null")] }
    return [EquivalentCommand("\(look) >/dev/null 2>&1 ||\n\(GCloud.line(creation, target.project))")]
  }

  private func find(_ setup: Setup) async throws -> GoogleRepository? {
    try await GCloud(world: setup.world, project: target.project).find(target.onRepository("describe"))
      .flatMap(GoogleRepository.init)
  }

  func inspect(_ setup: Setup) async throws -> StepState {
    guard let live = try await find(setup) else {
      if target.isOldHost { return .blocked(Self.oldHostMissing(target)) }
      return .needed([
        "create the Docker repository \(target.repository) at \(target.location) in project \(target.project)"
      ])
    }
    if let problem = live.problem {
      return .blocked("\(problem). It is not changed: name another one with registry.repository.")
    }
    return .done("the repository \(target.root) is there")
  }

  /// Why a name of Container Registry does not serve.
  static func oldHostMissing(_ target: GoogleTarget) -> String {
    let host = target.repository
    return
      "project \(target.project) has no repository \(host) at \(target.location), and Container Registry, whose name it is, "
      + "takes no images since 2025-03-18. Set registry.repository: \(GoogleTarget.usualRepository), which gives names like "
      + "LOCATION-docker.pkg.dev/\(target.project)/\(GoogleTarget.usualRepository)/frozen-models; or make it first: "
      + GCloud.line(target.onRepository("create") + ["--repository-format=docker"], target.project)
  }

  func perform(_ setup: Setup, progress: @escaping @Sendable (StepProgress) -> Void) async throws {
    progress(StepProgress("creating the repository \(target.root)"))
    do {
      try await GCloud(world: setup.world, project: target.project).perform(creation)
    } catch let error as CloudError where error.kind == .alreadyExists {
      // Somebody was quicker; what matters is that it is there.
    }
    // Whoever is logged in is not who will push, but that the registry takes uploads at all is seen before an install.
    guard let generated = target.generatedImage else { return }
    let access = try await setup.registryAccess()
    guard let login = try await access.login() else { return }
    try await PushProof.prove([generated], access, as: login, setup, progress: progress)
  }

  func traces(_ setup: Setup) async throws -> [Trace] {
    let title = "the repository \(target.root)"
    guard let live = try await find(setup) else { return [.gone("\(title) is not there")] }
    guard live.isOurs else { return [.stays("\(title) stays: it is not ours")] }
    let cloud = GCloud(world: setup.world, project: target.project)
    let images = try await cloud.call(["artifacts", "docker", "images", "list", target.root, "--limit=1"]).array ?? []
    guard images.isEmpty else { return [.stays("\(title) stays: it holds images")] }
    return [.removable(title) { try await cloud.perform(target.onRepository("delete")) }]
  }
}
