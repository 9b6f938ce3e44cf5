import Kubernetes
import TestSupport
import Testing

@testable import Simulator

@Suite("Controllers")
struct ControllerTests {
  private static let path = "/apis/apps/v1/namespaces/default/deployments"

  private func deployment(_ image: String, replicas: Int = 1, cpu: String = "100m") -> JSONValue {
    [
      "metadata": ["name": "web"],
      "spec": [
        "replicas": .integer(replicas), "selector": ["matchLabels": ["app": "web"]],
        "template": [
          "metadata": ["labels": ["app": "web"]],
          "spec": [
            "containers": [
              ["name": "c", "image": .string(image), "resources": ["requests": ["cpu": .string(cpu)]]]
            ]
          ],
        ],
      ],
    ]
  }

  private func condition(_ object: JSONValue?, _ type: String) -> JSONValue? {
    (object?.value(at: ["status", "conditions"])?.array ?? []).first { $0["type"]?.string == type }
  }

  private func pods(_ client: TestClient) async -> [JSONValue] {
    await client.server.objects("pods", namespace: "default")
  }

  private func reasons(_ client: TestClient) async -> Set<String> {
    Set(await client.server.objects("events", namespace: "default").compactMap { $0["reason"]?.string })
  }

  @Test("A deployment rolls out, rolls over to a new template, and goes with all it made")
  func rollsOut() async throws {
    try await withCluster(.healthy) { client in
      _ = try await client.send("POST", Self.path, deployment("a:1", replicas: 2))
      func isDone(_ image: String) async -> Bool {
        let web = await client.server.object("deployments.apps", namespace: "default", name: "web")
        let found = await pods(client)
        return web?["status"]?["availableReplicas"] == 2
          && condition(web, "Progressing")?["reason"] == "NewReplicaSetAvailable"
          && found.count == 2
          && found.allSatisfy { $0.value(at: ["spec", "containers"])?.array?.first?["image"]?.string == image }
      }
      #expect(try await eventually { await isDone("a:1") })
      #expect(
        await reasons(client).isSuperset(of: [
          "Scheduled", "Pulling", "Pulled", "Created", "Started", "ScalingReplicaSet",
        ]))
      _ = try await client.send("PUT", "\(Self.path)/web", deployment("a:2", replicas: 2))
      #expect(try await eventually { await isDone("a:2") })
      #expect(await client.server.objects("replicasets.apps", namespace: "default").count == 2)
      _ = try await client.send("DELETE", "\(Self.path)/web")
      #expect(
        try await eventually {
          let sets = await client.server.objects("replicasets.apps", namespace: "default")
          return await pods(client).isEmpty && sets.isEmpty
        })
    }
  }

  @Test("An image that cannot be pulled ends in ImagePullBackOff, with its events")
  func imagePull() async throws {
    let scenario = ClusterScenario.healthy.with {
      $0.behaviour.rules = [.init(image: "bad", outcome: .imagePullBackOff(message: "no such image"))]
    }
    try await withCluster(scenario) { client in
      _ = try await client.send("POST", Self.path, deployment("registry.example/bad:1"))
      #expect(
        try await eventually {
          let status = await pods(client).first?.value(at: ["status", "containerStatuses"])?.array?.first
          return status?.value(at: ["state", "waiting", "reason"]) == "ImagePullBackOff"
        })
      #expect(await reasons(client).isSuperset(of: ["Failed", "BackOff"]))
      let log = try await client.send("GET", "/api/v1/namespaces/default/pods/\(await pods(client)[0].name)/log")
      #expect(log.status == 400)
      #expect(log.json["message"]?.string?.hasSuffix("is waiting to start: trying and failing to pull image") == true)
    }
  }

  @Test("A program that ends is in CrashLoopBackOff, and its log says why")
  func crash() async throws {
    let scenario = ClusterScenario.healthy.with {
      $0.behaviour.rules = [.init(deployment: "web", outcome: .crashLoop(exitCode: 3, log: "no API key\n"))]
    }
    try await withCluster(scenario) { client in
      _ = try await client.send("POST", Self.path, deployment("a:1"))
      #expect(
        try await eventually {
          let status = await pods(client).first?.value(at: ["status", "containerStatuses"])?.array?.first
          return status?.value(at: ["state", "waiting", "reason"]) == "CrashLoopBackOff"
            && status?.value(at: ["lastState", "terminated", "exitCode"]) == 3
        })
      let log = try await client.send("GET", "/api/v1/namespaces/default/pods/\(await pods(client)[0].name)/log")
      #expect(log.text == "no API key\n")
    }
  }

  @Test("A pod that fits nowhere stays Pending and says why, node by node")
  func unschedulable() async throws {
    let scenario = ClusterScenario.healthy.with {
      $0.nodes = [
        SimulatedNode("small", cpu: "1"), SimulatedNode("cordoned", isCordoned: true),
        SimulatedNode("tainted", taints: [.init(key: "dedicated", value: "x")]),
      ]
    }
    try await withCluster(scenario) { client in
      _ = try await client.send("POST", Self.path, deployment("a:1", cpu: "3"))
      #expect(
        try await eventually {
          condition(await pods(client).first, "PodScheduled")?["message"]?.string
            == "0/3 nodes are available: 1 Insufficient cpu, 1 node(s) had untolerated taint {dedicated: x}, "
            + "1 node(s) were unschedulable."
        })
      #expect(await reasons(client).contains("FailedScheduling"))
    }
  }

  @Test("A ReplicaSet that a quota stops says so, and its deployment too")
  func quota() async throws {
    try await withCluster(.healthy) { client in
      _ = try await client.send(
        "POST", "/api/v1/namespaces/default/resourcequotas",
        ["metadata": ["name": "q"], "spec": ["hard": ["pods": "1"]]])
      _ = try await client.send("POST", Self.path, deployment("a:1", replicas: 2))
      #expect(
        try await eventually {
          let web = await client.server.object("deployments.apps", namespace: "default", name: "web")
          return condition(web, "ReplicaFailure")?["message"]?.string?.contains("exceeded quota: q, requested: pods=1")
            == true
        })
      #expect(await pods(client).count == 1)
    }
  }

  @Test("A deployment that does not get on in its time says that it does not")
  func deadline() async throws {
    let scenario = ClusterScenario.healthy.with { $0.behaviour.rules = [.init(image: "slow", outcome: .neverReady)] }
    try await withCluster(scenario) { client in
      var late = deployment("slow:1")
      late.set(1, at: "spec", "progressDeadlineSeconds")
      _ = try await client.send("POST", Self.path, late)
      #expect(
        try await eventually {
          let web = await client.server.object("deployments.apps", namespace: "default", name: "web")
          return condition(web, "Progressing")?["reason"] == "ProgressDeadlineExceeded"
        })
    }
  }

  @Test("Stateful sets come up one after the other, daemon sets on every node")
  func others() async throws {
    try await withCluster(.healthy) { client in
      let template = deployment("a:1")["spec"] ?? [:]
      for (kind, replicas) in [("statefulsets", 2), ("daemonsets", 0)] {
        var spec = template
        spec["replicas"] = replicas > 0 ? .integer(replicas) : nil
        _ = try await client.send(
          "POST", "/apis/apps/v1/namespaces/default/\(kind)", ["metadata": ["name": .string(kind)], "spec": spec])
      }
      #expect(
        try await eventually {
          let stateful = await client.server.object("statefulsets.apps", namespace: "default", name: "statefulsets")
          let daemon = await client.server.object("daemonsets.apps", namespace: "default", name: "daemonsets")
          return stateful?["status"]?["readyReplicas"] == 2 && daemon?["status"]?["numberReady"] == 3
        })
    }
  }
}
