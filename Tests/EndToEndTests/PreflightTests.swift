import FoundationEssentials
import Kubernetes
import SetupCore
import Simulator
import TestSupport
import Testing

@Suite("Preflight by itself")
struct PreflightTests {
  @Test("Changes nothing, and says that all is well")
  func readsOnly() async throws {
    try await Stage.with { stage in
      try stage.folder.write(stage.answers(), to: "answers.yaml")
      let ending = try await stage.run("preflight", "--answers", "answers.yaml")
      #expect(ending.code == 0, "\(ending.out)\n\(ending.progress)")
      for line in [
        "pass     registry.push", "pass     registry.repositories", "pass     registry.images",
        "pass     registry.architecture", "warn     registry.tls", "unknown  datarobot.reachable",
        "skipped  datarobot.token", "skipped  datarobot.environment", "pass     urls.outfacing",
      ] {
        #expect(ending.out.contains(line), "\(line)\n\(ending.out)")
      }
      #expect(stage.cluster.log.writes == [])
      #expect(!stage.cluster.log.entries.isEmpty)
      // An upload was opened and taken back: nothing of it is left in the registry.
      let tags = try await stage.run("preflight", "--answers", "answers.yaml", "--format", "json")
      #expect(tags.out.contains("\"kind\": \"PreflightReport\""))
    }
  }

  @Test("Exits 3 when a check fails, and still changes nothing")
  func failing() async throws {
    let scenario = ClusterScenario.healthy.with {
      $0.nodes = [SimulatedNode("small", cpu: "1", memory: "2Gi", ephemeralStorage: "10Gi")]
    }
    try await Stage.with(scenario) { stage in
      try stage.folder.write(stage.answers(), to: "answers.yaml")
      let ending = try await stage.run("preflight", "--answers", "answers.yaml")
      #expect(ending.code == 3)
      #expect(ending.out.contains("fail     nodes.fit"))
      #expect(ending.out.contains("excluded: CPU 1 of 2, memory 2.1 of 6 GB, storage 10.7 of 40 GB"))
      let install = try await stage.run("--answers", "answers.yaml")
      #expect(install.code == 3)
      #expect(stage.cluster.log.writes == [])
    }
  }

  @Test("What the answers waive keeps neither preflight nor install, and every report says so")
  func waived() async throws {
    let scenario = ClusterScenario.healthy.with {
      $0.nodes = [SimulatedNode("small", cpu: "1", memory: "2Gi", ephemeralStorage: "10Gi")]
    }
    try await Stage.with(scenario) { stage in
      let waiver = "[{check: nodes.fit, reason: it grows on Monday, until: 9999-12-31}]"
      try stage.folder.write(stage.answers(["waive": waiver, "helm": "{timeout: 5s}"]), to: "answers.yaml")
      let ending = try await stage.run("preflight", "--answers", "answers.yaml", "--format", "short")
      #expect(ending.code == 0, "\(ending.out)")
      #expect(
        ending.out.contains(
          "waived   nodes.fit: Waived until 9999-12-31: it grows on Monday. Without the waiver: fail."))
      let install = try await stage.run("--answers", "answers.yaml")
      #expect(install.code == 0 || install.code == 6, "\(install.out)\n\(install.progress)")
      #expect(install.progress.contains("waived: Waived until 9999-12-31"))
      #expect(stage.cluster.log.writes != [])
    }
  }

  @Test("A node that others have filled is no room: it fails, names them, and reads the pods of that node alone")
  func fullNode() async throws {
    let scenario = ClusterScenario.healthy.with {
      $0.nodes = [SimulatedNode("only"), SimulatedNode("small", cpu: "1")]
      for (name, node) in [("database", "only"), ("elsewhere", "small")] {
        $0.objects.append([
          "apiVersion": "v1", "kind": "Pod", "metadata": ["name": .string(name), "namespace": "shop"],
          "spec": [
            "nodeName": .string(node),
            "containers": [["name": "c", "image": "postgres", "resources": ["requests": ["memory": "11Gi"]]]],
          ],
        ])
      }
    }
    try await Stage.with(scenario) { stage in
      try stage.folder.write(stage.answers(), to: "answers.yaml")
      let ending = try await stage.run("preflight", "--answers", "answers.yaml")
      #expect(ending.code == 3)
      #expect(ending.out.contains("fail     nodes.fit"), "\(ending.out)")
      #expect(ending.out.contains("shop/database: 0 CPU, 11.8 GB memory"))
      #expect(!ending.out.contains("shop/elsewhere"))
      let asked = stage.cluster.log.entries.map(\.target).filter { $0.contains("fieldSelector") }
      #expect(asked.count == 2 && asked.allSatisfy { $0.contains("%3Donly") }, "\(asked)")
    }
  }

  @Test("Without answers it checks what can be checked without them")
  func withoutAnswers() async throws {
    try await Stage.with { stage in
      let ending = try await stage.run("preflight")
      #expect(ending.out.contains("pass     cluster.clock"))
      #expect(ending.out.contains("pass     nodes.fit"))
      // ingress-nginx runs and will do, and is retired.
      #expect(ending.out.contains("warn     ingress.controller"))
      #expect(ending.out.contains("skipped  openshift.version"))
      #expect(ending.out.contains("skipped  registry.reachable"))
      #expect(ending.code == 0, "\(ending.out)")
    }
  }
}
