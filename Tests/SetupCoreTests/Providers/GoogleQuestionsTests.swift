import Kubernetes
import Registry
import TestSupport
import Testing
import YAML

@testable import SetupCore

@Suite("What is asked for Google, the names that follow, and the values")
struct GoogleQuestionsTests {
  private static func problem(_ id: QuestionID, _ text: String, _ changes: [QuestionID: String] = [:]) throws -> String?
  {
    let question = try #require(GoogleRegistry.questions.first { $0.id == id })
    return question.problem(.text(text), GoogleSamples.answers(changes))
  }

  @Test(
    "An answer that is wrong says what is wrong with it",
    arguments: [
      ("registry.project", "acme-prod", nil), ("registry.project", "example.com:acme-prod", nil),
      ("registry.project", "123456789012", "number"), ("registry.project", "gcr.io/acme-prod", "without a path"),
      ("registry.project", "Acme", "6 to 30"), ("registry.location", "europe-west1", nil),
      ("registry.location", "us", nil), ("registry.location", "europe-west1-b", "lies in a region, as europe-west1"),
      ("registry.location", "Frankfurt", "must be a region"), ("registry.repository", "mlops", nil),
      ("registry.repository", "gcr.io", nil), ("registry.repository", "eu.gcr.io", nil),
      ("registry.repository", "gcr.io/acme-prod", "gone since 2025-03-18"),
      ("registry.repository", "eu.gcr.io/acme-prod", "describe eu.gcr.io --location=europe"),
      ("registry.repository", "us-docker.pkg.dev/acme-prod/mlops", "name alone"),
      ("registry.repository", "MLOps", "lower-case"), ("registry.cluster", "prod", nil),
      ("registry.cluster", "gke_acme-prod_europe-west1_prod", "name alone"),
      ("registry.clusterLocation", "europe-west1-b", nil), ("registry.clusterLocation", "us", "must be a region"),
      ("registry.googleServiceAccount", "gcr-push-user", nil),
      ("registry.googleServiceAccount", GoogleSamples.email, "name alone"),
      ("registry.googleServiceAccount", "[gcr-push-user]", "without brackets"),
      ("registry.googleServiceAccount", "push", "6 to 30"),
    ] as [(String, String, String?)])
  func problems(_ id: String, _ text: String, _ expected: String?) throws {
    let problem = try Self.problem(QuestionID(id), text)
    if let expected {
      #expect(problem?.contains(expected) == true, "\(id) \(text): \(problem ?? "nothing")")
    } else {
      #expect(problem == nil, "\(id) \(text)")
    }
  }

  @Test("A repository with a name of Container Registry lies where Google put it")
  func oldLocation() throws {
    let old: [QuestionID: String] = ["registry.repository": "eu.gcr.io"]
    #expect(try Self.problem("registry.location", "europe-west1", old)?.contains("must be europe,") == true)
    #expect(try Self.problem("registry.location", "europe", old) == nil)
  }

  @Test(
    "The procedure's names lie directly below the repository, or below the project at an old host",
    arguments: [
      ("mlops", "acme-prod", "europe-west1-docker.pkg.dev/acme-prod/mlops/"),
      ("gcr.io", "acme-prod", "gcr.io/acme-prod/"), ("asia.gcr.io", "acme-prod", "asia.gcr.io/acme-prod/"),
      ("mlops", "example.com:acme-prod", "europe-west1-docker.pkg.dev/example.com/acme-prod/mlops/"),
    ])
  func names(_ repository: String, _ project: String, _ expected: String) {
    let answers = GoogleSamples.answers(["registry.repository": repository, "registry.project": project])
    let provider = GoogleRegistry()
    for (name, last) in [
      ("datarobot/mlops-management-agent", "mlops-management-agent"),
      ("datarobot/mlops-tracking-agent", "mlops-tracking-agent"),
      ("datarobot/datarobot-portable-prediction-api", "datarobot-portable-prediction-api"),
      ("mlops/frozen-models", "frozen-models"),
    ] { #expect(provider.repository(name, answers) == expected + last) }
    #expect(provider.server(answers) == expected.split(separator: "/").first.map(String.init))
  }

  @Test("Without project or location there is no registry yet")
  func nothingYet() {
    for key: QuestionID in ["registry.project", "registry.location"] {
      #expect(GoogleRegistry().server(GoogleSamples.answers([key: ""])) == nil)
      #expect(GoogleRegistry().repository("mlops/frozen-models", GoogleSamples.answers([key: ""])) == nil)
    }
  }

  @Test("The context's name suggests project, location and cluster; what is not GKE's suggests nothing")
  func context() throws {
    var survey = Survey()
    survey.contexts = .seen([])
    var answers = Answers()
    answers["cluster.context"] = Answer(.text("gke_acme-prod_europe-west1-b_prod"))
    answers["registry.provider"] = Answer(.text("google"))
    let completed = Questionnaire.standard.completed(answers, survey)
    #expect(completed[GoogleKey.project] == "acme-prod")
    #expect(completed[GoogleKey.location] == "europe-west1")
    #expect(completed[GoogleKey.cluster] == "prod")
    #expect(completed[GoogleKey.clusterLocation] == "europe-west1-b")
    #expect(completed[GoogleKey.identity] == "direct")
    #expect(completed[GoogleKey.updateCluster] == "no")
    #expect(completed[GoogleKey.googleAccount] == nil)
    #expect(completed[.generated] == "europe-west1-docker.pkg.dev/acme-prod/mlops/frozen-models")
    for name in ["prod", "gke_a_b", "gke_a__c", "gke_a_b_c_d", "arn:aws:eks:us-east-1:1:cluster/x"] {
      #expect(GKEContext(name: name).cluster == nil, "\(name)")
    }
  }

  @Test("The nodes' ids tell project and region where the context's name tells nothing")
  func nodes() throws {
    var survey = Survey()
    survey.nodes = .seen([
      try object(
        Node.self, #"{"metadata":{"name":"n"},"spec":{"providerID":"gce://acme-prod/us-central1-c/gke-prod-1"}}"#)
    ])
    let context = GKEContext(Samples.answers(), survey)
    #expect(context.project == "acme-prod" && context.region == "us-central1")
    #expect(context.location == nil && context.cluster == nil)
  }

  @Test("A service account that acts as a Google one already is suggested as it is, the chart's own as documented")
  func identity() {
    var survey = Survey()
    let answers = GoogleSamples.answers()
    #expect(survey.googleIdentity(answers).identity == .direct)
    var builder = GoogleBuilder(
      exists: true, annotation: GoogleSamples.email, isOurs: false, release: nil, owners: "kubectl")
    survey.googleBuilder = .seen(builder)
    #expect(survey.googleIdentity(answers).identity == .existing)
    #expect(survey.googleIdentity(answers).reason.contains(GoogleSamples.email))
    builder.release = "bosun"
    survey.googleBuilder = .seen(builder)
    #expect(survey.googleIdentity(answers).identity == .serviceAccount)
  }

  @Test("GKE clusters get this provider, and no label is longer than a form's column")
  func home() throws {
    #expect(RegistryProviders.all.first { $0.home == .gke }?.name == "google")
    for question in GoogleRegistry.questions {
      #expect(question.label.count <= 14, "\(question.label)")
      #expect(question.id.path.hasPrefix("registry."))
    }
  }
}
