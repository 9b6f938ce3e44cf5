/// What is wrong with an answer of this provider.
enum ECRRules {
  static func accountProblem(_ text: String) -> String? {
    text.utf8.count == 12 && text.allSatisfy { $0.isNumber && $0.isASCII } ? nil : "must be the account's 12 digits"
  }

  static func regionProblem(_ text: String) -> String? {
    text.wholeMatch(of: /[a-z]{2}(-[a-z]+)+-[0-9]/) != nil
      ? nil : "must be a region's name like eu-central-1; a zone has one letter more"
  }

  static func clusterProblem(_ text: String) -> String? {
    if text.hasPrefix("arn:") { return "must be the cluster's name alone, what follows cluster/ in its ARN" }
    return text.wholeMatch(of: /[0-9A-Za-z][0-9A-Za-z_-]{0,99}/) != nil
      ? nil : "must be letters, digits, '-' and '_', 100 at most, as EKS names clusters"
  }

  static func prefixProblem(_ text: String) -> String? {
    if let problem = RegistryRules.prefixProblem(text) { return problem }
    return text.wholeMatch(of: /[a-z0-9]+([._-][a-z0-9]+)*(\/[a-z0-9]+([._-][a-z0-9]+)*)*/) != nil
      ? nil : "must be lower-case letters and digits, with single '.', '_', '-' and '/' between them"
  }

  static func roleProblem(_ text: String) -> String? {
    text.wholeMatch(of: /arn:aws[a-z-]*:iam::[0-9]{12}:role\/[A-Za-z0-9+=,.@_\/-]+/) != nil
      ? nil : "must be a role's ARN, as in arn:aws:iam::123456789012:role/image-builder"
  }
}

extension ECRRegistry {
  static let questions: [Question] = [
    Question(
      "registry.account", page: .registry, label: "Account",
      why: "The 12 digits of the AWS account that holds the registry and the cluster.", example: "123456789012",
      suggestion: { answers, survey in
        (EKSContext(answers, survey).account ?? survey.awsIdentity.value?.account).map { .text($0) }
      },
      problem: { value, _ in value.text.flatMap(ECRRules.accountProblem) }),
    Question(
      "registry.region", page: .registry, label: "Region",
      why: "The region of the registry and the cluster. Its name is part of every image's.", example: "eu-central-1",
      suggestion: { answers, survey in
        (EKSContext(answers, survey).region ?? survey.awsRegion.value).map { .text($0) }
      },
      problem: { value, _ in value.text.flatMap(ECRRules.regionProblem) }),
    .registryPrefix(
      why: "A path put before the repository names, where several teams share the account. May be left empty.",
      problem: ECRRules.prefixProblem),
    Question(
      "registry.identity", page: .registry, label: "Identity",
      why:
        "How the image builder gets the right to push. IRSA works with every kaniko. Pod Identity needs kaniko 1.23.2 or newer, and the chart's own is 1.8.1. An existing role is used as it is.",
      kind: .choice([
        .init("irsa", "a role for the service account (IRSA), any kaniko"),
        .init("pod-identity", "EKS Pod Identity, needs kaniko 1.23.2 or newer"),
        .init("role", "an existing role that trusts the service account"),
      ]),
      suggestion: { _, survey in .text(survey.builderIdentity.identity.rawValue) }),
    Question(
      "registry.role", page: .registry, label: "Role",
      why:
        "The ARN of a role that trusts the cluster's service account and may push. It is not changed.",
      example: "arn:aws:iam::123456789012:role/image-builder",
      applies: { $0[ECRKey.identity] == ECRTarget.Identity.role.rawValue },
      suggestion: { _, survey in survey.builderIdentity.role.map { .text($0) } },
      problem: { value, _ in value.text.flatMap(ECRRules.roleProblem) }),
    Question(
      "registry.cluster", page: .registry, label: "EKS cluster",
      why: "The cluster's name in EKS: the role trusts this cluster's service account and no other's.",
      example: "prod", applies: { $0[ECRKey.identity] != ECRTarget.Identity.role.rawValue },
      suggestion: { answers, survey in
        (EKSContext(answers, survey).cluster ?? survey.eksClusters.value?.only).map { .text($0) }
      },
      candidates: { _, survey in (survey.eksClusters.value ?? []).map { Question.Choice($0) } },
      problem: { value, _ in value.text.flatMap(ECRRules.clusterProblem) }),
    Question(
      "registry.policy", page: .registry, label: "Rights",
      why:
        "What the role may do. Least privilege: push models' images and read the prediction server's. Power user is the policy AmazonEC2ContainerRegistryPowerUser, which reaches every repository of the account.",
      kind: .choice([
        .init("least-privilege", "push to the two repositories of models' images"),
        .init("power-user", "AmazonEC2ContainerRegistryPowerUser"),
      ]), applies: { $0[ECRKey.identity] != ECRTarget.Identity.role.rawValue },
      suggestion: { _, _ in .text(ECRTarget.Rights.leastPrivilege.rawValue) }),
    .builderAccount,
    Question(
      "registry.program", page: .registry, label: "Made with",
      why:
        "What makes role and association. eksctl keeps them in CloudFormation stacks, where it finds them again; aws makes them directly, and in any case what else there is.",
      kind: .choice([.init("aws", "the AWS CLI alone"), .init("eksctl", "eksctl, as the procedure does")]),
      applies: { $0[ECRKey.identity] != ECRTarget.Identity.role.rawValue },
      suggestion: { _, survey in .text(survey.eksctl.value == nil ? "aws" : "eksctl") }),
  ]
}
