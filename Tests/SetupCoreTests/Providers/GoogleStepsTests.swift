import FoundationEssentials
import Kubernetes
import TestSupport
import Testing
import Text

@testable import SetupCore

@Suite(
  "The steps of Google, with a stand-in for gcloud that refuses what the real one does not know",
  .timeLimit(.minutes(5)))
struct GoogleStepsTests {
  private static func steps(_ setup: Setup) -> [any Step] { GoogleRegistry().steps(setup.answers) }

  private static func state(_ id: StepID, _ setup: Setup) async throws -> StepState {
    try await #require(steps(setup).first { $0.id == id }).inspect(setup)
  }

  /// Runs every step as the runner does; what was to be done, by step.
  @discardableResult
  private static func run(_ setup: Setup) async throws -> [StepID: StepState] {
    try await steps(setup).run(setup)
  }

  private static func needed(_ states: [StepID: StepState]) -> [String] {
    states.compactMap { id, state in if case .needed = state { id.name } else { nil } }.sorted()
  }

  /// A JSON text with its members in one order.
  private static func sorted(_ text: String) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    return String(decoding: try encoder.encode(try object(JSONValue.self, text)), as: UTF8.self)
  }

  @Test(
    "Directly: the principal by the project's number gets the writer's role on the repository, once; and it goes again")
  func direct() async throws {
    try await GoogleSamples.withGoogle { cloud, cluster in
      let setup = try GoogleSamples.setup(cloud, cluster)
      #expect(
        Self.needed(try await Self.run(setup)) == [
          "google-api", "google-builder", "google-repository", "google-writer",
        ])
      let kept = try GoogleSamples.kept(cloud)
      let repository = try #require(kept["repositories"]?.array?.first)
      #expect(repository["name"] == "mlops" && repository["format"] == "DOCKER")
      #expect(repository["labels"] == ["managed-by": "mlops-setup"])
      #expect(GoogleSamples.members("roles/artifactregistry.writer", repository) == [GoogleSamples.principal])
      // S5 of the procedure's errors: no role of Cloud Build, and nothing on the whole project.
      #expect(!(try cloud.stateText()).contains("cloudbuild"))
      #expect(kept["projects"]?.array?.first?["bindings"] == nil)
      #expect(kept["serviceAccounts"] == nil)
      #expect(cluster.object(GoogleSamples.account)?[path: "metadata", "annotations"] == nil)

      let before = try cloud.stateText()
      let writes = cluster.writes.count
      #expect(Self.needed(try await Self.run(try GoogleSamples.setup(cloud, cluster))) == [])
      #expect(try cloud.stateText() == before && cluster.writes.count == writes)
      for call in try cloud.calls() { #expect(!call.argv.joined(separator: " ").contains("55f1")) }

      for step in Self.steps(setup).reversed() { #expect(!(try await step.undo(setup)).contains("55f1")) }
      #expect(try GoogleSamples.kept(cloud)["repositories"]?.array == [])
      #expect(cluster.object(GoogleSamples.account) == nil)
    }
  }

  @Test("The documented way: a Google account without brackets in its name (S4), linked to the one the chart annotates")
  func documented() async throws {
    try await GoogleSamples.withGoogle { cloud, cluster in
      let setup = try GoogleSamples.setup(GoogleSamples.answers(GoogleSamples.documented), cloud, cluster)
      #expect(
        Self.needed(try await Self.run(setup)) == [
          "google-account", "google-api", "google-repository", "google-user", "google-writer",
        ])
      let kept = try GoogleSamples.kept(cloud)
      let member = "serviceAccount:\(GoogleSamples.email)"
      #expect(GoogleSamples.members(GoogleTarget.writer, kept["repositories"]?.array?.first) == [member])
      #expect(
        GoogleSamples.members("roles/iam.workloadIdentityUser", kept["serviceAccounts"]?.array?.first) == [
          "serviceAccount:acme-prod.svc.id.goog[datarobot-mlops/datarobot-management-agent-image-builder]"
        ])
      #expect(cluster.writes == [])
      #expect(Self.needed(try await Self.run(setup)) == [])
      for step in Self.steps(setup).reversed() { _ = try await step.undo(setup) }
      #expect(try GoogleSamples.kept(cloud)["serviceAccounts"]?.array == [])
      #expect(try GoogleSamples.kept(cloud)["repositories"]?.array == [])
    }
  }

  @Test("What another made is used and stays: repository, Google account and the account's right")
  func foreign() async throws {
    let more = #","serviceAccounts":[{"project":"acme-prod","name":"gcr-push-user"}]"#
    let repositories = #"[{"project":"acme-prod","location":"europe-west1","name":"mlops"}]"#
    try await GoogleSamples.withGoogle(GoogleSamples.state(repositories: repositories, more: more)) { cloud, cluster in
      let setup = try GoogleSamples.setup(GoogleSamples.answers(GoogleSamples.documented), cloud, cluster)
      #expect(Self.needed(try await Self.run(setup)) == ["google-api", "google-user", "google-writer"])
      var said = ""
      for step in Self.steps(setup).reversed() { said += try await step.undo(setup) + "\n" }
      let kept = try GoogleSamples.kept(cloud)
      #expect(kept["repositories"]?.array?.count == 1 && kept["serviceAccounts"]?.array?.count == 1)
      #expect(kept["serviceAccounts"]?.array?.first?["bindings"]?.array == [])
      #expect(said.contains("stays: it is not ours") && said.contains("which is not ours"))
    }
  }

  @Test(
    "A standard cluster without Workload Identity blocks with the commands, and nodes are recreated only when allowed")
  func standard() async throws {
    try await GoogleSamples.withGoogle(GoogleSamples.state(cluster: GoogleSamples.standard)) { cloud, cluster in
      let reason = try await Self.state("google-cluster", try GoogleSamples.setup(cloud, cluster)).whyBlocked()
      #expect(reason.contains("registry.updateCluster: yes") && reason.contains("recreated"))
      #expect(reason.contains("gcloud container clusters update prod --workload-pool=acme-prod.svc.id.goog"))
      #expect(reason.contains("gcloud container node-pools update default-pool --cluster=prod"))
      #expect(!reason.contains("update large"))
      #expect(!(try cloud.lines("gcloud")).contains { $0.contains("update") })

      let setup = try GoogleSamples.setup(GoogleSamples.answers(["registry.updateCluster": "yes"]), cloud, cluster)
      #expect(Self.needed(try await Self.run(setup)).contains("google-cluster"))
      let pools = try GoogleSamples.kept(cloud)["clusters"]?.array?.first?["nodePools"]?.array ?? []
      #expect(pools.compactMap { $0["mode"]?.string } == ["GKE_METADATA", "GKE_METADATA"])
      #expect(Self.needed(try await Self.run(setup)) == [])
    }
  }

  @Test("A workload pool of another project is told, whatever may be updated")
  func otherPool() async throws {
    let other =
      #"{"project":"acme-prod","location":"europe-west1","name":"prod","workloadPool":"other.svc.id.goog","nodePools":[]}"#
    try await GoogleSamples.withGoogle(GoogleSamples.state(cluster: other)) { cloud, cluster in
      let setup = try GoogleSamples.setup(GoogleSamples.answers(["registry.updateCluster": "yes"]), cloud, cluster)
      #expect(try await Self.state("google-cluster", setup).whyBlocked().contains("registry.clusterProject"))
    }
  }

  @Test(
    "A repository that does not serve blocks and is not changed",
    arguments: [
      (#""format":"MAVEN""#, "MAVEN"), (#""mode":"REMOTE_REPOSITORY""#, "takes no push"),
      (#""immutableTags":true"#, "immutable tags"),
    ])
  func unfit(_ member: String, _ expected: String) async throws {
    let repositories =
      #"[{"project":"acme-prod","location":"europe-west1","name":"mlops",\#(member)}]"#
    let state = GoogleSamples.state(repositories: repositories).replacing(
      "container.googleapis.com", with: "artifactregistry.googleapis.com")
    try await GoogleSamples.withGoogle(state) { cloud, cluster in
      let state = try await Self.state("google-repository", try GoogleSamples.setup(cloud, cluster))
      #expect(try state.whyBlocked().contains(expected))
    }
  }

  @Test("A name of Container Registry is used where the project has it in Artifact Registry, and never made")
  func oldHost() async throws {
    let answers = GoogleSamples.answers(["registry.repository": "gcr.io", "registry.location": "us"])
    try await GoogleSamples.withGoogle { cloud, cluster in
      let reason = try await Self.state("google-repository", try GoogleSamples.setup(answers, cloud, cluster))
        .whyBlocked()
      #expect(reason.contains("2025-03-18") && reason.contains("LOCATION-docker.pkg.dev/acme-prod/mlops"))
      #expect(!(try cloud.lines("gcloud")).contains { $0.contains("create") })
    }
    let there = GoogleSamples.state(repositories: #"[{"project":"acme-prod","location":"us","name":"gcr.io"}]"#)
      .replacing("container.googleapis.com", with: "artifactregistry.googleapis.com")
    try await GoogleSamples.withGoogle(there) { cloud, cluster in
      let setup = try GoogleSamples.setup(answers, cloud, cluster)
      let state = try await Self.state("google-repository", setup)
      #expect(state == .done("the repository gcr.io/acme-prod is there"))
    }
  }

  @Test("A repository with images stays")
  func images() async throws {
    try await GoogleSamples.withGoogle { cloud, cluster in
      let setup = try GoogleSamples.setup(cloud, cluster)
      try await Self.run(setup)
      try cloud.seed(
        try cloud.stateText().replacing(#""name": "mlops""#, with: #""name": "mlops", "images": ["frozen-models"]"#)
          .replacing(#""name":"mlops""#, with: #""name":"mlops","images":["frozen-models"]"#))
      let step = try #require(Self.steps(setup).first { $0.id == "google-repository" })
      #expect(try await step.undo(setup).contains("holds images"))
    }
  }

  @Test("A service account that acts as another, or that a chart made, is not taken over")
  func builder() async throws {
    func account(_ metadata: String) -> [String: String] {
      [
        GoogleSamples.account:
          #"{"kind":"ServiceAccount","metadata":{"name":"datarobot-management-agent-image-builder",\#(metadata)}}"#
      ]
    }
    let annotated = #""annotations":{"iam.gke.io/gcp-service-account":"x@y.iam.gserviceaccount.com"}"#
    let helms =
      #""labels":{"app.kubernetes.io/managed-by":"Helm"},"annotations":{"meta.helm.sh/release-name":"bosun"}"#
    func state(_ metadata: String?, _ identity: String) async throws -> StepState {
      let cluster = try ScriptedCluster(metadata.map(account) ?? [:])
      let setup = try Samples.setup(GoogleSamples.answers(["registry.identity": identity]), http: cluster)
      let state = try await Self.state("google-builder", setup)
      #expect(cluster.writes == [])
      return state
    }
    #expect(try await state(annotated, "direct").whyBlocked().contains("kubectl annotate serviceaccount"))
    #expect(try await state(helms, "direct").whyBlocked().contains("Helm release bosun"))
    #expect(try await state(annotated, "service-account").whyBlocked().contains("Helm would refuse"))
    #expect(
      try await state(helms, "service-account")
        == .done("ServiceAccount datarobot-management-agent-image-builder is the chart's own"))
    #expect(try await state(nil, "existing").whyBlocked().contains("Make it first"))
    guard case .done = try await state(annotated, "existing"), case .done = try await state(#""uid":"u""#, "direct")
    else {
      Issue.record("not taken as it is")
      return
    }
  }

  @Test(
    "What a person would type makes the same as the steps, twice, and shellcheck finds nothing in it",
    arguments: [[:], GoogleSamples.documented] as [[QuestionID: String]])
  func commands(_ changes: [QuestionID: String]) async throws {
    let answers = GoogleSamples.answers(changes.merging(["registry.updateCluster": "yes"]) { $1 })
    let state = GoogleSamples.state(cluster: GoogleSamples.standard)
    var bySteps = ""
    var script = ""
    try await GoogleSamples.withGoogle(state) { cloud, cluster in
      let setup = try GoogleSamples.setup(answers, cloud, cluster)
      for step in Self.steps(setup) {
        script += try await step.commands(setup).map { $0.shell + "\n" }.joined()
      }
      try await Self.run(setup)
      bySteps = try cloud.stateText()
    }
    #expect(!script.contains("55f1") && !script.contains("[gcr-push-user]"))
    try await GoogleSamples.withGoogle(state) { cloud, _ in
      let live = Processes.live(environment: cloud.environment)
      let whole = "#!/bin/sh\nset -eu\nkubectl() { cat >/dev/null; }\n" + script
      for _ in 1...2 {
        let result = try await live.run(ProcessCommand("sh", input: Array(whole.utf8), deadline: .seconds(120)))
        #expect(result.exitCode == 0, "\(result.errors)\n\(script)")
      }
      let byScript = try Self.sorted(try cloud.stateText())
      let expected = try Self.sorted(bySteps)
      #expect(byScript == expected)
      let found = try await live.run(
        ProcessCommand("shellcheck", ["--shell=sh", "-"], input: Array(whole.utf8), deadline: .seconds(60)))
      #expect(found.exitCode == 0, "\(found.output)\n\(script)")
    }
  }

  @Test("A script that may not update the cluster ends before it makes anything")
  func commandsWithoutUpdate() async throws {
    try await GoogleSamples.withGoogle(GoogleSamples.state(cluster: GoogleSamples.standard)) { cloud, cluster in
      let setup = try GoogleSamples.setup(cloud, cluster)
      var script = "set -eu\n"
      for step in Self.steps(setup) { script += try await step.commands(setup).map { $0.shell + "\n" }.joined() }
      let result = try await Processes.live(environment: cloud.environment).run(
        ProcessCommand("sh", input: Array(script.utf8), deadline: .seconds(120)))
      #expect(result.exitCode == 1 && result.errors.contains("registry.updateCluster: yes"))
      #expect(try GoogleSamples.kept(cloud)["repositories"]?.array == [])
    }
  }

  @Test("Existing: nothing is made at Google but the repository")
  func existing() {
    let ids = GoogleRegistry().steps(GoogleSamples.answers(["registry.identity": "existing"])).map(\.id.name)
    #expect(ids == ["google-api", "google-repository", "google-builder"])
  }
}
