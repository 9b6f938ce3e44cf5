import Kubernetes
import Registry
import Text

/// A repository as ECR describes it.
struct ECRRepository: Sendable, Equatable {
  var name: String
  var arn: String
  /// MUTABLE, IMMUTABLE, IMMUTABLE_WITH_EXCLUSION or MUTABLE_WITH_EXCLUSION.
  var mutability: String
  /// The patterns of the tags that the exclusion is about.
  var exclusions: [String]

  /// Tags as the agent gives them to models' images: `m-MODEL`, or `m-MODEL_VERSION`.
  private static let tags = ["m-65f0a1b2c3d4e5f60718293a", "m-65f0a1b2c3d4e5f60718293a_11.2.0"]

  /// Whether such tags can be overwritten: every relaunch builds and pushes the same tag again.
  var takesModelsAgain: Bool {
    let excluded = Self.tags.map { tag in exclusions.contains { Wildcard.matches(tag, $0) } }
    switch mutability {
    case "IMMUTABLE": return false
    case "IMMUTABLE_WITH_EXCLUSION": return excluded.allSatisfy { $0 }
    case "MUTABLE_WITH_EXCLUSION": return !excluded.contains(true)
    default: return true
    }
  }

  static func find(_ name: String, _ target: ECRTarget, _ aws: AWS) async throws -> ECRRepository? {
    let words = [
      "ecr", "describe-repositories", "--registry-id", target.account, "--repository-names", name,
    ]
    guard let live = try await aws.find(words)?["repositories"]?.array?.first else { return nil }
    return ECRRepository(
      name: name, arn: live["repositoryArn"]?.string ?? target.repositoryARN(name),
      mutability: live["imageTagMutability"]?.string ?? "MUTABLE",
      exclusions: (live["imageTagMutabilityExclusionFilters"]?.array ?? []).compactMap { $0["filter"]?.string })
  }
}

/// The repositories of the answers' images, which ECR does not make by itself.
struct ECRRepositoriesStep: Step {
  let id: StepID = "ecr-repositories"
  let title = "ECR repositories"
  private let target: ECRTarget

  init(_ target: ECRTarget) { self.target = target }

  var staysUnlessNamed: Bool { true }

  func access(namespaceExists: Bool) -> [AccessRequest] { [] }

  private func creation(_ name: String) -> [String] {
    [
      "ecr", "create-repository", "--registry-id", target.account, "--repository-name", name,
      "--image-tag-mutability", "MUTABLE", "--tags", AWS.tagWords,
    ]
  }

  func commands(_ setup: Setup) -> [EquivalentCommand] {
    target.repositories.map { name in
      let region = ["--region", target.region]
      let look = ["ecr", "describe-repositories", "--registry-id", target.account, "--repository-names", name]
      return EquivalentCommand(
        "\(Shell.line(["aws"] + look + region)) >/dev/null 2>&1 ||\n\(Shell.line(["aws"] + creation(name) + region)) >/dev/null"
      )
    }
  }

  /// Those that are there, by name.
  private func found(_ setup: Setup) async throws -> [String: ECRRepository] {
    let aws = AWS(world: setup.world, region: target.region)
    let found = try await withThrowingTaskGroup(of: ECRRepository?.self) { group in
      for name in target.repositories { group.addTask { try await ECRRepository.find(name, target, aws) } }
      var all: [ECRRepository] = []
      for try await repository in group { if let repository { all.append(repository) } }
      return all
    }
    return Dictionary(found.map { ($0.name, $0) }, uniquingKeysWith: { $1 })
  }

  func inspect(_ setup: Setup) async throws -> StepState {
    let found = try await found(setup)
    if let name = target.generatedRepository, let live = found[name], !live.takesModelsAgain {
      return .blocked(Self.refusal(live, target))
    }
    let missing = target.repositories.filter { found[$0] == nil }
    if missing.isEmpty {
      return .done(
        "the \(target.repositories.count) repositories are there: \(target.repositories.joined(separator: ", "))")
    }
    return .needed(missing.map { "create the repository \($0)" + purpose($0) })
  }

  private func purpose(_ name: String) -> String {
    switch name {
    case target.generatedRepository: " for models' images, with tags that can be overwritten"
    case target.cacheRepository: " for the layers that the image builder keeps"
    default: ""
    }
  }

  /// Why a repository does not serve, and what makes it serve.
  static func refusal(_ live: ECRRepository, _ target: ECRTarget) -> String {
    let exclusions = live.exclusions.isEmpty ? "" : " except \(live.exclusions.joined(separator: ", "))"
    return
      "the repository \(live.name) is \(live.mutability)\(exclusions), not MUTABLE: the image of a model that is deployed again "
      + "has the same tag and would be refused. It is not changed. To change it: " + remedy(live, target)
  }

  static func remedy(_ live: ECRRepository, _ target: ECRTarget) -> String {
    Shell.line([
      "aws", "ecr", "put-image-tag-mutability", "--registry-id", target.account, "--repository-name", live.name,
      "--image-tag-mutability", "MUTABLE", "--region", target.region,
    ])
  }

  func perform(_ setup: Setup, progress: @escaping @Sendable (StepProgress) -> Void) async throws {
    let aws = AWS(world: setup.world, region: target.region)
    let found = try await found(setup)
    for name in target.repositories where found[name] == nil {
      progress(StepProgress("creating the repository \(name)"))
      do {
        _ = try await aws.call(creation(name))
      } catch let error as CloudError where error.kind == .alreadyExists {
        // Somebody was quicker; what matters is that it is there.
      }
    }
    // Whoever is logged in is not who will push, but that the registry takes uploads at all is seen before an install.
    let access = try await setup.registryAccess()
    guard let login = try await access.login() else { return }
    let pushed = [target.generatedRepository, target.cacheRepository].compactMap { $0 }
    try await PushProof.prove(
      pushed.map { "\(target.server)/\($0)" }, access, as: login, setup, progress: progress)
  }

  func traces(_ setup: Setup) async throws -> [Trace] {
    let aws = AWS(world: setup.world, region: target.region)
    let found = try await found(setup)
    var traces: [Trace] = []
    for name in target.repositories.reversed() {
      guard let live = found[name] else {
        traces.append(.gone("\(name) is not there"))
        continue
      }
      guard AWS.isOurs(try await aws.call(["ecr", "list-tags-for-resource", "--resource-arn", live.arn])["tags"]) else {
        traces.append(.stays("\(name) stays: it is not ours"))
        continue
      }
      traces.append(
        .removable(
          Removal(name) {
            do {
              _ = try await aws.call([
                "ecr", "delete-repository", "--registry-id", target.account, "--repository-name", name,
              ])
              return .gone("deleted \(name)")
            } catch let error as CloudError where error.message.contains("RepositoryNotEmptyException") {
              return .stays("\(name) stays: it holds images")
            }
          }))
    }
    return traces
  }
}
