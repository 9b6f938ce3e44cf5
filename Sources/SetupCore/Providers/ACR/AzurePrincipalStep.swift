import Kubernetes
import Text

/// A service principal of our own with the role that lets it push. It has no password yet.
struct AzurePrincipalStep: Step {
  let id: StepID = "acr-principal"
  let title = "Service principal"
  /// It lies in Azure's directory.
  let staysUnlessNamed = true
  private let azure: AzureProgram
  private let name: String

  /// What its name begins with. The directory keeps no description of who made it, and the name is there from the first
  /// moment.
  static let mark = "mlops-setup"

  init(_ answers: Answers) {
    azure = AzureProgram(answers)
    name = answers[.azurePrincipal] ?? ""
  }

  func access(namespaceExists: Bool) -> [AccessRequest] { [] }

  func inspect(_ setup: Setup) async throws -> StepState {
    let registry = try await AzureRegistryFacts.look(setup)
    let grant = "give it the role \(registry.pushRole) on the registry \(registry.name)"
    guard let principal = try await AzurePrincipal.find(azure, name, setup) else {
      return .needed(["create the service principal \(name)", grant])
    }
    guard try await roles(principal, registry, setup).contains(registry.pushRole) else {
      return .needed(["the service principal \(name): " + grant])
    }
    return .done("the service principal \(name) has the role \(registry.pushRole) on \(registry.name)")
  }

  private func roles(
    _ principal: AzurePrincipal, _ registry: AzureRegistryFacts, _ setup: Setup
  ) async throws -> [String] {
    let found = try await azure.json(azure.roles(of: principal.objectID, scope: registry.id), setup.world)
    return (found.array ?? []).compactMap { $0["roleDefinitionName"]?.string }
  }

  func perform(_ setup: Setup, progress: @escaping @Sendable (StepProgress) -> Void) async throws {
    let registry = try await AzureRegistryFacts.look(setup)
    var principal = try await AzurePrincipal.find(azure, name, setup)
    if principal == nil {
      progress(StepProgress("creating the service principal \(name)"))
      let application = try await azure.json(azure.application(create: name), setup.world)
      guard let appID = application["appId"]?.string else {
        throw SetupError(
          .installFailed, "az ad app create told no appId of \(name)", next: "Run it yourself to see more.")
      }
      _ = try await azure.json(azure.principal(create: appID), setup.world)
      // The directory tells of it a moment later.
      for _ in 0..<20 {
        principal = try await AzurePrincipal.find(azure, name, setup)
        if principal != nil { break }
        try await setup.world.sleep(.seconds(3))
      }
    }
    guard let principal else {
      throw SetupError(
        .installFailed, "the service principal \(name) was created, and az ad sp list does not show it",
        next: "Run again in a minute.")
    }
    guard try await !roles(principal, registry, setup).contains(registry.pushRole) else { return }
    progress(StepProgress("giving it the role \(registry.pushRole)"))
    _ = try await azure.json(azure.role(registry.pushRole, to: principal.objectID, scope: registry.id), setup.world)
  }

  func traces(_ setup: Setup) async throws -> [Trace] {
    guard name.hasPrefix(Self.mark) else { return [.stays("the service principal \(name) stays: it is not ours")] }
    guard let principal = try await AzurePrincipal.find(azure, name, setup) else {
      return [.gone("there is no service principal \(name)")]
    }
    let registry = try await AzureRegistryFacts.look(setup)
    return [
      .removable("the service principal \(name) and its role on \(registry.name)") {
        let roles = azure.roles(of: principal.objectID, scope: registry.id)
        let found = try await azure.json(roles, setup.world).array ?? []
        // An assignment would outlive whom it is for.
        let here = found.filter { $0["scope"]?.string?.lowercased() == registry.id.lowercased() }
        let identifiers = here.compactMap { $0["id"]?.string }
        if !identifiers.isEmpty { _ = try await azure.json(azure.role(delete: identifiers), setup.world) }
        _ = try await azure.json(azure.principal(delete: principal.appID), setup.world)
      }
    ]
  }

  func commands(_ setup: Setup) -> [EquivalentCommand] {
    let grant = azure.line(azure.role("ROLE", to: "PRINCIPAL", scope: "REGISTRY"))
      .replacing("ROLE", with: "\"$role\"").replacing("PRINCIPAL", with: "\"$principal\"")
      .replacing("REGISTRY", with: "\"$registry_id\"")
    return [
      EquivalentCommand(
        """
        \(AzurePrincipal.lookup(azure, name))
        registry_id=$(\(azure.line(azure.show, printing: "id")))
        case $(\(azure.line(azure.show, printing: "roleAssignmentMode"))) in
          AbacRepositoryPermissions) role='Container Registry Repository Writer' ;;
          *) role=AcrPush ;;
        esac
        principal=$(find_principal id)
        if [ -z "$principal" ]; then
          application=$(\(azure.line(azure.application(create: name), printing: "appId")))
          \(azure.line(azure.principal(create: "APPLICATION")).replacing("APPLICATION", with: "\"$application\"")) --output none
        fi
        tries=0
        while [ -z "$principal" ] && [ "$tries" -lt 20 ]; do
          principal=$(find_principal id)
          [ -n "$principal" ] || sleep 3
          tries=$((tries + 1))
        done
        \(grant) --output none
        """)
    ]
  }
}

/// A service principal in the directory.
struct AzurePrincipal: Sendable {
  let appID: String
  let objectID: String

  /// The one of exactly that name; az lists all whose names begin so.
  static func find(_ azure: AzureProgram, _ name: String, _ setup: Setup) async throws -> AzurePrincipal? {
    let all = try await azure.json(azure.principals(named: name), setup.world).array ?? []
    guard let found = all.first(where: { $0["displayName"]?.string == name }),
      let appID = found["appId"]?.string, let objectID = found["id"]?.string
    else { return nil }
    return AzurePrincipal(appID: appID, objectID: objectID)
  }

  /// A shell function that prints a member of the same.
  static func lookup(_ azure: AzureProgram, _ name: String) -> String {
    """
    find_principal() {
      \(azure.line(azure.principals(named: name))) --output json |
        jq --raw-output --arg name \(Shell.quote(name)) --arg member "$1" \
    '[.[] | select(.displayName == $name) | .[$member]][0] // empty'
    }
    """
  }
}
