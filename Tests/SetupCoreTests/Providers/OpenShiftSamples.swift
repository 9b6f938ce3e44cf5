import Kubernetes
import Simulator
import Testing

@testable import SetupCore

/// Answers, set-ups and surveys for OpenShift's registry.
enum OpenShiftSamples {
  static let registry = "image-registry.openshift-image-registry.svc:5000"
  static let account = "datarobot-management-agent-image-builder"

  /// What differs from the answers of a generic registry.
  static func changes(_ more: [QuestionID: AnswerValue] = [:]) -> [QuestionID: AnswerValue] {
    var changes: [QuestionID: AnswerValue] = [
      "registry.provider": .text("openshift"), "registry.server": .text(""), "registry.scheme": .text(""),
      "registry.username": .text(""), "registry.password": .text(""), "registry.verification": .text("service-ca"),
      "registry.exposeRoute": .text("no"), "ingress.className": .text("openshift-default"),
      "ingress.outfacingUrl": .text("http://models.apps.example.com/deployments/"),
      "images.managementAgent": .text("\(registry)/datarobot-mlops/mlops-management-agent:11.2.62"),
      "images.trackingAgent": .text("\(registry)/datarobot-mlops/mlops-tracking-agent:11.2.62"),
      "images.predictionServer": .text("\(registry)/datarobot-mlops/datarobot-portable-prediction-api:11.2.0"),
      "images.generated": .text("\(registry)/datarobot-mlops/frozen-models"),
    ]
    for (id, value) in more { changes[id] = value }
    return changes
  }

  static func answers(_ more: [QuestionID: AnswerValue] = [:]) -> Answers { Samples.answers(changes(more)) }

  static func summary(
    host: String? = "route.example.com", _ exposure: OpenShiftRegistrySummary.Exposure = .byOthers,
    management: Observed<String> = .seen("Managed")
  ) -> OpenShiftRegistrySummary {
    OpenShiftRegistrySummary(
      host: host, exposure: exposure, identity: "the token of user \"admin\"", hasToken: true, management: management)
  }

  static let rights: [BuilderConstraint: OpenShiftProject.Right] = [.anyUser: .possible, .hostMount: .possible]

  /// A simulated OpenShift and a set-up whose user may do all of that.
  static func with(
    _ release: String, rights: SimulatedStage.Rights = .all, hasProject: Bool = true, exposes: Bool = false,
    more: [QuestionID: AnswerValue] = [:], _ body: (SimulatedStage) async throws -> Void
  ) async throws {
    let scenario = ClusterScenario.openShift(OpenShiftPlatform(release: release, exposesRegistry: exposes)).with {
      if hasProject { $0.namespaces.append("datarobot-mlops") }
    }
    try await SimulatedStage.with(scenario, rights: rights, changes: changes(more), body)
  }

  /// The plan's steps up to the chart.
  static func steps(_ stage: SimulatedStage) -> [any Step] {
    Planner.steps(stage.setup.answers).filter { !["values", "agent-attach", "release", "rollout"].contains($0.id) }
  }

  /// Runs them as a run does.
  static func run(_ stage: SimulatedStage) async throws {
    for step in steps(stage) {
      guard case .needed = try await step.inspect(stage.setup) else { continue }
      try await step.perform(stage.setup) { _ in }
    }
  }

  /// Those that have something to do, or cannot.
  static func pending(_ stage: SimulatedStage) async throws -> [String] {
    var pending: [String] = []
    for step in steps(stage) {
      if case .done = try await step.inspect(stage.setup) { continue }
      pending.append(step.id.name)
    }
    return pending
  }

  /// What a project's administrator may do in every project, and no more.
  static let projectAdmin = SimulatedStage.Rights.rules([
    [
      "apiGroups": ["", "rbac.authorization.k8s.io", "image.openshift.io"], "resources": ["*"],
      "verbs": ["get", "list", "patch", "delete"],
    ],
    [
      "apiGroups": ["", "rbac.authorization.k8s.io", "image.openshift.io"],
      "resources": ["secrets", "serviceaccounts", "configmaps", "rolebindings", "imagestreams"], "verbs": ["create"],
    ],
  ])
}
