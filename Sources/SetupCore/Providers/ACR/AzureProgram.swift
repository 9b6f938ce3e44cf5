import Kubernetes
import OrderedCollections
import Text

/// The Azure CLI, as it is asked about one registry. The words are the same for what is run and for what is shown.
struct AzureProgram: Sendable {
  static let program = CloudProgram(
    name: "az", home: "https://learn.microsoft.com/cli/azure/install-azure-cli",
    environment: [
      "AZURE_CORE_NO_COLOR": "true", "AZURE_CORE_ONLY_SHOW_ERRORS": "true", "AZURE_CORE_COLLECT_TELEMETRY": "false",
      "AZURE_EXTENSION_USE_DYNAMIC_INSTALL": "no",
    ],
    meanings: [
      .init(
        .denied,
        [
          "AuthorizationFailed", "does not have authorization", "Insufficient privileges",
          "Authorization_RequestDenied",
        ],
        next: "Have an owner of the registry give you that right, or run what it is about: mlops-setup plan shows it."),
      .init(
        .notLoggedIn,
        ["az login", "az logout", "AADSTS", "Interactive authentication is needed", "refresh token has expired"],
        next: "Log in: az login"),
      // "could not be found in subscription 'NAME'" is this one too.
      .init(
        .notFound,
        ["ResourceNotFound", "ResourceGroupNotFound", "could not be found in subscription", "was not found"],
        next: "Correct registry.name, or registry.subscription: az acr list --output table shows what is there."),
      .init(
        .notFound, ["Subscription '"],
        next: "Correct registry.subscription; az account list --output table shows those you may use."),
      .init(.alreadyExists, ["already exists", "AlreadyExists"], next: "Run again: it is looked at first."),
    ])

  /// The registry's name.
  let registry: String
  private let scope: [String]

  init(_ answers: Answers) {
    registry = answers[.azureRegistry] ?? ""
    scope = answers[.azureSubscription].map { ["--subscription", $0] } ?? []
  }

  // MARK: Running

  /// What az answers as JSON.
  func json(_ words: [String], _ world: World, isSecret: Bool = false) async throws -> JSONValue {
    try await Self.program.json(
      words + ["--only-show-errors", "--output", "json"], world, deadline: .seconds(60), isSecret: isSecret)
  }

  /// The same; nil where there is no such thing.
  func find(_ words: [String], _ world: World) async throws -> JSONValue? {
    do {
      return try await json(words, world)
    } catch let error as CloudError where error.kind == .notFound {
      return nil
    }
  }

  // MARK: Words

  /// The line that a person types for these words.
  func line(_ words: [String]) -> String { Shell.line([Self.program.name] + words) }

  /// The line that prints what a query finds in the answer, as a script takes it.
  func line(_ words: [String], printing query: String) -> String {
    line(words + ["--query", query, "--output", "tsv"])
  }

  var show: [String] { ["acr", "show", "--name", registry] + scope }
  var list: [String] { ["acr", "list"] + scope }
  var expose: [String] { ["acr", "login", "--name", registry, "--expose-token"] + scope }

  func admin(enabled: Bool) -> [String] {
    ["acr", "update", "--name", registry, "--admin-enabled", enabled ? "true" : "false"] + scope
  }
  var adminCredential: [String] { ["acr", "credential", "show", "--name", registry] + scope }
  func tag(_ resource: String, _ operation: String, _ tag: String) -> [String] {
    ["tag", "update", "--resource-id", resource, "--operation", operation, "--tags", tag]
  }

  private func child(_ command: String..., name: String) -> [String] {
    ["acr"] + command + ["--registry", registry, "--name", name] + scope
  }
  func scopeMap(show name: String) -> [String] { child("scope-map", "show", name: name) }
  func scopeMap(create name: String, _ rights: [AzureRight], description: String) -> [String] {
    child("scope-map", "create", name: name) + ["--description", description]
      + rights.flatMap { ["--repository", $0.repository] + $0.actions }
  }
  func scopeMap(update name: String, add: [AzureRight], remove: [AzureRight] = []) -> [String] {
    child("scope-map", "update", name: name) + add.flatMap { ["--add-repository", $0.repository] + $0.actions }
      + remove.flatMap { ["--remove-repository", $0.repository] + $0.actions }
  }
  func scopeMap(delete name: String) -> [String] { child("scope-map", "delete", name: name) + ["--yes"] }
  func token(show name: String) -> [String] { child("token", "show", name: name) }
  func token(create name: String, scopeMap: String) -> [String] {
    child("token", "create", name: name) + ["--scope-map", scopeMap, "--no-passwords", "true"]
  }
  func token(delete name: String) -> [String] { child("token", "delete", name: name) + ["--yes"] }
  func token(generate name: String, days: String?) -> [String] {
    child("token", "credential", "generate", name: name) + ["--password1"]
      + (days.map { ["--expiration-in-days", $0] } ?? [])
  }

  /// Those whose names begin so; the directory is one for all subscriptions.
  func principals(named name: String) -> [String] { ["ad", "sp", "list", "--display-name", name] }
  /// An application of that name that is there already is taken.
  func application(create name: String) -> [String] { ["ad", "app", "create", "--display-name", name] }
  func principal(create appID: String) -> [String] { ["ad", "sp", "create", "--id", appID] }
  func principal(reset appID: String) -> [String] { ["ad", "app", "credential", "reset", "--id", appID] }
  func principal(delete appID: String) -> [String] { ["ad", "app", "delete", "--id", appID] }
  func roles(of objectID: String, scope resource: String) -> [String] {
    ["role", "assignment", "list", "--assignee-object-id", objectID, "--scope", resource]
      + ["--include-inherited", "--fill-principal-name", "false"] + scope
  }
  func role(_ role: String, to objectID: String, scope resource: String) -> [String] {
    ["role", "assignment", "create", "--role", role, "--scope", resource, "--assignee-object-id", objectID]
      + ["--assignee-principal-type", "ServicePrincipal"] + scope
  }
  func role(delete identifiers: [String]) -> [String] { ["role", "assignment", "delete", "--ids"] + identifiers }
}

/// What may be done in one repository of a registry (learn.microsoft.com, "Repository-scoped permissions").
struct AzureRight: Sendable, Equatable {
  var repository: String
  var actions: [String]

  static let pull = ["content/read", "metadata/read"]
  static let push = ["content/read", "content/write", "metadata/read", "metadata/write"]

  /// As a scope map holds them: `repositories/mlops/frozen-models/content/read`.
  var entries: [String] { actions.map { "repositories/\(repository)/\($0)" } }

  /// From such entries, one right for each repository; others than a repository's are left out.
  static func rights(_ entries: some Sequence<String>) -> [AzureRight] {
    var actions: [String: [String]] = [:]
    for entry in entries {
      let parts = entry.split(separator: "/").map(String.init)
      guard parts.count >= 4, parts[0] == "repositories" else { continue }
      let repository = parts[1..<(parts.count - 2)].joined(separator: "/")
      actions[repository, default: []].append(parts.suffix(2).joined(separator: "/"))
    }
    return actions.sorted { $0.key < $1.key }.map { AzureRight(repository: $0.key, actions: $0.value.sorted()) }
  }
}

/// What `az acr show` says of a registry.
struct AzureRegistryFacts: Sendable, Equatable {
  var name: String
  /// The host that images carry. It need not be NAME.azurecr.io.
  var loginServer: String
  /// The resource's id.
  var id: String
  var hasAdmin: Bool
  /// Whether rights are given for each repository, which AcrPull and AcrPush know nothing of.
  var isABAC: Bool
  var tags: [String: String]

  init?(_ json: JSONValue) {
    guard let name = json["name"]?.string, let server = json["loginServer"]?.string, let id = json["id"]?.string
    else { return nil }
    self.name = OutsideText.clean(name, limit: 100)
    loginServer = OutsideText.clean(server, limit: 300)
    self.id = id
    hasAdmin = json["adminUserEnabled"]?.bool ?? false
    isABAC = json["roleAssignmentMode"]?.string == "AbacRepositoryPermissions"
    tags = (json["tags"]?.object ?? [:]).reduce(into: [:]) { $0[$1.key] = $1.value.string }
  }

  /// The role that lets a service principal push.
  var pushRole: String { isABAC ? "Container Registry Repository Writer" : "AcrPush" }

  /// Asks for the registry of the answers.
  static func look(_ setup: Setup) async throws -> AzureRegistryFacts {
    let azure = AzureProgram(setup.answers)
    guard let facts = AzureRegistryFacts(try await azure.json(azure.show, setup.world)) else {
      throw CloudError(
        .malformed, program: "az", message: "az acr show tells no login server of \(azure.registry)",
        next: "Run it yourself; a newer az may be needed: \(AzureProgram.program.home)")
    }
    return facts
  }
}
