import FoundationEssentials
import Glibc
import Kubernetes
import OrderedCollections
import SetupCore
import Simulator
import TestSupport
import Testing

@Suite("An uninstall leaves the cluster as it was", .timeLimit(.minutes(10)))
struct UninstallTests {
  /// As the program does it: a helm that reads no input must not end the tests.
  init() { Glibc.signal(SIGPIPE, SIG_IGN) }

  static let namespace = "datarobot-mlops"
  private static let uninstall = ["uninstall", "--answers", "answers.yaml"]

  @Test(
    "Install, upgrade, uninstall, install again: every object is as it was before, with Helm 3 and 4",
    arguments: ["3", "4"])
  func roundTrip(_ major: String) async throws {
    try await Stage.with { stage in
      let helm: [String: String?] = ["MLOPS_TEST_HELM_MAJOR": major]
      func run(_ arguments: String...) async throws -> ProgramEnding {
        let ending = try await stage.run(arguments: arguments, environment: helm)
        #expect(ending.code == 0, "\(arguments)\n\(ending.out)\n\(ending.progress)")
        return ending
      }
      let before = await stage.lastingObjects()
      try stage.folder.write(stage.answers(), to: "answers.yaml")
      _ = try await run("--answers", "answers.yaml")
      let installed = await stage.lastingObjects()
      let changed = "{className: mlops, outfacingUrl: \"https://models.example.com/others/\"}"
      try stage.folder.write(stage.answers(["ingress": changed]), to: "answers.yaml")
      let upgraded = try await run("--answers", "answers.yaml")
      #expect(
        upgraded.progress.contains(
          "  to do: Helm release: value predictionServer.outfacingUrlRoot: \"https://models.example.com/deployments/\" -> "
            + "\"https://models.example.com/others/\"\n"), "\(upgraded.progress)")

      stage.cluster.log.clear()
      let rehearsed = try await run("uninstall", "--answers", "answers.yaml", "--namespace", "--dry-run")
      #expect(stage.cluster.log.writes == [])
      #expect(
        Self.section("Would be removed", rehearsed.out) == [
          "Helm release: uninstall release bosun", "Helm release: delete ConfigMap mlops-setup-bosun",
          "Values file: delete \(stage.folder.path)/.local/state/mlops-setup/stage/datarobot-mlops/values.yaml",
          "Registry CA: delete ConfigMap registry-ca", "Registry credentials: delete Secret registry-creds",
          "DataRobot token: delete Secret mlops-api-key", "Namespace: delete Namespace datarobot-mlops",
        ], "\(rehearsed.out)")

      let undone = try await run("uninstall", "--answers", "answers.yaml", "--namespace")
      #expect(try await stage.difference(from: before) == [])
      #expect(Self.section("Stays", undone.out) == [], "\(undone.out)")
      let nothing = try await run("uninstall", "--answers", "answers.yaml", "--namespace")
      #expect(nothing.out.contains("Nothing is to be removed."), "\(nothing.out)")

      try stage.folder.write(stage.answers(), to: "answers.yaml")
      _ = try await run("--answers", "answers.yaml")
      let again = await stage.lastingObjects()
      func kept(_ objects: [String: JSONValue]) -> [String: JSONValue] {
        // Pods get new names, and Helm writes the time into its record.
        objects.filter { !$0.key.hasPrefix("pods/") && !$0.key.contains("/sh.helm.release.") }
      }
      #expect(kept(again) == kept(installed))
      let kept = try await run("uninstall", "--answers", "answers.yaml")
      #expect(
        Self.section("Stays", kept.out) == [
          "Namespace: Namespace datarobot-mlops stays, with whatever else is in it; --namespace removes it too"
        ])
      let rest = ["configmaps/datarobot-mlops/kube-root-ca.crt", "namespaces/datarobot-mlops"]
      let expected = Set(before.keys).union(rest + ["serviceaccounts/datarobot-mlops/default"])
      #expect(try await stage.settled { Set($0.keys) == expected })
    }
  }

  @Test("What another hand has written to since is told and kept; named, it goes")
  func foreignChange() async throws {
    try await Stage.with { stage in
      try stage.folder.write(stage.answers(), to: "answers.yaml")
      let first = try await stage.run("--answers", "answers.yaml")
      #expect(first.code == 0, "\(first.out)\n\(first.progress)")
      _ = try await stage.kubectl("label", "secret", "registry-creds", "-n", Self.namespace, "team=models")
      _ = try await stage.kubectl("create", "configmap", "theirs", "-n", Self.namespace, "--from-literal=a=b")
      let undone = try await stage.run(arguments: Self.uninstall)
      #expect(undone.code == 0, "\(undone.out)\n\(undone.progress)")
      #expect(
        Self.section("Stays", undone.out).contains(
          "Registry credentials: Secret registry-creds stays: kubectl-label has written to it; "
            + "--remove registry-credentials removes it all the same"), "\(undone.out)")
      let labels = ["secrets/\(Self.namespace)/registry-creds", "configmaps/\(Self.namespace)/theirs"]
      #expect(await stage.lastingObjects().keys.filter { labels.contains($0) }.count == 2)

      let rehearsed = try await stage.run(arguments: Self.uninstall + ["--namespace", "--dry-run"])
      #expect(
        Self.section("Would be removed", rehearsed.out).contains(
          "Namespace: with it goes ConfigMap theirs, which is not ours"), "\(rehearsed.out)")
      let named = try await stage.run(arguments: Self.uninstall + ["--remove", "registry-credentials"])
      #expect(
        Self.section("Removed", named.out) == ["Registry credentials: deleted Secret registry-creds"], "\(named.out)")
      #expect(await stage.lastingObjects()[labels[1]] != nil)
    }
  }

  @Test("A release that another hand has upgraded stays with all that it needs; named, it goes")
  func foreignRelease() async throws {
    try await Stage.with { stage in
      try stage.folder.write(stage.answers(), to: "answers.yaml")
      let first = try await stage.run("--answers", "answers.yaml")
      #expect(first.code == 0, "\(first.out)\n\(first.progress)")
      let upgraded = try await stage.world().processes.run(
        ProcessCommand(
          "helm",
          [
            "upgrade", "bosun", stage.chart, "--namespace", Self.namespace, "--kubeconfig",
            stage.folder.file("kubeconfig"), "--reuse-values", "--set", "replicaCount=1",
          ]))
      #expect(upgraded.exitCode == 0, "\(upgraded.errors)")
      let before = await stage.lastingObjects()
      let undone = try await stage.run(arguments: Self.uninstall)
      #expect(undone.code == 0, "\(undone.out)\n\(undone.progress)")
      #expect(
        undone.out.contains("another hand made its revision 2, after our revision 1; --remove release"), "\(undone.out)"
      )
      #expect(undone.out.contains("Secret mlops-api-key stays: release bosun stays and may need it"), "\(undone.out)")
      #expect(try await stage.difference(from: before) == [])
      let named = try await stage.run(arguments: Self.uninstall + ["--remove", "release"])
      #expect(named.code == 0, "\(named.out)\n\(named.progress)")
      #expect(
        try await stage.settled {
          !$0.keys.contains {
            $0.hasPrefix("deployments.apps/\(Self.namespace)") || $0.hasPrefix("secrets/\(Self.namespace)")
          }
        })
    }
  }

  @Test("Deployed models are told and kept, stand before the namespace, and go where they are named")
  func models() async throws {
    try await Stage.with { stage in
      try stage.folder.write(stage.answers(), to: "answers.yaml")
      let first = try await stage.run("--answers", "answers.yaml")
      #expect(first.code == 0, "\(first.out)\n\(first.progress)")
      let kinds = [
        "ingresses.networking.k8s.io", "services", "deployments.apps", "secrets", "poddisruptionbudgets.policy",
        "horizontalpodautoscalers.autoscaling",
      ]
      let models = ["65f0a1b2c3d4e5f60718aaaa", "65f0a1b2c3d4e5f60718bbbb"]
      for id in models { for object in Self.model(id) { try await stage.cluster.put(object) } }
      let objects = models.flatMap { id in kinds.map { "\($0)/\(Self.namespace)/mlops-\(id)" } }
      #expect(Set(objects).isSubset(of: await stage.lastingObjects().keys))

      stage.cluster.log.clear()
      let refused = try await stage.run(arguments: Self.uninstall + ["--namespace"])
      #expect(refused.code == 3, "\(refused.out)\n\(refused.progress)")
      #expect(refused.progress.contains("Add --models to remove them too, or leave --namespace out."))
      #expect(stage.cluster.log.writes == [])

      let kept = try await stage.run(arguments: Self.uninstall)
      #expect(kept.code == 0, "\(kept.out)\n\(kept.progress)")
      #expect(
        Self.section("Stays", kept.out).filter { $0.hasPrefix("Deployed models") }
          == models.map {
            "Deployed models: deployment \($0) (model 65e0a1b2c3d4e5f607180000): Ingress, HorizontalPodAutoscaler, "
              + "PodDisruptionBudget, Service, Deployment, Secret stays; --models removes it too"
          }, "\(kept.out)")
      #expect(Set(objects).isSubset(of: await stage.lastingObjects().keys))

      let taken = try await stage.run(arguments: Self.uninstall + ["--models"])
      #expect(taken.code == 0, "\(taken.out)\n\(taken.progress)")
      #expect(try await stage.settled { Set(objects).isDisjoint(with: $0.keys) }, "\(taken.out)")
    }
  }

  @Test(
    "Killed in the middle and run again, it comes to the same end",
    arguments: [
      "/apis/apps/v1/namespaces/datarobot-mlops/deployments",
      "/api/v1/namespaces/datarobot-mlops/configmaps/mlops-setup",
      "/api/v1/namespaces/datarobot-mlops/secrets/registry-creds",
    ])
  func killed(_ path: String) async throws {
    try await Stage.with { stage in
      let before = await stage.lastingObjects()
      try stage.folder.write(stage.answers(), to: "answers.yaml")
      let first = try await stage.run("--answers", "answers.yaml")
      #expect(first.code == 0, "\(first.out)\n\(first.progress)")
      stage.cluster.add(Fault(method: "DELETE", pathPrefix: path, effect: .delay(.seconds(2)), times: 1))
      stage.cluster.log.clear()
      let run = try stage.start("uninstall", "--answers", stage.folder.file("answers.yaml"), "--namespace")
      // The journal tells where it is; the fault holds it there.
      let step = path.contains("registry-creds") ? "registry-credentials" : "release"
      let journal = ".local/state/mlops-setup/stage/datarobot-mlops/journal.jsonl"
      let isThere = try await eventually {
        String(decoding: (try? stage.folder.read(journal)) ?? [], as: UTF8.self)
          .contains(#""event":"undo-started","step":"\#(step)""#)
      }
      #expect(isThere, "\(String(decoding: (try? stage.folder.read("program.log")) ?? [], as: UTF8.self))")
      try await Task.sleep(for: .milliseconds(700))
      kill(run, SIGKILL)
      #expect(waitpid(run, nil, 0) == run)
      let next = try await stage.run(arguments: Self.uninstall + ["--namespace"])
      #expect(next.code == 0, "\(next.out)\n\(next.progress)")
      #expect(try await stage.difference(from: before) == [])
      let again = try await stage.run("--answers", "answers.yaml")
      #expect(again.code == 0, "\(again.out)\n\(again.progress)")
    }
  }

  @Test("What was made with other answers goes too, and a name that there is not is refused with those there are")
  func otherAnswers() async throws {
    try await Stage.with { stage in
      try stage.folder.write(stage.answers(), to: "answers.yaml")
      let first = try await stage.run("--answers", "answers.yaml")
      #expect(first.code == 0, "\(first.out)\n\(first.progress)")
      // The registry's CA is not among the answers any more.
      let registry = "{server: \"\(stage.registry.host)\", username: push, password: {env: REGISTRY_PASSWORD}}"
      try stage.folder.write(stage.answers(["registry": registry]), to: "answers.yaml")
      let wrong = try await stage.run(arguments: Self.uninstall + ["--remove", "nonsense"])
      #expect(wrong.code == 2)
      #expect(wrong.progress.contains("there is nothing called nonsense to remove"))
      #expect(wrong.progress.contains("What stays unless named: namespace"))
      let undone = try await stage.run(arguments: Self.uninstall)
      #expect(undone.code == 0, "\(undone.out)\n\(undone.progress)")
      #expect(
        Self.section("Removed", undone.out).contains("Made with other answers: deleted ConfigMap registry-ca"),
        "\(undone.out)")
    }
  }

  // MARK: Helpers

  /// The last section of that heading, without its indentation.
  static func section(_ heading: String, _ text: String) -> [String] {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    guard let start = lines.lastIndex(of: heading) else { return [] }
    return lines[(start + 1)...].prefix { !$0.isEmpty }.map { String($0.dropFirst(2)) }
  }

  /// What the agent's plugin makes for a deployment.
  private static func model(_ id: String) -> [JSONValue] {
    let name = JSONValue.string("mlops-\(id)")
    let labels: JSONValue = [
      "app.kubernetes.io/managed-by": "Bosun", "app.kubernetes.io/part-of": "DataRobot-MLOps",
      "bosun.datarobot.com/deployment": .string(id), "bosun.datarobot.com/model": "65e0a1b2c3d4e5f607180000",
      "bosun.datarobot.com/env": "65f0a1b2c3d4e5f60718293a",
    ]
    func object(_ version: String, _ kind: String, _ members: JSONValue) -> JSONValue {
      var object: JSONValue = [
        "apiVersion": .string(version), "kind": .string(kind),
        "metadata": ["name": name, "namespace": .string(namespace), "labels": labels],
      ]
      for (key, value) in members.object ?? [:] { object[key] = value }
      return object
    }
    let pod: JSONValue = [
      "metadata": ["labels": labels],
      "spec": ["containers": [["name": "model-package", "image": "registry.example.com/mlops/frozen-models:m-1"]]],
    ]
    let selector: JSONValue = ["matchLabels": ["bosun.datarobot.com/deployment": .string(id)]]
    let target: JSONValue = ["apiVersion": "apps/v1", "kind": "Deployment", "name": name]
    return [
      object("v1", "Secret", ["type": "Opaque", "data": ["secret": "eA=="]]),
      object("v1", "Service", ["spec": ["ports": [["port": 80]], "selector": selector["matchLabels"] ?? [:]]]),
      object("apps/v1", "Deployment", ["spec": ["replicas": 1, "selector": selector, "template": pod]]),
      object("policy/v1", "PodDisruptionBudget", ["spec": ["maxUnavailable": 1, "selector": selector]]),
      object("autoscaling/v1", "HorizontalPodAutoscaler", ["spec": ["maxReplicas": 2, "scaleTargetRef": target]]),
      object(
        "networking.k8s.io/v1", "Ingress",
        ["spec": ["defaultBackend": ["service": ["name": name, "port": ["number": 80]]]]]),
    ]
  }
}

extension Stage {
  /// The content of every object, without what changes by itself, and without events and endpoints.
  func lastingObjects() async -> [String: JSONValue] {
    await cluster.contents.filter { key, _ in !key.hasPrefix("events") && !key.hasPrefix("leases") }.mapValues {
      object in
      var object = object
      object["status"] = nil
      var metadata: JSONValue = [:]
      for key in ["labels", "annotations", "finalizers", "deletionTimestamp"] {
        metadata[key] = object["metadata"]?[key]
      }
      object["metadata"] = metadata
      return object
    }
  }

  /// What is there and was not, what is not there any more, and what is other than it was, once all has settled.
  func difference(from before: [String: JSONValue]) async throws -> [String] {
    _ = try await settled { $0 == before }
    let now = await lastingObjects()
    return now.keys.filter { before[$0] == nil }.sorted().map { "+ \($0)" }
      + before.keys.filter { now[$0] == nil }.sorted().map { "- \($0)" }
      + now.keys.filter { before[$0] != nil && before[$0] != now[$0] }.sorted().map { "~ \($0)" }
  }

  /// Whether the objects come to be so: pods take a moment to end.
  func settled(_ isReached: ([String: JSONValue]) -> Bool) async throws -> Bool {
    try await eventually(within: .seconds(10)) { isReached(await lastingObjects()) }
  }
}
