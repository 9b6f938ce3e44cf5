import HTTP
import Kubernetes
import Simulator
import TestSupport
import Testing
import YAML

@testable import SetupCore

@Suite("The checks that render and rehearse the chart")
struct ChartRenderTests {
  private static func render(
    _ result: ProcessResult, _ look: @escaping @Sendable (ProcessCommand) -> Void = { _ in }
  ) async throws -> Finding {
    let helm: @Sendable (ProcessCommand) async throws -> ProcessResult = { command in
      if command.arguments.first == "version" { return ProcessResult(exitCode: 0, output: "v4.2.4") }
      look(command)
      return result
    }
    let setup = try Samples.setup(
      Samples.answers(["chart.values": .list(["/home/admin/more.yaml"])]), http: try ScriptedCluster(),
      programs: ["helm": helm])
    return try #require(await CheckRunner(setup: setup, checks: [.chartRender]).run().results.first).finding
  }

  private static let deployment =
    "---\n# Source: a.yaml\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec: {template: {spec: {}}}\n"

  @Test("Helm gets our values on standard input, the user's files over them, and the cluster's version")
  func command() async throws {
    let found = try await Self.render(ProcessResult(exitCode: 0, output: Self.deployment)) { command in
      #expect(
        command.arguments == [
          "template", "bosun", "/home/admin/work/datarobot-management-agent", "--namespace", "datarobot-mlops",
          "--values", "-", "--values", "/home/admin/more.yaml", "--include-crds", "--kube-version", "v1.29.4",
          "--api-versions",
          "v1",
        ])
      let input = String(decoding: command.input ?? [], as: UTF8.self)
      #expect(input.contains("65f0a1b2c3d4e5f60718293a"), "\(input)")
      #expect(!input.contains("55f1"))
    }
    #expect(found.status == .pass, "\(found)")
    #expect(found.observed == "1 Deployment")
  }

  @Test("The chart sees the API versions of the cluster, with their kinds where the server tells them at once")
  func capabilities() async throws {
    let aggregated = """
      {"kind":"APIGroupDiscoveryList","apiVersion":"apidiscovery.k8s.io/v2","metadata":{},"items":[
      {"metadata":{"name":"monitoring.coreos.com","creationTimestamp":null},"versions":[{"version":"v1","resources":[
      {"resource":"servicemonitors","responseKind":{"group":"","version":"","kind":"ServiceMonitor"},"scope":"Namespaced",
      "verbs":["get"],"subresources":[{"subresource":"status","responseKind":{"kind":"ServiceMonitor"}}]},
      {"resource":"odd","responseKind":{"kind":""}}]}]},
      {"metadata":{"name":"stale.example.com"},"versions":[{"version":"v1","freshness":"Stale"}]}]}
      """
    let plain =
      #"{"kind":"APIGroupList","groups":[{"name":"apps","versions":[{"groupVersion":"apps/v1","version":"v1"}]}]}"#
    let expected = [
      aggregated: [
        "monitoring.coreos.com/v1", "monitoring.coreos.com/v1/ServiceMonitor", "stale.example.com/v1", "v1",
      ],
      plain: ["apps/v1", "v1"],
    ]
    for (document, versions) in expected {
      let cluster = try ScriptedCluster { request in
        guard request.url.hasSuffix("/apis") else { return nil }
        #expect(request.headers["Accept"]?.hasSuffix(",application/json") == true)
        return .json(200, document)
      }
      var survey = Survey()
      let setup = try Samples.setup(http: cluster)
      await Surveyor().gather(.capabilities, setup, survey)(&survey)
      #expect(survey.apiVersions == .seen(versions))
      #expect(ChartCapabilities(survey).arguments == versions.flatMap { ["--api-versions", $0] })
    }
  }

  @Test("What is too much for a command line is left out, the kinds first; what helm would take for more is no version")
  func manyVersions() {
    func taken(_ versions: [String]) -> [String] {
      var survey = Survey()
      survey.apiVersions = .seen(versions)
      return ChartCapabilities(survey).apiVersions
    }
    let kinds = (1...9_000).map { "group.example.com/v1/Kind\($0)" }
    #expect(taken(["a/v1"] + kinds.prefix(4_000)).count == 4_001)
    #expect(taken(["a/v1"] + kinds) == ["a/v1"])
    #expect(taken((1...20_000).map { "group-\($0).example.com/v1" }) == [])
    #expect(taken(["a,b/v1", "-x", "b/v1"]) == ["b/v1"])
  }

  @Test("Helm's last words are shown, cleaned; its warnings are not")
  func failure() async throws {
    let said = """
      WARNING: Kubernetes configuration file is group-readable
      Error: values don't meet the specifications of the schema(s) in the following chart(s):
      datarobot-management-agent:
      - at '/managementAgent/logLevel': \u{1b}[31mvalue must be one of 'DEBUG', 'INFO'\u{1b}[0m
      """
    let found = try await Self.render(ProcessResult(exitCode: 1, errors: said))
    #expect(found.status == .fail)
    #expect(
      found.message
        == "helm cannot render the chart: Error: values don't meet the specifications of the schema(s) in the following "
        + "chart(s): datarobot-management-agent: - at '/managementAgent/logLevel': value must be one of 'DEBUG', 'INFO'"
    )
    #expect(found.remedy?.command?.hasPrefix("helm template bosun") == true)
  }

  @Test(
    "A chart of nothing, or of what is no object, fails; one that takes too long is unknown",
    arguments: [
      (
        ProcessResult(exitCode: 0, output: "---\n# nothing\n"), FindingStatus.fail,
        "With these values the chart makes nothing that runs."
      ),
      (
        ProcessResult(exitCode: 0, output: "kind: Deployment\n"), .fail,
        "an object has apiVersion, kind and metadata.name"
      ),
      (ProcessResult(exitCode: 0, output: "a: [\n"), .fail, "what helm rendered is not what Kubernetes takes"),
      (ProcessResult(exitCode: 124, timedOut: true), .unknown, "helm did not render the chart within"),
    ])
  func odd(_ result: ProcessResult, _ status: FindingStatus, _ text: String) async throws {
    let found = try await Self.render(result)
    #expect(found.status == status)
    #expect(found.message.contains(text), "\(found.message)")
  }

  @Test("Lists are opened, hooks are kept and tests are left out")
  func documents() async throws {
    let output =
      Self.deployment + """
        ---
        apiVersion: v1
        kind: List
        items: [{apiVersion: v1, kind: ConfigMap, metadata: {name: one}}, {apiVersion: v1, kind: Secret, metadata: {name: two}}]
        ---
        {apiVersion: v1, kind: Pod, metadata: {name: test, annotations: {helm.sh/hook: test}}}
        ---
        {apiVersion: batch/v1, kind: Job, metadata: {name: pre, annotations: {helm.sh/hook: "pre-install, pre-upgrade"}}}
        """
    let found = try await Self.render(ProcessResult(exitCode: 0, output: output))
    #expect(found.details == ["Deployment a", "ConfigMap one", "Secret two", "Job pre"])
  }

  @Test(
    "The real helm renders the stand-in chart, as Helm 3 and as Helm 4, and the cluster takes all of it",
    .enabled(if: SimulatedStage.hasEngine, "scripts/prerequisites test fetches the engine"),
    arguments: ["helm", "helm3"])
  func real(_ program: String) async throws {
    let scenario = ClusterScenario.healthy.with { $0.objects.append(SimulatedStage.namespace()) }
    try await SimulatedStage.with(scenario, program: program) { stage in
      let found = await stage.findings(.helmVersion, .chartFound, .chartRender, .chartDryRun, .helmRelease)
      #expect(
        found["chart.render"]?.observed == "1 ConfigMap, 1 Deployment, 2 Role, 2 RoleBinding, 2 ServiceAccount",
        "\(found)")
      #expect(found["chart.render"]?.status == .pass)
      let rehearsal = try #require(found["chart.dryrun"])
      #expect(rehearsal.status == .pass, "\(rehearsal)")
      #expect(rehearsal.observed == "10 of 10 accepted")
      #expect(found["helm.release"]?.observed == "absent")
      #expect(stage.server.log.writes == [])
      #expect(
        stage.server.log.entries.contains { $0.target.contains("/deployments/") && $0.target.contains("dryRun=All") })
    }
  }

  @Test(
    "The real helm refuses a value that the chart's schema forbids, and the answer it comes from is named",
    .enabled(if: SimulatedStage.hasEngine, "scripts/prerequisites test fetches the engine"))
  func schema() async throws {
    let values = "managementAgent: {pullPolicy: Sometimes}\n"
    let image = AnswerValue.text("registry.example.com/pps:latest")
    try await SimulatedStage.with(values: values, changes: ["images.predictionServer": image]) { stage in
      let found = await stage.findings(.helmVersion, .chartFound, .chartRender, .chartDryRun)
      #expect(found["chart.render"]?.status == .fail, "\(found)")
      let message = try #require(found["chart.render"]?.message)
      #expect(message.contains("managementAgent.pullPolicy comes from chart.values ("), "\(message)")
      #expect(message.contains("imageBuilder.ppsImage comes from images.predictionServer"), "\(message)")
      #expect(found["chart.dryrun"]?.status == .skipped)
    }
  }

  @Test(
    "Without the namespace only it and what is cluster-wide can be tried, which is said and holds nothing up",
    .enabled(if: SimulatedStage.hasEngine, "scripts/prerequisites test fetches the engine"))
  func noNamespace() async throws {
    try await SimulatedStage.with { stage in
      let found = try #require(await stage.findings(.chartDryRun)["chart.dryrun"])
      #expect(found.status == .skipped, "\(found)")
      #expect(found.message.hasPrefix("8 objects could not be tried yet: the namespace does not exist yet."))
      #expect(stage.server.log.writes == [])
    }
  }

  @Test(
    "A restricted namespace refuses the builder's pod in the rehearsal, and its warnings are heard",
    .enabled(if: SimulatedStage.hasEngine, "scripts/prerequisites test fetches the engine"))
  func restricted() async throws {
    try await SimulatedStage.with(.restrictedNamespace) { stage in
      let found = await stage.findings(.chartDryRun, .namespacePodSecurity)
      let rehearsal = try #require(found["chart.dryrun"])
      #expect(rehearsal.status == .fail, "\(rehearsal)")
      #expect(rehearsal.message.contains("pod of the image builder"), "\(rehearsal.message)")
      #expect(rehearsal.message.contains("violates PodSecurity \"restricted:latest\""), "\(rehearsal.message)")
      #expect(rehearsal.details.contains { $0.hasPrefix("warning: Deployment bosun-datarobot-management-agent") })
      #expect(found["namespace.podsecurity"]?.status == .fail)
    }
  }

  @Test(
    "Who may not try is told so, and it is unknown; who may not grant what the chart grants is told which rights",
    .enabled(if: SimulatedStage.hasEngine, "scripts/prerequisites test fetches the engine"))
  func lowlyUser() async throws {
    let scenario = ClusterScenario.healthy.with { $0.objects.append(SimulatedStage.namespace()) }
    try await SimulatedStage.with(scenario, rights: .rules([])) { stage in
      let found = try #require(await stage.findings(.chartDryRun)["chart.dryrun"])
      #expect(found.status == .unknown, "\(found)")
      #expect(found.message.hasPrefix("Not everything could be tried, because the user may not:"), "\(found.message)")
    }
    // Everything that installing takes, but nothing of what the agent itself needs.
    let rules: [JSONValue] = [
      [
        "apiGroups": ["", "apps", "rbac.authorization.k8s.io"],
        "resources": [
          "namespaces", "secrets", "configmaps", "serviceaccounts", "deployments", "roles", "rolebindings",
        ],
        "verbs": ["get", "list", "watch", "create", "update", "patch", "delete"],
      ],
      ["apiGroups": [""], "resources": ["pods", "events"], "verbs": ["get", "list", "watch"]],
    ]
    try await SimulatedStage.with(scenario, rights: .rules(rules)) { stage in
      let found = try #require(await stage.findings(.permissionsInstall)["permissions.install"])
      #expect(found.status == .fail, "\(found)")
      #expect(found.message.contains("create, get pods/attach in namespace datarobot-mlops"), "\(found.message)")
      #expect(found.details.allSatisfy { $0.hasPrefix("may not be granted: ") }, "\(found.details)")
      #expect(stage.server.log.writes == [])
    }
  }

  @Test(
    "A refusal by authorization is not one by admission",
    arguments: [
      (
        #"pods is forbidden: User "viewer" cannot create resource "pods" in API group "" in the namespace "n""#,
        DryRunResult.Outcome.notPermitted("user viewer may not create pods")
      ),
      (
        #"pods "x" is forbidden: exceeded quota: compute"#, .refused(#"pods "x" is forbidden: exceeded quota: compute"#)
      ),
      (
        #"pods "x" is forbidden: error looking up service account a/default: serviceaccount "default" not found"#,
        .skipped("its service account is not there yet")
      ),
      (
        #"roles "x" is forbidden: user "a" (groups=[]) is attempting to grant RBAC permissions not currently held"#,
        .refused(
          #"roles "x" is forbidden: user "a" (groups=[]) is attempting to grant RBAC permissions not currently held"#)
      ),
    ])
  func refusals(_ message: String, _ outcome: DryRunResult.Outcome) {
    let error = KubernetesError(
      .forbidden, "user viewer may not create pods", httpStatus: 403,
      status: Status(message: message, reason: "Forbidden"))
    #expect(DryRunProbe.outcome(error) == outcome)
  }

  @Test("In a namespace that is being deleted nothing is tried, and namespace.state gives the verdict")
  func terminating() async throws {
    let gone =
      #"{"kind":"Namespace","metadata":{"name":"datarobot-mlops","deletionTimestamp":"2026-11-24T06:00:00Z"},"status":{"phase":"Terminating"}}"#
    let cluster = try ScriptedCluster(["/api/v1/namespaces/datarobot-mlops": gone])
    let helm: @Sendable (ProcessCommand) async throws -> ProcessResult = { command in
      ProcessResult(exitCode: 0, output: command.arguments.first == "version" ? "v4.2.4" : Self.deployment)
    }
    let setup = try Samples.setup(http: cluster, programs: ["helm": helm])
    let both = await CheckRunner(setup: setup, checks: [.namespaceState, .chartDryRun]).run().results
    #expect(both.map(\.finding.status) == [.fail, .skipped], "\(both)")
    #expect(both[1].finding.message == "Not tried, because namespace datarobot-mlops is being deleted.")
    #expect(!cluster.requests.contains { $0.url.contains("dryRun") })
    // Alone it is not green: nothing else in the report tells why.
    let alone = await CheckRunner(setup: setup, checks: [.chartDryRun]).run().results
    #expect(alone.map(\.finding.status) == [.unknown])

    // Who may not read the namespace learns it from the refusals.
    let said =
      "serviceaccounts \"a\" is forbidden: unable to create new content in namespace n because it is being terminated"
    let refused = finding(.chartDryRun) {
      $0.dryRun = .seen([DryRunResult(title: "ServiceAccount a", outcome: .refused(said), warnings: [])])
    }
    #expect(refused.status == .fail)
    #expect(refused.message == "Nothing can be made in the namespace: it is being deleted.")
  }

  @Test("Silence of the API server is unknown, and warnings warn")
  func verdicts() {
    func verdict(_ results: [DryRunResult]) -> Finding { finding(.chartDryRun) { $0.dryRun = .seen(results) } }
    let good = DryRunResult(title: "ConfigMap a", outcome: .accepted, warnings: [])
    #expect(verdict([good]).status == .pass)
    #expect(verdict([]).status == .unknown)
    #expect(
      verdict([good, DryRunResult(title: "Secret b", outcome: .unknown("webhook timed out"), warnings: [])]).status
        == .unknown)
    let warned = verdict([DryRunResult(title: "PDB c", outcome: .accepted, warnings: ["policy/v1beta1 is deprecated"])])
    #expect(warned.status == .warn)
    #expect(warned.message == "The API server warns of PDB c: policy/v1beta1 is deprecated.")
    #expect(
      finding(.chartDryRun) { $0.dryRun = .failed(ObservationFailure(.timedOut, "late")) }.status == .unknown)
  }

  @Test("Values merge as Helm merges them: null takes a key away, lists are replaced")
  func merge() throws {
    var values = EffectiveValues()
    values.lay(try YAML.parse("a: {b: 1, c: [1, 2]}\nd: x\n", source: "chart"))
    values.lay(try YAML.parse("a: {c: [3], e: 4}\nd: null\n", source: "ours"))
    #expect(values.root == ["a": ["b": 1, "c": [3], "e": 4]])
    #expect(values["a", "c"] == [3])
  }
}
