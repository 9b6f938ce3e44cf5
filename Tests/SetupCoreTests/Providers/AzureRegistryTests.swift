import Kubernetes
import TestSupport
import Testing
import Text
import YAML

@testable import SetupCore

@Suite("Azure Container Registry: questions, names, values, lookups and checks")
struct AzureRegistryTests {
  private static let questionnaire = Questionnaire.standard

  private static func problems(_ identity: String, _ changes: [QuestionID: AnswerValue]) -> [String] {
    questionnaire.problems(AzureStage.answers(identity, changes)).map { "\($0.question) \($0.text)" }
  }

  @Test(
    "Wrong answers are told with what is wrong",
    arguments: [
      ("token", "registry.name", "acme.azurecr.io", "is a name and no host; the host is registry.loginServer"),
      (
        "token", "registry.name", "acme-x1y2",
        "has no '-': what stands behind it in a login server is no part of the registry's name"
      ), ("token", "registry.name", "acr", "must be 5 to 50 letters and digits"),
      ("token", "registry.loginServer", "https://acme.azurecr.io", "is a host without a scheme"),
      (
        "token", "registry.loginServer", "acme.azurecr.io/team",
        "is a host without a path; use registry.prefix for a path"
      ), ("token", "registry.prefix", "/team", "must not begin or end with '/'"),
      ("token", "registry.token", "a b", "must be 5 to 50 letters, digits, '-' or '_'"),
      ("token", "registry.expirationInDays", "soon", "must be a number of days, 1 to 3650"),
      ("service-principal", "registry.principalName", "ci-push", "must begin with mlops-setup"),
      ("service-principal", "registry.appId", "push", "is an id like 11111111-2222-3333-4444-555555555555"),
    ] as [(String, QuestionID, String, String)])
  func wrong(_ identity: String, _ id: QuestionID, _ text: String, _ problem: String) {
    #expect(
      Self.problems(identity, [id: .text(text)]).contains("\(id) \(problem)"),
      "\(Self.problems(identity, [id: .text(text)]))")
  }

  @Test(
    "Each identity asks for what it needs and nothing else",
    arguments: [
      ("token", ["registry.token"]), ("admin", []), ("service-principal", ["registry.principalName"]),
      ("credentials", ["registry.username", "registry.password"]),
    ] as [(String, [QuestionID])])
  func required(_ identity: String, _ needed: [QuestionID]) {
    let base: Set<QuestionID> = ["registry.provider", "registry.name", "registry.loginServer", "registry.identity"]
    let asked = Self.questionnaire.questions(on: .registry, AzureStage.answers(identity)).filter(\.isRequired).map(\.id)
    #expect(Set(asked) == base.union(needed))
  }

  @Test("A service principal of one's own needs its secret, and no name")
  func ownPrincipal() {
    let answers = AzureStage.answers(
      "service-principal", ["registry.appId": .text("11111111-2222-3333-4444-555555555555")])
    let asked = Self.questionnaire.questions(on: .registry, answers).map(\.id)
    #expect(asked.contains("registry.password") && !asked.contains("registry.principalName"))
    #expect(answers.azureUser == "11111111-2222-3333-4444-555555555555")
    #expect(Planner.steps(answers).map(\.id).contains("registry-credentials"))
    #expect(!Planner.steps(answers).map(\.id).contains("acr-principal"))
  }

  @Test("A Secret that exists already is left as it is, and nothing is made in Azure")
  func existing() {
    let answers = AzureStage.answers("credentials", ["registry.password": .secret(.existing("theirs"))])
    let ids = Planner.steps(answers).map(\.id)
    #expect(!ids.contains("registry-credentials") && !ids.contains("acr-token"))
    #expect(Self.questionnaire.problems(answers).filter { $0.question.path.hasPrefix("registry.") } == [])
    #expect(AzureRegistry().values(answers).first?.value == "theirs")
  }

  @Test(
    "Images carry the login server that Azure tells, never one made of the name (DNL suffix, other clouds)",
    arguments: [
      ("acme-x1y2.azurecr.io", "", "acme-x1y2.azurecr.io/mlops/frozen-models"),
      ("acme.azurecr.cn", "team-a/ml", "acme.azurecr.cn/team-a/ml/mlops/frozen-models"),
    ])
  func names(_ server: String, _ prefix: String, _ expected: String) {
    let answers = AzureStage.answers(
      "token", ["registry.loginServer": .text(server), "registry.prefix": .text(prefix)])
    #expect(AzureRegistry().repository("mlops/frozen-models", answers) == expected)
    #expect(answers.registryServer == server)
  }

  @Test("A token may push the generated images and their cache (S2), pull the rest, and nothing at other registries")
  func rights() {
    #expect(
      AzureStage.answers().azureRights == [
        AzureRight(
          repository: "datarobot/datarobot-portable-prediction-api", actions: ["content/read", "metadata/read"]),
        AzureRight(repository: "datarobot/mlops-management-agent", actions: ["content/read", "metadata/read"]),
        AzureRight(
          repository: "mlops/frozen-models",
          actions: ["content/read", "content/write", "metadata/read", "metadata/write"]),
        AzureRight(
          repository: "mlops/frozen-models/cache",
          actions: ["content/read", "content/write", "metadata/read", "metadata/write"]),
      ])
  }

  @Test("A token's suggested name is one that Azure takes, and no two contexts share it")
  func tokenNames() throws {
    func name(_ context: String, _ namespace: String = "datarobot-mlops") throws -> String {
      let answers = AzureStage.answers(
        "token",
        ["registry.token": .text(""), "cluster.context": .text(context), "cluster.namespace": .text(namespace)])
      return try #require(Self.questionnaire.completed(answers, Survey())[.azureToken])
    }
    #expect(try name("prod") == "mlops-prod-datarobot-mlops")
    let long = String(repeating: "a", count: 80)
    let names = try [name("a b"), name("a.b"), name("a-b"), name(long), name(long + "b"), name("é")]
    #expect(Set(names).count == names.count)
    for name in names {
      let problems = Self.problems("token", ["registry.token": .text(name)]).filter { $0.hasPrefix("registry.") }
      #expect(problems == [], "\(name)")
    }
  }

  // MARK: Lookups

  private static func lookedUp(
    _ answers: Answers, _ stage: AzureStage
  ) async throws -> (survey: Survey, completed: Answers) {
    let survey = await Surveyor().local(try stage.setup(answers))
    return (survey, questionnaire.completed(answers, survey))
  }

  private static let unanswered: [QuestionID: AnswerValue] = [
    "registry.name": .text(""), "registry.loginServer": .text(""), "registry.identity": .text(""),
  ]

  @Test("What az shows is suggested: subscription, the only registry, its login server; the identity is a token")
  func suggestions() async throws {
    try await AzureStage.with { stage in
      let (survey, completed) = try await Self.lookedUp(AzureStage.answers("token", Self.unanswered), stage)
      #expect(completed[.azureSubscription] == AzureStage.subscription)
      #expect(completed[.azureRegistry] == "acme01")
      #expect(completed[.azureServer] == AzureStage.server)
      #expect(completed[.azureIdentity] == "token")
      #expect(AzureRegistry().lookedUp(survey) == .seen("az 2.91.0 as ann@example.com in Prod: 1 registry"))
      #expect(
        try stage.cloud.lines("az").contains { $0.hasPrefix("az acr list --subscription \(AzureStage.subscription)") })
    }
  }

  @Test("The kind of registry that only the cluster suggests is looked up as well")
  func suggestedKind() async throws {
    try await AzureStage.with { stage in
      let answers = AzureStage.answers("token", Self.unanswered.merging(["registry.provider": .text("")]) { $1 })
      let setup = try stage.setup(answers)
      #expect(AzureRegistry().lookedUp(await Surveyor().local(setup)) == .notAsked)
      var seen = Survey()
      seen.cluster = .seen(.sample("v1.34.1"))
      seen.nodes = .seen([
        try object(Node.self, #"{"metadata":{"name":"a","labels":{"kubernetes.azure.com/cluster":"prod"}}}"#)
      ])
      let local = await Surveyor().local(setup, seen: seen)
      #expect(AzureRegistry().lookedUp(local).value?.hasSuffix("1 registry") == true)
      #expect(local.cluster == .notAsked, "What was seen before may be older than what is known now.")
    }
  }

  private static func failure(_ survey: Survey) -> ObservationFailure? {
    if case .failed(let failure) = AzureRegistry().lookedUp(survey) { failure } else { nil }
  }

  @Test("Without az user and password are suggested, and where to get it is told")
  func noProgram() async throws {
    let answers = AzureStage.answers("token", Self.unanswered)
    let survey = await Surveyor().local(try Samples.setup(answers))
    #expect(Self.questionnaire.completed(answers, survey)[.azureIdentity] == "credentials")
    #expect(Self.failure(survey)?.message == "there is no program az on PATH")
    #expect(Self.failure(survey)?.remedy?.text.contains("https://learn.microsoft.com/cli/azure") == true)
  }

  @Test(
    "Not logged in, expired, denied, another subscription and another registry are different failures",
    arguments: [
      ("null", "", [:], .unauthorized, "az login"),
      (#"{"name": "ann", "tenantId": "t", "expired": true}"#, "", [:], .unauthorized, "az login"),
      (nil, "", ["registry.subscription": "Test"], .absent, "registry.subscription"),
      (nil, "", ["registry.name": "other5"], .absent, "registry.name"),
    ] as [(String?, String, [QuestionID: String], ObservationFailure.Kind, String)])
  func failures(
    _ user: String?, _ more: String, _ changes: [QuestionID: String], _ kind: ObservationFailure.Kind, _ remedy: String
  ) async throws {
    try await AzureStage.with(more, user: user) { stage in
      let (survey, _) = try await Self.lookedUp(
        AzureStage.answers("token", changes.mapValues { .text($0) }), stage)
      let failure = try #require(Self.failure(survey))
      #expect(failure.kind == kind, "\(failure)")
      #expect(failure.remedy?.text.contains(remedy) == true, "\(failure)")
    }
  }

  @Test("A denial of Azure is one, and names who could give the right")
  func denied() async throws {
    try await CloudStandIns.with(
      ["az"],
      state: AzureStage.state().replacing(
        #""subscriptions""#, with: #""denied": ["Microsoft.ContainerRegistry/registries/read"], "subscriptions""#)
    ) { cloud in
      let processes = Processes.live(environment: cloud.environment)
      let setup = try Samples.setup(AzureStage.answers(), programs: ["az": { try await processes.run($0) }])
      let failure = try #require(Self.failure(await Surveyor().local(setup)))
      #expect(failure.kind == .denied)
      #expect(failure.message.contains("AuthorizationFailed"))
      #expect(failure.remedy?.text.contains("owner of the registry") == true)
    }
  }

  // MARK: Checks

  private static func facts(isABAC: Bool = false, server: String = AzureStage.server) -> AzureRegistryFacts {
    let mode = isABAC ? "AbacRepositoryPermissions" : "LegacyRegistryPermissions"
    let json: JSONValue = [
      "name": "acme01", "loginServer": .string(server), "id": "/subscriptions/s/registries/acme01",
      "adminUserEnabled": false, "roleAssignmentMode": .string(mode),
    ]
    guard let facts = AzureRegistryFacts(json) else { preconditionFailure("the sample is one") }
    return facts
  }

  @Test("A login server that is not Azure's fails, and the right one is told")
  func loginServer() {
    let found = finding(.azureRegistry, answers: AzureStage.answers()) {
      $0.azureRegistries = .seen([Self.facts(server: "acme.azurecr.io")])
    }
    #expect(found.status == .fail)
    #expect(found.remedy?.text.contains("registry.loginServer: acme.azurecr.io") == true)
    let right = finding(.azureRegistry, answers: AzureStage.answers()) { $0.azureRegistries = .seen([Self.facts()]) }
    #expect(right.status == .pass)
  }

  @Test("What az could not see is not green, and with user and password of one's own az is not needed")
  func unseen() {
    let failure = ObservationFailure(.timedOut, "no answer")
    #expect(finding(.azureRegistry, answers: AzureStage.answers()) { _ in }.status == .unknown)
    #expect(
      finding(.azureRegistry, answers: AzureStage.answers()) { $0.azureRegistries = .failed(failure) }.status
        == .unknown)
    var survey = Survey()
    survey.azureAccount = .failed(ObservationFailure(.unsupported, "there is no program az on PATH"))
    #expect(Check.azureRegistry.exemption(AzureStage.answers("credentials"), survey) != nil)
    #expect(Check.azureRegistry.exemption(AzureStage.answers("token"), survey) == nil)
  }

  @Test(
    "A registry in ABAC mode warns that AcrPull, AcrPush and --attach-acr do nothing there, and names the roles that do"
  )
  func abac() {
    let found = finding(.azureRoles, answers: AzureStage.answers()) {
      $0.azureRegistries = .seen([Self.facts(isABAC: true)])
    }
    #expect(found.status == .warn)
    for word in ["AcrPull", "AcrPush", "--attach-acr"] { #expect(found.message.contains(word)) }
    #expect(found.remedy?.text.contains("Container Registry Repository Writer") == true)
    let legacy = finding(.azureRoles, answers: AzureStage.answers()) { $0.azureRegistries = .seen([Self.facts()]) }
    #expect(legacy.status == .pass)
  }

  @Test("The admin user warns; a password that ends soon warns too, and says how to renew it")
  func warnings() {
    #expect(finding(.azureAdmin, answers: AzureStage.answers("admin")) { _ in }.status == .warn)
    #expect(Check.azureAdmin.exemption(AzureStage.answers(), Survey()) != nil)
    let soon = finding(.azureExpiry, answers: AzureStage.answers()) {
      $0.azureToken = .seen(AzureTokenSummary(expiry: "expires on 2027-01-20", endsSoon: true))
    }
    #expect(soon.status == .warn)
    #expect(soon.remedy?.command?.contains("delete secret registry-creds") == true)
  }

  @Test("Who is logged in here need not be allowed to push where the plan makes the login that is")
  func refusedHere() {
    let repository = "\(AzureStage.server)/mlops/frozen-models"
    func push(_ builder: String?) -> FindingStatus {
      finding(.registryPush, answers: AzureStage.answers()) {
        $0.registry = .seen(
          RegistrySummary(
            server: AzureStage.server, answer: "", credentials: .seen("you"),
            push: [repository: .failed(ObservationFailure(.denied, "no"))], builder: builder))
      }.status
    }
    #expect(push("the token mlops-prod") == .warn)
    #expect(push(nil) == .fail)
  }
}
