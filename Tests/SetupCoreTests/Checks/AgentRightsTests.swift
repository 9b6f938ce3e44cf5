import FoundationEssentials
import HTTP
import Kubernetes
import TestSupport
import Testing

@testable import SetupCore

@Suite("The check of the agent's permissions")
struct AgentRightsTests {
  private typealias Missing = AgentRightsSummary.Missing

  private static let attach: AccessRequest = {
    var request = AccessRequest("create", .pods, namespace: "datarobot-mlops")
    request.subresource = "attach"
    return request
  }()
  private static let patch = AccessRequest("patch", .deployments, namespace: "datarobot-mlops")

  private static func verdict(_ summary: AgentRightsSummary, minor: Int = 36) -> Finding {
    finding(.permissionsAgent) { survey in
      survey.agentRights = .seen(summary)
      survey.cluster = .seen(
        ClusterSummary(
          context: "prod", server: Samples.server, gitVersion: "v1.\(minor).0", major: 1, minor: minor,
          serverDate: nil, localDate: .distantPast, credentials: .seen("admin")))
    }
  }

  private static func lacking(
    _ requests: [AccessRequest], elsewhere: Observed<Bool>, roles: [String] = ["Role agent"]
  ) -> AgentRightsSummary {
    AgentRightsSummary(
      account: "agent", roles: roles, unreadable: [],
      missing: requests.map { Missing(request: $0, purpose: "it breaks", elsewhere: elsewhere) })
  }

  @Test("A role with everything passes; what the cluster gives beside it counts")
  func complete() {
    let found = Self.verdict(AgentRightsSummary(account: "agent", roles: ["Role agent"]))
    #expect(
      found
        == Finding(
          .pass, observed: "service account agent, Role agent",
          message: "The service account agent gets all 35 rights that the agent needs."))
    let elsewhere = Self.verdict(Self.lacking([Self.attach], elsewhere: .seen(true)))
    #expect(elsewhere.status == .pass)
    #expect(
      elsewhere.details
        == ["not from the chart, but allowed by the cluster: create pods/attach in namespace datarobot-mlops"])
  }

  @Test(
    "Attaching needs create from Kubernetes 1.35 on, where the plan adds it, and is only a warning before",
    arguments: [(34, FindingStatus.warn), (35, .pass), (37, .pass)])
  func attach(_ minor: Int, _ status: FindingStatus) {
    let found = Self.verdict(Self.lacking([Self.attach], elsewhere: .seen(false)), minor: minor)
    #expect(found.status == status)
    #expect(found.message.contains("create pods/attach"))
    #expect(found.message.contains("which the plan adds (Role mlops-agent-attach)") == (status == .pass))
    let command =
      "kubectl create role mlops-agent-supplement --verb create --resource pods/attach --namespace datarobot-mlops"
    #expect(found.remedy?.command == (status == .pass ? nil : command))
  }

  @Test("Every missing verb is named with what breaks, even where nobody may ask for the account")
  func missing() {
    let refused = ObservationFailure(.denied, "subjectaccessreviews: 403")
    let found = Self.verdict(Self.lacking([Self.attach, Self.patch], elsewhere: .failed(refused)))
    #expect(found.status == .fail)
    #expect(
      found.message
        == "The service account agent may not patch deployments.apps (it breaks).")
    #expect(found.details.count == 2)
  }

  @Test("Without a role of the chart the cluster is asked, and where it may not be asked it is unknown")
  func noRole() {
    let denied = ObservationFailure(.denied, "subjectaccessreviews: 403")
    #expect(Self.verdict(Self.lacking([Self.patch], elsewhere: .failed(denied), roles: [])).status == .unknown)
    #expect(Self.verdict(Self.lacking([Self.patch], elsewhere: .notAsked, roles: [])).status == .unknown)
    #expect(Self.verdict(Self.lacking([Self.patch], elsewhere: .seen(false), roles: [])).status == .fail)
    #expect(Self.verdict(Self.lacking([Self.patch], elsewhere: .seen(true), roles: [])).status == .pass)
    var unreadable = Self.lacking([Self.patch], elsewhere: .failed(denied))
    unreadable.unreadable = ["ClusterRole edit: 403"]
    #expect(Self.verdict(unreadable).status == .unknown)
  }

  @Test("Rules match by verb, group, resource and subresource, with stars; rules for single names do not count")
  func rules() {
    func rule(_ json: JSONValue) -> RBACRule { RBACRule(json) }
    let pods = rule(["apiGroups": [""], "resources": ["pods", "pods/attach"], "verbs": ["get"]])
    #expect(pods.allows("get", group: "", resource: "pods"))
    #expect(pods.allows("get", group: "", resource: "pods", subresource: "attach"))
    #expect(!pods.allows("get", group: "", resource: "pods", subresource: "log"))
    #expect(!pods.allows("create", group: "", resource: "pods", subresource: "attach"))
    #expect(!pods.allows("get", group: "apps", resource: "pods"))
    let everything = rule(["apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]])
    #expect(everything.allows("create", group: "", resource: "pods", subresource: "attach"))
    #expect(
      !rule(["apiGroups": [""], "resources": ["secrets"], "verbs": ["get"], "resourceNames": ["one"]])
        .allows("get", group: "", resource: "secrets"))
  }

  @Test(
    "The stand-in chart, rendered by helm, gives its agent all it needs; without its role nobody does",
    .enabled(if: SimulatedStage.hasEngine, "scripts/prerequisites test fetches the engine"))
  func rendered() async throws {
    try await SimulatedStage.with { stage in
      let found = await stage.findings(.permissionsAgent)["permissions.agent"]
      #expect(found?.status == .pass, "\(String(describing: found))")
    }
    try await SimulatedStage.with(values: "managementAgent: {rbac: {create: false}}\n") { stage in
      let found = try #require(await stage.findings(.permissionsAgent)["permissions.agent"])
      #expect(found.status == .fail, "\(found)")
      #expect(found.observed == "service account bosun-datarobot-management-agent, no role of the chart")
      #expect(found.details.count == 35)
      #expect(
        found.details.contains(
          "create pods/attach in namespace datarobot-mlops: the build of a model's image cannot be given its files"))
    }
  }
}
