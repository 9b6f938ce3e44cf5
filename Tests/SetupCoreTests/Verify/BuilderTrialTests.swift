import Foundation
import Kubernetes
import Simulator
import Synchronization
import TestSupport
import Testing

@testable import SetupCore

@Suite("verify: the image builder in a simulated cluster")
struct BuilderTrialTests {
  private static let name = BuilderTrialObjects.name

  /// A cluster with the namespace, the builder's account and login, and a release that Helm's labels tell of.
  private static func scenario(_ change: (inout ClusterScenario) -> Void = { _ in }) -> ClusterScenario {
    ClusterScenario.healthy.with { scenario in
      let login = Data(
        #"{"auths":{"registry.example.com:5000":{"username":"push","password":"secret-55f1"}}}"#.utf8
      ).base64EncodedString()
      scenario.behaviour.pace = .milliseconds(20)
      scenario.objects += [
        SimulatedStage.namespace(),
        [
          "apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/dockerconfigjson",
          "metadata": ["name": "registry-creds", "namespace": "datarobot-mlops"],
          "data": [".dockerconfigjson": .string(login)],
        ],
        [
          "apiVersion": "v1", "kind": "Secret", "type": "helm.sh/release.v1",
          "metadata": [
            "name": "sh.helm.release.v1.bosun.v1", "namespace": "datarobot-mlops",
            "labels": ["owner": "helm", "name": "bosun", "status": "deployed", "version": "1"],
          ],
        ],
        [
          "apiVersion": "v1", "kind": "ServiceAccount",
          "metadata": ["name": "builder", "namespace": "datarobot-mlops"],
        ],
      ]
      change(&scenario)
    }
  }

  private static func values(_ more: String = "") -> String {
    "imageBuilder:\n  image: gcr.io/kaniko-project/executor:v1.24.0\n  serviceAccount: {create: false, name: builder}\n"
      + more
  }

  /// Both objects are gone, or going: a pod takes the moment that its kubelet does.
  private func expectClean(_ server: KubernetesServer, _ location: SourceLocation = #_sourceLocation) async throws {
    let isClean = try await eventually(within: .seconds(5)) {
      let pods = await server.objects("pods", namespace: "datarobot-mlops")
      let maps = await server.objects("configmaps", namespace: "datarobot-mlops")
      return !(pods + maps).contains { object in
        object[path: "metadata", "name"]?.string == Self.name && object[path: "metadata", "deletionTimestamp"] == nil
      }
    }
    #expect(isClean, sourceLocation: location)
  }

  private func verdict(_ stage: SimulatedStage, gate: @escaping PushGate = { _ in nil }) async -> Finding {
    await stage.server.runBuilders(asking: gate)
    let found = await stage.findings(.clusterReachable, .clusterCredentials, .agentRelease, .agentBuilder)
    return found["agent.builder"] ?? .notAsked
  }

  @Test("It starts, logs in with the Secret's login and may push; nothing is left")
  func good() async throws {
    try await SimulatedStage.with(Self.scenario(), values: Self.values()) { stage in
      let asked = Mutex<[PushAttempt]>([])
      let found = await verdict(stage) { attempt in
        asked.withLock { $0.append(attempt) }
        return nil
      }
      #expect(found.status == .pass, "\(found)")
      let attempt = try #require(asked.withLock { $0.first })
      #expect(attempt.host == "registry.example.com:5000")
      #expect(attempt.repository == "mlops/frozen-models")
      #expect(attempt.login?.user == "push" && attempt.login?.password == "secret-55f1")
      try await expectClean(stage.server)
      #expect(!"\(found)".contains("55f1"))
    }
  }

  @Test("What the registry says is told, and nothing is left")
  func refused() async throws {
    try await SimulatedStage.with(Self.scenario(), values: Self.values()) { stage in
      let found = await verdict(stage) { _ in "POST https://r/: DENIED: no push for secret-55f1 Bearer 0123456789abcdef"
      }
      #expect(found.status == .fail, "\(found)")
      #expect(found.message.contains("may not push to registry.example.com:5000/mlops/frozen-models"))
      #expect(!"\(found)".contains("0123456789abcdef"))
      try await expectClean(stage.server)
    }
  }

  @Test("An old kaniko on cgroup v2 is told from a registry that refuses")
  func old() async throws {
    let values = Self.values().replacingOccurrences(of: "v1.24.0", with: "v1.8.1")
    let changes: [QuestionID: AnswerValue] = ["imageBuilder.cgroupV2": .text("none")]
    try await SimulatedStage.with(Self.scenario(), values: values, changes: changes) { stage in
      let found = await verdict(stage)
      #expect(found.status == .fail)
      #expect(found.message.contains("cgroup v2"), "\(found.message)")
    }
  }

  @Test("A namespace that keeps root out, and an account that is not there, are told in the API server's words")
  func admission() async throws {
    let restricted = Self.scenario {
      $0.objects.append(SimulatedStage.namespace(["pod-security.kubernetes.io/enforce": "restricted"]))
    }
    try await SimulatedStage.with(restricted, values: Self.values()) { stage in
      let found = await verdict(stage)
      #expect(found.status == .fail, "\(found)")
      #expect(found.message.contains("violates PodSecurity"), "\(found.message)")
      try await expectClean(stage.server)
    }
    let values = Self.values().replacingOccurrences(of: "name: builder", with: "name: nobody")
    try await SimulatedStage.with(Self.scenario(), values: values) { stage in
      let found = await verdict(stage)
      #expect(found.status == .fail, "\(found)")
      #expect(found.message.contains("nobody"), "\(found.message)")
      try await expectClean(stage.server)
    }
  }

  @Test("What a killed run left is removed first; what is not ours stays and is told")
  func leftovers() async throws {
    func map(_ labels: JSONValue) -> JSONValue {
      [
        "apiVersion": "v1", "kind": "ConfigMap",
        "metadata": ["name": .string(Self.name), "namespace": "datarobot-mlops", "labels": labels],
      ]
    }
    let ours = Self.scenario { $0.objects.append(map(["app.kubernetes.io/managed-by": "mlops-setup"])) }
    try await SimulatedStage.with(ours, values: Self.values()) { stage in
      #expect(await verdict(stage).status == .pass)
      try await expectClean(stage.server)
    }
    try await SimulatedStage.with(Self.scenario { $0.objects.append(map([:])) }, values: Self.values()) { stage in
      let found = await verdict(stage)
      #expect(found.status == .unknown, "\(found)")
      #expect(found.message.contains("is in the way"))
      #expect(await stage.server.object("configmaps", namespace: "datarobot-mlops", name: Self.name) != nil)
    }
  }

  @Test("Interrupted, it removes what it made")
  func interrupted() async throws {
    // The builder never starts.
    let slow = Self.scenario { $0.behaviour.pace = .seconds(600) }
    try await SimulatedStage.with(slow, values: Self.values()) { stage in
      let server = stage.server
      let work = Task { await verdict(stage) }
      while await server.object("pods", namespace: "datarobot-mlops", name: Self.name) == nil {
        try await Task.sleep(for: .milliseconds(20))
      }
      work.cancel()
      let found = await work.value
      #expect(found.status == .unknown, "\(found)")
      try await expectClean(server)
    }
  }

  @Test("Where there is no release nothing is started")
  func absent() async throws {
    let empty = ClusterScenario.healthy.with { $0.objects.append(SimulatedStage.namespace()) }
    try await SimulatedStage.with(empty, values: Self.values()) { stage in
      let found = await verdict(stage)
      #expect(found.status == .skipped, "\(found)")
      #expect(stage.server.log.writes.filter { $0.target.contains("pods") || $0.target.contains("configmaps") }.isEmpty)
    }
  }
}
