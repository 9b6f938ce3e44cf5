import FoundationEssentials
import Kubernetes
import Text

extension Probe {
  /// Whether az is there, and who is logged in.
  static let azureAccount = Probe("acr.account", \.azureAccount, page: .cluster) { setup, _ in
    try await AzureLookups.account(setup)
  }
  /// The registries of the subscription, and the one of the answers.
  static let azureRegistry = Probe("acr.registry", \.azureRegistries, page: .cluster, after: [.azureAccount]) {
    setup, _ in try await AzureLookups.registries(setup)
  }
  /// The token of the answers.
  static let azureToken = Probe("acr.token", \.azureToken, page: .registry, after: [.azureRegistry]) { setup, _ in
    try await AzureLookups.token(setup)
  }
}

enum AzureLookups {
  static func account(_ setup: Setup) async throws -> AzureAccount {
    let azure = AzureProgram(setup.answers)
    let version = try await azure.json(["version"], setup.world)
    let known = try await azure.json(["account", "list"], setup.world).array ?? []
    let subscriptions = known.compactMap(AzureAccount.Subscription.init)
    guard !subscriptions.isEmpty else {
      throw CloudError(
        .notLoggedIn, program: "az", message: "az knows no subscription: nobody is logged in", next: "Log in: az login")
    }
    return AzureAccount(
      version: OutsideText.clean(version["azure-cli"]?.string ?? "of unknown version", limit: 40),
      subscriptions: subscriptions)
  }

  static func registries(_ setup: Setup) async throws -> [AzureRegistryFacts] {
    let azure = AzureProgram(setup.answers)
    guard setup.answers[.azureRegistry] != nil else { return try await all(azure, setup) }
    async let others = orNone(azure, setup)
    let chosen = try await AzureRegistryFacts.look(setup)
    return [chosen] + (await others).filter { $0.name.lowercased() != chosen.name.lowercased() }
  }

  private static func all(_ azure: AzureProgram, _ setup: Setup) async throws -> [AzureRegistryFacts] {
    (try await azure.json(azure.list, setup.world).array ?? []).compactMap { AzureRegistryFacts($0) }
  }

  private static func orNone(_ azure: AzureProgram, _ setup: Setup) async -> [AzureRegistryFacts] {
    // They are only something to choose from; one was chosen.
    do { return try await all(azure, setup) } catch { return [] }
  }

  static func token(_ setup: Setup) async throws -> AzureTokenSummary? {
    guard case .token? = setup.answers.madeAzureLogin, let name = setup.answers[.azureToken] else { return nil }
    let azure = AzureProgram(setup.answers)
    guard let found = try await azure.find(azure.token(show: name), setup.world) else { return nil }
    let token = AzureToken(found)
    return AzureTokenSummary(expiry: token.expiry, endsSoon: token.ends(withinDays: 14, of: setup.world.now()) == true)
  }
}

/// Who is logged in, and where.
struct AzureAccount: Sendable, Equatable {
  struct Subscription: Sendable, Equatable {
    var id: String
    var name: String
    var user: String
    var isDefault: Bool

    init?(_ json: JSONValue) {
      guard let id = json["id"]?.string else { return nil }
      self.id = OutsideText.clean(id, limit: 60)
      name = OutsideText.clean(json["name"]?.string ?? "", limit: 80)
      user = OutsideText.clean(json[path: "user", "name"]?.string ?? "somebody", limit: 80)
      isDefault = json["isDefault"]?.bool ?? false
    }
  }

  /// Of az.
  var version: String
  var subscriptions: [Subscription]

  /// The one that az uses by itself.
  var current: Subscription? { subscriptions.first(where: \.isDefault) }

  /// The one that an answer names by id or name.
  func subscription(_ answer: String?) -> Subscription? {
    guard let answer = answer?.lowercased() else { return current }
    return subscriptions.first { $0.id.lowercased() == answer || $0.name.lowercased() == answer }
  }
}

/// How long a token's password is good.
struct AzureTokenSummary: Sendable, Equatable {
  /// `expires on 2027-01-31`.
  var expiry: String
  /// Within 14 days, or it has ended.
  var endsSoon: Bool
}

/// A token of a registry.
struct AzureToken: Sendable, Equatable {
  /// The last part of its scope map's id.
  let scopeMap: String
  let isEnabled: Bool
  /// When the password that is in use ends, as Azure writes it; empty: never; nil: it has none.
  private let end: String?

  init(_ json: JSONValue) {
    scopeMap = json["scopeMapId"]?.string?.split(separator: "/").last.map(String.init) ?? ""
    isEnabled = json["status"]?.string != "disabled"
    let passwords = json[path: "credentials", "passwords"]?.array ?? []
    let used = passwords.first { $0["name"]?.string == "password1" } ?? passwords.first
    end = used.map { $0["expiry"]?.string ?? "" }
  }

  /// When its password ends, for a person.
  var expiry: String {
    guard let end else { return "is not made yet" }
    return end.isEmpty ? "does not expire" : "expires on \(OutsideText.clean(String(end.prefix(10))))"
  }

  /// Whether its password ends within these days, or has ended; nil: it does not end, or it cannot be told when.
  func ends(withinDays days: Int, of now: Date) -> Bool? {
    guard let end, end.count >= 19 else { return nil }
    do {
      let date = try Date.ISO8601FormatStyle().parse("\(end.prefix(19))Z")
      return date.timeIntervalSince(now) < Double(days) * 86_400
    } catch {
      return nil
    }
  }
}

extension Survey {
  /// Who is logged in at az.
  var azureAccount: Observed<AzureAccount> {
    get { self["registry/acr-account"] }
    set { self["registry/acr-account"] = newValue }
  }
  /// The registries of the subscription; one that the answers name is the first.
  var azureRegistries: Observed<[AzureRegistryFacts]> {
    get { self["registry/acr-registries"] }
    set { self["registry/acr-registries"] = newValue }
  }
  /// The token of the answers, where there is one.
  var azureToken: Observed<AzureTokenSummary?> {
    get { self["registry/acr-token"] }
    set { self["registry/acr-token"] = newValue }
  }

  /// The registry of the answers.
  func azureRegistry(_ answers: Answers) -> AzureRegistryFacts? {
    guard let name = answers[.azureRegistry]?.lowercased() else { return nil }
    return azureRegistries.value?.first { $0.name.lowercased() == name }
  }

  /// Whether az cannot be asked at all, being not there.
  var hasNoAzure: Bool {
    if case .failed(let failure) = azureAccount { failure.kind == .unsupported } else { false }
  }
}

extension AzureRegistry {
  func lookedUp(_ survey: Survey) -> Observed<String> {
    let account: AzureAccount
    switch survey.azureAccount {
    case .notAsked: return .notAsked
    case .failed(let failure): return .failed(failure)
    case .seen(let seen): account = seen
    }
    let who = account.current.map { "az \(account.version) as \($0.user) in \($0.name)" } ?? "az \(account.version)"
    switch survey.azureRegistries {
    case .notAsked: return .seen(who)
    case .failed(let failure): return .failed(failure)
    case .seen(let registries):
      let count = registries.count == 1 ? "1 registry" : "\(registries.count) registries"
      let mode = registries.first?.isABAC == true ? "; rights are given per repository (ABAC)" : ""
      return .seen("\(who): \(count)" + (registries.count == 1 ? mode : ""))
    }
  }
}
