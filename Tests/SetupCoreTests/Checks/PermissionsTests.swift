import HTTP
import Kubernetes
import TestSupport
import Testing

@testable import SetupCore

@Suite("The check of permissions")
struct PermissionsTests {
  private static let create = AccessRequest("create", .secrets, namespace: "datarobot-mlops")
  private static let patch = AccessRequest("patch", .deployments, namespace: "datarobot-mlops")
  private static let space = AccessRequest("create", .namespaces)

  private static func verdict(_ answers: [AccessAnswer]) -> Finding {
    finding(.permissionsInstall) {
      $0.access = .seen(answers)
      $0.escalation = .seen(EscalationSummary())
    }
  }

  @Test("All allowed passes and counts")
  func allowed() {
    let found = Self.verdict([Self.create, Self.patch].map { AccessAnswer(request: $0, allowed: .seen(true)) })
    #expect(
      found
        == Finding(.pass, observed: "2 of 2 allowed", message: "Everything the installation does is allowed."))
  }

  @Test("What is denied is named, with what was not answered beneath it")
  func denied() {
    let found = Self.verdict([
      AccessAnswer(request: Self.create, allowed: .seen(true)),
      AccessAnswer(request: Self.patch, allowed: .seen(false)),
      AccessAnswer(request: Self.space, allowed: .failed(ObservationFailure(.timedOut, "late"))),
    ])
    #expect(
      found
        == Finding(
          .fail, observed: "1 of 3 allowed",
          message: "You may not patch deployments.apps in namespace datarobot-mlops.",
          remedy: Remedy(
            "Ask a cluster administrator for these rights, or use another context.",
            command: "kubectl auth can-i patch deployments.apps --namespace datarobot-mlops --context prod"),
          details: [
            "denied: patch deployments.apps in namespace datarobot-mlops", "not answered: create namespaces",
          ]))
  }

  @Test(
    "No answer is unknown and never a pass",
    arguments: [
      [AccessAnswer(request: space, allowed: .failed(ObservationFailure(.denied, "403")))],
      [AccessAnswer(request: space, allowed: .notAsked)],
      [
        AccessAnswer(request: create, allowed: .seen(true)),
        AccessAnswer(request: space, allowed: .failed(ObservationFailure(.malformed, "webhook down"))),
      ],
      [],
    ])
  func unanswered(_ answers: [AccessAnswer]) {
    let found = Self.verdict(answers)
    #expect(found.status == .unknown)
    #expect(found.message == "The API server did not say whether everything is allowed.")
  }

  @Test("Each review is one question, of every verb that the steps need, and an authorizer's failure is no denial")
  func probe() async throws {
    let cluster = try ScriptedCluster { request in
      guard request.url.contains("selfsubjectaccessreviews") else { return nil }
      let asked = try object(JSONValue.self, String(decoding: request.body ?? [], as: UTF8.self))
      let attributes = asked[path: "spec", "resourceAttributes"]
      if attributes?["resource"] == "roles", attributes?["verb"] == "create" {
        return .json(
          201,
          #"{"kind":"SelfSubjectAccessReview","status":{"allowed":false,"evaluationError":"webhook unreachable"}}"#)
      }
      return nil
    }
    let setup = try Samples.setup(http: cluster)
    let runner = CheckRunner(setup: setup, checks: [.permissionsInstall])
    let (results, survey) = await runner.run()
    #expect(results.first?.finding.status == .unknown)
    #expect(
      results.first?.finding.details == [
        "not answered: create roles.rbac.authorization.k8s.io in namespace datarobot-mlops"
      ])
    let asked = try #require(survey.access.value).map(\.request)
    // Helm is not there, so the chart was not rendered: escalate and bind are asked for what an agent needs at least.
    let escalation = try #require(survey.escalation.value)
    #expect(!escalation.isRendered)
    #expect(escalation.exceptions.map(\.request.verb) == ["bind", "escalate"])
    #expect(Set(asked).count == asked.count)
    #expect(asked.contains(AccessRequest("create", .namespaces)))
    #expect(asked.contains(AccessRequest("patch", .secrets, namespace: "datarobot-mlops", name: "mlops-api-key")))
    // A create cannot be allowed by name, so it is asked for any.
    #expect(asked.contains(AccessRequest("create", .secrets, namespace: "datarobot-mlops")))
    #expect(!asked.contains { $0.verb == "create" && $0.name != nil })
    // The cluster's own probe asks one more: for our credentials.
    #expect(cluster.writes.count == asked.count + escalation.exceptions.count + escalation.granted.count + 1)
  }

  private static func escalation(
    escalate: Bool, bind: Bool, granted: Observed<Bool>, unreadable: [String] = []
  ) -> Finding {
    finding(.permissionsInstall) { survey in
      survey.access = .seen([AccessAnswer(request: create, allowed: .seen(true))])
      survey.escalation = .seen(
        EscalationSummary(
          exceptions: [
            AccessAnswer(request: AccessRequest("escalate", .roles), allowed: .seen(escalate)),
            AccessAnswer(request: AccessRequest("bind", .roles), allowed: .seen(bind)),
          ], granted: [AccessAnswer(request: patch, allowed: granted)], unreadable: unreadable))
    }
  }

  @Test("Nobody gives away what he does not hold, unless he may escalate and bind")
  func grants() {
    #expect(Self.escalation(escalate: true, bind: true, granted: .seen(false)).status == .pass)
    #expect(Self.escalation(escalate: false, bind: false, granted: .seen(true)).status == .pass)
    let found = Self.escalation(escalate: true, bind: false, granted: .seen(false))
    #expect(found.status == .fail)
    #expect(
      found.message
        == "The chart's roles grant what you may not do yourself, so the API server will refuse them: "
        + "patch deployments.apps in namespace datarobot-mlops.")
    #expect(found.details == ["may not be granted: patch deployments.apps in namespace datarobot-mlops"])
    let late = ObservationFailure(.timedOut, "late")
    #expect(Self.escalation(escalate: false, bind: false, granted: .failed(late)).status == .unknown)
    #expect(
      Self.escalation(escalate: true, bind: false, granted: .seen(true), unreadable: ["ClusterRole x: 403"]).status
        == .unknown)
    #expect(finding(.permissionsInstall) { $0.access = .seen([]) }.status == .unknown)
  }

  @Test("A namespace that exists needs no right to make it")
  func existingNamespace() async throws {
    let cluster = try ScriptedCluster([
      "/api/v1/namespaces/datarobot-mlops":
        #"{"kind":"Namespace","metadata":{"name":"datarobot-mlops"},"status":{"phase":"Active"}}"#
    ])
    let survey = await CheckRunner(setup: try Samples.setup(http: cluster), checks: [.permissionsInstall]).run().survey
    let asked = try #require(survey.access.value).map(\.request).filter { $0.resource == "namespaces" }
    #expect(asked == [AccessRequest("get", .namespaces, name: "datarobot-mlops")])
  }

  @Test("A kind of the chart whose discovery fails is not answered, and not taken for allowed")
  func undiscovered() async throws {
    let cluster = try ScriptedCluster { request in
      if request.url.hasSuffix("/apis") { return .json(200, #"{"kind":"APIGroupList","groups":[]}"#) }
      if request.url.hasSuffix("/api/v1") { return .json(200, #"{"kind":"APIResourceList","resources":[]}"#) }
      return request.url.hasSuffix("/apis/apps/v1") ? .status(503, "ServiceUnavailable", "away") : nil
    }
    let helm: @Sendable (ProcessCommand) async throws -> ProcessResult = { command in
      let isVersion = command.arguments.first == "version"
      let chart = "{apiVersion: apps/v1, kind: Deployment, metadata: {name: agent}}\n"
      return ProcessResult(exitCode: 0, output: isVersion ? "v4.2.4" : chart)
    }
    let setup = try Samples.setup(http: cluster, programs: ["helm": helm])
    let found = try #require(await CheckRunner(setup: setup, checks: [.permissionsInstall]).run().results.first).finding
    #expect(found.status == .unknown, "\(found)")
    #expect(found.details == ["not answered: create deployment.apps in namespace datarobot-mlops"])
  }

  @Test("Reviews that are refused altogether are unknown")
  func refused() async throws {
    let cluster = try ScriptedCluster { request in
      request.method == "POST" ? .status(500, "InternalError", "etcd is away") : nil
    }
    let results = await CheckRunner(setup: try Samples.setup(http: cluster), checks: [.permissionsInstall]).run()
      .results
    #expect(results.first?.finding.status == .unknown)
  }
}
