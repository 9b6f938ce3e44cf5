import Kubernetes
import OrderedCollections
import Text

/// A role as IAM keeps it.
struct IAMRole: Sendable, Equatable {
  var arn: String
  var trust: JSONValue
  var isOurs: Bool

  static func find(_ name: String, _ aws: AWS) async throws -> IAMRole? {
    guard let role = try await aws.find(["iam", "get-role", "--role-name", name])?["Role"] else { return nil }
    return IAMRole(
      arn: role["Arn"]?.string ?? "", trust: role["AssumeRolePolicyDocument"] ?? .null,
      isOurs: AWS.isOurs(role["Tags"]))
  }
}

/// The role that the image builder takes on, which trusts one service account and holds one policy.
struct BuilderRoleStep: Step {
  let id: StepID = "ecr-role"
  let title = "IAM role"
  private let target: ECRTarget

  init(_ target: ECRTarget) { self.target = target }

  var staysUnlessNamed: Bool { true }

  func access(namespaceExists: Bool) -> [AccessRequest] { [] }

  /// eksctl makes roles of IRSA together with a stack; Pod Identity's associations take one that is there.
  private var isByEksctl: Bool { target.usesEksctl && target.identity == .irsa }

  private var byEksctl: [String] {
    [
      "create", "iamserviceaccount", "--cluster", target.cluster, "--region", target.region, "--namespace",
      target.namespace, "--name", target.serviceAccount, "--role-name", target.name, "--role-only",
      "--attach-policy-arn", target.policyARN, "--tags", "\(AWS.tag.key)=\(AWS.tag.value)", "--approve",
    ]
  }

  private static let file = "trust.json"

  func commands(_ setup: Setup) throws -> [EquivalentCommand] {
    let region = ["--region", target.region]
    let look = Shell.line(["aws", "iam", "get-role", "--role-name", target.name] + region) + " >/dev/null 2>&1"
    if isByEksctl {
      let tag = ["aws", "iam", "tag-role", "--role-name", target.name, "--tags", AWS.tagWords] + region
      return [
        EquivalentCommand("\(look) || {\n  \(Shell.line(["eksctl"] + byEksctl))\n  \(Shell.line(tag))\n}")
      ]
    }
    // The document names the issuer by a variable that the shell fills in; nothing else in it means anything to a shell.
    let document = try PolicyDocument.lines(target.trust(issuer: "${issuer}"))
    let create =
      ["aws", "iam", "create-role", "--role-name", target.name, "--assume-role-policy-document", "file://\(Self.file)"]
      + ["--tags", AWS.tagWords] + region
    let change =
      ["aws", "iam", "update-assume-role-policy", "--role-name", target.name, "--policy-document"]
      + ["file://\(Self.file)"] + region
    let attach =
      ["aws", "iam", "attach-role-policy", "--role-name", target.name, "--policy-arn", target.policyARN] + region
    return [
      EquivalentCommand(
        (target.identity == .podIdentity ? "" : OIDCProviderStep.issuer(target) + "\n")
          + "cat >\(Self.file) <<END\n\(document)\nEND"),
      EquivalentCommand(
        "if \(look); then\n  \(Shell.line(change))\nelse\n  \(Shell.line(create)) >/dev/null\nfi\n" + Shell.line(attach)
      ),
    ]
  }

  /// The document that the role must have.
  private func trust(_ setup: Setup) async throws -> JSONValue {
    if target.identity == .podIdentity { return target.trust(issuer: "") }
    return target.trust(issuer: try await EKSCluster.find(target, setup.world).issuerName)
  }

  private func isAttached(_ aws: AWS) async throws -> Bool {
    let policies = try await aws.call(["iam", "list-attached-role-policies", "--role-name", target.name])
    return policies["AttachedPolicies"]?.array?.contains { $0["PolicyArn"]?.string == target.policyARN } ?? false
  }

  func inspect(_ setup: Setup) async throws -> StepState {
    let aws = AWS(world: setup.world, region: target.region)
    guard let live = try await IAMRole.find(target.name, aws) else {
      let whom =
        target.identity == .podIdentity ? "pods.eks.amazonaws.com" : "\(target.subject) of cluster \(target.cluster)"
      return .needed(["create the role \(target.name), which trusts \(whom)", "attach \(target.policyARN)"])
    }
    let trust = try await trust(setup)
    var changes: [String] = []
    if !PolicyDocument.haveSameMeaning(live.trust, trust) {
      changes.append(
        try "change whom \(target.name) trusts: it says \(PolicyDocument.text(live.trust)), not "
          + PolicyDocument.text(trust))
    }
    if try await !isAttached(aws) { changes.append("attach \(target.policyARN) to \(target.name)") }
    if changes.isEmpty { return .done("the role \(target.name) is as it should be") }
    guard live.isOurs else {
      return .blocked(
        "the role \(live.arn) is not ours and is not changed, though it differs: \(changes.joined(separator: "; ")). "
          + "Delete it, or set registry.identity: role and registry.role: \(live.arn) to use it as it is.")
    }
    return .needed(changes)
  }

  func perform(_ setup: Setup, progress: @escaping @Sendable (StepProgress) -> Void) async throws {
    let aws = AWS(world: setup.world, region: target.region)
    let live = try await IAMRole.find(target.name, aws)
    if live == nil, isByEksctl {
      progress(StepProgress("eksctl creates the role \(target.name); this takes about a minute"))
      _ = try await CloudProgram.eksctl.text(byEksctl, setup.world, deadline: .seconds(600))
      guard try await IAMRole.find(target.name, aws) != nil else {
        throw SetupError(
          .installFailed, "eksctl ended well, but there is no role \(target.name)",
          next: "It may have a stack for this service account already: "
            + Shell.line(["eksctl", "get", "iamserviceaccount", "--cluster", target.cluster, "--region", target.region])
            + ". Delete that, set registry.identity: role to use its role, or set registry.program: aws.")
      }
      _ = try await aws.call(["iam", "tag-role", "--role-name", target.name, "--tags", AWS.tagWords])
      return
    }
    let trust = try await trust(setup)
    let document = try PolicyDocument.text(trust)
    if let live {
      if !PolicyDocument.haveSameMeaning(live.trust, trust) {
        progress(StepProgress("changing whom the role \(target.name) trusts"))
        _ = try await aws.call([
          "iam", "update-assume-role-policy", "--role-name", target.name, "--policy-document", document,
        ])
      }
    } else {
      progress(StepProgress("creating the role \(target.name)"))
      _ = try await aws.call([
        "iam", "create-role", "--role-name", target.name, "--assume-role-policy-document", document, "--tags",
        AWS.tagWords,
      ])
    }
    _ = try await aws.call([
      "iam", "attach-role-policy", "--role-name", target.name, "--policy-arn", target.policyARN,
    ])
  }

  func traces(_ setup: Setup) async throws -> [Trace] {
    let aws = AWS(world: setup.world, region: target.region)
    let title = "the role \(target.name)"
    guard let live = try await IAMRole.find(target.name, aws) else { return [.gone("\(title) is not there")] }
    guard live.isOurs else { return [.stays("\(title) stays: it is not ours")] }
    return [.removable(Removal(title) { .gone(try await remove(aws, setup)) })]
  }

  /// The role, its attachments and, where eksctl made it, its stack; says what was done.
  private func remove(_ aws: AWS, _ setup: Setup) async throws -> String {
    if isByEksctl {
      _ = try await CloudProgram.eksctl.text(
        [
          "delete", "iamserviceaccount", "--cluster", target.cluster, "--region", target.region, "--namespace",
          target.namespace, "--name", target.serviceAccount, "--wait", "--approve",
        ], setup.world, deadline: .seconds(600))
      // A role that aws made has no stack, and eksctl leaves it.
      if try await IAMRole.find(target.name, aws) == nil { return "deleted the role \(target.name) with its stack" }
    }
    let attached = try await aws.call(["iam", "list-attached-role-policies", "--role-name", target.name])
    for policy in attached["AttachedPolicies"]?.array ?? [] {
      guard let arn = policy["PolicyArn"]?.string else { continue }
      _ = try await aws.call(["iam", "detach-role-policy", "--role-name", target.name, "--policy-arn", arn])
    }
    _ = try await aws.call(["iam", "delete-role", "--role-name", target.name])
    return "deleted the role \(target.name)"
  }
}

/// A role that somebody else made: looked at, and never changed.
struct ExistingRoleStep: Step {
  let id: StepID = "ecr-role"
  let title = "IAM role"
  private let target: ECRTarget

  init(_ target: ECRTarget) { self.target = target }

  func access(namespaceExists: Bool) -> [AccessRequest] { [] }

  func commands(_ setup: Setup) -> [EquivalentCommand] {
    let look = ["aws", "iam", "get-role", "--role-name", target.roleName, "--query", "Role.AssumeRolePolicyDocument"]
    return [
      EquivalentCommand(
        "# It must trust \(target.subject).\n" + Shell.line(look + ["--region", target.region]))
    ]
  }

  func inspect(_ setup: Setup) async throws -> StepState {
    let aws = AWS(world: setup.world, region: target.region)
    let live: IAMRole?
    do {
      live = try await IAMRole.find(target.roleName, aws)
    } catch let error as CloudError where error.kind == .denied {
      return .done("the role \(target.roleARN) is taken as it is; whom it trusts may not be seen: \(error.message)")
    }
    guard let live else {
      return .blocked("there is no role \(target.roleARN) in this account. Correct registry.role.")
    }
    if live.arn != target.roleARN {
      return .blocked("the role \(target.roleName) is \(live.arn), not \(target.roleARN). Correct registry.role.")
    }
    if Self.trusts(live.trust, target.subject) {
      return .done("the role \(target.roleARN) trusts \(target.subject)")
    }
    let said = try PolicyDocument.text(live.trust)
    let hint =
      said.contains("pods.eks.amazonaws.com")
      ? "It is made for EKS Pod Identity: set registry.identity: pod-identity, which makes a role of its own. " : ""
    return .blocked(
      "the role \(target.roleARN) does not trust \(target.subject), and is not changed: its trust policy says \(said). "
        + hint + "Its owner must add this service account, or choose registry.identity: irsa.")
  }

  /// Whether a trust policy lets a token's subject in, by its exact name or by a pattern.
  static func trusts(_ document: JSONValue, _ subject: String) -> Bool {
    let statements = document["Statement"]?.array ?? document["Statement"].map { [$0] } ?? []
    return statements.contains { statement in
      guard statement["Effect"]?.string == "Allow", statement["Principal"]?["Federated"] != nil else { return false }
      let conditions = statement["Condition"]?.object ?? [:]
      let subjects = conditions.flatMap { `operator`, members in
        (members.object ?? [:]).filter { $0.key.hasSuffix(":sub") }.map { (`operator`, $0.value) }
      }
      return subjects.allSatisfy { `operator`, value in
        let patterns = value.string.map { [$0] } ?? value.texts
        return patterns.contains { pattern in
          `operator` == "StringLike" ? Wildcard.matches(subject, pattern) : pattern == subject
        }
      }
    }
  }

  func perform(_ setup: Setup, progress: @escaping @Sendable (StepProgress) -> Void) async throws {}

  func traces(_ setup: Setup) async throws -> [Trace] { [.stays("stays: it is not ours")] }
}

/// Patterns as AWS uses them, in which `*` stands for any text.
enum Wildcard {
  static func matches(_ text: String, _ pattern: String) -> Bool { matches(text[...], pattern[...]) }

  private static func matches(_ text: Substring, _ pattern: Substring) -> Bool {
    guard let first = pattern.first else { return text.isEmpty }
    if first == "*" {
      return matches(text, pattern.dropFirst()) || (!text.isEmpty && matches(text.dropFirst(), pattern))
    }
    return text.first == first && matches(text.dropFirst(), pattern.dropFirst())
  }
}
