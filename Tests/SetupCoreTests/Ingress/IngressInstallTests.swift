import FoundationEssentials
import Kubernetes
import Simulator
import TestSupport
import Testing

@testable import SetupCore

/// Helm's own library renders and installs small charts of these tests' own, with the real ones' keys.
@Suite("An ingress controller on a simulated cluster", .serialized, .timeLimit(.minutes(3)))
struct IngressInstallTests {
  private static let namespace = "ingress-mlops"

  private static func changes(_ install: String, _ more: [QuestionID: AnswerValue] = [:]) -> [QuestionID: AnswerValue] {
    [
      "ingress.install": .text(install), "ingress.chart": .text("\(Samples.fixtures)/charts/\(install)"),
      "helm.timeout": .text("2m"),
    ].merging(more) { $1 }
  }

  /// Runs the steps as the runner does; how each ended.
  @discardableResult
  private static func run(_ setup: Setup) async throws -> [StepOutcome] {
    let steps = IngressStep.steps(setup.answers)
    let plan = Plan(target: "test", entries: steps.map { Plan.Entry(step: $0, state: .done("")) })
    let journal = Journal(path: try setup.stateFolder().journal, world: setup.world)
    return try await Runner(plan: plan, setup: setup, journal: journal).run { _ in }.entries.map(\.outcome)
  }

  private static func isChange(_ outcome: StepOutcome) -> Bool { if case .changed = outcome { true } else { false } }

  private static func arguments(_ deployment: JSONValue?) -> [String] {
    deployment?[path: "spec", "template", "spec"]?["containers"]?.array?.first?["args"]?.texts ?? []
  }

  @Test(
    "ingress-nginx serves the class alone with the procedure's settings; a second run changes nothing; it goes when named",
    .enabled(if: SimulatedStage.hasEngine, "scripts/prerequisites test fetches the engine"),
    arguments: ["helm", "helm3"])
  func nginx(_ program: String) async throws {
    try await SimulatedStage.with(.noIngress, program: program, changes: Self.changes("ingress-nginx")) { stage in
      let first = try await Self.run(stage.setup)
      #expect(first.map(Self.isChange) == [true], "\(first)")
      let name = "nginx-ingress-ingress-nginx-controller"
      let live = await stage.server.object("ingressclasses.networking.k8s.io", name: "mlops")
      #expect(live?[path: "spec", "controller"] == "k8s.io/ingress-nginx-mlops")
      let configuration = await stage.server.object("configmaps", namespace: Self.namespace, name: name)
      #expect(
        configuration?["data"] == [
          "proxy-body-size": "51m", "proxy-connect-timeout": "65", "proxy-read-timeout": "605",
          "proxy-send-timeout": "605",
        ])
      let scaler = await stage.server.object(
        "horizontalpodautoscalers.autoscaling", namespace: Self.namespace, name: name)
      #expect(scaler?[path: "spec", "minReplicas"] == 2)
      #expect(scaler?[path: "spec", "maxReplicas"] == 3)
      let deployment = await stage.server.object("deployments.apps", namespace: Self.namespace, name: name)
      #expect(Self.arguments(deployment).contains("--controller-class=k8s.io/ingress-nginx-mlops"))
      #expect(Self.arguments(deployment).contains("--ingress-class=mlops"))
      #expect(deployment?[path: "status", "availableReplicas"] == 1)

      stage.server.log.clear()
      let second = try await Self.run(stage.setup)
      #expect(second.map(Self.isChange) == [false], "\(second)")
      #expect(stage.server.log.writes.isEmpty, "\(stage.server.log.writes)")
      // It is found as any other would be.
      let found = await stage.findings(.ingressClass, .ingressController)
      #expect(found["ingress.class"]?.status == .pass)
      #expect(found["ingress.controller"]?.status == .warn, "it is retired")
      #expect(found["ingress.controller"]?.observed.contains("chart 4.15.1") == true)

      let step = IngressStep.steps(stage.setup.answers)[0]
      let undone = try await step.undo(stage.setup)
      #expect(undone.contains("uninstalled release nginx-ingress"), "\(undone)")
      #expect(undone.contains("kubectl delete namespace ingress-mlops"))
      #expect(await stage.server.object("ingressclasses.networking.k8s.io", name: "mlops") == nil)
      #expect(await stage.server.objects("secrets", namespace: Self.namespace).isEmpty)
      #expect(await stage.server.object("namespaces", name: Self.namespace) != nil)
    }
  }

  @Test(
    "Traefik reads ingress-nginx' annotations for the class that we make, and for no other",
    .enabled(if: SimulatedStage.hasEngine, "scripts/prerequisites test fetches the engine"))
  func traefik() async throws {
    try await SimulatedStage.with(.noIngress, changes: Self.changes("traefik")) { stage in
      let before = await stage.findings(.ingressClass, .ingressController)
      #expect(
        before["ingress.class"]?.message
          == "There is no IngressClass mlops yet: the plan makes it, with Traefik to serve it.")
      #expect(before["ingress.controller"]?.status == .pass)

      let first = try await Self.run(stage.setup)
      #expect(first.map(Self.isChange) == [true, true], "\(first)")
      let classes = await stage.server.objects("ingressclasses.networking.k8s.io")
      #expect(classes.map { $0[path: "metadata", "name"]?.string } == ["mlops"], "the chart's own class is off")
      #expect(classes.first?[path: "spec", "controller"] == "k8s.io/ingress-nginx-mlops")
      let deployment = await stage.server.object("deployments.apps", namespace: Self.namespace, name: "traefik")
      let arguments = Self.arguments(deployment)
      for wanted in [
        "--providers.kubernetesingressnginx.controllerClass=k8s.io/ingress-nginx-mlops",
        "--providers.kubernetesingressnginx.proxyBodySize=53477376",
        "--providers.kubernetesingressnginx.proxyReadTimeout=605",
        "--providers.kubernetesingressnginx.proxyConnectTimeout=65",
        "--entryPoints.web.transport.respondingTimeouts.readTimeout=605",
      ] { #expect(arguments.contains(wanted), "\(wanted) of \(arguments)") }
      #expect(!arguments.contains("--providers.kubernetesingress"))
      #expect(deployment?[path: "status", "availableReplicas"] == 2)

      stage.server.log.clear()
      let second = try await Self.run(stage.setup)
      #expect(second.map(Self.isChange) == [false, false], "\(second)")
      #expect(stage.server.log.writes.isEmpty, "\(stage.server.log.writes)")
      let after = await stage.findings(.ingressClass, .ingressController)
      #expect(after["ingress.controller"]?.status == .pass, "\(String(describing: after))")
      #expect(after["ingress.controller"]?.observed.contains("Traefik") == true)

      for step in IngressStep.steps(stage.setup.answers).reversed() { _ = try await step.undo(stage.setup) }
      #expect(await stage.server.objects("ingressclasses.networking.k8s.io").isEmpty)
      #expect(await stage.server.objects("deployments.apps", namespace: Self.namespace).isEmpty)
    }
  }

  @Test(
    "A controller that is there is left as it is, and the steps write nothing",
    .enabled(if: SimulatedStage.hasEngine, "scripts/prerequisites test fetches the engine"))
  func present() async throws {
    try await SimulatedStage.with(.healthy, changes: Self.changes("traefik")) { stage in
      stage.server.log.clear()
      let outcomes = try await Self.run(stage.setup)
      for outcome in outcomes {
        guard case .unchanged(let found) = outcome else {
          Issue.record("\(outcome)")
          continue
        }
        #expect(found.contains("is there already"))
      }
      #expect(stage.server.log.writes.isEmpty)
    }
  }

  @Test(
    "The user's own values win over ours, and a change of theirs is a reason to upgrade",
    .enabled(if: SimulatedStage.hasEngine, "scripts/prerequisites test fetches the engine"))
  func ownValues() async throws {
    try await SimulatedStage.with(
      .noIngress, changes: Self.changes("traefik", ["ingress.values": .list(["mine.yaml"])])
    ) { stage in
      let path = stage.setup.path("mine.yaml")
      try stage.setup.world.files.write(path, Array("deployment: {replicas: 1}\n".utf8), 0o644)
      try await Self.run(stage.setup)
      let deployment = await stage.server.object("deployments.apps", namespace: Self.namespace, name: "traefik")
      #expect(deployment?[path: "spec", "replicas"] == 1)
      try stage.setup.world.files.write(path, Array("deployment: {replicas: 3}\n".utf8), 0o644)
      guard case .needed(let changes) = try await IngressStep.steps(stage.setup.answers)[0].inspect(stage.setup) else {
        Issue.record("not needed")
        return
      }
      #expect(
        changes == [
          "upgrade release traefik from revision 1 to chart traefik-41.3.0: other values",
          "value deployment.replicas: 1 -> 3",
        ])
    }
  }
}
