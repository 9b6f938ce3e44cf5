import FoundationEssentials
import Kubernetes
import TestSupport
import Testing

@testable import SetupCore

@Suite("What is looked at of Google before anything is changed", .timeLimit(.minutes(5)))
struct GoogleChecksTests {
  private static func repository(_ members: String = "") throws -> GoogleRepository {
    let text =
      #"{"name":"projects/acme-prod/locations/europe-west1/repositories/mlops","format":"DOCKER"\#(members)}"#
    return try #require(GoogleRepository(try object(JSONValue.self, text)))
  }

  private static func cluster(_ members: String) throws -> GKECluster {
    let text = #"{"name":"prod","location":"europe-west1","endpoint":"203.0.113.10",\#(members)}"#
    return try #require(GKECluster(try object(JSONValue.self, text)))
  }

  private static let on =
    #""workloadIdentityConfig":{"workloadPool":"acme-prod.svc.id.goog"},"nodePools":[{"name":"a","config":{"workloadMetadataConfig":{"mode":"GKE_METADATA"}}}]"#

  private static func summary(_ server: String = "https://203.0.113.10", context: String = "prod") -> ClusterSummary {
    ClusterSummary(
      context: context, server: server, gitVersion: "v1.33.5-gke.1", major: 1, minor: 33, serverDate: nil,
      localDate: Date(timeIntervalSince1970: 0), credentials: .seen("ada"))
  }

  @Test("The login is good, has run out, is not there, or could not be seen; without gcloud nothing can be done")
  func login() {
    let good = finding(.googleLogin) {
      $0.gcloud = .seen("548.0.0")
      $0.gcloudLogin = .seen(GCloudLogin(account: "ada@example.com", project: nil, region: nil))
    }
    #expect(good.status == .pass && good.observed == "gcloud 548.0.0, ada@example.com")
    for (kind, status): (CloudError.Kind, FindingStatus) in [(.notLoggedIn, .fail), (.timedOut, .unknown)] {
      let error = CloudError(kind, program: "gcloud", message: "said", next: "do")
      let bad = finding(.googleLogin) {
        $0.gcloud = .seen("548.0.0")
        $0.gcloudLogin = .failed(ObservationFailure(error))
      }
      #expect(bad.status == status && bad.remedy?.text == "do")
    }
    let missing = CloudError(.notInstalled, program: "gcloud", message: "none", next: "Install it")
    let absent = finding(.googleLogin) { $0.gcloud = .failed(ObservationFailure(missing)) }
    let unseen = finding(.googleLogin) { _ in }
    #expect(absent.status == .fail && unseen.status == .unknown)
  }

  @Test("A repository serves, is made by the plan, or is refused with the reason; one that was not seen is unknown")
  func repositories() throws {
    let answers = GoogleSamples.answers()
    func judged(_ repositories: [GoogleRepository], _ answers: Answers) -> Finding {
      finding(.googleRepository, answers: answers) { $0.googleRepositories = .seen(repositories) }
    }
    #expect(judged([try Self.repository()], answers).status == .pass)
    #expect(judged([], answers).observed == "not there yet" && judged([], answers).status == .pass)
    let immutable = judged([try Self.repository(#","dockerConfig":{"immutableTags":true}"#)], answers)
    #expect(immutable.status == .fail && immutable.message.contains("would be refused"))
    #expect(judged([try Self.repository(#","mode":"VIRTUAL_REPOSITORY""#)], answers).status == .fail)
    let old = GoogleSamples.answers([
      "registry.repository": "gcr.io", "images.generated": "gcr.io/acme-prod/frozen-models",
    ])
    #expect(judged([try Self.repository()], old).status == .fail)
    #expect(judged([], old).message.contains("takes no images since 2025-03-18"))
    let elsewhere = GoogleSamples.answers(["images.generated": "\(GoogleSamples.server)/acme-prod/other/frozen-models"])
    #expect(judged([], elsewhere).status == .fail)
    #expect(judged([], elsewhere).remedy?.text.contains("\(GoogleSamples.root)/frozen-models") == true)
    let denied = finding(.googleRepository, answers: answers) {
      $0.googleRepositories = .failed(ObservationFailure(.denied, "may not"))
    }
    #expect(denied.status == .unknown)
  }

  @Test("Workload Identity is on, is switched on by the plan, or is missing; Autopilot has it always")
  func workloadIdentity() throws {
    func judged(
      _ members: String, _ changes: [QuestionID: String] = [:], _ summary: ClusterSummary = Self.summary()
    ) throws -> Finding {
      let live = try Self.cluster(members)
      return finding(.googleCluster, answers: GoogleSamples.answers(changes)) {
        $0.gkeClusters = .seen([live])
        $0.cluster = .seen(summary)
      }
    }
    #expect(try judged(Self.on).status == .pass)
    #expect(try judged(#""autopilot":{"enabled":true}"#).status == .pass)
    let off = #""nodePools":[{"name":"a"}]"#
    let refused = try judged(off)
    #expect(refused.status == .fail && refused.details.count == 2)
    #expect(refused.remedy?.command?.contains("--workload-pool=acme-prod.svc.id.goog") == true)
    #expect(try judged(off, ["registry.updateCluster": "yes"]).status == .warn)
    let half = try judged(Self.on.replacing("GKE_METADATA", with: "GCE_METADATA"))
    #expect(half.status == .fail && half.details.count == 1)
    #expect(try judged(Self.on.replacing("acme-prod.svc", with: "other.svc")).message.contains("other.svc.id.goog"))
    #expect(try judged(Self.on, ["registry.cluster": "test"]).message.contains("has no cluster test"))
    #expect(try judged(Self.on, [:], Self.summary("https://proxy.example.com")).status == .warn)
    let other = Self.summary(context: "gke_acme-prod_us-east1_test")
    #expect(try judged(Self.on, [:], other).status == .fail)
    #expect(try judged(Self.on, [:], Self.summary(context: "gke_acme-prod_europe-west1_prod")).status == .pass)
    #expect(
      Check.googleCluster.exemption(GoogleSamples.answers(["registry.identity": "existing"]), Survey()) != nil)
  }

  @Test("Nodes that lack the reader's role, or whose scopes are too narrow, are a warning with the command")
  func nodes() {
    func judged(_ pullers: [GooglePuller]) -> Finding {
      finding(.googleNodes, answers: GoogleSamples.answers()) { $0.googlePullers = .seen(pullers) }
    }
    let email = "\(GoogleSamples.number)-compute@developer.gserviceaccount.com"
    #expect(judged([GooglePuller(email: email, hasScope: true, mayPull: true)]).status == .pass)
    let lacking = judged([GooglePuller(email: email, hasScope: true, mayPull: false)])
    #expect(lacking.status == .warn && lacking.observed == email)
    #expect(lacking.remedy?.command?.contains("--role=roles/artifactregistry.reader") == true)
    #expect(judged([GooglePuller(email: email, hasScope: false, mayPull: true)]).message.contains("scopes"))
    #expect(!Check.googleNodes.isBlocking)
  }

  private static func look(_ probe: Probe, _ setup: Setup, _ survey: Survey = Survey()) async -> Survey {
    var survey = survey
    do {
      try await probe.look(setup, survey)(&survey)
    } catch {
      probe.failed(ObservationFailure(error))(&survey)
    }
    return survey
  }

  @Test("The lookups see version, login, repositories, clusters and whose nodes may pull")
  func lookups() async throws {
    let repositories =
      #"[{"project":"acme-prod","location":"europe-west1","name":"mlops","bindings":[{"role":"roles/artifactregistry.reader","members":["serviceAccount:nodes@acme-prod.iam.gserviceaccount.com"]}]}]"#
    let cluster =
      #"{"project":"acme-prod","location":"europe-west1","name":"prod","nodePools":[{"name":"a"},{"name":"b","serviceAccount":"nodes@acme-prod.iam.gserviceaccount.com","oauthScopes":["https://www.googleapis.com/auth/logging.write"]}]}"#
    let state = GoogleSamples.state(cluster: cluster, repositories: repositories).replacing(
      #"["container.googleapis.com"]"#, with: #"["container.googleapis.com","artifactregistry.googleapis.com"]"#)
    try await GoogleSamples.withGoogle(state) { cloud, kubernetes in
      let setup = try GoogleSamples.setup(cloud, kubernetes)
      var survey = Survey()
      for probe in GoogleRegistry().lookups + [.googlePullers] { survey = await Self.look(probe, setup, survey) }
      #expect(survey.gcloud == .seen("548.0.0"))
      #expect(
        survey.gcloudLogin == .seen(GCloudLogin(account: "ada@example.com", project: "acme-prod", region: nil)))
      #expect(survey.googleRepositories.value?.map(\.name) == ["mlops"])
      #expect(survey.gkeClusters.value?.map(\.location) == ["europe-west1"])
      #expect(survey.googleBuilder.value?.exists == false)
      #expect(
        survey.googlePullers.value == [
          GooglePuller(
            email: "123456789012-compute@developer.gserviceaccount.com", hasScope: true, mayPull: false),
          GooglePuller(email: "nodes@acme-prod.iam.gserviceaccount.com", hasScope: false, mayPull: true),
        ])
      #expect(GoogleRegistry().lookedUp(survey).value?.contains("gcloud 548.0.0 as ada@example.com") == true)
      #expect(!"\(survey)".contains("55f1"))
    }
  }

  @Test(
    "Not installed, not logged in, expired, denied and a wrong project are different failures with what to do",
    arguments: [
      (#""account":"ada@example.com""#, #""account":null"#, ObservationFailure.Kind.unauthorized, "gcloud auth login"),
      (#""account":"ada@example.com""#, #""account":"ada@example.com","expired":true"#, .unauthorized, "expired"),
    ])
  func failures(_ old: String, _ new: String, _ kind: ObservationFailure.Kind, _ next: String) async throws {
    try await GoogleSamples.withGoogle(GoogleSamples.state().replacing(old, with: new)) { cloud, cluster in
      let failure = await Self.look(.gcloudLogin, try GoogleSamples.setup(cloud, cluster)).gcloudLogin.failure
      #expect(failure?.kind == kind)
      #expect(failure?.remedy?.text.contains(next) == true, "\(failure?.remedy?.text ?? "none")")
      #expect(failure?.message.contains("55f1") == false)
    }
  }

  @Test(
    "A project that is not there or not ours is denied, one without the API has no repositories, and no gcloud is told")
  func otherFailures() async throws {
    try await GoogleSamples.withGoogle { cloud, cluster in
      let wrong = try GoogleSamples.setup(GoogleSamples.answers(["registry.project": "acme-test"]), cloud, cluster)
      let failure = await Self.look(.googleRepositories, wrong).googleRepositories.failure
      #expect(failure?.kind == .denied && failure?.remedy?.text.contains("project's ID") == true)
      let setup = try GoogleSamples.setup(cloud, cluster)
      let seen = await Self.look(.googleRepositories, setup)
      #expect(seen.googleRepositories == .seen([]))
    }
    let none = await Self.look(.gcloud, try Samples.setup(GoogleSamples.answers())).gcloud.failure
    #expect(none?.kind == .unsupported && none?.remedy?.text.contains("cloud.google.com/sdk") == true)
  }
}
