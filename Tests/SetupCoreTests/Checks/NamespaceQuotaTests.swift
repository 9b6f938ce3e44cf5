import Kubernetes
import Simulator
import TestSupport
import Testing
import YAML

@testable import SetupCore

@Suite("The check of quotas and limits")
struct NamespaceQuotaTests {
  private static let agent: ChartObject? = ChartObject([
    "apiVersion": "apps/v1", "kind": "Deployment", "metadata": ["name": "agent"],
    "spec": [
      "replicas": 1,
      "template": [
        "spec": [
          "containers": [
            [
              "name": "agent",
              "resources": ["requests": ["cpu": "250m", "memory": "512Mi"], "limits": ["memory": "1Gi"]],
            ]
          ]
        ]
      ],
    ],
  ])

  private static func verdict(
    quotas: [String] = [], ranges: [String] = [], installed: Bool = false,
    builder: String = "{requests: {cpu: '1', memory: 2Gi}}", isDiscovered: Bool = true
  ) throws -> Finding {
    let apps = try object(
      APIResourceList.self, #"{"resources":[{"name":"deployments","kind":"Deployment","namespaced":true}]}"#)
    var map = ResourceMap()
    map.take("apps/v1", isDiscovered ? .success(apps.resources) : .failure(KubernetesError(.server, "apps: 503")))
    return try finding(.namespaceQuota) { survey in
      survey.discovery = .seen(APIDiscovery(groups: APIGroupList(), resources: map))
      survey.limits = .seen(
        NamespaceLimits(
          quotas: try quotas.map { try object(ResourceQuota.self, $0) },
          ranges: try ranges.map { try object(LimitRange.self, $0) }))
      survey.rendered = .seen(RenderedChart(objects: [try #require(agent)]))
      var values = EffectiveValues()
      values.lay(try YAML.parse("imageBuilder: {resources: \(builder)}", source: "values.yaml"))
      survey.values = .seen(values)
      survey.releases = .seen(
        ReleaseSummary(
          releases: installed ? [HelmRelease(name: "bosun", revision: 1, status: "deployed", object: "o")] : [],
          charts: .seen([:]), isOurInterruptedRun: false))
    }
  }

  private static func quota(_ hard: String, used: String = "{}", scopes: String = "[]") -> String {
    #"{"metadata":{"name":"compute"},"spec":{"hard":{\#(hard)},"scopes":\#(scopes)},"status":{"hard":{\#(hard)},"used":\#(used)}}"#
  }

  private static func range(_ limits: String) -> String {
    #"{"metadata":{"name":"sizes"},"spec":{"limits":[\#(limits)]}}"#
  }

  @Test("Nothing there, and quotas with room, pass and show what was counted")
  func room() throws {
    #expect(try Self.verdict().observed == "no ResourceQuota, no LimitRange")
    let found = try Self.verdict(
      quotas: [Self.quota(#""requests.cpu":"4","pods":"10","secrets":"20""#, used: #"{"requests.cpu":"1"}"#)])
    #expect(found.status == .pass, "\(found)")
    #expect(
      found.details == [
        "ResourceQuota compute: pods used 0 of 10, needed 2",
        "ResourceQuota compute: requests.cpu used 1 of 4, needed 1250m",
        // Helm's record, the API token, the registry's credentials.
        "ResourceQuota compute: secrets used 0 of 20, needed 3",
      ])
  }

  @Test(
    "A quota without room is named with the resource and what is used, allowed and needed",
    arguments: [
      (#""requests.cpu":"2""#, #"{"requests.cpu":"1"}"#, "requests.cpu used 1 of 2, needed 1250m"),
      (#""memory":"2Gi""#, "{}", "memory used 0 of 2Gi, needed 2560Mi"),
      (#""pods":"1""#, "{}", "pods used 0 of 1, needed 2"),
      (#""count/secrets":"4""#, #"{"count/secrets":"2"}"#, "count/secrets used 2 of 4, needed 3"),
      (#""count/deployments.apps":"0""#, "{}", "count/deployments.apps used 0 of 0, needed 1"),
      (#""configmaps":"0""#, "{}", "configmaps used 0 of 0, needed 1"),
    ])
  func short(_ hard: String, _ used: String, _ text: String) throws {
    let found = try Self.verdict(quotas: [Self.quota(hard, used: used)])
    #expect(found.status == .fail)
    #expect(found.message.contains("ResourceQuota compute: \(text)"), "\(found.message)")
    #expect(found.observed.contains(text), "\(found.observed)")
    #expect(found.remedy?.command == "kubectl describe resourcequota,limitrange --namespace datarobot-mlops")
  }

  @Test("A quota on what a container does not say refuses the pod, unless a LimitRange fills it in")
  func silent() throws {
    let limits = Self.quota(#""limits.memory":"64Gi""#)
    let found = try Self.verdict(quotas: [limits])
    #expect(found.status == .fail)
    #expect(
      found.observed
        == "ResourceQuota compute counts limits.memory, so every container must say it, and the image builder does not (kaniko)"
    )
    let filled = try Self.verdict(
      quotas: [limits], ranges: [Self.range(#"{"type":"Container","default":{"memory":"4Gi"}}"#)])
    #expect(filled.status == .pass, "\(filled)")
    #expect(filled.details.contains("ResourceQuota compute: limits.memory used 0 of 64Gi, needed 5Gi"))
  }

  @Test("An installed release is counted already: only a build and one revision's record are new")
  func installed() throws {
    let tight = Self.quota(#""pods":"2","secrets":"4""#, used: #"{"pods":"1","secrets":"3"}"#)
    #expect(try Self.verdict(quotas: [tight], installed: true).status == .pass)
    #expect(try Self.verdict(quotas: [tight]).status == .fail)
  }

  @Test("Quotas of scopes: best effort counts only pods that say nothing, others warn")
  func scopes() throws {
    #expect(try Self.verdict(quotas: [Self.quota(#""pods":"1""#, scopes: #"["Terminating"]"#)]).status == .pass)
    #expect(try Self.verdict(quotas: [Self.quota(#""pods":"1""#, scopes: #"["NotTerminating"]"#)]).status == .fail)
    let bestEffort = Self.quota(#""pods":"0""#, scopes: #"["BestEffort"]"#)
    #expect(try Self.verdict(quotas: [bestEffort]).status == .pass)
    #expect(try Self.verdict(quotas: [bestEffort], builder: "{}").status == .fail)
    #expect(try Self.verdict(quotas: [Self.quota(#""pods":"1""#, scopes: #"["PriorityClass"]"#)]).status == .warn)
  }

  @Test(
    "A LimitRange below what a container asks for, or above it, refuses the pod",
    arguments: [
      (
        #"{"type":"Container","max":{"memory":"1Gi"}}"#,
        "LimitRange sizes allows memory up to 1Gi for each Container, container kaniko of the image builder asks for 2Gi"
      ),
      (
        #"{"type":"Pod","max":{"cpu":"500m"}}"#,
        "LimitRange sizes allows cpu up to 500m for each Pod, the image builder asks for 1"
      ),
      (
        #"{"type":"Container","min":{"cpu":"2"}}"#,
        "LimitRange sizes wants at least cpu 2 for each Container, container kaniko of the image builder asks for 1"
      ),
      (
        #"{"type":"Container","default":{"memory":"1Gi"}}"#,
        "LimitRange sizes gives container kaniko of the image builder a limit of memory 1Gi, below its request of 2Gi"
      ),
    ])
  func ranges(_ limit: String, _ text: String) throws {
    let found = try Self.verdict(ranges: [Self.range(limit)])
    #expect(found.status == .fail)
    #expect(found.observed.contains(text), "\(found.observed)")
  }

  @Test("A kind whose discovery failed cannot be counted, which is unknown and not room enough")
  func undiscovered() throws {
    let found = try Self.verdict(quotas: [Self.quota(#""pods":"100""#)], isDiscovered: false)
    #expect(found.status == .unknown)
    #expect(found.message == "what the chart needs cannot be counted: apps: 503")
  }

  @Test("What may not be read is unknown; a namespace that is not there yet has no quotas")
  func unseen() {
    let denied = finding(.namespaceQuota) { $0.limits = .failed(ObservationFailure(.denied, "403")) }
    #expect(denied.status == .unknown)
    var survey = Survey()
    survey.namespace = .seen(nil)
    #expect(Check.namespaceQuota.exemption(Samples.answers(), survey)?.contains("does not exist yet") == true)
    survey.namespace = .failed(ObservationFailure(.denied, "403"))
    #expect(Check.namespaceQuota.exemption(Samples.answers(), survey) == nil)
  }

  @Test(
    "The simulated cluster's quota is found short, and its dry run of the pods says the same",
    .enabled(if: SimulatedStage.hasEngine, "scripts/prerequisites test fetches the engine"))
  func simulated() async throws {
    let scenario = ClusterScenario.quotaExceeded.with {
      $0.objects.append([
        "apiVersion": "v1", "kind": "ResourceQuota", "metadata": ["name": "none", "namespace": "datarobot-mlops"],
        "spec": ["hard": ["count/roles.rbac.authorization.k8s.io": "1", "requests.cpu": "500m"]],
      ])
    }
    try await SimulatedStage.with(scenario) { stage in
      let found = await stage.findings(.namespaceQuota, .chartDryRun)
      let quota = try #require(found["namespace.quota"])
      #expect(quota.status == .fail, "\(quota)")
      #expect(quota.observed.contains("ResourceQuota compute: pods used 0 of 1, needed 2"), "\(quota.observed)")
      #expect(
        quota.observed.contains("count/roles.rbac.authorization.k8s.io used 0 of 1, needed 2"), "\(quota.observed)")
      let rehearsal = try #require(found["chart.dryrun"])
      #expect(rehearsal.status == .fail, "\(rehearsal)")
      #expect(rehearsal.message.contains("pod of the image builder"), "\(rehearsal.message)")
      #expect(rehearsal.message.contains("exceeded quota: none, requested: requests.cpu=1"), "\(rehearsal.message)")
      #expect(stage.server.log.writes == [])
    }
  }
}
