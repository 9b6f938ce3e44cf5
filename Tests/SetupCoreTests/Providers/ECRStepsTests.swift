import FoundationEssentials
import Kubernetes
import Synchronization
import TestSupport
import Testing

@testable import SetupCore

@Suite("The steps of ECR, with the real AWS CLI before moto", .serialized, .timeLimit(.minutes(10)))
struct ECRStepsTests {
  private static let account = "/api/v1/namespaces/datarobot-mlops/serviceaccounts/\(ImageBuilder.usualAccount)"
  private static let config = "/api/v1/namespaces/datarobot-mlops/configmaps/docker-config"

  private static func steps(_ setup: Setup) -> [any Step] { ECRRegistry().steps(setup.answers) }

  private static func step(_ id: StepID, _ setup: Setup) throws -> any Step {
    try #require(steps(setup).first { $0.id == id })
  }

  /// Runs every step as the runner does; what was to be done, by step.
  @discardableResult
  private static func run(_ setup: Setup) async throws -> [StepID: StepState] {
    try await steps(setup).run(setup)
  }

  private static func isDone(_ state: StepState?) -> Bool { if case .done? = state { true } else { false } }

  private static func json(_ outcome: MotoServer.Outcome) throws -> JSONValue {
    try #require(outcome.status == 0, "\(outcome.error)")
    return try object(JSONValue.self, outcome.output)
  }

  @Test("The nodes' role is found by their instances, and what lets it pull")
  func nodes() async throws {
    try await ECRSamples.withAWS { aws, cloud, cluster in
      _ = try Self.json(
        try await aws.call("iam", "create-role", "--role-name", "workers", "--assume-role-policy-document", "{}"))
      _ = try Self.json(try await aws.call("iam", "create-instance-profile", "--instance-profile-name", "nodes"))
      let joined = try await aws.call(
        "iam", "add-role-to-instance-profile", "--instance-profile-name", "nodes", "--role-name", "workers")
      #expect(joined.status == 0, "\(joined.error)")
      let started = try Self.json(
        try await aws.call(
          "ec2", "run-instances", "--image-id", "ami-12c6146b", "--iam-instance-profile", "Name=nodes"))
      let id = try #require(started["Instances"]?.array?.first?["InstanceId"]?.string)
      let setup = try ECRSamples.setup(aws, cloud, cluster)
      var survey = Survey()
      survey.nodes = .seen([
        try object(Node.self, #"{"metadata":{"name":"n"},"spec":{"providerID":"aws:///eu-central-1a/\#(id)"}}"#)
      ])
      await Surveyor().gather(.nodeRoles, setup, survey)(&survey)
      #expect(survey.nodeRoles.value?.roles.map(\.name) == ["workers"])
      #expect(survey.nodeRoles.value?.roles.first?.policy == nil)

      let attached = try await aws.call(
        "iam", "attach-role-policy", "--role-name", "workers", "--policy-arn",
        "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryReadOnly")
      #expect(attached.status == 0, "\(attached.error)")
      await Surveyor().gather(.nodeRoles, setup, survey)(&survey)
      #expect(
        survey.nodeRoles.value?.roles == [
          NodeRole(name: "workers", policy: "AmazonEC2ContainerRegistryReadOnly")
        ])
    }
  }

  @Test("IRSA: everything is made once, a second run finds it, and what is named goes again")
  func irsa() async throws {
    try await ECRSamples.withAWS { aws, cloud, cluster in
      let setup = try ECRSamples.setup(aws, cloud, cluster)
      #expect(try await ECRRegistry().missingForPush(setup)?.hasPrefix("create the repository ") == true)
      let first = try await Self.run(setup)
      #expect(try await ECRRegistry().missingForPush(setup) == nil)
      #expect(first.count == 6)
      #expect(!first.values.contains { Self.isDone($0) }, "\(first)")

      let target = ECRSamples.target()
      let repositories = try Self.json(try await aws.call("ecr", "describe-repositories"))["repositories"]?.array ?? []
      // S1 and S2 of the procedure's errors: frozen-models has one name, and its cache is there.
      #expect(
        repositories.compactMap { $0["repositoryName"]?.string }.sorted() == ECRSamples.repositories.sorted())
      #expect(repositories.allSatisfy { $0["imageTagMutability"] == "MUTABLE" })
      let issuer = try #require(
        try Self.json(try await aws.call("eks", "describe-cluster", "--name", "prod"))[
          path: "cluster", "identity", "oidc", "issuer"]?.string)
      let role = try #require(try Self.json(try await aws.call("iam", "get-role", "--role-name", target.name))["Role"])
      #expect(
        PolicyDocument.haveSameMeaning(
          try #require(role["AssumeRolePolicyDocument"]), target.trust(issuer: String(issuer.dropFirst(8)))))
      #expect(AWS.isOurs(role["Tags"]))
      let attached = try Self.json(
        try await aws.call("iam", "list-attached-role-policies", "--role-name", target.name))
      #expect(attached["AttachedPolicies"]?.array?.compactMap { $0["PolicyArn"]?.string } == [target.policyARN])
      let annotations = cluster.object(Self.account)?[path: "metadata", "annotations"]
      #expect(annotations == ["eks.amazonaws.com/role-arn": .string(target.roleARN)])
      #expect(cluster.object(Self.config)?[path: "data", "config.json"]?.string?.contains("ecr-login") == true)

      let writes = cluster.writes.count
      let second = try await Self.run(setup)
      #expect(second.values.allSatisfy { Self.isDone($0) }, "\(second)")
      #expect(cluster.writes.count == writes)

      for step in Self.steps(setup).reversed() {
        let done = try await step.undo(setup)
        #expect(done.contains("deleted"), "\(step.id): \(done)")
      }
      #expect(try Self.json(try await aws.call("ecr", "describe-repositories"))["repositories"] == [])
      #expect(try await aws.call("iam", "get-role", "--role-name", target.name).error.contains("NoSuchEntity"))
      #expect(try await aws.call("iam", "get-policy", "--policy-arn", target.policyARN).error.contains("NoSuchEntity"))
      let providers = try Self.json(try await aws.call("iam", "list-open-id-connect-providers"))
      #expect(providers["OpenIDConnectProviderList"] == [])
      #expect(cluster.object(Self.account) == nil && cluster.object(Self.config) == nil)

      for call in try cloud.calls() {
        #expect(!call.argv.contains { $0.contains(ECRSamples.password) || $0.contains("55f1") }, "\(call.argv)")
      }
    }
  }

  @Test("A push is tried as the image builder, with its own token for the role, before the account is said to be done")
  func proof() async throws {
    try await ECRSamples.withAWS { aws, cloud, cluster in
      let setup = try ECRSamples.setup(aws, cloud, cluster)
      try await aws.fail([
        .init(
          "AssumeRoleWithWebIdentity", status: 403, code: "AccessDenied",
          message: "Not authorized to perform sts:AssumeRoleWithWebIdentity")
      ])
      let step = try Self.step("builder-account", setup)
      do {
        try await step.perform(setup) { _ in }
        Issue.record("no refusal")
      } catch let error as SetupError {
        #expect(error.message.hasPrefix("AWS does not let system:serviceaccount:datarobot-mlops:"), "\(error)")
        #expect(error.message.contains("Not authorized to perform sts:AssumeRoleWithWebIdentity"))
      }
      guard case .needed = try await step.inspect(setup) else {
        Issue.record("the next run would not try again")
        return
      }
      try await aws.fail([])
      let told = Told()
      try await step.perform(setup) { told.add($0.message) }
      #expect(Self.isDone(try await step.inspect(setup)))
      let identity = "the role \(ECRSamples.target().name)"
      #expect(
        told.lines.suffix(2) == [
          "trying a push to \(ECRSamples.server)/mlops/frozen-models as \(identity)",
          "trying a push to \(ECRSamples.server)/mlops/frozen-models/cache as \(identity)",
        ])
      #expect(try Files.live.list(setup.stateFolder().path) == [])
      for call in try cloud.calls() { #expect(!call.argv.contains { $0.contains("55f1") }, "\(call.argv)") }
    }
  }

  private final class Told: Sendable {
    private let messages = Mutex<[String]>([])
    func add(_ line: String) { messages.withLock { $0.append(line) } }
    var lines: [String] { messages.withLock { $0 } }
  }

  @Test("Pod Identity: add-on, role and association are made once, and the account has no annotation")
  func podIdentity() async throws {
    try await ECRSamples.withAWS { aws, cloud, cluster in
      let answers = ECRSamples.answers(["registry.identity": "pod-identity", "registry.policy": "power-user"])
      let setup = try ECRSamples.setup(answers, aws, cloud, cluster)
      let first = try await Self.run(setup)
      #expect(
        Set(first.keys.map(\.name)) == [
          "ecr-repositories", "eks-pod-identity-agent", "ecr-role", "builder-account", "eks-pod-identity",
          "builder-config",
        ])
      let target = ECRTarget(answers)
      let found = try Self.json(
        try await aws.call("eks", "list-pod-identity-associations", "--cluster-name", "prod"))["associations"]?.array
      #expect(found?.compactMap { $0["serviceAccount"]?.string } == [target.serviceAccount])
      #expect(cluster.object(Self.account)?[path: "metadata", "annotations"]?[BuilderAccount.annotation] == nil)
      #expect(try await Self.run(setup).values.allSatisfy { Self.isDone($0) })

      // Whoever had IRSA before has an annotation, which AWS' SDKs would ask first.
      try cluster.put(
        Self.account,
        #"{"kind":"ServiceAccount","metadata":{"name":"a","labels":{"app.kubernetes.io/managed-by":"mlops-setup"},"annotations":{"eks.amazonaws.com/role-arn":"arn:old"}}}"#
      )
      let account = try Self.step("builder-account", setup)
      #expect(
        try await account.inspect(setup)
          == .needed([
            "change ServiceAccount \(target.serviceAccount): metadata.annotations.eks.amazonaws.com/role-arn is \"arn:old\", not not set"
          ]))
      try await account.perform(setup) { _ in }
      #expect(Self.isDone(try await account.inspect(setup)))
      for step in Self.steps(setup).reversed() {
        #expect(try await step.undo(setup).contains("deleted"), "\(step.id)")
      }
    }
  }

  @Test("An association with another's role blocks and says how to take it away")
  func associations() async throws {
    try await ECRSamples.withAWS { aws, cloud, cluster in
      let setup = try ECRSamples.setup(
        ECRSamples.answers(["registry.identity": "pod-identity"]), aws, cloud, cluster)
      try await aws.call(words: [
        "eks", "create-pod-identity-association", "--cluster-name", "prod", "--namespace", "datarobot-mlops",
        "--service-account", ImageBuilder.usualAccount, "--role-arn", "arn:aws:iam::123456789012:role/other",
      ])
      let step = try Self.step("eks-pod-identity", setup)
      let reason = try await step.inspect(setup).whyBlocked()
      #expect(reason.contains("is associated with arn:aws:iam::123456789012:role/other"), "\(reason)")
      #expect(reason.contains("aws eks delete-pod-identity-association --cluster-name prod --association-id a-"))
      #expect(try await step.undo(setup) == "stays: it is not ours")
    }
  }

  @Test("Drift of ours is told as a difference and mended; order is no drift")
  func drift() async throws {
    try await ECRSamples.withAWS { aws, cloud, cluster in
      let setup = try ECRSamples.setup(aws, cloud, cluster)
      try await Self.run(setup)
      let target = ECRSamples.target()
      let open = #"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ecr:*","Resource":"*"}]}"#
      // Until IAM's five versions are full: then the oldest must go.
      for _ in 0..<4 {
        let made = try await aws.call(
          "iam", "create-policy-version", "--policy-arn", target.policyARN, "--policy-document", open,
          "--set-as-default")
        try #require(made.status == 0, "\(made.error)")
      }
      let policy = try Self.step("ecr-policy", setup)
      guard case .needed(let changes) = try await policy.inspect(setup) else {
        Issue.record("the drift was not seen")
        return
      }
      #expect(changes.first?.contains(#"it says {"Statement":[{"Action":"ecr:*""#) == true, "\(changes)")
      #expect(try await policy.commands(setup).last?.shell.contains("create-policy-version") == true)
      try await policy.perform(setup) { _ in }
      #expect(Self.isDone(try await policy.inspect(setup)))
      #expect(try await policy.commands(setup).count == 2)

      let trust =
        #"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]}"#
      _ = try await aws.call(
        "iam", "update-assume-role-policy", "--role-name", target.name, "--policy-document", trust)
      _ = try await aws.call(
        "iam", "detach-role-policy", "--role-name", target.name, "--policy-arn", target.policyARN)
      let role = try Self.step("ecr-role", setup)
      guard case .needed(let lines) = try await role.inspect(setup) else {
        Issue.record("the drift was not seen")
        return
      }
      #expect(lines.count == 2 && lines[1] == "attach \(target.policyARN) to \(target.name)", "\(lines)")
      try await role.perform(setup) { _ in }
      #expect(Self.isDone(try await role.inspect(setup)))
    }
  }

  @Test("What another made under our names is used where it serves, and else not changed and not removed")
  func foreign() async throws {
    try await ECRSamples.withAWS { aws, cloud, cluster in
      let setup = try ECRSamples.setup(aws, cloud, cluster)
      let target = ECRSamples.target()
      let trust = #"{"Version":"2012-10-17","Statement":[]}"#
      _ = try await aws.call(
        "iam", "create-role", "--role-name", target.name, "--assume-role-policy-document", trust)
      _ = try await aws.call(
        "iam", "create-policy", "--policy-name", target.name, "--policy-document",
        #"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}"#)
      _ = try await aws.call(
        "ecr", "create-repository", "--repository-name", "mlops/frozen-models", "--image-tag-mutability", "IMMUTABLE")
      for id in ["ecr-role", "ecr-policy", "ecr-repositories"] as [StepID] {
        let step = try Self.step(id, setup)
        let reason = try await step.inspect(setup).whyBlocked()
        #expect(reason.contains("not changed"), "\(id): \(reason)")
        if id != "ecr-repositories" { #expect(try await step.undo(setup).hasSuffix("stays: it is not ours")) }
      }
      let repositories = try Self.step("ecr-repositories", setup)
      let reason = try await repositories.inspect(setup).whyBlocked()
      #expect(reason.contains("mlops/frozen-models is IMMUTABLE, not MUTABLE"), "\(reason)")
      let remedy = try #require(reason.components("To change it: ").last)
      try await aws.call(words: remedy.split(separator: " ").dropFirst().map(String.init))
      try await repositories.perform(setup) { _ in }
      #expect(Self.isDone(try await repositories.inspect(setup)))
      #expect(try await repositories.undo(setup).contains("mlops/frozen-models stays: it is not ours"))
    }
  }

  @Test("An OIDC provider that is there serves; one without the audience is told, and nothing of it is changed")
  func provider() async throws {
    try await ECRSamples.withAWS { aws, cloud, cluster in
      let setup = try ECRSamples.setup(aws, cloud, cluster)
      let step = try Self.step("ecr-oidc-provider", setup)
      let issuer = try #require(
        try Self.json(try await aws.call("eks", "describe-cluster", "--name", "prod"))[
          path: "cluster", "identity", "oidc", "issuer"]?.string)
      let made = try await aws.call(
        "iam", "create-open-id-connect-provider", "--url", issuer, "--client-id-list", "somebody")
      try #require(made.status == 0, "\(made.error)")
      let reason = try await step.inspect(setup).whyBlocked()
      #expect(reason.contains("is for somebody, not for sts.amazonaws.com"), "\(reason)")
      #expect(reason.contains("aws iam add-client-id-to-open-id-connect-provider --open-id-connect-provider-arn arn:"))
      #expect(try await step.undo(setup) == "stays: it is not ours")
    }
  }

  @Test("An existing role is looked at: it must be there and trust the service account")
  func existingRole() async throws {
    try await ECRSamples.withAWS { aws, cloud, cluster in
      let arn = "arn:aws:iam::\(MotoServer.account):role/team"
      let setup = try ECRSamples.setup(
        ECRSamples.answers(["registry.identity": "role", "registry.role": arn]), aws, cloud, cluster)
      let step = try Self.step("ecr-role", setup)
      #expect(try await step.inspect(setup).whyBlocked().contains("there is no role \(arn)"))
      let pods = try PolicyDocument.text(ECRSamples.target(["registry.identity": "pod-identity"]).trust(issuer: ""))
      _ = try await aws.call(
        "iam", "create-role", "--role-name", "team", "--assume-role-policy-document", pods)
      let reason = try await step.inspect(setup).whyBlocked()
      #expect(reason.contains("made for EKS Pod Identity: set registry.identity: pod-identity"), "\(reason)")
      _ = try await aws.call(
        "iam", "update-assume-role-policy", "--role-name", "team", "--policy-document",
        try PolicyDocument.text(ECRSamples.target().trust(issuer: "oidc.example/id/A")))
      #expect(Self.isDone(try await step.inspect(setup)))
      try await Self.run(setup)
      #expect(
        cluster.object(Self.account)?[path: "metadata", "annotations"] == ["eks.amazonaws.com/role-arn": .string(arn)])
    }
  }

  @Test("A service account that is there is used where it has the role, and refused with the difference where not")
  func existingAccount() async throws {
    let role = ECRSamples.target().roleARN
    func state(_ annotations: String) async throws -> StepState {
      let cluster = try ScriptedCluster([
        Self.account:
          #"{"kind":"ServiceAccount","metadata":{"name":"\#(ImageBuilder.usualAccount)","annotations":\#(annotations),"managedFields":[{"manager":"eksctl","operation":"Update"}]}}"#
      ])
      let setup = try Samples.setup(ECRSamples.answers(), http: cluster)
      return try await Self.step("builder-account", setup).inspect(setup)
    }
    #expect(Self.isDone(try await state(#"{"eks.amazonaws.com/role-arn":"\#(role)","a":"b"}"#)))
    let reason = try await state(#"{"eks.amazonaws.com/role-arn":"arn:other"}"#).whyBlocked()
    #expect(reason.contains(#"role-arn is "arn:other", not "#) && reason.contains("written by eksctl"), "\(reason)")
  }

  @Test("The procedure's own ConfigMap serves as it is; one that does not is not changed")
  func existingConfig() async throws {
    func state(_ key: String, _ text: String) async throws -> StepState {
      let data = try String(decoding: JSONEncoder().encode([key: text]), as: UTF8.self)
      let cluster = try ScriptedCluster([
        Self.config: #"{"kind":"ConfigMap","metadata":{"name":"docker-config"},"data":\#(data)}"#
      ])
      let setup = try Samples.setup(ECRSamples.answers(), http: cluster)
      return try await Self.step("builder-config", setup).inspect(setup)
    }
    #expect(Self.isDone(try await state("config.json", #"{ "credsStore": "ecr-login" }"#)))
    // S10: a file of another name is found by nobody.
    _ = try await state("docker.json", #"{ "credsStore": "ecr-login" }"#).whyBlocked()
    _ = try await state("config.json", #"{"auths":{}}"#).whyBlocked()
  }

  @Test("eksctl, where it is to be used, makes provider and role, and takes the role back")
  func eksctl() async throws {
    try await ECRSamples.withAWS(programs: ["aws", "eksctl"]) { aws, cloud, cluster in
      let setup = try ECRSamples.setup(ECRSamples.answers(["registry.program": "eksctl"]), aws, cloud, cluster)
      try await Self.run(setup)
      #expect(try cloud.lines("eksctl").count == 2)
      #expect(try await Self.run(setup).values.allSatisfy { Self.isDone($0) })
      #expect(try cloud.lines("eksctl").count == 2)
      // While the role has it, the policy is not taken away.
      #expect(try await Self.step("ecr-policy", setup).undo(setup).contains("stays: mlops-image-builder-prod"))
      for step in Self.steps(setup).reversed() {
        #expect(try await step.undo(setup).contains("deleted"), "\(step.id)")
      }
    }
  }

  @Test(
    "The commands, run by sh, do what the steps do, and may be run again",
    arguments: [("irsa", "aws"), ("pod-identity", "eksctl")])
  func commands(_ identity: String, _ program: String) async throws {
    try await ECRSamples.withAWS(programs: ["aws", "eksctl"]) { aws, cloud, cluster in
      let answers = ECRSamples.answers(["registry.identity": identity, "registry.program": program])
      let setup = try ECRSamples.setup(answers, aws, cloud, cluster)
      let inCloud = Self.steps(setup).filter(\.staysUnlessNamed)
      let folder = try ScratchDirectory("commands")
      defer { folder.remove() }
      var script = "set -eu\n"
      for step in inCloud {
        for command in try await step.commands(setup) { script += command.shell + "\n" }
      }
      let live = Processes.live(environment: aws.environment.merging(cloud.environment) { $1 })
      for _ in 0..<2 {
        let ran = try await live.run(
          ProcessCommand(
            "sh", input: Array(script.utf8), workingDirectory: folder.path, deadline: .seconds(240)))
        try #require(ran.exitCode == 0, "\(script)\n\(ran.errors)")
        #expect(!ran.output.contains(ECRSamples.password))
      }
      for step in inCloud.reversed() {
        let state = try await step.inspect(setup)
        #expect(Self.isDone(state), "\(step.id): \(state)")
        #expect(try await step.undo(setup).contains("deleted"), "\(step.id) is not ours")
      }
    }
  }
}

extension MotoServer {
  /// Calls the CLI with a list of words, `aws` left out.
  fileprivate func call(words: [String]) async throws {
    let live = Processes.live(environment: environment.merging(["PATH": "/usr/bin:/bin"]) { $1 })
    let result = try await live.run(ProcessCommand(Self.cli, words))
    try #require(result.exitCode == 0, "\(result.errors)")
  }
}
