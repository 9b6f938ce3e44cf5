import FoundationEssentials
import HTTP
import Kubernetes
import TestSupport
import Testing

@testable import SetupCore

@Suite("The steps that put an ingress controller in place")
struct IngressStepTests {
  private static let classPath = "/apis/networking.k8s.io/v1/ingressclasses/mlops"
  private static let records = "/api/v1/namespaces/ingress-mlops"

  private static func answers(_ install: String = "traefik") -> Answers {
    Samples.answers(["ingress.install": .text(install)])
  }

  private static func ingressClass(
    _ controller: String = "k8s.io/ingress-nginx", labels: String = "{}", annotations: String = "{}"
  ) -> String {
    #"{"kind":"IngressClass","metadata":{"name":"mlops","labels":\#(labels),"annotations":\#(annotations)},"spec":{"controller":"\#(controller)"}}"#
  }

  private static func annotations(_ release: String, in namespace: String = "ingress-mlops") -> String {
    #"{"meta.helm.sh/release-name":"\#(release)","meta.helm.sh/release-namespace":"\#(namespace)"}"#
  }

  /// Helm's record of a revision.
  private static func release(_ name: String, _ status: String = "deployed") -> (String, String) {
    (
      "\(records)/secrets/sh.helm.release.v1.\(name).v1",
      #"{"kind":"Secret","metadata":{"name":"sh.helm.release.v1.\#(name).v1","labels":{"owner":"helm","name":"\#(name)","version":"1","status":"\#(status)"}}}"#
    )
  }

  private static func states(
    _ objects: [String: String], _ answers: Answers = answers()
  ) async throws -> [String: StepState] {
    let cluster = try ScriptedCluster(objects)
    let setup = try Samples.setup(answers, http: cluster)
    var states: [String: StepState] = [:]
    for step in IngressStep.steps(answers) { states[step.id.name] = try await step.inspect(setup) }
    #expect(cluster.writes == [])
    return states
  }

  @Test("Traefik takes two steps, because its chart makes no class with that controller value; ingress-nginx takes one")
  func list() {
    #expect(IngressStep.steps(Self.answers()).map(\.id.name) == ["ingress-controller", "ingress-class"])
    #expect(IngressStep.steps(Self.answers("ingress-nginx")).map(\.id.name) == ["ingress-controller"])
    #expect(IngressStep.steps(Samples.answers()).isEmpty)
    #expect(IngressStep.steps(Self.answers()).map(\.staysUnlessNamed) == [true, true])
    let ids = Planner.steps(Self.answers()).map(\.id.name)
    #expect(
      ids == [
        "namespace", "api-token", "registry-credentials", "ingress-controller", "ingress-class", "values",
        "agent-attach", "release", "rollout",
      ])
  }

  @Test("On a cluster without one all is needed, each change in a line, and of ingress-nginx first that it is retired")
  func needed() async throws {
    let traefik = try await Self.states([:])
    guard case .needed(let changes)? = traefik["ingress-controller"] else {
      Issue.record("\(traefik)")
      return
    }
    #expect(changes.count == 5)
    #expect(changes.first == "create Namespace ingress-mlops")
    #expect(changes.contains("install release traefik in the namespace ingress-mlops of chart traefik-41.3.0"))
    #expect(changes.last == "wait until the workloads of release traefik are available")
    #expect(traefik["ingress-class"] == .needed(["create IngressClass mlops"]))
    let nginx = try await Self.states([:], Self.answers("ingress-nginx"))
    guard case .needed(let changes)? = nginx["ingress-controller"] else {
      Issue.record("\(nginx)")
      return
    }
    #expect(changes.first?.hasPrefix("ingress-nginx is retired") == true)
    #expect(
      changes.contains("install release nginx-ingress in the namespace ingress-mlops of chart ingress-nginx-4.15.1"))
  }

  @Test(
    "A class of another hand is used as it is, nothing is installed, and the plan says whose it is",
    arguments: [
      (ingressClass(), "another hand"),
      (ingressClass(annotations: annotations("nginx", in: "web")), "the Helm release web/nginx"),
      // Our own ingress-nginx of an earlier answer is no Traefik.
      (ingressClass(annotations: annotations("nginx-ingress")), "the Helm release ingress-mlops/nginx-ingress"),
    ])
  func foreignClass(_ ingressClass: String, _ maker: String) async throws {
    let expected = StepState.done(
      "IngressClass mlops (k8s.io/ingress-nginx) is there already, made by \(maker): it is used as it is, and nothing is "
        + "installed")
    let states = try await Self.states([Self.classPath: ingressClass])
    #expect(states == ["ingress-controller": expected, "ingress-class": expected])
  }

  @Test(
    "A release of that name by another hand is left; where it serves no such class, the plan cannot go on and says so")
  func foreignRelease() async throws {
    let (path, json) = Self.release("traefik")
    let states = try await Self.states([path: json])
    let reason = try #require(states["ingress-controller"]).whyBlocked()
    #expect(
      reason.hasPrefix(
        "release traefik in the namespace ingress-mlops was made by another hand and is left as it is, but there is no "
          + "IngressClass mlops."))
    let served = try await Self.states([
      path: json, Self.classPath: Self.ingressClass(annotations: Self.annotations("traefik")),
    ])
    guard case .done(let found)? = served["ingress-controller"] else {
      Issue.record("\(served)")
      return
    }
    #expect(found.hasSuffix("it is used as it is, and nothing is installed"))
  }

  @Test("A release that a failed run of ours left is ours, because that was noted before helm began")
  func claimed() async throws {
    let (path, json) = Self.release("traefik", "failed")
    let record = "\(Self.records)/configmaps/mlops-setup-traefik"
    let states = try await Self.states([
      path: json, record: #"{"kind":"ConfigMap","metadata":{"name":"mlops-setup-traefik"},"data":{"revision":"0"}}"#,
    ])
    guard case .needed(let changes)? = states["ingress-controller"] else {
      Issue.record("\(states)")
      return
    }
    #expect(changes.contains("upgrade release traefik, whose revision 1 is failed, to chart traefik-41.3.0"))
  }

  @Test("Helm that fails is told with its words; the release it may have left is marked as ours before")
  func fails() async throws {
    let cluster = try ScriptedCluster()
    let answers = Self.answers()
    let setup = try Samples.setup(
      answers, http: cluster,
      programs: [
        "helm": { _ in
          #expect(cluster.object("\(Self.records)/configmaps/mlops-setup-traefik")?["data"]?["revision"] == "0")
          return ProcessResult(
            exitCode: 1, errors: "Error: failed to fetch https://traefik.github.io/charts/index.yaml")
        }
      ])
    let error = await #expect(throws: SetupError.self) {
      try await IngressStep.steps(answers)[0].perform(setup) { _ in }
    }
    #expect(error?.message.contains("failed to fetch https://traefik.github.io/charts/index.yaml") == true)
    #expect(error?.next.contains("--repo https://traefik.github.io/charts --version 41.3.0") == true)
  }

  @Test("On OpenShift nothing is installed, whatever the answers say")
  func openShift() async throws {
    let states = try await Self.states([
      "/apis": #"{"kind":"APIGroupList","groups":[{"name":"route.openshift.io"}]}"#
    ])
    let expected = StepState.done("OpenShift's own router serves the models: no ingress controller is installed")
    #expect(states == ["ingress-controller": expected, "ingress-class": expected])
  }

  @Test("What another hand made is not taken away, even where it is named")
  func undoForeign() async throws {
    let cluster = try ScriptedCluster([Self.classPath: Self.ingressClass()])
    let setup = try Samples.setup(Self.answers(), http: cluster)
    for step in IngressStep.steps(setup.answers) {
      #expect(try await step.undo(setup).hasPrefix("stays: IngressClass mlops"))
    }
    #expect(cluster.writes == [])
  }

  @Test("What is needed of the cluster includes what such charts make beyond the namespace")
  func access() {
    let sentences = IngressStep.steps(Self.answers("ingress-nginx"))[0].access(namespaceExists: true).map {
      "\($0.verb) \($0.qualifiedResource) \($0.namespace ?? "-")"
    }
    for wanted in [
      "create namespaces -", "create clusterroles.rbac.authorization.k8s.io -",
      "create ingressclasses.networking.k8s.io -", "create deployments.apps ingress-mlops",
      "create secrets ingress-mlops", "create validatingwebhookconfigurations.admissionregistration.k8s.io -",
    ] { #expect(sentences.contains(wanted), "\(wanted)") }
  }

  @Test("The plan with Traefik and a right to attach is the recorded one, commands and all")
  func plan() async throws {
    let cluster = try ScriptedCluster()
    let setup = try Samples.setup(Self.answers(), http: cluster)
    let plan = PlanDocument(try await Planner.plan(setup))
    let steps = plan.steps.filter { $0.id.hasPrefix("ingress") || $0.id == "agent-attach" }
    let text = TextReport.plan(PlanDocument(target: plan.target, steps: steps))
    if let difference = try goldenDifference("SetupCore/plan-ingress.txt", text) { Issue.record("\(difference)") }
    #expect(cluster.writes == [])
    let shell = Processes.live(environment: ["PATH": "/usr/bin:/bin"])
    for command in steps.flatMap(\.commands) {
      let read = try await shell.run(
        ProcessCommand("sh", ["-n"], input: Array(command.shell.utf8), deadline: .seconds(10)))
      #expect(read == ProcessResult(exitCode: 0), "\(command.shell)")
    }
  }
}
