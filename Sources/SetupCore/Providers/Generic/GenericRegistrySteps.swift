import Kubernetes
import Registry
import Text

extension GenericRegistry {
  func steps(_ answers: Answers) -> [any Step] {
    var steps: [any Step] = []
    if answers.usesDockerLogin {
      steps.append(SecretStep.dockerLogin(answers, server: answers[.server] ?? ""))
    } else if !answers.usesExistingRegistrySecret {
      steps.append(
        SecretStep.registryLogin(answers, server: answers[.server] ?? "", user: answers[.username] ?? ""))
    }
    if answers[.certificateAuthority] != nil, answers[.scheme] != "http" { steps.append(RegistryCAStep(answers)) }
    return steps
  }
}

extension SecretStep {
  /// The Secret `registry-creds` from what docker or podman on this machine is logged in with.
  static func dockerLogin(_ answers: Answers, server: String) -> SecretStep {
    let key = DockerConfigKey.key(forHost: server)
    // A configuration that only names a helper says nothing in a cluster: the credential itself is needed.
    let get =
      "helper=$(jq --raw-output --arg key \(Shell.quote(key)) '.credHelpers[$key] // .credsStore // empty' \"$config\")"
    let jq = "jq --join-output --compact-output --arg key \(Shell.quote(key))"
    let entry = """
      \(jq) '.auths[$key].auth as $auth | ($auth | @base64d) as $login | {auths: {($key): {auth: $auth,
            password: ($login | sub("^[^:]*:"; "")), username: ($login | sub(":.*"; ""; "s"))}}}' "$config"
      """
    let helped = """
        printf %s \(Shell.quote(key)) | "docker-credential-$helper" get |
          \(jq) '{auths: {($key): {auth: ((.Username + ":" + .Secret) | @base64),
            password: .Secret, username: .Username}}}'
      """
    let print = """
      config=${DOCKER_CONFIG:-$HOME/.docker}/config.json
      \(get)
      if [ -n "$helper" ]; then
      \(helped)
      else
        \(entry)
      fi
      """
    return registryCredentials(
      answers, server: server, question: AnswerKey<String>.registryLogin.id, reading: "{\n\(print)\n}"
    ) { try await $0.requiredDockerCredential(host: server) }
  }

  /// The Secret `registry-creds` of the type that both the image builder and the nodes read, from a user and the password
  /// of the answers.
  static func registryLogin(_ answers: Answers, server: String, user: String) -> SecretStep {
    let variable = answers.variable(.registryPassword, default: "REGISTRY_PASSWORD")
    let key = DockerConfigKey.key(forHost: server)
    let login = "$(printf '%s:%s' \(Shell.quote(user)) \"\(variable)\" | base64 | tr -d '\\n')"
    // In JSON, as the step writes it.
    let password = "$(printf %s \"\(variable)\" | sed 's/[\\\\\"]/\\\\&/g')"
    let print = "printf '{\"auths\":{\"%s\":{\"auth\":\"%s\",\"password\":\"%s\",\"username\":%s}}}'"
    let quoted = Shell.quote(JSONText.string(.string(user)))
    return registryCredentials(
      answers, server: server, question: AnswerKey.registryPassword.id,
      reading: "\(print) \(Shell.quote(key)) \"\(login)\" \"\(password)\" \(quoted)"
    ) { setup in
      guard let reference = setup.answers[.registryPassword], !user.isEmpty else {
        throw SetupError(
          .usage, "registry.username or registry.password is missing", next: "Set both in the answers.")
      }
      return RegistryCredential(username: user, password: try setup.secret(reference).reveal())
    }
  }

  /// The Secret `registry-creds` from a login that an answer tells where to find.
  ///
  /// - Parameter print: The command that prints its content.
  private static func registryCredentials(
    _ answers: Answers, server: String, question: QuestionID, reading print: String,
    credential: @escaping @Sendable (Setup) async throws -> RegistryCredential
  ) -> SecretStep {
    SecretStep(
      id: "registry-credentials", title: "Registry credentials", name: answers.registrySecretName, answers: answers,
      question: question, type: RegistrySecret.type, command: RegistrySecret(answers).command(reading: print),
      isSame: DockerConfigSecret.haveSameMeaning
    ) { setup in [RegistrySecret.key: try DockerConfigSecret.bytes([server: try await credential(setup)])] }
  }
}

/// The ConfigMap with the CA of the registry's certificate, for the image builder.
struct RegistryCAStep: Step {
  static let name = "registry-ca"
  static let key = "ca.crt"

  let id: StepID = "registry-ca"
  let title = "Registry CA"
  private let object: ManagedObject
  private let path: String
  private let shellPath: String
  private let kubectl: Kubectl

  init(_ answers: Answers) {
    object = ManagedObject(
      resource: .configMaps, kind: "ConfigMap", name: Self.name, namespace: answers[.namespace])
    path = answers[.certificateAuthority] ?? ""
    shellPath = answers.shellPath(path)
    kubectl = Kubectl(answers)
  }

  var objects: [Resource] { [.configMaps] }

  func commands(_ setup: Setup) -> [EquivalentCommand] {
    [kubectl.apply(created: ["configmap", Self.name], rest: " --from-file=\(Self.key)=\(shellPath)")]
  }

  func access(namespaceExists: Bool) -> [AccessRequest] { object.access }

  func inspect(_ setup: Setup) async throws -> StepState {
    let wanted = try certificate(setup)
    guard
      let live = try await setup.kubernetes().find(
        ConfigMap.self, .configMaps, name: object.name, namespace: object.namespace)?.value
    else { return .needed(["create \(object.title)"]) }
    if live.data[Self.key] == wanted { return .done("\(object.title) is as it should be") }
    guard ManagedObject.isOurs(live.metadata) else {
      return .blocked(
        "\(object.title) exists with other content and was written by \(ManagedObject.owners(live.metadata)); "
          + "delete or rename it first")
    }
    return .needed(["change \(object.title)"])
  }

  private func certificate(_ setup: Setup) throws -> String {
    guard let pem = try setup.registryCertificateAuthority() else {
      throw SetupError(.usage, "registry.certificateAuthority is missing", next: "Set it in the answers.")
    }
    return String(decoding: pem, as: UTF8.self)
  }

  func perform(_ setup: Setup, progress: @escaping @Sendable (StepProgress) -> Void) async throws {
    let data: JSONValue = [Self.key: .string(try certificate(setup))]
    try await object.apply(["data": data], setup.kubernetes())
  }

  func traces(_ setup: Setup) async throws -> [Trace] { [try await object.trace(setup.kubernetes())] }
}
