import FoundationEssentials
import TestSupport
import Testing

/// The real AWS CLI against moto: what the tests of the ECR provider stand on.
@Suite("The AWS CLI and its server", .timeLimit(.minutes(2)))
struct MotoServerTests {
  private static let issuer = "oidc.eks.eu-central-1.amazonaws.com/id/ABC"
  private static let trust = #"{"Version":"2012-10-17","Statement":[]}"#

  @Test("ECR makes repositories and gives a login, and says what is there already and what is missing")
  func registry() async throws {
    try await MotoServer.run { aws in
      let identity = try await aws.call("sts", "get-caller-identity", "--query", "Account", "--output", "text")
      #expect(identity.output == "\(MotoServer.account)\n")
      let repository = ["--repository-name", "mlops/frozen-models"]
      let made = try await aws.call("ecr", "create-repository", repository[0], repository[1])
      #expect(made.status == 0)
      #expect(made.output.contains("\(MotoServer.account).dkr.ecr.eu-central-1.amazonaws.com/mlops/frozen-models"))
      let again = try await aws.call("ecr", "create-repository", repository[0], repository[1])
      #expect(again.status == 255)
      #expect(
        again.error.contains(
          "(RepositoryAlreadyExistsException) when calling the CreateRepository operation: The repository with name "
            + "'mlops/frozen-models' already exists in the registry with id '\(MotoServer.account)'"))
      let found = try await aws.call(
        "ecr", "describe-repositories", "--query", "repositories[].repositoryName", "--output", "text")
      #expect(found.output == "mlops/frozen-models\n")
      let missing = try await aws.call("ecr", "describe-repositories", "--repository-names", "nope")
      #expect(missing.error.contains("(RepositoryNotFoundException) when calling the DescribeRepositories operation"))
      let token = try await aws.call(
        "ecr", "get-authorization-token", "--query", "authorizationData[0].authorizationToken", "--output", "text")
      #expect(
        Data(base64Encoded: String(token.output.dropLast())) == Data("AWS:\(MotoServer.account)-auth-token".utf8))
      #expect(try await aws.call("ecr", "get-login-password").output == "\(MotoServer.account)-auth-token\n")
    }
  }

  @Test("IAM makes roles, policies and OIDC providers, and reads a document from stdin")
  func identity() async throws {
    try await MotoServer.run { aws in
      let role = try await aws.call(
        "iam", "create-role", "--role-name", "builder", "--assume-role-policy-document", "file:///dev/stdin",
        input: Self.trust)
      #expect(role.status == 0, "\(role.error)")
      let again = try await aws.call(
        "iam", "create-role", "--role-name", "builder", "--assume-role-policy-document", Self.trust)
      #expect(again.error.contains("(EntityAlreadyExists) when calling the CreateRole operation"))
      let policy = try await aws.call(
        "iam", "create-policy", "--policy-name", "push", "--policy-document",
        #"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ecr:PutImage","Resource":"*"}]}"#,
        "--query", "Policy.Arn", "--output", "text")
      let arn = String(policy.output.dropLast())
      #expect(arn == "arn:aws:iam::\(MotoServer.account):policy/push")
      #expect(
        try await aws.call("iam", "attach-role-policy", "--role-name", "builder", "--policy-arn", arn).status == 0)
      let read = try await aws.call("iam", "get-role", "--role-name", "builder", "--query", "Role.Arn")
      #expect(read.output == "\"arn:aws:iam::\(MotoServer.account):role/builder\"\n")
      let missing = try await aws.call("iam", "get-role", "--role-name", "nope")
      #expect(missing.error.contains("(NoSuchEntity) when calling the GetRole operation"))
      let provider = try await aws.call(
        "iam", "create-open-id-connect-provider", "--url", "https://\(Self.issuer)", "--client-id-list",
        "sts.amazonaws.com")
      #expect(provider.status == 0, "\(provider.error)")
      let providers = try await aws.call(
        "iam", "list-open-id-connect-providers", "--query", "OpenIDConnectProviderList[].Arn", "--output", "text")
      #expect(providers.output == "arn:aws:iam::\(MotoServer.account):oidc-provider/\(Self.issuer)\n")
    }
  }

  @Test("EKS tells a cluster's issuer, installs add-ons and keeps Pod Identity associations")
  func cluster() async throws {
    try await MotoServer.run { aws in
      let made = try await aws.call(
        "eks", "create-cluster", "--name", "prod", "--role-arn", "arn:aws:iam::\(MotoServer.account):role/eks",
        "--resources-vpc-config", "subnetIds=subnet-1,subnet-2")
      #expect(made.status == 0, "\(made.error)")
      let issuer = try await aws.call(
        "eks", "describe-cluster", "--name", "prod", "--query", "cluster.identity.oidc.issuer", "--output", "text")
      #expect(issuer.output.hasPrefix("https://oidc.eks.eu-central-1.amazonaws.com/id/"))
      let unknown = try await aws.call("eks", "describe-cluster", "--name", "nope")
      #expect(
        unknown.error.contains(
          "(ResourceNotFoundException) when calling the DescribeCluster operation: No cluster found for name: nope."))

      let agent = ["--cluster-name", "prod", "--addon-name", "eks-pod-identity-agent"]
      let without = try await aws.call("eks", "describe-addon", agent[0], agent[1], agent[2], agent[3])
      #expect(
        without.error.contains(
          "(ResourceNotFoundException) when calling the DescribeAddon operation: "
            + "No addon: eks-pod-identity-agent found in cluster: prod"))
      _ = try await aws.call("eks", "create-addon", agent[0], agent[1], agent[2], agent[3])
      let status = try await aws.call(
        "eks", "describe-addon", agent[0], agent[1], agent[2], agent[3], "--query", "addon.status", "--output", "text")
      #expect(status.output == "ACTIVE\n")
      let addons = try await aws.call("eks", "list-addons", "--cluster-name", "prod", "--output", "text")
      #expect(addons.output == "ADDONS\teks-pod-identity-agent\n")

      func associate(_ account: String) async throws -> MotoServer.Outcome {
        try await aws.call(
          "eks", "create-pod-identity-association", "--cluster-name", "prod", "--namespace", "mlops",
          "--service-account", account, "--role-arn", "arn:aws:iam::\(MotoServer.account):role/builder")
      }
      #expect(try await associate("builder").status == 0)
      #expect(
        try await associate("builder").error.contains(
          "(ResourceInUseException) when calling the CreatePodIdentityAssociation operation: "
            + "Association already exists: a-"))
      #expect(try await associate("other").status == 0)
      let found = try await aws.call(
        "eks", "list-pod-identity-associations", "--cluster-name", "prod", "--namespace", "mlops",
        "--service-account", "builder", "--query", "associations[].associationId", "--output", "text")
      let identifier = String(found.output.dropLast())
      #expect(identifier.hasPrefix("a-") && !identifier.contains("\t"))
      let role = try await aws.call(
        "eks", "describe-pod-identity-association", "--cluster-name", "prod", "--association-id", identifier,
        "--query", "association.roleArn", "--output", "text")
      #expect(role.output == "arn:aws:iam::\(MotoServer.account):role/builder\n")
      _ = try await aws.call(
        "eks", "delete-pod-identity-association", "--cluster-name", "prod", "--association-id", identifier)
      let left = try await aws.call(
        "eks", "list-pod-identity-associations", "--cluster-name", "prod", "--query",
        "associations[].serviceAccount", "--output", "text")
      #expect(left.output == "other\n")
    }
  }

  @Test("An operation that is told to fail fails with the service's code and text in every protocol")
  func failures() async throws {
    try await MotoServer.run { aws in
      try await aws.fail([
        .init("CreateRepository", code: "AccessDeniedException", message: "User: u is not authorized <to>"),
        .init("CreateRole", status: 403, code: "AccessDenied", message: "User: u is not authorized <to>"),
        .init("ListAddons", status: 403, code: "AccessDeniedException", message: "User: u is not authorized <to>"),
      ])
      let trust = Self.trust
      let calls: [(String, MotoServer.Outcome)] = [
        (
          "(AccessDeniedException) when calling the CreateRepository",
          try await aws.call("ecr", "create-repository", "--repository-name", "aa")
        ),
        (
          "(AccessDenied) when calling the CreateRole",
          try await aws.call("iam", "create-role", "--role-name", "a", "--assume-role-policy-document", trust)
        ),
        (
          "(AccessDeniedException) when calling the ListAddons",
          try await aws.call("eks", "list-addons", "--cluster-name", "prod")
        ),
      ]
      for (text, outcome) in calls {
        #expect(outcome.status == 255)
        #expect(outcome.error.contains("\(text) operation: User: u is not authorized <to>"))
      }
      try await aws.fail([])
      #expect(try await aws.call("ecr", "create-repository", "--repository-name", "aa").status == 0)
    }
  }

  @Test("A call through the stand-ins' folder is logged with its arguments and without a secret")
  func logged() async throws {
    try await MotoServer.run { aws in
      try await CloudStandIns.with(["aws"]) { cloud in
        let called = try await cloud.call("aws", "sts", "get-caller-identity", environment: aws.environment)
        #expect(called.status == 0, "\(called.error)")
        #expect(try cloud.lines("aws") == ["aws sts get-caller-identity"])
        let call = try #require(try cloud.calls().first)
        #expect(call.stdin == nil)
        #expect(call.environment.contains("AWS_SECRET_ACCESS_KEY"))
        let broken = try await cloud.call("aws", "ecr", "describe-repositorys", environment: aws.environment)
        #expect(broken.status == 2)
        #expect(broken.error.contains("Invalid choice: 'describe-repositorys', maybe you meant"))
      }
    }
  }
}
