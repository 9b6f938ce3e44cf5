import FoundationEssentials
import Kubernetes
import OrderedCollections
import TestSupport
import Testing
import Text

@testable import SetupCore

@Suite("Azure Container Registry: its steps against az, a registry and a cluster")
struct AzureStepTests {
  private static func words(_ state: StepState) -> String {
    switch state {
    case .done(let text), .blocked(let text): text
    case .needed(let lines): lines.joined(separator: "\n")
    }
  }

  @Test(
    "A token and its scope map are made once, kept, mended where the rights differ, and taken back where they are ours")
  func token() async throws {
    try await AzureStage.with { stage in
      let answers = AzureStage.answers()
      let first = try await stage.inspect("acr-token", answers)
      guard case .needed = first else { throw TestSupportError("\(first)") }
      #expect(Self.words(first).contains("mlops/frozen-models/cache (content/read, content/write, "), "\(first)")
      try await stage.perform("acr-token", answers)
      #expect(
        try await stage.inspect("acr-token", answers)
          == .done("the token mlops-prod has the rights it needs and no more"))
      let text = try stage.cloud.stateText()
      #expect(!text.contains("tokenPasswords"), "a password was made before it was asked for")

      let other = AzureStage.answers(
        "token", ["images.generated": .text("\(AzureStage.server)/team/models"), "images.predictionServer": .text("")])
      let mending = try await stage.inspect("acr-token", other)
      guard case .needed(let lines) = mending else { throw TestSupportError("\(mending)") }
      #expect(lines.count == 2 && lines[0].contains("add team/models") && lines[1].contains("remove datarobot/"))
      try await stage.perform("acr-token", other)
      #expect(
        try await stage.inspect("acr-token", other) == .done("the token mlops-prod has the rights it needs and no more")
      )

      #expect(try await stage.undo("acr-token", other) == "deleted the token mlops-prod and its scope map")
      #expect(try await stage.undo("acr-token", other) == "there is no token mlops-prod")
      #expect(try stage.step("acr-token", other).staysUnlessNamed)
    }
  }

  @Test("Another's scope map is neither changed nor deleted, and its token gets no password")
  func foreignToken() async throws {
    try await AzureStage.with { stage in
      for words in [
        ["acr", "scope-map", "create", "-r", "acme01", "-n", "mlops-prod", "--repository", "a", "content/read"],
        ["acr", "token", "create", "-r", "acme01", "-n", "mlops-prod", "--scope-map", "mlops-prod"],
      ] {
        let made = try await CloudStandIns.call(stage.cloud, words)
        #expect(made == 0)
      }
      let answers = AzureStage.answers()
      let before = try stage.cloud.stateText()
      for id: StepID in ["acr-token", "registry-credentials"] {
        let reason = try await stage.inspect(id, answers).whyBlocked()
        #expect(reason.contains("registry.token"), "\(reason)")
      }
      #expect(try await stage.undo("acr-token", answers).contains("stays"))
      #expect(try stage.cloud.stateText() == before)
    }
  }

  @Test("The Secret holds a login that pushes; a second look generates no password, and only a dead one is replaced")
  func credentials() async throws {
    try await AzureStage.with { stage in
      let answers = AzureStage.answers("token", ["registry.expirationInDays": .text("365")])
      try await stage.perform("acr-token", answers)
      guard case .needed(let lines) = try await stage.inspect("registry-credentials", answers) else {
        throw TestSupportError("it is not needed")
      }
      #expect(
        lines == [
          "generate a password for the token mlops-prod, good for 365 days", "create Secret registry-creds with it",
        ])
      try await stage.perform("registry-credentials", answers)
      let login = try #require(stage.login)
      #expect(login.hasPrefix("mlops-prod:"))
      let changes = try stage.changes()
      let state = try await stage.inspect("registry-credentials", answers)
      guard case .done(let text) = state else { throw TestSupportError("\(state)") }
      #expect(text.contains("opens an upload; its password expires on 20"), "\(text)")
      #expect(!text.contains(login.dropFirst(11)))
      #expect(try stage.changes() == changes)
      for call in try stage.cloud.calls() { #expect(!call.argv.joined().contains(login.dropFirst(11))) }

      // Somebody made it anew elsewhere: what stands in the Secret is dead.
      _ = try await CloudStandIns.call(
        stage.cloud, ["acr", "token", "credential", "generate", "-r", "acme01", "-n", "mlops-prod", "--password1"])
      let dead = try await stage.inspect("registry-credentials", answers)
      guard case .needed = dead else { throw TestSupportError("\(dead)") }
      #expect(Self.words(dead).contains("opens no upload any more"))
      try await stage.perform("registry-credentials", answers)
      #expect(stage.login != login)
      guard case .done = try await stage.inspect("registry-credentials", answers) else {
        throw TestSupportError("it is not done")
      }
    }
  }

  @Test("A registry that does not answer decides nothing: no password is generated")
  func undecided() async throws {
    try await AzureStage.with(secret: AzureStage.secret("mlops-prod:old"), isReachable: false) { stage in
      let reason = try await stage.inspect("registry-credentials", AzureStage.answers()).whyBlocked()
      #expect(reason.contains("could not be seen"))
      #expect(try stage.changes() == [])
    }
  }

  @Test("Another's Secret whose login is dead, one of the wrong type (S11), and one for another user are told apart")
  func otherSecrets() async throws {
    let cases: [(String, String)] = [
      (AzureStage.secret("mlops-prod:old", ours: false), "is not changed"),
      (
        AzureStage.secret("mlops-prod:old", type: "kubernetes.io/dockercfg"),
        "reads only kubernetes.io/dockerconfigjson"
      ),
      (AzureStage.secret("acme01:admin"), "it holds the login of acme01"),
    ]
    for (secret, words) in cases {
      try await AzureStage.with(secret: secret) { stage in
        let state = try await stage.inspect("registry-credentials", AzureStage.answers())
        #expect(Self.words(state).contains(words), "\(state)")
        if case .done = state { Issue.record("\(state)") }
      }
    }
  }

  @Test("The admin user is turned on where it is off, and off again only by who turned it on")
  func admin() async throws {
    try await AzureStage.with(#""tags": {"team": "ml"}"#) { stage in
      let answers = AzureStage.answers("admin")
      let first = try await stage.inspect("acr-admin", answers)
      #expect(Self.words(first).contains("turn on the admin user of the registry acme01"))
      try await stage.perform("acr-admin", answers)
      #expect(try await stage.inspect("acr-admin", answers) == .done("the admin user of acme01 is on"))
      try await stage.perform("registry-credentials", answers)
      #expect(stage.login?.hasPrefix("acme01:") == true)
      guard case .done = try await stage.inspect("registry-credentials", answers) else {
        throw TestSupportError("it is not done")
      }
      let elsewhere = AzureStage.answers("admin", ["cluster.namespace": .text("other")])
      #expect(try await stage.undo("acr-admin", elsewhere).contains("stays on: it was turned on for context prod"))
      #expect(try await stage.undo("acr-admin", answers) == "turned off the admin user of acme01")
      let tags = try stage.cloud.state(JSONValue.self)[path: "az", "registries"]?.array?.first?["tags"]
      #expect(tags == ["team": "ml"])
      #expect(try stage.step("acr-admin", answers).staysUnlessNamed)
    }
    try await AzureStage.with(#""adminUserEnabled": true"#) { stage in
      let done = try await stage.undo("acr-admin", AzureStage.answers("admin"))
      #expect(done == "the admin user stays on: it was on before")
    }
  }

  @Test(
    "A service principal gets the role that counts in the registry's mode, a password of its own, and goes with its role",
    arguments: [
      ("", "AcrPush"), (#""roleAssignmentMode": "AbacRepositoryPermissions""#, "Container Registry Repository Writer"),
    ])
  func principal(_ mode: String, _ role: String) async throws {
    try await AzureStage.with(mode) { stage in
      let answers = AzureStage.answers("service-principal", ["registry.principalName": .text("mlops-setup-prod")])
      let first = try await stage.inspect("acr-principal", answers)
      #expect(Self.words(first).contains("the role \(role) on the registry acme01"), "\(first)")
      try await stage.perform("acr-principal", answers)
      guard case .done = try await stage.inspect("acr-principal", answers) else {
        throw TestSupportError("it is not done")
      }
      try await stage.perform("registry-credentials", answers)
      guard case .done = try await stage.inspect("registry-credentials", answers) else {
        throw TestSupportError("it is not done")
      }
      let assignments = try stage.cloud.state(JSONValue.self)[path: "az", "roleAssignments"]?.array ?? []
      #expect(assignments.map { $0["roleDefinitionName"]?.string } == [role])
      // One whose name only begins so is another.
      let shorter = AzureStage.answers("service-principal", ["registry.principalName": .text("mlops-setup-pro")])
      guard case .needed = try await stage.inspect("acr-principal", shorter) else {
        throw TestSupportError("another's principal was taken")
      }
      #expect(try await stage.undo("acr-principal", answers).hasPrefix("deleted the service principal"))
      let left = try stage.cloud.state(JSONValue.self)["az"]
      #expect(left?["roleAssignments"] == [] && left?["principals"] == [:])
    }
  }

  @Test("No password that az prints is told where az then fails")
  func spilled() async throws {
    let spilling: @Sendable (ProcessCommand) async throws -> ProcessResult = { command in
      command.arguments.contains("generate") || command.arguments.contains("--expose-token")
        ? ProcessResult(exitCode: 1, output: "secret-55f1")
        : ProcessResult(exitCode: 3, errors: "(ResourceNotFound) no")
    }
    let answers = AzureStage.answers()
    let setup = try Samples.setup(answers, http: ScriptedCluster(), programs: ["az": spilling])
    let step = try #require(Planner.steps(answers).first { $0.id == "registry-credentials" })
    await #expect { try await step.perform(setup) { _ in } } throws: { !"\($0)".contains("55f1") }
    let access = try await AzureRegistry().access(setup)
    await #expect { try await access.login() } throws: { !"\($0)".contains("55f1") }
  }

  @Test(
    "The commands of every identity are a POSIX shell's, and shellcheck finds nothing in them",
    arguments: ["token", "admin", "service-principal"])
  func commands(_ identity: String) async throws {
    let answers = AzureStage.answers(
      identity, ["registry.principalName": .text("mlops-setup-it's $prod"), "cluster.context": .text("pr'od $x")])
    let setup = try Samples.setup(answers, http: ScriptedCluster())
    var script = "#!/bin/sh\nset -eu\n"
    for step in Planner.steps(answers)
    where ["acr-token", "acr-admin", "acr-principal", "registry-credentials"].contains(step.id) {
      for command in try await step.commands(setup) { script += command.shell + "\n" }
    }
    #expect(!script.contains("55f1"))
    let live = Processes.live(environment: ["PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"])
    // SC2016 is about the dollar in the context's name, which is meant.
    for (program, words) in [("sh", ["-n"]), ("shellcheck", ["-s", "sh", "-e", "SC2016", "-"])] {
      let result = try await live.run(ProcessCommand(program, words, input: Array(script.utf8), deadline: .seconds(60)))
      #expect(result.exitCode == 0, "\(result.output)\(result.errors)\n\(script)")
    }
  }
}

extension CloudStandIns {
  /// Calls az; the exit code.
  static func call(_ cloud: CloudStandIns, _ words: [String]) async throws -> Int32 {
    try await Processes.live(environment: cloud.environment).run(ProcessCommand("az", words)).exitCode
  }
}
