import Kubernetes
import Text

/// The policy that lets the image builder push to two repositories and read one.
struct PushPolicyStep: Step {
  let id: StepID = "ecr-policy"
  let title = "Push policy"
  private let target: ECRTarget

  init(_ target: ECRTarget) { self.target = target }

  var staysUnlessNamed: Bool { true }

  func access(namespaceExists: Bool) -> [AccessRequest] { [] }

  /// A policy as IAM keeps it.
  private struct Live {
    var document: JSONValue
    var isOurs: Bool
  }

  private func find(_ aws: AWS) async throws -> Live? {
    guard let policy = try await aws.find(["iam", "get-policy", "--policy-arn", target.policyARN])?["Policy"] else {
      return nil
    }
    let version = try await aws.call([
      "iam", "get-policy-version", "--policy-arn", target.policyARN, "--version-id",
      policy["DefaultVersionId"]?.string ?? "v1",
    ])
    return Live(
      document: version["PolicyVersion"]?["Document"] ?? .null, isOurs: AWS.isOurs(policy["Tags"]))
  }

  private static let file = "push-policy.json"

  func commands(_ setup: Setup) async throws -> [EquivalentCommand] {
    let region = ["--region", target.region]
    let look = ["aws", "iam", "get-policy", "--policy-arn", target.policyARN] + region
    let create =
      ["aws", "iam", "create-policy", "--policy-name", target.name, "--policy-document", "file://\(Self.file)"]
      + ["--tags", AWS.tagWords] + region
    var commands = [
      EquivalentCommand(Shell.hereDocument(try PolicyDocument.lines(target.pushPolicy), to: "cat >\(Self.file)")),
      EquivalentCommand("\(Shell.line(look)) >/dev/null 2>&1 ||\n\(Shell.line(create)) >/dev/null"),
    ]
    // IAM keeps five versions of a policy and no more, so that a new one is made only where it differs.
    if let live = try await find(AWS(world: setup.world, region: target.region)), live.isOurs,
      !PolicyDocument.haveSameMeaning(live.document, target.pushPolicy)
    {
      let change =
        ["aws", "iam", "create-policy-version", "--policy-arn", target.policyARN, "--policy-document"]
        + ["file://\(Self.file)", "--set-as-default"] + region
      commands.append(EquivalentCommand(Shell.line(change) + " >/dev/null"))
    }
    return commands
  }

  func inspect(_ setup: Setup) async throws -> StepState {
    let live = try await find(AWS(world: setup.world, region: target.region))
    guard let live else { return .needed(["create the policy \(target.name): \(Self.words(target))"]) }
    if PolicyDocument.haveSameMeaning(live.document, target.pushPolicy) {
      return .done("the policy \(target.name) is as it should be")
    }
    let difference = try "it says \(PolicyDocument.text(live.document)), not \(PolicyDocument.text(target.pushPolicy))"
    guard live.isOurs else {
      return .blocked("the policy \(target.policyARN) is not ours and is not changed: \(difference). Delete it first.")
    }
    return .needed(["change the policy \(target.name): \(difference)"])
  }

  /// What it allows, in a few words.
  private static func words(_ target: ECRTarget) -> String {
    let pushed = [target.generatedRepository, target.cacheRepository].compactMap { $0 }.joined(separator: " and ")
    return "push to \(pushed)" + (target.baseARN == nil ? "" : ", read the prediction server's image")
  }

  func perform(_ setup: Setup, progress: @escaping @Sendable (StepProgress) -> Void) async throws {
    let aws = AWS(world: setup.world, region: target.region)
    let document = try PolicyDocument.text(target.pushPolicy)
    if try await find(aws) != nil {
      progress(StepProgress("changing the policy \(target.name)"))
      try await makeRoom(aws)
      _ = try await aws.call([
        "iam", "create-policy-version", "--policy-arn", target.policyARN, "--policy-document", document,
        "--set-as-default",
      ])
    } else {
      progress(StepProgress("creating the policy \(target.name)"))
      _ = try await aws.call([
        "iam", "create-policy", "--policy-name", target.name, "--policy-document", document, "--tags", AWS.tagWords,
      ])
    }
  }

  /// Takes the oldest version away where there are five, as many as IAM keeps.
  private func makeRoom(_ aws: AWS) async throws {
    let versions = try await versions(aws)
    guard versions.count >= 4, let oldest = versions.last else { return }
    _ = try await aws.call([
      "iam", "delete-policy-version", "--policy-arn", target.policyARN, "--version-id", oldest,
    ])
  }

  /// The versions without the one in force, the newest first; of five that are kept, four are told.
  private func versions(_ aws: AWS) async throws -> [String] {
    let all = try await aws.call(["iam", "list-policy-versions", "--policy-arn", target.policyARN])["Versions"]?.array
    return (all ?? []).filter { $0["IsDefaultVersion"]?.bool != true }.compactMap { $0["VersionId"]?.string }
      .sorted { (Int($0.dropFirst()) ?? 0) > (Int($1.dropFirst()) ?? 0) }
  }

  func traces(_ setup: Setup) async throws -> [Trace] {
    let aws = AWS(world: setup.world, region: target.region)
    let title = "the policy \(target.name)"
    guard let live = try await find(aws) else { return [.gone("\(title) is not there")] }
    guard live.isOurs else { return [.stays("\(title) stays: it is not ours")] }
    return [
      .removable(
        Removal(title) {
          // Our own role has it until that is removed, which comes before.
          let users = try await aws.call(["iam", "list-entities-for-policy", "--policy-arn", target.policyARN])
          let names = ["PolicyRoles", "PolicyUsers", "PolicyGroups"].flatMap { users[$0]?.array ?? [] }
            .compactMap { ($0["RoleName"] ?? $0["UserName"] ?? $0["GroupName"])?.string }
          if !names.isEmpty { return .stays("\(title) stays: \(names.joined(separator: ", ")) has it") }
          try await remove(aws)
          return .gone("deleted \(title)")
        })
    ]
  }

  private func remove(_ aws: AWS) async throws {
    for version in try await versions(aws) {
      _ = try await aws.call([
        "iam", "delete-policy-version", "--policy-arn", target.policyARN, "--version-id", version,
      ])
    }
    _ = try await aws.call(["iam", "delete-policy", "--policy-arn", target.policyARN])
  }
}
