import FoundationEssentials
import Glibc
import SetupCore
import Simulator
import TestSupport
import Testing

@Suite("An unattended installation on a cluster without an ingress controller")
struct IngressTests {
  /// As the program does it: a helm that reads no input must not end the tests.
  init() { Glibc.signal(SIGPIPE, SIG_IGN) }

  private static func answers(_ stage: Stage, _ ingress: String) -> String {
    stage.answers([
      "ingress": "{className: mlops, outfacingUrl: \"https://models.example.com/deployments/\", \(ingress)}"
    ])
  }

  private static func chart(_ name: String) -> String { "\(Stage.repository)/Tests/Fixtures/charts/\(name)" }

  @Test("Nothing is installed that was not asked for, and the refusal says what to answer")
  func notAsked() async throws {
    try await Stage.with(.noIngress) { stage in
      try stage.folder.write(Self.answers(stage, "install: none"), to: "answers.yaml")
      let ending = try await stage.run("--answers", "answers.yaml")
      #expect(ending.code == 3, "\(ending.out)\n\(ending.progress)")
      #expect((ending.out + ending.progress).contains("Set ingress.install"), "\(ending.out)\n\(ending.progress)")
      #expect(await stage.cluster.object("namespaces", name: "ingress-mlops") == nil)
    }
  }

  @Test("Traefik comes with the agent; a second run changes nothing; an uninstall leaves it, and takes it when named")
  func traefik() async throws {
    try await Stage.with(.noIngress) { stage in
      let ingress = "install: traefik, chart: \"\(Self.chart("traefik"))\""
      try stage.folder.write(Self.answers(stage, ingress), to: "answers.yaml")
      let first = try await stage.run("--answers", "answers.yaml")
      #expect(first.code == 0, "\(first.out)\n\(first.progress)")
      let classes = try await stage.kubectl("get", "ingressclass", "-o", "jsonpath={.items[*].metadata.name}")
      #expect(classes == "mlops")
      let available = try await stage.kubectl(
        "get", "deployment", "traefik", "-n", "ingress-mlops", "-o", "jsonpath={.status.availableReplicas}")
      #expect(available == "2")
      let values = stage.folder.file(".local/state/mlops-setup/stage/datarobot-mlops/ingress-values.yaml")
      let mode = try FileManager.default.attributesOfItem(atPath: values)[.posixPermissions] as? Int
      #expect(mode == 0o600)

      stage.cluster.log.clear()
      let second = try await stage.run("--answers", "answers.yaml")
      #expect(second.code == 0, "\(second.out)\n\(second.progress)")
      #expect(second.out.contains("Nothing was changed: all is as it should be."), "\(second.out)")
      #expect(stage.cluster.log.writes == [])

      let undone = try await stage.run("uninstall", "--answers", "answers.yaml")
      #expect(undone.code == 0, "\(undone.out)\n\(undone.progress)")
      #expect(undone.out.contains("--remove ingress-controller removes it too"), "\(undone.out)")
      #expect(undone.out.contains("--remove ingress-class removes it too"))
      #expect(await stage.cluster.object("ingressclasses.networking.k8s.io", name: "mlops") != nil)
      #expect(await stage.cluster.objects("deployments.apps", namespace: "ingress-mlops").count == 1)
      let removed = try await stage.run(
        "uninstall", "--answers", "answers.yaml", "--remove", "ingress-controller", "--remove", "ingress-class")
      #expect(removed.code == 0, "\(removed.out)\n\(removed.progress)")
      #expect(await stage.cluster.object("ingressclasses.networking.k8s.io", name: "mlops") == nil)
      #expect(await stage.cluster.objects("deployments.apps", namespace: "ingress-mlops").isEmpty)
      #expect(!FileManager.default.fileExists(atPath: values))
    }
  }

  @Test("Of ingress-nginx it is said that it is retired before it is installed, and in the plan")
  func nginx() async throws {
    try await Stage.with(.noIngress) { stage in
      let ingress = "install: ingress-nginx, chart: \"\(Self.chart("ingress-nginx"))\""
      try stage.folder.write(Self.answers(stage, ingress), to: "answers.yaml")
      let plan = try await stage.run("plan", "--answers", "answers.yaml")
      #expect(plan.out.contains("ingress-nginx is retired: it gets no fixes since March 2026"), "\(plan.out)")
      let first = try await stage.run("--answers", "answers.yaml")
      #expect(first.code == 0, "\(first.out)\n\(first.progress)")
      #expect(first.progress.contains("it is retired: no fixes since March 2026, not for security either"))
      let controller = try await stage.kubectl("get", "ingressclass", "mlops", "-o", "jsonpath={.spec.controller}")
      #expect(controller == "k8s.io/ingress-nginx-mlops")
    }
  }

  @Test(
    "The exported script does the same by kubectl and helm: a run after it has nothing to do")
  func script() async throws {
    try await Stage.with(.noIngress) { stage in
      let ingress = "install: traefik, chart: \"\(Self.chart("traefik"))\""
      try stage.folder.write(Self.answers(stage, ingress), to: "answers.yaml")
      let script = try await stage.run("plan", "--answers", "answers.yaml", "--script")
      #expect(script.code == 0, "\(script.progress)")
      let ran = try await Processes.live(environment: stage.environment).run(
        ProcessCommand(
          "sh", input: Array(script.out.utf8), workingDirectory: stage.folder.path, deadline: .seconds(120)))
      #expect(ran.exitCode == 0, "\(ran.output)\n\(ran.errors)")
      let plan = try await stage.run("plan", "--answers", "answers.yaml", "--format", "json")
      let document = try JSONDecoder().decode(PlanDocument.self, from: Data(plan.out.utf8))
      #expect(document.steps.filter { $0.state != "done" }.map(\.id) == [], "\(plan.out)")
    }
  }
}
