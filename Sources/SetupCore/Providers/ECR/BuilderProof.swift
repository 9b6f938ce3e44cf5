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
      return answer.value[path: "status", "token"]?.string.map { SecretText($0) }
    } catch let error as KubernetesError where error.code == .forbidden {
      progress(StepProgress("the push is not tried as \(target.serviceAccount): \(error.message)"))
      return nil
    }
  }

  /// The login of the role. What has just been made in IAM is not known everywhere at once, so it is asked for again.
  private static func login(
    _ target: ECRTarget, _ token: SecretText, _ setup: Setup, _ progress: @Sendable (StepProgress) -> Void
  ) async throws -> RegistryLogin {
    let folder = try setup.stateFolder().path
    let (tokenFile, configFile) = (folder + "/builder-token", folder + "/builder-aws-config")
    let files = setup.world.files
    // A profile of its own, so that neither keys of the environment nor the user's own profile come first.
    let config = """
      [profile \(profile)]
      role_arn = \(target.roleARN)
      role_session_name = mlops-setup
      web_identity_token_file = \(tokenFile)

      """
    do {
      try files.write(tokenFile, Array(token.reveal().utf8), 0o600)
      try files.write(configFile, Array(config.utf8), 0o600)
      let login = try await login(target, configFile, setup, progress)
      try remove(files, tokenFile, configFile)
      return login
    } catch {
      try remove(files, tokenFile, configFile)
      throw error
    }
  }

  private static func remove(_ files: Files, _ paths: String...) throws {
    for path in paths { try files.remove(path) }
  }

  private static func login(
    _ target: ECRTarget, _ configFile: String, _ setup: Setup, _ progress: @Sendable (StepProgress) -> Void
  ) async throws -> RegistryLogin {
    let program = CloudProgram.aws.with(["AWS_CONFIG_FILE": configFile, "AWS_SHARED_CREDENTIALS_FILE": "/dev/null"])
    progress(StepProgress("taking on the role \(target.roleName) as \(target.subject)"))
    var attempt = 1
    while true {
      do {
        let password = try await program.text(
          ["ecr", "get-login-password", "--region", target.region, "--profile", profile], setup.world)
        return RegistryLogin(
          RegistryCredential(username: "AWS", password: password), identity: "the role \(target.roleName)")
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
