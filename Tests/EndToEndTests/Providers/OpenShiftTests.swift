import Commands
import FoundationEssentials
import Kubernetes
import OrderedCollections
import SetupCore
import Simulator
import TestSupport
import Testing

/// A simulated OpenShift with its registry, each behind nginx with TLS under the test's own CA, and Helm's own engine.
struct OpenShiftStage {
  static let dataRobotToken = "canary-openshift-t0ken"
  static let userToken = "admin-token"

  let folder: ScratchDirectory
  let cluster: KubernetesServer
  let environment: [String: String]
  /// The host and port of the registry's route.
  let route: String

  static func with<Result>(
    _ release: String, hasCA: Bool = true, isProjectAdmin: Bool = false, _ body: (OpenShiftStage) async throws -> Result
  ) async throws -> Result {
    try await withScratchDirectory { folder in
      let certificates = try await TestCertificates(in: folder)
      let server = try await certificates.server(names: ["DNS:localhost", "IP:127.0.0.1", "DNS:*.apps.localhost"])
      let authority = String(decoding: certificates.authority.certificate, as: UTF8.self)
      let platform = OpenShiftPlatform(release: release, domain: "localhost", exposesRegistry: true)
      let scenario = ClusterScenario.openShift(platform).with {
        $0.namespaces.append("datarobot-mlops")
        if hasCA {
          $0.objects.append([
            "apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/tls",
            "metadata": ["name": "router-certs-default", "namespace": "openshift-ingress"],
            "data": [
              "tls.crt": .string(Data(authority.utf8).base64EncodedString()), "tls.key": "bm8ga2V5",
            ],
          ])
        }
        if isProjectAdmin {
          $0.users = [
            SimulatedUser(name: "developer", groups: ["system:authenticated:oauth"], token: userToken), .viewer,
          ]
          $0.objects.append([
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
            "metadata": ["name": "admin", "namespace": "datarobot-mlops"],
            "roleRef": ["apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "admin"],
            "subjects": [["apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "developer"]],
          ])
        }
      }
      let cluster = try await KubernetesServer.start(scenario)
      let registry = try #require(RegistryServer(integratedIn: cluster))
      let upstream = try await registry.start()
      for name in ["mlops-management-agent", "mlops-tracking-agent", "datarobot-portable-prediction-api"] {
        await registry.push("datarobot-mlops/\(name)", tag: "11.2.62")
      }
      let front = try await NginxFront.start(.init(server: server, upstreamPort: Int(cluster.port)))
      let router = try await NginxFront.start(.init(server: server, upstreamPort: Int(upstream)))
      func clear() async {
        await router.stop()
        await front.stop()
        await registry.stop()
        await cluster.stop()
      }
      do {
        try folder.write(
          Stage.kubeconfig(server: front.url, ca: certificates.authority.certificate, token: userToken),
          to: "kubeconfig")
        try folder.write(authority, to: "ca.pem")
        let result = try await body(
          OpenShiftStage(folder: folder, cluster: cluster, host: platform.registryHost, router: router))
        await clear()
        return result
      } catch {
        await clear()
        throw error
      }
    }
  }

  private init(folder: ScratchDirectory, cluster: KubernetesServer, host: String, router: NginxFront) {
    self.folder = folder
    self.cluster = cluster
    route = "\(host):\(router.port)"
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    environment = [
      "HOME": folder.path, "PATH": "\(TestProgram.helmFolder):\(path)", "KUBECONFIG": folder.file("kubeconfig"),
      "DATAROBOT_API_TOKEN": Self.dataRobotToken, "LANG": "C.UTF-8",
    ]
  }

  /// Answers as few as will do.
  func write(registry: String = "") throws {
    try folder.write(
      """
      apiVersion: mlops-setup/v1
      kind: Answers
      cluster: {context: stage, namespace: datarobot-mlops}
      registry: {provider: openshift, route: "\(route)"\(registry)}
      datarobot: {endpoint: "http://127.0.0.1:9", apiToken: {env: DATAROBOT_API_TOKEN}, predictionEnvironment: 65f0a1b2c3d4e5f60718293a}
      ingress: {outfacingUrl: "http://models.apps.example.com/deployments/"}
      chart: {path: "\(Stage.repository)/Resources/chart/datarobot-management-agent"}
      helm: {timeout: 2m}

      """, to: "answers.yaml")
  }

  /// Runs a verb with the written answers.
  func run(_ arguments: String...) async throws -> ProgramEnding {
    try await run(arguments: arguments + ["--answers", "answers.yaml"])
  }

  /// Runs the program in this process, with the stage's environment in place of our own.
  func run(arguments: [String]) async throws -> ProgramEnding {
    await ProgramEnding(running: arguments, in: .live(in: folder, environment: environment))
  }

  /// The tokens of service accounts that Secrets hold; other tests' are others.
  func tokens() async throws -> [String] {
    await cluster.objects("secrets").compactMap { secret in
      secret[path: "data", "token"]?.string.flatMap { Data(base64Encoded: $0) }.map {
        String(decoding: $0, as: UTF8.self)
      }
    }
  }

  func kubectl(_ arguments: String...) async throws -> String {
    let kubectl = try TestProgram("kubectl", debianPackage: "kubernetes-client")
    return try await kubectl.run(["--kubeconfig", folder.file("kubeconfig"), "-n", "datarobot-mlops"] + arguments)
  }
}

@Suite("OpenShift, from an answers file to a running release", .timeLimit(.minutes(5)))
struct OpenShiftTests {
  @Test(
    "Installs on an old and a current release, proves the push through the route, changes nothing the second time, and takes back what is ours alone",
    arguments: ["4.8.57", "4.18.9"])
  func installsTwice(_ release: String) async throws {
    try await OpenShiftStage.with(release) { stage in
      try stage.write()
      let plan = try await stage.run("plan")
      #expect(plan.code == 0, "\(plan.out)\n\(plan.progress)")
      let before = try await stage.kubectl(
        "get", "secrets,configmaps,deployments,serviceaccounts,roles,rolebindings", "-o",
        "jsonpath={.items[*].metadata.name}")

      let first = try await stage.run()
      #expect(first.code == 0, "\(first.out)\n\(first.progress)")
      #expect(first.out.contains("The agent is installed."))
      #expect(first.progress.contains("trying a push to"), "\(first.progress)")
      let type = try await stage.kubectl("get", "secret", "registry-creds", "-o", "jsonpath={.type}")
      #expect(type == "kubernetes.io/dockerconfigjson")
      let available = try await stage.kubectl(
        "get", "deployment", "-o", "jsonpath={.items[*].status.availableReplicas}")
      #expect(available == "1")
      for text in [plan.out, first.out, first.progress] {
        #expect(!text.contains(OpenShiftStage.dataRobotToken) && !text.contains("eyJ"))
      }

      stage.cluster.log.clear()
      let second = try await stage.run()
      #expect(second.code == 0, "\(second.out)\n\(second.progress)")
      #expect(second.out.contains("Nothing was changed: all is as it should be."), "\(second.out)")
      #expect(stage.cluster.log.writes == [])

      _ = try await stage.kubectl("create", "configmap", "theirs", "--from-literal=a=b")
      let undone = try await stage.run("uninstall")
      #expect(undone.code == 0, "\(undone.out)\n\(undone.progress)")
      let after = try await stage.kubectl(
        "get", "secrets,configmaps,deployments,serviceaccounts,roles,rolebindings", "-o",
        "jsonpath={.items[*].metadata.name}")
      #expect(Set(after.split(separator: " ")) == Set((before + " theirs").split(separator: " ")), "\(after)")
    }
  }

  @Test(
    "The script of a plan does what the plan does, twice: after it nothing but the rollout is left to be done",
    arguments: ["4.8.57", "4.18.9"])
  func script(_ release: String) async throws {
    try await OpenShiftStage.with(release) { stage in
      try stage.write()
      let plan = try await stage.run("plan", "--script")
      try #require(plan.code == 0, "\(plan.progress)")
      try stage.folder.write(plan.out, to: "plan.sh")
      let arguments = try await RunningProcesses.seen {
        for _ in 0..<2 {
          let ran = try await Processes.live(environment: stage.environment).run(
            ProcessCommand("sh", ["plan.sh"], workingDirectory: stage.folder.path, deadline: .seconds(240)))
          try #require(ran.exitCode == 0, "\(ran.errors)\n\(plan.out)")
          #expect(!(ran.output + ran.errors).contains("eyJ"))
        }
      }
      let secrets = try await stage.tokens() + [OpenShiftStage.dataRobotToken]
      #expect(secrets.count > 1)
      #expect(!arguments.contains { line in secrets.contains { line.contains($0) } })
      let after = try await stage.run("plan", "--format", "json")
      let document = try JSONDecoder().decode(PlanDocument.self, from: Data(after.out.utf8))
      let left = document.steps.filter { $0.state != "done" }.map(\.id)
      #expect(Set(left).isSubset(of: ["rollout"]), "\(after.out)")
    }
  }

  @Test("A project's administrator is stopped with the administrator's command; once that was run, he installs")
  func projectAdmin() async throws {
    try await OpenShiftStage.with("4.18.9", hasCA: false, isProjectAdmin: true) { stage in
      let waivers = ["nodes.fit", "registry.architecture"].map {
        "{check: \($0), reason: may not be seen, until: 2099-01-01}"
      }.joined(separator: ", ")
      try stage.write(registry: ", certificateAuthority: ca.pem")
      let answers = String(decoding: try stage.folder.read("answers.yaml"), as: UTF8.self)
      try stage.folder.write(answers + "waive: [\(waivers)]\n", to: "answers.yaml")
      let first = try await stage.run()
      #expect(first.code == 3, "\(first.out)\n\(first.progress)")
      let command = "kubectl create rolebinding datarobot-management-agent-image-builder-anyuid"
      #expect((first.out + first.progress).contains(command), "\(first.out)\n\(first.progress)")

      stage.cluster.log.clear()
      try await stage.cluster.put([
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
        "metadata": ["name": "by-an-administrator", "namespace": "datarobot-mlops"],
        "roleRef": [
          "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "system:openshift:scc:anyuid",
        ],
        "subjects": [
          [
            "kind": "ServiceAccount", "name": "datarobot-management-agent-image-builder",
            "namespace": "datarobot-mlops",
          ]
        ],
      ])
      let second = try await stage.run()
      #expect(second.code == 0, "\(second.out)\n\(second.progress)")
      #expect(
        second.out.contains("RoleBinding by-an-administrator lets the image builder run as root"), "\(second.out)")
    }
  }
}
