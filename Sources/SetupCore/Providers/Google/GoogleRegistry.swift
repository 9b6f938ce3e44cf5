import Registry
import Text
import YAML

/// Google Artifact Registry, with a GKE cluster beside it whose image builder gets the right to push.
struct GoogleRegistry: RegistryProvider {
  let name = "google"
  let label = "Google Artifact Registry"
  let home: Distribution.Kind? = .gke
  let makesRepositories = true

  var questions: [Question] { Self.questions }

  var lookups: [Probe] { [.gcloud, .gcloudLogin, .googleRepositories, .gkeClusters, .googleBuilder] }

  var checks: [Check] { [.googleLogin, .googleRepository, .googleCluster, .googleNodes] }

  func lookedUp(_ survey: Survey) -> Observed<String> {
    switch (survey.gcloud, survey.gcloudLogin) {
    case (.notAsked, _), (_, .notAsked): return .notAsked
    case (.failed(let failure), _), (_, .failed(let failure)): return .failed(failure)
    case (.seen(let version), .seen(let login)):
      var parts = ["gcloud \(version) as \(login.account)"]
      for failure in [survey.googleRepositories.failure, survey.gkeClusters.failure].compactMap({ $0 })
      where failure.kind != .absent { parts.append(failure.message) }
      if survey.googleBuilder.value != nil { parts.append("identity \(survey.googleIdentity(Answers()).reason)") }
      return .seen(OutsideText.clean(parts.joined(separator: "; ")))
    }
  }

  func server(_ answers: Answers) -> String? {
    let target = GoogleTarget(answers)
    return target.project.isEmpty || target.location.isEmpty ? nil : target.server
  }

  func repository(_ name: String, _ answers: Answers) -> String? {
    server(answers) == nil ? nil : GoogleTarget(answers).image(name)
  }

  func access(_ setup: Setup) async throws -> RegistryAccess {
    let target = GoogleTarget(setup.answers)
    return RegistryAccess(
      server: target.server, endpoint: RegistryEndpoint(host: target.server), builder: target.builder
    ) { try await Self.login(setup) }
  }

  func missingForPush(_ setup: Setup) async throws -> String? {
    let target = GoogleTarget(setup.answers)
    if let change = try await GoogleAPIStep(target).firstChange(setup) { return change }
    return try await GoogleRepositoryStep(target).firstChange(setup)
  }

  func shellLogin(_ answers: Answers) -> ShellLogin? {
    ShellLogin(
      password: "gcloud auth print-access-token --quiet", user: "oauth2accesstoken",
      host: Shell.quote(GoogleTarget(answers).server))
  }

  /// A token for an hour, in the name of whoever is logged in.
  static func login(_ setup: Setup) async throws -> RegistryLogin {
    try await setup.cloudLogin("google") {
      let token = try await CloudProgram.gcloud.text(["auth", "print-access-token", "--quiet"], setup.world)
      return RegistryLogin(
        RegistryCredential(username: "oauth2accesstoken", password: token),
        identity: "the login of gcloud (user oauth2accesstoken)")
    }
  }

  func steps(_ answers: Answers) -> [any Step] {
    let target = GoogleTarget(answers)
    var steps: [any Step] = [GoogleAPIStep(target)]
    if target.identity != .existing { steps.append(GoogleClusterStep(target)) }
    steps.append(GoogleRepositoryStep(target))
    if target.identity == .serviceAccount { steps.append(GoogleAccountStep(target)) }
    if target.identity != .existing { steps.append(GoogleBindingStep.writer(target)) }
    if target.identity == .serviceAccount { steps.append(GoogleBindingStep.user(target)) }
    steps.append(GoogleBuilderStep(target, answers))
    return steps
  }

  func values(_ answers: Answers) -> [ValueSetting] {
    let target = GoogleTarget(answers)
    let isMadeByChart = target.identity == .serviceAccount
    var settings = [
      ValueSetting(
        "imageBuilder.serviceAccount.create", value: .bool(isMadeByChart),
        comment: isMadeByChart
          ? "The chart makes the service account." : "The service account is made before the chart is installed."),
      ValueSetting(
        "imageBuilder.serviceAccount.name", value: .string(target.serviceAccount),
        comment: "The service account that may push."),
    ]
    if isMadeByChart {
      settings.insert(
        ValueSetting(
          "imageBuilder.serviceAccount.annotations",
          value: .mapping([YAMLItem(GoogleTarget.annotation, .string(target.email))]),
          comment: "The Google service account that it acts as."), at: 1)
    }
    return settings
  }
}
