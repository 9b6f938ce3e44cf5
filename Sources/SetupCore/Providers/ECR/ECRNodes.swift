import Kubernetes
import Text

/// A role that nodes run as.
struct NodeRole: Sendable, Equatable {
  /// Its name in IAM.
  var name: String
  /// What lets it pull: the name of a policy; nil: nothing does, or it was not seen.
  var policy: String?
  /// Why it was not seen whether a policy of somebody's own lets it pull.
  var doubt: String?
}

/// Who the nodes are at AWS.
struct NodeRoles: Sendable, Equatable {
  /// Of the nodes that are EC2 instances, each once.
  var roles: [NodeRole] = []
  /// EC2 instances without a role.
  var without: [String] = []
}

extension Probe {
  /// The roles of the nodes, by their instances: so it does not matter who made them.
  static let nodeRoles = Probe(
    "registry/ecr-nodes", \.nodeRoles, page: .registry, after: [.nodes, .awsIdentity]
  ) { setup, survey in
    let instances = (survey.nodes.value ?? []).compactMap {
      $0.spec.providerID.flatMap(NodeRoles.instance(providerID:))
    }
    guard !instances.isEmpty else { return NodeRoles() }
    let target = ECRTarget(setup.answers)
    return try await NodeRoles.find(
      Array(instances.prefix(200)), target, AWS(world: setup.world, region: target.region))
  }
}

extension Survey {
  /// Who the nodes are at AWS.
  var nodeRoles: Observed<NodeRoles> {
    get { self["cluster/registry/ecr-nodes"] }
    set { self["cluster/registry/ecr-nodes"] = newValue }
  }
}

extension NodeRoles {
  /// Policies of AWS that let a role pull from every repository of its account.
  private static let readers = [
    "AmazonEC2ContainerRegistryPullOnly", "AmazonEC2ContainerRegistryReadOnly", "AmazonEC2ContainerRegistryPowerUser",
    "AmazonEC2ContainerRegistryFullAccess", "ReadOnlyAccess", "PowerUserAccess", "AdministratorAccess",
  ]

  private static let actions = ["ecr:GetAuthorizationToken", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]

  /// The instance of `aws:///eu-central-1a/i-0123`; nil: it is none, as with Fargate.
  static func instance(providerID: String) -> String? {
    guard providerID.hasPrefix("aws:///"), let name = providerID.split(separator: "/").last, name.hasPrefix("i-") else {
      return nil
    }
    return String(name)
  }

  static func find(_ instances: [String], _ target: ECRTarget, _ aws: AWS) async throws -> NodeRoles {
    let said = try await aws.call(["ec2", "describe-instances", "--instance-ids"] + instances)
    var nodes = NodeRoles()
    var profiles: [String] = []
    for instance in (said["Reservations"]?.array ?? []).flatMap({ $0["Instances"]?.array ?? [] }) {
      guard let profile = instance[path: "IamInstanceProfile", "Arn"]?.string.map(FileNames.last(of:)) else {
        nodes.without.append(OutsideText.clean(instance["InstanceId"]?.string ?? "", limit: 40))
        continue
      }
      if !profiles.contains(profile) { profiles.append(profile) }
    }
    for profile in profiles {
      let said = try await aws.call(["iam", "get-instance-profile", "--instance-profile-name", profile])
      for role in said[path: "InstanceProfile", "Roles"]?.array ?? [] {
        guard let name = role["RoleName"]?.string, let arn = role["Arn"]?.string,
          !nodes.roles.contains(where: { $0.name == name })
        else { continue }
        nodes.roles.append(try await look(name, arn, target, aws))
      }
    }
    return nodes
  }

  private static func look(_ name: String, _ arn: String, _ target: ECRTarget, _ aws: AWS) async throws -> NodeRole {
    var role = NodeRole(name: OutsideText.clean(name, limit: 80))
    let attached = try await aws.call(["iam", "list-attached-role-policies", "--role-name", name])
    let names = (attached["AttachedPolicies"]?.array ?? []).compactMap { $0["PolicyName"]?.string }
    role.policy = names.first(where: readers.contains)
    if role.policy != nil { return role }
    do {
      // A policy of somebody's own may let it as well: IAM itself says so.
      let said = try await aws.call(
        ["iam", "simulate-principal-policy", "--policy-source-arn", arn, "--action-names"] + actions
          + ["--resource-arns", target.repositoryARN(target.generatedRepository ?? "*")])
      let decisions = (said["EvaluationResults"]?.array ?? []).compactMap { $0["EvalDecision"]?.string }
      if decisions.count == actions.count, decisions.allSatisfy({ $0 == "allowed" }) {
        role.policy = "a policy of its own"
      }
    } catch let error as CloudError {
      role.doubt = error.message
    }
    return role
  }
}

extension Check {
  /// The nodes may pull what lies in the registry.
  static let ecrNodes = Check(
    "registry.ecr-nodes", title: "Nodes may pull",
    required: "the role of the nodes may pull from the registry: AmazonEC2ContainerRegistryPullOnly, or the like",
    why: "Nodes pull as the role of their instances, whatever the image builder may.", isBlocking: false,
    needs: [.nodeRoles], after: ["registry.ecr-login"]
  ) { survey, answers, _ in
    .judging(survey.nodeRoles) { nodes in
      let lines = nodes.roles.map { role in
        "\(role.name): " + (role.policy.map { "may pull, by \($0)" } ?? role.doubt ?? "nothing lets it pull")
      }
      if !nodes.without.isEmpty {
        return Finding(
          .warn, observed: nodes.without.joined(separator: ", "),
          message: "\(nodes.without.count) of the nodes' instances have no role, and cannot log in to the registry.",
          remedy: Remedy("Give them an instance profile whose role may pull."), details: nodes.without + lines)
      }
      guard !nodes.roles.isEmpty else {
        return Finding(.skipped, observed: "", message: "No node that was seen is an EC2 instance.")
      }
      let lacking = nodes.roles.filter { $0.policy == nil }
      let names = lacking.map(\.name).joined(separator: ", ")
      guard let first = lacking.first else {
        return Finding(
          .pass, observed: "\(nodes.roles.count) role\(nodes.roles.count == 1 ? "" : "s")",
          message: "The nodes may pull, as \(nodes.roles.map(\.name).joined(separator: ", ")).", details: lines)
      }
      if let doubt = first.doubt {
        return Finding(
          .unknown, observed: names,
          message:
            "No policy of AWS lets the nodes' role \(first.name) pull; whether one of its own does was not seen: "
            + doubt, remedy: Remedy("See what its policies allow.", command: Self.policies(of: first)), details: lines)
      }
      return Finding(
        .warn, observed: names, message: "Nothing lets the nodes' \(names) pull from the registry.",
        remedy: Remedy(
          "Let them pull.",
          command: lacking.map { role in
            Shell.line([
              "aws", "iam", "attach-role-policy", "--role-name", role.name, "--policy-arn",
              "arn:\(ECRTarget(answers).partition):iam::aws:policy/AmazonEC2ContainerRegistryPullOnly",
            ])
          }.joined(separator: " && ")),
        details: lines)
    }
  }

  private static func policies(of role: NodeRole) -> String {
    Shell.line(["aws", "iam", "list-role-policies", "--role-name", role.name])
  }
}
