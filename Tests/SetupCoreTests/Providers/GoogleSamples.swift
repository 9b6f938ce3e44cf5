import Kubernetes
import TestSupport
import Testing

@testable import SetupCore

/// What the tests of the Google provider share: answers, and a set-up whose gcloud is the stand-in.
enum GoogleSamples {
  static let project = "acme-prod"
  static let number = "123456789012"
  static let server = "europe-west1-docker.pkg.dev"
  static let root = "\(server)/\(project)/mlops"
  /// What no output may hold.
  static let token = "ya29.token-55f1"
  static let principal =
    "principal://iam.googleapis.com/projects/\(number)/locations/global/workloadIdentityPools/acme-prod.svc.id.goog/subject/ns/datarobot-mlops/sa/datarobot-management-agent-image-builder"
  static let email = "gcr-push-user@acme-prod.iam.gserviceaccount.com"
  static let account =
    "/api/v1/namespaces/datarobot-mlops/serviceaccounts/\(ImageBuilder.usualAccount)"

  /// Complete answers with these changes; an empty text takes one away.
  static func answers(_ changes: [QuestionID: String] = [:]) -> Answers {
    var all: [QuestionID: String] = [
      "registry.provider": "google", "registry.server": "", "registry.scheme": "", "registry.username": "",
      "registry.password": "", "registry.project": project, "registry.location": "europe-west1",
      "registry.repository": "mlops", "registry.identity": "direct", "registry.cluster": "prod",
      "registry.clusterLocation": "europe-west1", "registry.clusterProject": project,
      "registry.serviceAccount": ImageBuilder.usualAccount, "registry.updateCluster": "no",
      "images.managementAgent": "\(root)/mlops-management-agent:11.2.62",
      "images.trackingAgent": "\(root)/mlops-tracking-agent:11.2.62",
      "images.predictionServer": "\(root)/datarobot-portable-prediction-api:11.2.0",
      "images.generated": "\(root)/frozen-models",
    ]
    all.merge(changes) { $1 }
    return Samples.answers(all.mapValues { .text($0) })
  }

  static let documented: [QuestionID: String] = [
    "registry.identity": "service-account", "registry.googleServiceAccount": "gcr-push-user",
  ]

  /// An Autopilot cluster, which has Workload Identity; a standard one without it.
  static let autopilot =
    #"{"project":"acme-prod","location":"europe-west1","name":"prod","autopilot":true,"nodePools":[{"name":"default-pool"}]}"#
  static let standard =
    #"{"project":"acme-prod","location":"europe-west1","name":"prod","nodePools":[{"name":"default-pool"},{"name":"large","mode":"GKE_METADATA"}]}"#

  static func state(cluster: String = autopilot, repositories: String = "[]", more: String = "") -> String {
    #"{"gcloud":{"account":"ada@example.com","accessToken":"\#(token)","properties":{"core/project":"acme-prod"},"projects":[{"projectId":"acme-prod","projectNumber":"\#(number)","services":["container.googleapis.com"]}],"repositories":\#(repositories),"clusters":[\#(cluster)]\#(more)}}"#
  }

  /// A registry that takes the login that gcloud hands out, and every upload.
  static let registry = ScriptedTransport.registry(server, login: "oauth2accesstoken:\(token)")

  /// Runs `body` with the stand-in and a scripted Kubernetes.
  static func withGoogle(
    _ state: String = state(), objects: [String: String] = [:],
    _ body: (CloudStandIns, ScriptedCluster) async throws -> Void
  ) async throws {
    try await CloudStandIns.with(["gcloud"], state: state) { cloud in
      try await body(cloud, try ScriptedCluster(objects, others: registry))
    }
  }

  static func setup(_ cloud: CloudStandIns, _ cluster: ScriptedCluster) throws -> Setup {
    try setup(answers(), cloud, cluster)
  }

  static func setup(_ answers: Answers, _ cloud: CloudStandIns, _ cluster: ScriptedCluster) throws -> Setup {
    let live = Processes.live(environment: cloud.environment)
    return try Samples.setup(
      answers, http: cluster, environment: Samples.environment.merging(cloud.environment) { $1 },
      programs: ["gcloud": { try await live.run($0) }])
  }

  /// What the stand-in keeps.
  static func kept(_ cloud: CloudStandIns) throws -> JSONValue {
    try #require(try cloud.state(JSONValue.self)["gcloud"])
  }

  /// Members that have a role.
  static func members(_ role: String, _ owner: JSONValue?) -> [String] {
    (owner?["bindings"]?.array ?? []).filter { $0["role"]?.string == role }.flatMap {
      $0["members"]?.array?.compactMap(\.string) ?? []
    }
  }
}
