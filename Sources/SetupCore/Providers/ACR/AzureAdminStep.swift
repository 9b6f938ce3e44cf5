import Kubernetes
import Text

/// The registry's admin user, which the procedure takes. Who turned it on stands in a tag of the registry.
struct AzureAdminStep: Step {
  let id: StepID = "acr-admin"
  let title = "Admin user"
  /// Others may use it by now.
  let staysUnlessNamed = true
  private let azure: AzureProgram
  private let mark: String

  /// The tag whose value tells for which installation it was turned on.
  static let tag = "mlops-setup-admin-user"

  init(_ answers: Answers) {
    azure = AzureProgram(answers)
    mark = Planner.target(answers).trimmed(to: 250)
  }

  func access(namespaceExists: Bool) -> [AccessRequest] { [] }

  func inspect(_ setup: Setup) async throws -> StepState {
    let registry = try await AzureRegistryFacts.look(setup)
    if registry.hasAdmin { return .done("the admin user of \(registry.name) is on") }
    return .needed([
      "turn on the admin user of the registry \(registry.name) (its password opens the whole registry)",
      "tag the registry \(Self.tag)=\(mark)",
    ])
  }

  func perform(_ setup: Setup, progress: @escaping @Sendable (StepProgress) -> Void) async throws {
    let registry = try await AzureRegistryFacts.look(setup)
    // The tag comes first: an interruption between the two must not make it look like another's doing.
    _ = try await azure.json(azure.tag(registry.id, "Merge", "\(Self.tag)=\(mark)"), setup.world)
    progress(StepProgress("turning on the admin user of \(registry.name)"))
    _ = try await azure.json(azure.admin(enabled: true), setup.world)
  }

  func traces(_ setup: Setup) async throws -> [Trace] {
    let registry = try await AzureRegistryFacts.look(setup)
    guard let value = registry.tags[Self.tag] else {
      return [
        registry.hasAdmin ? .stays("the admin user stays on: it was on before") : .gone("the admin user is off")
      ]
    }
    guard value == mark else {
      return [.stays("the admin user stays on: it was turned on for \(OutsideText.clean(value, limit: 100))")]
    }
    let title = "the admin user of \(registry.name)"
    return [
      .removable(
        Removal(title, verb: "turn off") {
          if registry.hasAdmin { _ = try await azure.json(azure.admin(enabled: false), setup.world) }
          _ = try await azure.json(azure.tag(registry.id, "Delete", "\(Self.tag)=\(mark)"), setup.world)
          return .gone("turned off \(title)")
        })
    ]
  }

  func commands(_ setup: Setup) -> [EquivalentCommand] {
    return [
      EquivalentCommand(
        """
        if [ "$(\(azure.line(azure.show, printing: "adminUserEnabled")))" != true ]; then
          registry_id=$(\(azure.line(azure.show, printing: "id")))
          \(azure.line(azure.tag("REGISTRY-ID", "Merge", "\(Self.tag)=\(mark)")).replacing("REGISTRY-ID", with: "\"$registry_id\"")) \
        --output none
          \(azure.line(azure.admin(enabled: true))) --output none
        fi
        """)
    ]
  }
}
