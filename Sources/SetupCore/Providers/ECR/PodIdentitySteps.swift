import Kubernetes
import Text

/// The EKS add-on that hands out roles on each node. It is made with aws in any case: eksctl tags no add-on.
struct PodIdentityAgentStep: Step {
  let id: StepID = "eks-pod-identity-agent"
  let title = "Pod Identity agent"
  private let target: ECRTarget

  init(_ target: ECRTarget) { self.target = target }

  /// Others' pods may get their roles from it by now.
  var staysUnlessNamed: Bool { true }

  func access(namespaceExists: Bool) -> [AccessRequest] { [] }

  private static func words(_ verb: String, _ target: ECRTarget) -> [String] {
    ["eks", verb, "--cluster-name", target.cluster, "--addon-name", PodIdentity.addon]
  }

  /// The add-on as EKS describes it; nil: it is not installed.
  static func find(_ target: ECRTarget, _ aws: AWS) async throws -> JSONValue? {
    try await aws.find(words("describe-addon", target))?["addon"]
  }

  private var creation: [String] {
    Self.words("create-addon", target) + ["--tags", "\(AWS.tag.key)=\(AWS.tag.value)"]
  }

  func commands(_ setup: Setup) async throws -> [EquivalentCommand] {
    if try await EKSCluster.find(target, setup.world).isAutoMode { return [] }
    let region = ["--region", target.region]
    let create = Shell.line(["aws"] + creation + region) + " >/dev/null"
    return [
      EquivalentCommand(
        Shell.line(["aws"] + Self.words("describe-addon", target) + region) + " >/dev/null 2>&1 ||\n\(create)"),
      EquivalentCommand(Shell.line(["aws"] + waiting + region)),
    ]
  }

  private var waiting: [String] {
    ["eks", "wait", "addon-active", "--cluster-name", target.cluster, "--addon-name", PodIdentity.addon]
  }

  func inspect(_ setup: Setup) async throws -> StepState {
    if try await EKSCluster.find(target, setup.world).isAutoMode {
      return .done("cluster \(target.cluster) is in Auto Mode, which brings the Pod Identity agent")
    }
    guard let live = try await Self.find(target, AWS(world: setup.world, region: target.region)) else {
      return .needed(["install the add-on \(PodIdentity.addon) in cluster \(target.cluster)"])
    }
    let status = live["status"]?.string ?? "UNKNOWN"
    switch status {
    case "ACTIVE", "UPDATING": return .done("the add-on \(PodIdentity.addon) is \(status)")
    case "CREATING": return .needed(["wait for the add-on \(PodIdentity.addon), which is being installed"])
    default:
      let issues = (live[path: "health", "issues"]?.array ?? []).compactMap { $0["message"]?.string }
      return .blocked(
        "the add-on \(PodIdentity.addon) is \(status)" + (issues.isEmpty ? "" : ": \(issues.joined(separator: "; "))")
          + ". Mend it first: "
          + Shell.line(["aws"] + Self.words("describe-addon", target) + ["--region", target.region]))
    }
  }

  func perform(_ setup: Setup, progress: @escaping @Sendable (StepProgress) -> Void) async throws {
    let aws = AWS(world: setup.world, region: target.region)
    if try await Self.find(target, aws) == nil {
      progress(StepProgress("installing the add-on \(PodIdentity.addon)"))
      _ = try await aws.call(creation)
    }
    progress(StepProgress("waiting until the add-on \(PodIdentity.addon) is active"))
    _ = try await CloudProgram.aws.text(
      waiting + ["--region", target.region], setup.world, deadline: .seconds(620))
  }

  func traces(_ setup: Setup) async throws -> [Trace] {
    let aws = AWS(world: setup.world, region: target.region)
    guard let live = try await Self.find(target, aws) else { return [.gone("there is none")] }
    guard AWS.isOurs(live["tags"]) else { return [.stays("stays: it is not ours")] }
    return [
      .removable("the add-on \(PodIdentity.addon)") { _ = try await aws.call(Self.words("delete-addon", target)) }
    ]
  }
}

/// The association that gives the service account its role. There is one at most for each service account.
struct PodIdentityStep: Step {
  let id: StepID = "eks-pod-identity"
  let title = "Pod Identity"
  private let target: ECRTarget

  init(_ target: ECRTarget) { self.target = target }

  var staysUnlessNamed: Bool { true }

  func access(namespaceExists: Bool) -> [AccessRequest] { [] }

  private var whose: [String] {
    ["--cluster-name", target.cluster, "--namespace", target.namespace, "--service-account", target.serviceAccount]
  }

  private var creation: [String] {
    ["eks", "create-pod-identity-association"] + whose
      + ["--role-arn", target.roleARN, "--tags", "\(AWS.tag.key)=\(AWS.tag.value)"]
  }

  private var byEksctl: [String] {
    [
      "create", "podidentityassociation", "--cluster", target.cluster, "--region", target.region, "--namespace",
      target.namespace, "--service-account-name", target.serviceAccount, "--role-arn", target.roleARN, "--tags",
      "\(AWS.tag.key)=\(AWS.tag.value)",
    ]
  }

  func commands(_ setup: Setup) -> [EquivalentCommand] {
    let region = ["--region", target.region]
    let list =
      ["aws", "eks", "list-pod-identity-associations"] + whose
      + ["--query", "associations[].associationId", "--output", "text"] + region
    let create =
      target.usesEksctl ? Shell.line(["eksctl"] + byEksctl) : Shell.line(["aws"] + creation + region) + " >/dev/null"
    let change =
      Shell.line(["aws", "eks", "update-pod-identity-association", "--cluster-name", target.cluster])
      + " --association-id \"$association\" " + Shell.line(["--role-arn", target.roleARN] + region) + " >/dev/null"
    return [
      EquivalentCommand(
        "association=$(\(Shell.line(list)))\nif [ -n \"$association\" ]; then\n  \(change)\nelse\n  \(create)\nfi")
    ]
  }

  /// The association as EKS describes it; nil: there is none.
  private func find(_ aws: AWS) async throws -> JSONValue? {
    let listed = try await aws.call(["eks", "list-pod-identity-associations"] + whose)["associations"]?.array ?? []
    guard let id = listed.first?["associationId"]?.string else { return nil }
    return try await aws.find(words("describe-pod-identity-association", id))?["association"]
  }

  private func words(_ verb: String, _ id: String) -> [String] {
    ["eks", verb, "--cluster-name", target.cluster, "--association-id", id]
  }

  func inspect(_ setup: Setup) async throws -> StepState {
    guard let live = try await find(AWS(world: setup.world, region: target.region)) else {
      return .needed(["associate \(target.serviceAccount) in \(target.namespace) with \(target.roleARN)"])
    }
    let role = live["roleArn"]?.string ?? ""
    if role == target.roleARN { return .done("\(target.serviceAccount) is associated with \(role)") }
    guard AWS.isOurs(live["tags"]) else {
      let id = live["associationId"]?.string ?? ""
      return .blocked(
        "\(target.serviceAccount) is associated with \(role), not with \(target.roleARN), and not by us. Choose another "
          + "registry.serviceAccount, or delete the association: "
          + Shell.line(["aws"] + words("delete-pod-identity-association", id) + ["--region", target.region]))
    }
    return .needed(["associate \(target.serviceAccount) with \(target.roleARN) instead of \(role)"])
  }

  func perform(_ setup: Setup, progress: @escaping @Sendable (StepProgress) -> Void) async throws {
    let aws = AWS(world: setup.world, region: target.region)
    if let id = try await find(aws)?["associationId"]?.string {
      _ = try await aws.call(words("update-pod-identity-association", id) + ["--role-arn", target.roleARN])
    } else if target.usesEksctl {
      _ = try await CloudProgram.eksctl.text(byEksctl, setup.world, deadline: .seconds(300))
    } else {
      _ = try await aws.call(creation)
    }
  }

  func traces(_ setup: Setup) async throws -> [Trace] {
    let aws = AWS(world: setup.world, region: target.region)
    guard let live = try await find(aws), let id = live["associationId"]?.string else {
      return [.gone("there is none")]
    }
    guard AWS.isOurs(live["tags"]) || live["roleArn"]?.string == target.roleARN else {
      return [.stays("stays: it is not ours")]
    }
    return [
      .removable("the association of \(target.serviceAccount)") {
        _ = try await aws.call(words("delete-pod-identity-association", id))
      }
    ]
  }
}
