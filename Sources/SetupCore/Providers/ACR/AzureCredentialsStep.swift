import FoundationEssentials
import Kubernetes
import Registry
import Text

/// The Secret with the login that was made for the image builder. Passwords are shown once, so what is in the Secret is
/// kept for as long as it opens an upload; where it does not, a new one is made, tried, and put there.
struct AzureCredentialsStep: Step {
  let id: StepID = "registry-credentials"
  let title = "Registry credentials"
  private let login: AzureLogin
  private let answers: Answers
  private let azure: AzureProgram
  private let secret: RegistrySecret

  init(_ answers: Answers, _ login: AzureLogin) {
    self.login = login
    self.answers = answers
    azure = AzureProgram(answers)
    secret = RegistrySecret(answers)
  }

  var objects: [Resource] { [.secrets] }

  func access(namespaceExists: Bool) -> [AccessRequest] { object.access }

  private var object: ManagedObject { secret.object }
  private var server: String { answers[.azureServer] ?? "" }
  private var who: String { login.title(answers) }
  private var repositories: [String] { [answers[.generated], answers.layerCache].compactMap { $0 } }

  // MARK: Looking

  func inspect(_ setup: Setup) async throws -> StepState {
    guard let live = try await secret.find(try setup.kubernetes()) else {
      if let blocked = try await blockedLogin(setup) { return blocked }
      return .needed([making, "create \(object.title) with it"])
    }
    if let blocked = secret.blockedByType(live) { return blocked }
    let reason: String
    if let credential = RegistrySecret.credential(live, host: server) {
      let user = try await user(setup)
      if let user, user.lowercased() != credential.username.lowercased() {
        reason = "it holds the login of \(OutsideText.clean(credential.username, limit: 60))"
      } else {
        switch try await opens(credential, setup) {
        case .open: return .done(try await doneText(setup))
        case .undecided(let why):
          return .blocked("whether the login in \(object.title) still works could not be seen: \(why)")
        case .closed(let why): reason = "its login opens no upload any more: \(why)"
        }
      }
    } else {
      reason = "it holds no login for \(server)"
    }
    guard ManagedObject.isOurs(live.metadata) else { return object.foreign(live.metadata, differences: [reason]) }
    if let blocked = try await blockedLogin(setup) { return blocked }
    return .needed([making, "change \(object.title): \(reason)"])
  }

  private enum Upload {
    case open
    case closed(String)
    case undecided(String)
  }

  private func opens(_ credential: RegistryCredential, _ setup: Setup) async throws -> Upload {
    let access = try await setup.registryAccess()
    let client = setup.registryClient(access, as: RegistryLogin(credential, identity: who))
    guard let generated = answers[.generated] else { return .undecided("images.generated is missing") }
    switch await client.checkPush(try ImageReference(generated).repository) {
    case .allowed: return .open
    case .denied(let said): return .closed(said)
    case .repositoryMissing: return .closed("there is no repository \(generated)")
    case .readOnly: return .undecided("the registry takes no uploads at all")
    case .unknown(let error): return .undecided(error.message)
    }
  }

  /// The user that the login has; nil: it is not there yet.
  private func user(_ setup: Setup) async throws -> String? {
    switch login {
    case .token: answers[.azureToken]
    case .admin: azure.registry
    case .principal: try await AzurePrincipal.find(azure, answers[.azurePrincipal] ?? "", setup)?.appID
    }
  }

  /// Why no password may be made: whose it is is not ours, and one more password would end the old one.
  private func blockedLogin(_ setup: Setup) async throws -> StepState? {
    guard case .token = login, let name = answers[.azureToken] else { return nil }
    guard let map = try await AzureScopeMap.look(azure, name, setup).map, map.description != answers.azureMark else {
      return nil
    }
    return .blocked(
      "the token \(name) is not ours, so no password is made for it. Choose another name with registry.token, or set "
        + "registry.identity: credentials with its name and password.")
  }

  private func doneText(_ setup: Setup) async throws -> String {
    let text = "\(object.title) holds the login of \(who), which opens an upload"
    guard case .token = login, let name = answers[.azureToken] else { return text }
    guard let token = try await azure.find(azure.token(show: name), setup.world) else { return text }
    return "\(text); its password \(AzureToken(token).expiry)"
  }

  private var making: String {
    switch login {
    case .token:
      "generate a password for \(who)"
        + (answers[.azureDays].map { ", good for \($0) days" } ?? ", which does not expire")
    case .admin: "read the password of \(who)"
    case .principal: "make a password for \(who), good for a year; passwords it had before end"
    }
  }

  // MARK: Making

  func perform(_ setup: Setup, progress: @escaping @Sendable (StepProgress) -> Void) async throws {
    progress(StepProgress(making))
    let credential = try await make(setup)
    // A password that does not push never gets into the cluster.
    try await PushProof.prove(
      repositories, try await setup.registryAccess(), as: RegistryLogin(credential, identity: who), setup,
      patience: 20, progress: progress)
    try await secret.apply(credential, host: server, try setup.kubernetes())
  }

  private func make(_ setup: Setup) async throws -> RegistryCredential {
    let answer = try await azure.json(try await words(setup), setup.world, isSecret: true)
    let user: String?
    let password: String?
    switch login {
    case .token, .admin:
      user = answer["username"]?.string
      password = answer["passwords"]?.array?.compactMap { $0["value"]?.string }.first
    case .principal:
      user = answer["appId"]?.string
      password = answer["password"]?.string
    }
    guard let user, let password, !password.isEmpty else {
      throw SetupError(
        .installFailed, "az gave no password for \(who)",
        next: "Run the step's command yourself; a newer az may be needed: \(AzureProgram.program.home)")
    }
    return RegistryCredential(username: user, password: password)
  }

  private func words(_ setup: Setup) async throws -> [String] {
    switch login {
    case .token: return azure.token(generate: answers[.azureToken] ?? "", days: answers[.azureDays])
    case .admin: return azure.adminCredential
    case .principal:
      guard let principal = try await AzurePrincipal.find(azure, answers[.azurePrincipal] ?? "", setup) else {
        throw SetupError(.installFailed, "\(who) is not there", next: "Run again: it is made first.")
      }
      return azure.principal(reset: principal.appID)
    }
  }

  func traces(_ setup: Setup) async throws -> [Trace] { [try await object.trace(setup.kubernetes())] }

  // MARK: Commands

  func commands(_ setup: Setup) -> [EquivalentCommand] {
    func line(_ words: [String], _ query: String) -> String {
      azure.line(words + ["--only-show-errors"], printing: query)
    }
    var lookup = ""
    let user: String
    let password: String
    switch login {
    case .token:
      user = Shell.quote(answers[.azureToken] ?? "")
      password = line(
        azure.token(generate: answers[.azureToken] ?? "", days: answers[.azureDays]), "passwords[0].value")
    case .admin:
      user = Shell.quote(azure.registry)
      password = line(azure.adminCredential, "passwords[0].value")
    case .principal:
      lookup = AzurePrincipal.lookup(azure, answers[.azurePrincipal] ?? "") + "\n"
      user = "$(find_principal appId)"
      password = line(azure.principal(reset: "USER"), "password").replacing("USER", with: "\"$registry_user\"")
    }
    let generated: String
    do {
      generated = try ImageReference(answers[.generated] ?? "").repository
    } catch {
      generated = ""  // told where it was answered
    }
    let key = DockerConfigKey.key(forHost: server)
    let url = Shell.quote("https://\(server)/v2/")
    let config = Kubectl(answers).line(
      "get", "secret", object.name, "--output=go-template={{index .data \"\(RegistrySecret.key)\" | base64decode}}")
    let create = secret.command(
      reading: "  printf '{\"auths\":{\"%s\":{\"auth\":\"%s\"}}}' \(Shell.quote(key)) \"$registry_login\"")
    // Logins reach curl by its standard input; printf is the shell's own and no process.
    return [
      EquivalentCommand(
        """
        \(lookup)registry_user=\(user)
        # 202: this login opens an upload, as the image builder's does; the registry sweeps it away.
        upload_status() {
          challenge=$(curl --silent --show-error --output /dev/null --dump-header - \(url) |
            tr -d '\\r' | sed -n 's/^[Ww][Ww][Ww]-[Aa]uthenticate: Bearer //p')
          service=$(printf %s "$challenge" | sed -n 's/.*service="\\([^"]*\\)".*/\\1/p')
          realm=$(printf %s "$challenge" | sed -n 's/.*realm="\\([^"]*\\)".*/\\1/p')
          access=$(printf 'header = "Authorization: Basic %s"\\n' "$1" |
            curl --config - --proto =https --silent --get --data-urlencode "service=$service" \
        --data-urlencode \(Shell.quote("scope=repository:\(generated):pull,push")) "$realm" |
            jq --raw-output '.access_token // .token // empty')
          printf 'header = "Authorization: Bearer %s"\\n' "$access" |
            curl --config - --silent --output /dev/null --write-out '%{http_code}' --request POST --data '' \
        \(url)\(Shell.quote("\(generated)/blobs/uploads/"))
        }
        registry_login=$(\(config) 2>/dev/null |
          jq --raw-output --arg server \(Shell.quote(key)) --arg user "$registry_user" \
        '.auths[$server].auth // empty | select(@base64d | ascii_downcase | startswith(($user | ascii_downcase) + ":"))')
        if [ -z "$registry_login" ] || [ "$(upload_status "$registry_login")" != 202 ]; then
          # It opens no upload, so a new password is made.
          registry_password=$(\(password))
          registry_login=$(printf '%s:%s' "$registry_user" "$registry_password" | base64 | tr -d '\\n')
          tries=0
          until [ "$(upload_status "$registry_login")" = 202 ]; do
            tries=$((tries + 1))
            if [ "$tries" -ge 20 ]; then
              echo \(Shell.quote("\(server) lets \(who) open no upload")) >&2
              exit 1
            fi
            sleep 3
          done
        \(create.shell)
        fi
        """)
    ]
  }
}
