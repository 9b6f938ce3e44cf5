import FoundationEssentials
import HTTP
import SetupCore
import Simulator
import TestSupport
import Testing

/// The three ways to say the same thing: an answers file, the wizard's pages, and the script of a plan.
@Suite("The ways in agree, for every provider", .serialized, .timeLimit(.minutes(10)))
struct ProviderAgreementTests {
  /// Where a provider's programs, registry and cluster are.
  private struct World {
    let folder: ScratchDirectory
    let environment: [String: String]
    /// What a person writes into the answers file below `registry`.
    let registry: String
    /// What the same person does on the registry's page, once its kind is chosen.
    let page: (Tmux) async throws -> Void
    /// What stands on that page when everything was looked up.
    let lookedUp: String
    let hasIngressClass: Bool
    let run: ([String]) async throws -> ProgramEnding

    init(
      _ stage: Stage, _ environment: [String: String], registry: String, lookedUp: String,
      page: @escaping (Tmux) async throws -> Void
    ) {
      folder = stage.folder
      self.environment = stage.environment.merging(environment) { $1 }
      self.registry = registry
      self.lookedUp = lookedUp
      self.page = page
      hasIngressClass = true
      run = { try await stage.run(arguments: $0, environment: environment.mapValues { Optional($0) }) }
    }

    init(_ stage: OpenShiftStage) {
      folder = stage.folder
      environment = stage.environment
      registry = "provider: openshift, route: \"\(stage.route)\""
      lookedUp = "a route leads to the registry"
      page = { tmux in
        try await tmux.send("C-u")
        try await tmux.type(stage.route)
      }
      hasIngressClass = false
      run = { try await stage.run(arguments: $0) }
    }
  }

  private static func with(_ provider: String, _ body: (World) async throws -> Void) async throws {
    switch provider {
    case "ecr":
      try await ECRTests.with { cloud in
        let environment = cloud.environment.compactMapValues { $0 }
        let registry =
          "provider: ecr, account: \"\(MotoServer.account)\", region: \(cloud.aws.environment["AWS_REGION"] ?? "eu-central-1"), cluster: prod"
        try await body(World(cloud.stage, environment, registry: registry, lookedUp: "prod  (default)") { _ in })
      }
    case "acr":
      try await AzureInstallTests.with("LegacyRegistryPermissions", "token") { azure in
        let registry = """
          provider: acr, subscription: 11111111-2222-3333-4444-555555555555, name: acme01, \
          loginServer: "\(azure.registry.host)", identity: token
          """
        try await body(
          World(azure.stage, azure.environment, registry: registry, lookedUp: "az 2.91.0 as ann@example.com") { _ in })
      }
    case "google":
      try await GoogleTests.with { cloud in
        let world = World(
          cloud.stage, cloud.environment, registry: GoogleTests.registry, lookedUp: "prod  (default)"
        ) { tmux in
          try await tmux.send("Down", "Down")
          try await tmux.waitFor("› Location")
          try await tmux.type("europe-west1")
        }
        try await body(world)
      }
    case "openshift":
      try await OpenShiftStage.with("4.18.9") { try await body(World($0)) }
    default:
      try await Stage.with { stage in
        let registry = """
          provider: generic, server: "\(stage.registry.host)", certificateAuthority: ca.pem, username: push, \
          password: {env: REGISTRY_PASSWORD}
          """
        let world = World(stage, [:], registry: registry, lookedUp: "Path prefix") { tmux in
          try await tmux.answerRegistry(stage.registry.host)
        }
        try await body(world)
      }
    }
  }

  /// Walks through the wizard to its plan, and leaves with the answers saved; the plan's screen.
  private static func walk(_ provider: String, _ world: World) async throws -> String {
    var plan = ""
    try await Tmux.wizard(in: world.folder, columns: 100, rows: 110, environment: world.environment) { tmux in
      try await tmux.passCluster()
      try await tmux.waitFor("› Kind", timeout: .seconds(30))
      for _ in RegistryProviders.all {
        if try await tmux.capture().contains("←\(provider) ") { break }
        try await tmux.send("Right")
        // The page is another's now.
        try await Task.sleep(for: .milliseconds(300))
      }
      // What it is, is looked up once it stands.
      try await tmux.send("Down")
      try await tmux.waitFor(world.lookedUp, timeout: .seconds(90))
      try await world.page(tmux)
      try await tmux.send("F10")
      try await tmux.waitFor("Mgmt agent", timeout: .seconds(30))
      try await tmux.send("Enter", "Enter")
      try await tmux.type(Stage.repository + "/Resources/chart/datarobot-management-agent")
      try await tmux.send("Enter")
      // The chart is still being read: the page goes on by itself once its version is known.
      try await tmux.send("F10")
      try await tmux.answerDataRobot(
        "http://127.0.0.1:9", outfacingURL: "http://models.apps.example.com/deployments/")
      try await tmux.waitFor("Make the plan", timeout: .seconds(60))
      try await tmux.waitFor("nothing in the way", timeout: .seconds(90))
      try await tmux.send("F10")
      plan = try await tmux.waitFor("Enter Install", timeout: .seconds(90))
      try await tmux.send("C-c")
      try await tmux.waitFor("Save and quit?")
      try await tmux.send("y")
      #expect(try await tmux.waitForEnd() == .exited(130))
    }
    return plan
  }

  @Test(
    "What is typed on the pages plans and scripts the same as what stands in an answers file",
    arguments: RegistryProviders.all.map(\.name))
  func agree(_ provider: String) async throws {
    try await Self.with(provider) { world in
      let screen = try await Self.walk(provider, world)
      let ingress = world.hasIngressClass ? "className: mlops, " : ""
      try world.folder.write(
        """
        apiVersion: mlops-setup/v1
        kind: Answers
        cluster: {context: stage, namespace: datarobot-mlops}
        registry: {\(world.registry)}
        datarobot: {endpoint: "http://127.0.0.1:9", apiToken: {env: DATAROBOT_API_TOKEN}, predictionEnvironment: 65f0a1b2c3d4e5f60718293a}
        ingress: {\(ingress)outfacingUrl: "http://models.apps.example.com/deployments/"}
        chart: {path: "\(Stage.repository)/Resources/chart/datarobot-management-agent"}

        """, to: "by-hand.yaml")
      func plan(_ file: String, _ form: [String]) async throws -> String {
        let ending = try await world.run(["plan", "--answers", file] + form)
        try #require(ending.code == 0, "\(ending.out)\n\(ending.progress)")
        return ending.out
      }
      let byHand = try await plan("by-hand.yaml", ["--format", "json"])
      let byKeys = try await plan("mlops-setup-answers.yaml", ["--format", "json"])
      #expect(byKeys == byHand)
      let document = try JSONDecoder().decode(PlanDocument.self, from: Data(byHand.utf8))
      for step in document.steps { #expect(screen.contains(step.title), "\(screen)") }

      let script = try await plan("by-hand.yaml", ["--script"])
      #expect(try await plan("mlops-setup-answers.yaml", ["--script"]) == script)
      for step in document.steps {
        for command in step.commands { #expect(script.contains(command.shell), "\(step.id)") }
      }
    }
  }
}
