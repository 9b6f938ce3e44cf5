import Kubernetes
import Registry
import Text

/// Azure Container Registry. What pushes is a login in a Secret, because the builder's pods cannot carry what Azure
/// Workload Identity wants of them; what kind of login it is, the answers say.
struct AzureRegistry: RegistryProvider {
  let name = "acr"
  let label = "Azure Container Registry"
  var home: Distribution.Kind? { .aks }

  var questions: [Question] { Self.questions }
  var lookups: [Probe] { [.azureAccount, .azureRegistry] }
  var checks: [Check] { [.azureRegistry, .azureRoles, .azureAdmin, .azureExpiry] }

  func server(_ answers: Answers) -> String? { answers[.azureServer] }

  func repository(_ name: String, _ answers: Answers) -> String? {
    guard let server = server(answers) else { return nil }
    return ([server] + [answers[.prefix], name].compactMap { $0 }).joined(separator: "/")
  }

  func access(_ setup: Setup) async throws -> RegistryAccess {
    let answers = setup.answers
    let server = answers[.azureServer] ?? ""
    let made = answers.madeAzureLogin
    return RegistryAccess(server: server, endpoint: RegistryEndpoint(host: server), builder: made?.title(answers)) {
      guard made == nil else { return try await Self.ownLogin(setup) }
      guard !answers.usesExistingRegistrySecret, let user = answers.azureUser, let password = answers[.registryPassword]
      else { return nil }
      return RegistryLogin(
        RegistryCredential(username: user, password: try setup.secret(password).reveal()), identity: "user \(user)")
    }
  }

  func shellLogin(_ answers: Answers) -> ShellLogin? {
    guard let server = answers[.azureServer] else { return nil }
    if answers.madeAzureLogin == nil {
      guard !answers.usesExistingRegistrySecret, let user = answers.azureUser else { return nil }
      return ShellLogin(
        password: "printf %s \"\(answers.variable(.registryPassword, default: "REGISTRY_PASSWORD"))\"",
        user: Shell.quote(user), host: Shell.quote(server))
    }
    let azure = AzureProgram(answers)
    return ShellLogin(
      password: azure.line(azure.expose, printing: "accessToken"), user: Self.tokenUser, host: Shell.quote(server))
  }

  /// Who logs in with a token of Azure's own.
  private static let tokenUser = "00000000-0000-0000-0000-000000000000"

  /// The login of whoever is logged in at az, good for three hours.
  private static func ownLogin(_ setup: Setup) async throws -> RegistryLogin {
    let azure = AzureProgram(setup.answers)
    return try await setup.cloudLogin("acr \(azure.registry) \(setup.answers[.azureSubscription] ?? "")") {
      let answer = try await azure.json(azure.expose, setup.world, isSecret: true)
      guard let token = answer["refreshToken"]?.string ?? answer["accessToken"]?.string else {
        throw CloudError(
          .malformed, program: "az", message: "az acr login --expose-token gave no token",
          next: "A newer az may be needed: \(AzureProgram.program.home)")
      }
      let user = answer["username"]?.string ?? tokenUser
      return RegistryLogin(RegistryCredential(username: user, password: token), identity: "you, as az is logged in")
    }
  }

  func steps(_ answers: Answers) -> [any Step] {
    switch answers.madeAzureLogin {
    case .token?: [AzureTokenStep(answers), AzureCredentialsStep(answers, .token)]
    case .admin?: [AzureAdminStep(answers), AzureCredentialsStep(answers, .admin)]
    case .principal?: [AzurePrincipalStep(answers), AzureCredentialsStep(answers, .principal)]
    case nil:
      answers.usesExistingRegistrySecret
        ? [] : [SecretStep.registryLogin(answers, server: answers[.azureServer] ?? "", user: answers.azureUser ?? "")]
    }
  }

  func values(_ answers: Answers) -> [ValueSetting] { ValueSetting.registrySecret(answers) }
}

/// A login that the plan makes.
enum AzureLogin: Sendable {
  case token
  case admin
  case principal

  /// Whose it is, for a person.
  func title(_ answers: Answers) -> String {
    switch self {
    case .token: "the token \(answers[.azureToken] ?? "")"
    case .admin: "the admin user"
    case .principal: "the service principal \(answers[.azurePrincipal] ?? "")"
    }
  }
}

extension AnswerKey where Value == String {
  /// The registry's name, which is not its host.
  static let azureRegistry = AnswerKey("registry.name")
  /// The subscription's id or name; none: the one that az uses.
  static let azureSubscription = AnswerKey("registry.subscription")
  /// The registry's host, as Azure says it.
  static let azureServer = AnswerKey("registry.loginServer")
  /// `token`, `admin`, `service-principal` or `credentials`: what pushes.
  static let azureIdentity = AnswerKey("registry.identity")
  /// The name of the token, and of its scope map.
  static let azureToken = AnswerKey("registry.token")
  /// For how many days a token's password is good; none: for good.
  static let azureDays = AnswerKey("registry.expirationInDays")
  /// The application id of a service principal that exists.
  static let azureApplication = AnswerKey("registry.appId")
  /// The name of a service principal that is made.
  static let azurePrincipal = AnswerKey("registry.principalName")
}

extension Answers {
  /// The login that the plan makes; nil: user and password exist already.
  var madeAzureLogin: AzureLogin? {
    switch self[.azureIdentity] {
    case "admin": .admin
    case "credentials": nil
    case "service-principal": self[.azureApplication] == nil && !usesExistingRegistrySecret ? .principal : nil
    default: .token
    }
  }

  /// The user that goes with the password of the answers.
  var azureUser: String? { self[self[.azureIdentity] == "service-principal" ? .azureApplication : .username] }

  /// What a scope map must allow: to push generated images and their layers, to pull the rest that lies at this registry.
  var azureRights: [AzureRight] {
    guard let server = self[.azureServer] else { return [] }
    func repository(_ text: String?) -> String? {
      guard let text else { return nil }
      do throws(ImageReferenceError) {
        let image = try ImageReference(text)
        return image.host.lowercased() == server.lowercased() ? image.repository : nil
      } catch {
        return nil  // what is no image is told where it was answered
      }
    }
    var entries: Set<String> = []
    for text in [self[.managementAgent], self[.trackingAgent], self[.predictionServer]] {
      if let name = repository(text) {
        entries.formUnion(AzureRight(repository: name, actions: AzureRight.pull).entries)
      }
    }
    for text in [self[.generated], layerCache] {
      if let name = repository(text) {
        entries.formUnion(AzureRight(repository: name, actions: AzureRight.push).entries)
      }
    }
    return AzureRight.rights(entries)
  }

  /// What says that something in Azure was made for this installation.
  var azureMark: String { "Made by mlops-setup for \(Planner.target(self))".trimmed(to: 250) }
}
