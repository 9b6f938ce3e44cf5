import HTTP
import Kubernetes
import TestSupport
import Testing
import YAML

@testable import SetupCore

@Suite("The check of OpenShift's security context constraints")
struct SecurityConstraintsTests {
  private static let path = "/apis/security.openshift.io/v1/securitycontextconstraints"
  private static let account = "system:serviceaccount:datarobot-mlops:builder"

  private static func constraint(
    _ name: String, _ type: String = "RunAsAny", priority: String = "null", hostPath: Bool = false, users: String = "",
    groups: String = ""
  ) -> String {
    """
    {"metadata":{"name":"\(name)"},"runAsUser":{"type":"\(type)"},"priority":\(priority),
    "allowHostDirVolumePlugin":\(hostPath),"users":[\(users)],"groups":[\(groups)]}
    """
  }

  private static let shipped = [
    constraint("restricted-v2", "MustRunAsRange", groups: #""system:authenticated""#),
    constraint("anyuid", priority: "10", groups: #""system:cluster-admins""#),
    constraint("hostaccess", "MustRunAsRange", hostPath: true), constraint("hostmount-anyuid", hostPath: true),
    constraint("privileged", hostPath: true),
  ]

  /// What the check says where the account may use these constraints; nil constraints: they may not be listed.
  private static func verdict(
    _ constraints: [String]? = shipped, allowed: [String] = [], hostPath: Bool = false, namespace: Bool = true,
    provider: String = "generic", verification: String = "", refused: [String] = []
  ) async throws -> (finding: Finding, asked: [String]) {
    let cluster = try ScriptedCluster(
      namespace
        ? [
          "/api/v1/namespaces/datarobot-mlops":
            #"{"kind":"Namespace","metadata":{"name":"datarobot-mlops"},"status":{"phase":"Active"}}"#
        ] : [:]
    ) { request in
      if request.url.hasSuffix("/apis") {
        return .json(200, #"{"kind":"APIGroupList","groups":[{"name":"security.openshift.io"}]}"#)
      }
      if request.url.hasSuffix(path) {
        guard let constraints else { return .status(403, "Forbidden", "securitycontextconstraints is forbidden") }
        return .json(
          200, #"{"kind":"SecurityContextConstraintsList","items":[\#(constraints.joined(separator: ","))]}"#)
      }
      guard isReview(request) else { return nil }
      if refused.contains(where: { request.url.contains("/\($0)?") }) {
        return .status(403, "Forbidden", "not you")
      }
      let asked = try object(JSONValue.self, String(decoding: request.body ?? [], as: UTF8.self))
      #expect(asked[path: "spec", "user"] == .string(account))
      #expect(asked[path: "spec", "groups"]?.texts.contains("system:serviceaccounts:datarobot-mlops") == true)
      let attributes = asked[path: "spec", "resourceAttributes"]
      #expect(attributes?["verb"] == "use" && attributes?["group"] == "security.openshift.io")
      #expect(attributes?["namespace"] == "datarobot-mlops")
      let isAllowed = allowed.contains(attributes?["name"]?.string ?? "")
      return .json(201, #"{"kind":"SubjectAccessReview","status":{"allowed":\#(isAllowed)}}"#)
    }
    let mount = "extraVolumes: [{name: ca, hostPath: {path: /etc/ssl}}]"
    let files = try Samples.files([
      "/home/admin/more.yaml": "imageBuilder: {serviceAccount: {name: builder}\(hostPath ? ", " + mount : "")}\n"
    ])
    let setup = try Samples.setup(
      Samples.answers([
        "chart.values": .list(["/home/admin/more.yaml"]), "registry.provider": .text(provider),
        "registry.verification": .text(verification),
      ]), files: files, http: cluster)
    let found = try #require(await CheckRunner(setup: setup, checks: [.namespaceSCC]).run().results.first).finding
    let asked = try cluster.requests.filter(isReview).compactMap { request in
      try object(JSONValue.self, String(decoding: request.body ?? [], as: UTF8.self))[
        path: "spec", "resourceAttributes", "name"]?.string
    }
    return (found, asked)
  }

  /// Whether it asks what somebody else may do.
  private static func isReview(_ request: HTTPRequest) -> Bool {
    request.url.contains("/subjectaccessreviews") || request.url.contains("/localsubjectaccessreviews")
  }

  private static let remedy =
    "oc adm policy add-scc-to-user anyuid -z builder -n datarobot-mlops --context prod"

  @Test("Who may use anyuid builds; who may not is refused, with the command that lets him")
  func decided() async throws {
    let allowed = try await Self.verdict(allowed: ["anyuid"])
    #expect(
      allowed.finding
        == Finding(
          .pass, observed: "service account builder; anyuid: allowed",
          message: "The constraint anyuid lets the image builder's service account builder run as root."))
    #expect(allowed.asked == ["anyuid"])
    let denied = try await Self.verdict()
    #expect(denied.finding.status == .fail)
    #expect(
      denied.finding.message
        == "OpenShift does not let the image builder's service account builder run as root: it may use no constraint that does."
    )
    #expect(denied.finding.remedy?.command == Self.remedy)
    // OpenShift prefers `restricted` to a constraint without a priority, so this one changes nothing.
    #expect(try await Self.verdict(allowed: ["privileged", "hostmount-anyuid"]).finding.status == .fail)
  }

  @Test("A builder that mounts the node's folders needs another constraint than anyuid")
  func hostPath() async throws {
    #expect(try await Self.verdict(allowed: ["privileged"], hostPath: true).finding.status == .pass)
    let denied = try await Self.verdict(allowed: ["anyuid"], hostPath: true)
    #expect(denied.finding.status == .fail)
    #expect(denied.asked == ["hostmount-anyuid", "privileged"])
    #expect(denied.finding.message.contains("run as root and mount the node's folders (ca)"))
    #expect(
      denied.finding.remedy?.command
        == "oc adm policy add-scc-to-user hostmount-anyuid -z builder -n datarobot-mlops --context prod")
  }

  @Test("A constraint's own users and groups count, and those that a cluster has of its own")
  func members() async throws {
    let named = [Self.constraint("anyuid", priority: "10", users: #""\#(Self.account)""#)]
    #expect(try await Self.verdict(named).finding.status == .pass)
    let grouped = [Self.constraint("anyuid", priority: "10", groups: #""system:serviceaccounts:datarobot-mlops""#)]
    #expect(try await Self.verdict(grouped).finding.status == .pass)
    let own = [Self.constraint("builders", priority: "20")]
    #expect(try await Self.verdict(own, allowed: ["builders"]).finding.status == .pass)
    #expect(try await Self.verdict([]).finding.status == .fail)
  }

  @Test("Who may not list the constraints asks for the known ones, and a no is only a warning then")
  func unlisted() async throws {
    #expect(try await Self.verdict(nil, allowed: ["anyuid"]).finding.status == .pass)
    let denied = try await Self.verdict(nil).finding
    #expect(denied.status == .warn)
    #expect(denied.message.contains("run as root: it may not use anyuid. "), "\(denied.message)")
    #expect(denied.message.hasSuffix("Whether a constraint of the cluster's own does could not be seen."))
    #expect(denied.remedy?.command == Self.remedy)
  }

  @Test("The question is asked in the namespace where it may not be asked in the whole cluster; refused, it is unknown")
  func local() async throws {
    let local = try await Self.verdict(allowed: ["anyuid"], refused: ["v1/subjectaccessreviews"])
    #expect(local.finding.status == .pass)
    #expect(local.asked == ["anyuid", "anyuid"])
    let refused = try await Self.verdict(
      allowed: ["anyuid"], refused: ["v1/subjectaccessreviews", "localsubjectaccessreviews"]
    ).finding
    #expect(refused.status == .unknown)
    #expect(refused.message.hasPrefix("Whether OpenShift lets the image builder run as root could not be asked: "))
    #expect(refused.remedy?.command?.hasPrefix("oc auth can-i use ") == true)
  }

  @Test("Nothing can be granted in a namespace that is yet to be made: a warning; a plan that grants it passes")
  func later() async throws {
    let absent = try await Self.verdict(namespace: false).finding
    #expect(absent.status == .warn)
    #expect(absent.remedy?.text.contains("oc new-project datarobot-mlops") == true)
    let planned = try await Self.verdict(namespace: false, provider: "openshift").finding
    #expect(planned.status == .pass)
    #expect(planned.message == "The plan lets the service account builder use the constraint anyuid.")
    #expect(try await Self.verdict(hostPath: true, provider: "openshift").finding.status == .fail)
    let trusting = try await Self.verdict(hostPath: true, provider: "openshift", verification: "host").finding
    #expect(trusting.message == "The plan lets the service account builder use the constraint hostmount-anyuid.")
  }

  @Test("Elsewhere there is nothing to ask; where the API groups cannot be read it is unknown")
  func elsewhere() async throws {
    let cluster = try ScriptedCluster()
    let results = await CheckRunner(setup: try Samples.setup(http: cluster), checks: [.namespaceSCC]).run().results
    #expect(results.first?.finding.message == "This is not OpenShift.")
    #expect(!cluster.requests.contains(where: Self.isReview))
    let hidden = try ScriptedCluster { $0.url.hasSuffix("/apis") ? .status(403, "Forbidden", "no") : nil }
    let unknown = await CheckRunner(setup: try Samples.setup(http: hidden), checks: [.namespaceSCC]).run().results
    #expect(unknown.first?.finding.status == .unknown)
  }

  @Test(
    "The builder's account is the one that the values name, that the chart makes, or the namespace's own",
    arguments: [
      ("{imageBuilder: {serviceAccount: {create: true, name: mine}}}", ["a"], "mine"),
      ("{imageBuilder: {serviceAccount: {create: false, name: mine}}}", [], "mine"),
      ("{imageBuilder: {serviceAccount: {create: false}}}", ["kaniko-bosun-agent"], "default"),
      (
        "{imageBuilder: {serviceAccount: {create: true}}}", ["bosun-agent", "kaniko-bosun-agent"], "kaniko-bosun-agent"
      ),
      ("{imageBuilder: {serviceAccount: {create: true}}}", ["image-builder-bosun"], "image-builder-bosun"),
      ("{imageBuilder: {serviceAccount: {create: true}}, fullnameOverride: x}", [], "kaniko-x"),
      ("{imageBuilder: {serviceAccount: {create: true}}, nameOverride: bos}", [], "kaniko-bosun"),
      ("{imageBuilder: {}}", ["bosun-agent"], "default"),
    ] as [(String, [String], String)])
  func accounts(_ text: String, _ made: [String], _ expected: String) throws {
    var values = EffectiveValues()
    values.lay(try YAML.parse(text, source: "values.yaml"))
    let objects = made.compactMap {
      ChartObject(["apiVersion": "v1", "kind": "ServiceAccount", "metadata": ["name": .string($0)]])
    }
    #expect(
      ImageBuilder.account(values, rendered: RenderedChart(objects: objects), release: "bosun", chart: "agent")
        == expected)
  }
}
