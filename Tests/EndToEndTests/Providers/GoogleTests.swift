import FoundationEssentials
import HTTP
import Kubernetes
import OrderedCollections
import SetupCore
import Simulator
import TestSupport
import Testing

@Suite(
  "Google Artifact Registry, with a stand-in for gcloud and a real registry under its name", .timeLimit(.minutes(5)))
struct GoogleTests {
  private static let token = "ya29.canary-access-t0ken"
  private static let account = "datarobot-management-agent-image-builder"
  /// The state that gcloud's stand-in begins with: a standard cluster with Workload Identity, and no repository.
  private static let state = """
    {"gcloud": {"account": "ada@example.com", "accessToken": "\(token)", "properties": {"core/project": "acme-prod"},
    "projects": [{"projectId": "acme-prod", "projectNumber": "123456789012", "services": ["container.googleapis.com"]}],
    "clusters": [{"project": "acme-prod", "location": "europe-west1", "name": "prod",
    "workloadPool": "acme-prod.svc.id.goog", "nodePools": [{"name": "default-pool", "mode": "GKE_METADATA"}]}]}}
    """

  /// A stage with Google in it.
  struct Cloud {
    let stage: Stage
    let programs: CloudStandIns
    let registry: NamedRegistry

    var environment: [String: String] {
      var environment = registry.environment
      for (name, value) in programs.environment where name.hasPrefix("MLOPS_") { environment[name] = value }
      environment["PATH"] = "\(programs.bin):\(stage.environment["PATH"] ?? "")"
      return environment
    }

    func run(_ arguments: String...) async throws -> ProgramEnding {
      try await stage.run(arguments: arguments, environment: environment.mapValues { Optional($0) })
    }

    /// What is kept at Google.
    func kept() throws -> JSONValue? { try programs.state(JSONValue.self)["gcloud"] }
  }

  static func with(_ state: String = state, _ body: (Cloud) async throws -> Void) async throws {
    try await Stage.with { stage in
      try await NamedRegistry.run("europe-west1-docker.pkg.dev", user: "oauth2accesstoken", password: token) {
        registry in
        try await CloudStandIns.with(["gcloud"], state: state) { programs in
          try await body(Cloud(stage: stage, programs: programs, registry: registry))
        }
      }
    }
  }

  /// As few answers as will do.
  static let registry = """
    provider: google, project: acme-prod, location: europe-west1, cluster: prod, clusterLocation: europe-west1
    """

  private static func answers(_ cloud: Cloud, _ more: String) throws {
    try cloud.stage.folder.write(cloud.stage.answers(["registry": "{\(registry)\(more)}"]), to: "answers.yaml")
  }

  @Test(
    "Installs with repository, right and account; a second run changes nothing; what is named goes",
    arguments: [("direct", []), ("service-account", ["google-account", "google-user"])])
  func installsTwice(_ identity: String, _ more: [String]) async throws {
    try await Self.with { cloud in
      try Self.answers(cloud, ", identity: \(identity)")
      let before = try await cloud.run("preflight", "--answers", "answers.yaml")
      #expect(before.code == 0, "\(before.out)\n\(before.progress)")
      let first = try await cloud.run("--answers", "answers.yaml")
      #expect(first.code == 0, "\(first.out)\n\(first.progress)")
      #expect(first.out.contains("The agent is installed."))
      let image = "europe-west1-docker.pkg.dev/acme-prod/mlops/frozen-models"
      #expect(first.progress.contains("trying a push to \(image)"), "\(first.progress)")

      let repository = try #require(try cloud.kept()?["repositories"]?.array?.first)
      #expect(repository["name"]?.string == "mlops")
      let binding = try #require(repository["bindings"]?.array?.first)
      #expect(binding["role"]?.string == "roles/artifactregistry.writer")
      let member = binding["members"]?.array?.first?.string ?? ""
      #expect(
        member.hasPrefix(
          identity == "direct"
            ? "principal://iam.googleapis.com/projects/123456789012/"
            : "serviceAccount:gcr-push-user@acme-prod.iam.gserviceaccount.com"), "\(member)")
      let annotation = try await cloud.stage.kubectl(
        "get", "serviceaccount", Self.account, "-n", "datarobot-mlops", "-o",
        "jsonpath={.metadata.annotations.iam\\.gke\\.io/gcp-service-account}")
      #expect(annotation == (identity == "direct" ? "" : "gcr-push-user@acme-prod.iam.gserviceaccount.com"))

      let kept = try cloud.programs.stateText()
      cloud.stage.cluster.log.clear()
      let second = try await cloud.run("--answers", "answers.yaml")
      #expect(second.out.contains("Nothing was changed: all is as it should be."), "\(second.out)\n\(second.progress)")
      #expect(cloud.stage.cluster.log.writes == [])
      #expect(try cloud.programs.stateText() == kept)

      let undone = try await cloud.run("uninstall", "--answers", "answers.yaml")
      #expect(undone.code == 0, "\(undone.out)\n\(undone.progress)")
      #expect(try cloud.programs.stateText() == kept)
      var arguments = ["uninstall", "--answers", "answers.yaml"]
      for step in ["google-repository", "google-writer"] + more {
        #expect(undone.out.contains("--remove \(step) removes it too"), "\(undone.out)")
        arguments += ["--remove", step]
      }
      let removed = try await cloud.stage.run(
        arguments: arguments, environment: cloud.environment.mapValues { Optional($0) })
      #expect(removed.code == 0, "\(removed.out)\n\(removed.progress)")
      #expect(try cloud.kept()?["repositories"] ?? [] == [])
      #expect(try cloud.kept()?["serviceAccounts"] ?? [] == [])

      let calls = try cloud.programs.calls().flatMap(\.argv).joined(separator: " ")
      let told = [before, first, second, undone, removed].map { $0.out + $0.progress }.joined()
      #expect(!calls.contains(Self.token) && !told.contains(Self.token))
    }
  }

  @Test(
    "The script of a plan does what the plan does, twice: after it nothing but the rollout is left to be done",
    arguments: ["direct", "service-account"])
  func script(_ identity: String) async throws {
    try await Self.with { cloud in
      try Self.answers(cloud, ", identity: \(identity)")
      let plan = try await cloud.run("plan", "--script", "--answers", "answers.yaml")
      try #require(plan.code == 0, "\(plan.progress)")
      try cloud.stage.folder.write(plan.out, to: "plan.sh")
      let environment = cloud.stage.environment.merging(cloud.environment) { $1 }
      for _ in 0..<2 {
        let ran = try await Processes.live(environment: environment).run(
          ProcessCommand("sh", ["plan.sh"], workingDirectory: cloud.stage.folder.path, deadline: .seconds(240)))
        try #require(ran.exitCode == 0, "\(ran.errors)")
        #expect(!(ran.output + ran.errors).contains(Self.token))
      }
      let after = try await cloud.run("plan", "--answers", "answers.yaml", "--format", "json")
      let document = try JSONDecoder().decode(PlanDocument.self, from: Data(after.out.utf8))
      let left = document.steps.filter { $0.state != "done" }.map(\.id)
      #expect(Set(left).isSubset(of: ["rollout"]), "\(after.out)")
    }
  }

  @Test("A login that has run out stops before anything is made, and says how to log in")
  func expired() async throws {
    let state = Self.state.replacing(#""accessToken""#, with: #""expired": true, "accessToken""#)
    try await Self.with(state) { cloud in
      try Self.answers(cloud, "")
      let ending = try await cloud.run("--answers", "answers.yaml")
      #expect(ending.code == 3 || ending.code == 5, "\(ending.code) \(ending.out)\n\(ending.progress)")
      #expect((ending.out + ending.progress).contains("gcloud auth login"), "\(ending.out)\n\(ending.progress)")
      #expect(try cloud.kept()?["repositories"] ?? [] == [])
      #expect(cloud.stage.cluster.log.writes == [])
    }
  }
}
