import Kubernetes
import Registry
import Text

/// Tries a push as the image builder will: with a token of its service account, for which AWS hands out the role. That
/// proves issuer, OIDC provider, trust and policy at once, before anything is installed. Pod Identity cannot be tried from
/// outside the cluster.
enum BuilderProof {
  private static let profile = "builder"

  static func prove(
    _ target: ECRTarget, _ setup: Setup, progress: @escaping @Sendable (StepProgress) -> Void
  ) async throws {
    guard let token = try await token(target, setup, progress) else { return }
    let login = try await login(target, token, setup, progress)
    let pushed = [target.generatedRepository, target.cacheRepository].compactMap { $0 }
    try await PushProof.prove(
      pushed.map { "\(target.server)/\($0)" }, setup.registryAccess(), as: login, setup, progress: progress)
  }

  /// A token of the service account for AWS, for ten minutes; nil: we may not have one, which is no fault of the account.
  private static func token(
    _ target: ECRTarget, _ setup: Setup, _ progress: @Sendable (StepProgress) -> Void
  ) async throws -> SecretText? {
    let request: JSONValue = [
      "apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest",
      "spec": ["audiences": [.string(OIDCProviderStep.audience)], "expirationSeconds": 600],
    ]
    do {
      let answer = try await setup.kubernetes().create(
        JSONValue.self, .serviceAccounts, request, name: target.serviceAccount, namespace: target.namespace,
        subresource: "token")
      if let token = answer.value[path: "status", "token"]?.string { return SecretText(token) }
      progress(StepProgress("the push is not tried as \(target.serviceAccount): the API server gives no token for it"))
      return nil
    } catch let error as KubernetesError where error.code == .forbidden {
      progress(StepProgress("the push is not tried as \(target.serviceAccount): \(error.message)"))
      return nil
    }
  }

  /// The login of the role. Token and keys stand in files of ours alone while the CLI reads them: what it assumes by its
  /// own means it would leave in its cache.
  private static func login(
    _ target: ECRTarget, _ token: SecretText, _ setup: Setup, _ progress: @Sendable (StepProgress) -> Void
  ) async throws -> RegistryLogin {
    let folder = try setup.stateFolder().path
    let (tokenFile, configFile) = (folder + "/builder-token", folder + "/builder-aws-config")
    let files = setup.world.files
    progress(StepProgress("taking on the role \(target.roleName) as \(target.subject)"))
    do {
      try files.write(tokenFile, Array(token.reveal().utf8), 0o600)
      let config = try await config(target, tokenFile, setup)
      try files.write(configFile, Array(config.reveal().utf8), 0o600)
      // A profile of its own, so that neither keys of the environment nor the user's own profile come first.
      let password = try await CloudProgram.aws.with(["AWS_CONFIG_FILE": configFile]).text(
        ["ecr", "get-login-password", "--region", target.region, "--profile", profile], setup.world)
      try remove(files, tokenFile, configFile)
      return RegistryLogin(
        RegistryCredential(username: "AWS", password: password), identity: "the role \(target.roleName)")
    } catch {
      try remove(files, tokenFile, configFile)
      throw error
    }
  }

  private static func remove(_ files: Files, _ paths: String...) throws {
    for path in paths { try files.remove(path) }
  }

  /// A configuration with the role's keys. What has just been made in IAM is not known everywhere at once, so they are
  /// asked for again.
  private static func config(_ target: ECRTarget, _ tokenFile: String, _ setup: Setup) async throws -> SecretText {
    let words = [
      "sts", "assume-role-with-web-identity", "--role-arn", target.roleARN, "--role-session-name", "mlops-setup",
      "--duration-seconds", "900", "--web-identity-token", "file://\(tokenFile)",
    ]
    var attempt = 1
    while true {
      do {
        let said = try await AWS(world: setup.world, region: target.region).call(words)["Credentials"]
        return SecretText(
          """
          [profile \(profile)]
          aws_access_key_id = \(said?["AccessKeyId"]?.string ?? "")
          aws_secret_access_key = \(said?["SecretAccessKey"]?.string ?? "")
          aws_session_token = \(said?["SessionToken"]?.string ?? "")

          """)
      } catch let error as CloudError where error.kind == .denied || error.message.contains("InvalidIdentityToken") {
        guard attempt < 10 else {
          throw SetupError(
            .installFailed, "AWS does not let \(target.subject) take on the role \(target.roleARN): \(error.message)",
            next: "Nothing was installed yet. See whom the role trusts: "
              + Shell.line([
                "aws", "iam", "get-role", "--role-name", target.roleName, "--query", "Role.AssumeRolePolicyDocument",
              ]))
        }
        attempt += 1
        try await setup.world.sleep(.seconds(3))
      }
    }
  }
}

extension CloudProgram {
  /// The same with more in its environment.
  fileprivate func with(_ more: [String: String]) -> CloudProgram {
    CloudProgram(name: name, home: home, environment: environment.merging(more) { $1 }, meanings: meanings)
  }
}
