import FoundationEssentials
import Kubernetes
import Registry
import Text

/// The Secret with which the image builder pushes to OpenShift's registry, made of its service account's token: the pull
/// secret that OpenShift makes has a type that the builder cannot read. Before anything is installed a push is tried.
struct BuilderCredentialsStep: Step {
  let id: StepID = "registry-credentials"
  let title = "Registry credentials"
  private let secret: RegistrySecret
  private let tokenSecret: ManagedObject
  private let namespace: String
  private let kubectl: Kubectl

  init(_ answers: Answers) {
    namespace = answers[.namespace] ?? ""
    secret = RegistrySecret(answers)
    tokenSecret = BuilderToken.own(namespace)
    kubectl = Kubectl(answers)
  }

  private var object: ManagedObject { secret.object }

  var objects: [Resource] { [.secrets, .secrets] }

  func access(namespaceExists: Bool) -> [AccessRequest] {
    object.access + tokenSecret.access
      + [
        AccessRequest("get", .secrets, namespace: namespace),
        AccessRequest("get", .serviceAccounts, namespace: namespace, name: OpenShiftRegistry.account),
      ]
  }

  // MARK: Looking

  func inspect(_ setup: Setup) async throws -> StepState {
    let client = try setup.kubernetes()
    let found = try await BuilderToken.find(client, namespace: namespace)
    let live = try await secret.find(client)
    guard case .there(let token) = found, let text = token.token else {
      if let blocked = try await tokenBlocked(client, found) { return blocked }
      if let live, let blocked = blocked(live, isSame: false) { return blocked }
      let verb = live == nil ? "create" : "change"
      return .needed([Self.words(found, tokenSecret), "\(verb) \(object.title) of that token"])
    }
    let origin =
      token.isDocumented
      ? "the Secret \(token.secret) behind the account's pull secret" : "the Secret \(token.secret)"
    guard let live else { return .needed(["create \(object.title) of the token in \(origin)"]) }
    // The same token, under whatever user's name.
    let isSame = RegistrySecret.credential(live, host: OpenShiftRegistry.server)?.password == text.reveal()
    if live.type == RegistrySecret.type, isSame { return .done("\(object.title) holds the token in \(origin)") }
    return blocked(live, isSame: isSame) ?? .needed(["change \(object.title): the token in \(origin) is another"])
  }

  /// Why the token Secret cannot be made.
  private func tokenBlocked(_ client: KubernetesClient, _ found: BuilderToken.Found) async throws -> StepState? {
    if case .there = found { return nil }
    let live = try await client.find(Secret.self, .secrets, name: tokenSecret.name, namespace: namespace)?.value
    guard let live, !ManagedObject.isOurs(live.metadata) else { return nil }
    let account = live.metadata.annotations[BuilderToken.accountAnnotation]
    if live.type == BuilderToken.type, account == OpenShiftRegistry.account { return nil }
    return tokenSecret.foreign(live.metadata)
  }

  private func blocked(_ live: Secret, isSame: Bool) -> StepState? {
    if let blocked = secret.blockedByType(live) { return blocked }
    return ManagedObject.isOurs(live.metadata)
      ? nil : object.foreign(live.metadata, differences: isSame ? [] : ["another token than the image builder's"])
  }

  private static func words(_ found: BuilderToken.Found, _ own: ManagedObject) -> String {
    switch found {
    case .there(let token): "wait for the token in the Secret \(token.secret)"
    case .toBeMade(let pull):
      "create \(own.title), which asks for a token: the pull secret \(pull) has none behind it (OpenShift 4.16 and newer)"
    case .undecided:
      "take the token behind the account's pull secret, or where OpenShift makes none (4.16 and newer) create \(own.title)"
    }
  }

  // MARK: Making

  func perform(_ setup: Setup, progress: @escaping @Sendable (StepProgress) -> Void) async throws {
    let client = try setup.kubernetes()
    let token = try await token(setup, client, progress)
    let credential = RegistryCredential(username: OpenShiftRegistry.user, password: token.reveal())
    try await secret.apply(credential, host: OpenShiftRegistry.server, client)
    try await prove(setup, credential, progress)
  }

  private func token(
    _ setup: Setup, _ client: KubernetesClient, _ progress: @escaping @Sendable (StepProgress) -> Void
  ) async throws -> SecretText {
    var hasAsked = false
    progress(StepProgress("waiting for a token of \(OpenShiftRegistry.account)"))
    for second in 0..<90 {
      switch try await BuilderToken.find(client, namespace: namespace) {
      case .there(let found):
        if let token = found.token { return token }
        if !found.isDocumented { hasAsked = true }
      case .toBeMade where !hasAsked:
        try await tokenSecret.apply(BuilderToken.ownMembers, client)
        hasAsked = true
        continue
      // A registry that makes no pull secrets is none, or slow.
      case .undecided where second >= 20 && !hasAsked:
        try await tokenSecret.apply(BuilderToken.ownMembers, client)
        hasAsked = true
        continue
      case .toBeMade, .undecided: break
      }
      try await setup.world.sleep(.seconds(1))
    }
    throw SetupError(
      .installFailed, "service account \(OpenShiftRegistry.account) got no token within 90 seconds",
      next: "See what keeps it: " + kubectl.line("describe", "serviceaccount", OpenShiftRegistry.account))
  }

  /// A push as the image builder, where a route leads to the registry.
  private func prove(
    _ setup: Setup, _ credential: RegistryCredential, _ progress: @escaping @Sendable (StepProgress) -> Void
  ) async throws {
    guard let generated = setup.answers[.generated] else { return }
    let access: RegistryAccess
    do {
      access = try await setup.registryAccess()
    } catch let failure as ObservationFailure where failure.kind == .inapplicable {
      progress(StepProgress("the push is not tried: \(failure.message)"))
      return
    }
    try await PushProof.prove(
      [generated, setup.answers.layerCache].compactMap { $0 }, access,
      as: RegistryLogin(credential, identity: "service account \(OpenShiftRegistry.account)"), setup, progress: progress
    )
  }

  func traces(_ setup: Setup) async throws -> [Trace] {
    let client = try setup.kubernetes()
    let credentials = try await object.trace(client)
    let token = try await tokenSecret.trace(client)
    if case .gone = token { return [credentials] }
    return [credentials, token]
  }

  // MARK: Commands

  func commands(_ setup: Setup) -> [EquivalentCommand] {
    let account = kubectl.line(
      "get", "serviceaccount", OpenShiftRegistry.account,
      "--output=go-template={{range .imagePullSecrets}}{{.name}} {{end}}")
    func read(_ name: String, _ template: String) -> String {
      kubectl.line("get", "secret", "--output=go-template=\(template)") + " \"$\(name)\""
    }
    let behind = read(
      "name", "{{with .metadata.annotations}}{{with index . \"\(BuilderToken.annotation)\"}}{{.}}{{end}}{{end}}")
    let filled = read("token_secret", "{{with .data}}{{if .token}}yes{{end}}{{end}}")
    let token = read("token_secret", "{{.data.token | base64decode}}")
    let find = """
      # The token behind the account's pull secret; OpenShift 4.16 and newer keep none there.
      token_secret='' tries=0
      while [ "$tries" -lt 20 ]; do
        for name in $(\(account)); do
          case $name in
            \(BuilderToken.pullSecretPrefix)*) token_secret=$(\(behind)) tries=20 ;;
          esac
        done
        if [ "$tries" -lt 20 ]; then sleep 1; fi
        tries=$((tries + 1))
      done
      if [ -z "$token_secret" ]; then
      token_secret=\(Shell.quote(tokenSecret.name))
      \(kubectl.apply([tokenSecret.manifest(BuilderToken.ownMembers)]).shell)
      fi
      """
    let wait = Shell.waiting(until: "[ -n \"$(\(filled))\" ]", for: "the token of \(OpenShiftRegistry.account)")
    let auth = "$({ printf '%s:' \(OpenShiftRegistry.user); \(token); } | base64 | tr -d '\\n')"
    let create = secret.command(
      reading: "printf '{\"auths\":{\"%s\":{\"auth\":\"%s\"}}}' \(OpenShiftRegistry.server) \"\(auth)\"")
    return [EquivalentCommand([find, wait, create.shell].joined(separator: "\n"))]
  }
}
