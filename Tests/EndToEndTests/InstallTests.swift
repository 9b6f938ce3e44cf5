import FoundationEssentials
import Glibc
import SetupCore
import Simulator
import TestSupport
import Testing

@Suite("An unattended installation, from an answers file to a running release")
struct InstallTests {
  /// As the program does it: a helm that reads no input must not end the tests.
  init() { Glibc.signal(SIGPIPE, SIG_IGN) }

  @Test("Installs with Helm's own engine and a real registry; a second run changes nothing and says so")
  func installsTwice() async throws {
    try await Stage.with { stage in
      try stage.folder.write(stage.answers(), to: "answers.yaml")
      let first = try await stage.run("--answers", "answers.yaml")
      #expect(first.code == 0, "\(first.out)\n\(first.progress)")
      #expect(first.out.contains("The agent is installed."))

      let token = try await stage.kubectl(
        "get", "secret", "mlops-api-key", "-n", "datarobot-mlops", "-o", "jsonpath={.type} {.data.secret}")
      #expect(token == "Opaque " + Data(Stage.token.utf8).base64EncodedString())
      let login = try await stage.kubectl(
        "get", "secret", "registry-creds", "-n", "datarobot-mlops", "-o", "jsonpath={.type} {.data.\\.dockerconfigjson}"
      )
      let words = login.split(separator: " ")
      #expect(words.first == "kubernetes.io/dockerconfigjson")
      let config = try #require(Data(base64Encoded: String(words.last ?? "")))
      let auths = try JSONDecoder().decode([String: [String: [String: String]]].self, from: config)
      #expect(auths["auths"]?[stage.registry.host]?["password"] == Stage.password)
      let release = try await stage.kubectl(
        "get", "secret", "-n", "datarobot-mlops", "-l", "owner=helm,name=bosun", "-o",
        "jsonpath={.items[*].metadata.labels.status}")
      #expect(release == "deployed")
      let available = try await stage.kubectl(
        "get", "deployment", "-n", "datarobot-mlops", "-o", "jsonpath={.items[*].status.availableReplicas}")
      #expect(available == "1")

      stage.cluster.log.clear()
      let second = try await stage.run("--answers", "answers.yaml")
      #expect(second.code == 0, "\(second.out)\n\(second.progress)")
      #expect(second.out.contains("Nothing was changed: all is as it should be."))
      #expect(stage.cluster.log.writes == [])

      // What somebody else keeps in the namespace is not ours to take.
      _ = try await stage.kubectl("create", "configmap", "theirs", "-n", "datarobot-mlops", "--from-literal=a=b")
      let undone = try await stage.run(
        "uninstall", "--answers", "answers.yaml",
        environment: ["REGISTRY_PASSWORD": String?.none, "DATAROBOT_API_TOKEN": String?.none])
      #expect(undone.code == 0, "\(undone.out)\n\(undone.progress)")
      let left = try await stage.kubectl(
        "get", "secrets,configmaps,deployments,serviceaccounts,roles,rolebindings", "-n", "datarobot-mlops", "-o",
        "jsonpath={.items[*].metadata.name}")
      #expect(left.split(separator: " ").sorted() == ["default", "kube-root-ca.crt", "theirs"])
    }
  }

  @Test("An older cluster, a chart of the older generation and an empty registry without TLS do as well")
  func olderGeneration() async throws {
    let scenario = ClusterScenario.healthy.with { $0.version = ClusterVersion(minor: 24, patch: 17) }
    try await Stage.with(scenario) { stage in
      let htpasswd = try await TestProgram("htpasswd", debianPackage: "apache2-utils")
        .run(["-niB", "push"], input: stage.secrets.password + "\n")
      let plain = DockerRegistry.Configuration(htpasswd: htpasswd.split(separator: "\n").first.map(String.init))
      try await DockerRegistry.run(plain) { registry in
        let chart = Stage.repository + "/Tests/Fixtures/charts/alpha/datarobot-management-agent"
        try stage.folder.write(
          stage.answers([
            "cluster": "{namespace: agents}",
            "registry":
              "{server: \"\(registry.host)\", scheme: http, prefix: team-a, username: push, password: {env: REGISTRY_PASSWORD}}",
            "chart": "{path: \"\(chart)\", release: older}",
            "images": "{predictionServer: \"\(registry.host)/team-a/pps:11.2.0\"}",
          ]), to: "answers.yaml")
        let first = try await stage.run("--answers", "answers.yaml")
        #expect(first.code == 0, "\(first.out)\n\(first.progress)")
        let values = try stage.folder.read(".local/state/mlops-setup/stage/agents/values.yaml")
        let text = String(decoding: values, as: UTF8.self)
        #expect(text.contains("outfacingURLPrefix: https://models.example.com/deployments/"), "\(text)")
        #expect(text.contains("insecureRegistries"))
        #expect(!text.contains("predictionServer:"))
        let second = try await stage.run("--answers", "answers.yaml")
        #expect(
          second.out.contains("Nothing was changed: all is as it should be."), "\(second.out)\n\(second.progress)")
      }
    }
  }

  @Test("A packed chart with one of its examples does as well, and its folder is the same chart")
  func packedChart() async throws {
    try await Stage.with { stage in
      let lab = "managementAgent: {logLevel: DEBUG, repository: registry.lab.example/agent}\n"
      let chart = PackedChart(changes: ["examples/lab.yaml": lab])
      try await chart.write(to: stage.folder.file("agent-2.1.0.tgz"))
      try stage.folder.write(
        stage.answers(["chart": "{path: ./agent-2.1.0.tgz, release: bosun, example: lab.yaml}"]), to: "answers.yaml")
      let plan = try await stage.run("plan", "--answers", "answers.yaml")
      #expect(plan.out.contains("lay the chart's example lab.yaml under the answers"), "\(plan.out)\n\(plan.progress)")
      #expect(plan.out.contains("tar -xzOf - datarobot-management-agent/examples/lab.yaml <"), "\(plan.out)")
      let first = try await stage.run("--answers", "answers.yaml")
      #expect(first.code == 0, "\(first.out)\n\(first.progress)")
      let values = try await TestProgram.helm.run([
        "get", "values", "bosun", "--namespace", "datarobot-mlops", "--kubeconfig", stage.folder.file("kubeconfig"),
      ])
      #expect(values.contains("logLevel: DEBUG"), "\(values)")
      #expect(values.contains("repository: \(stage.registry.host)/datarobot/mlops-management-agent"), "\(values)")

      try chart.unpacked(in: stage.folder.path)
      for path in ["./agent-2.1.0.tgz", "./datarobot-management-agent"] {
        try stage.folder.write(
          stage.answers(["chart": "{path: \(path), release: bosun, example: lab.yaml}"]), to: "answers.yaml")
        let again = try await stage.run("--answers", "answers.yaml")
        #expect(again.out.contains("Nothing was changed: all is as it should be."), "\(again.out)\n\(again.progress)")
      }
    }
  }

  @Test("A helm that can install and nothing else is enough, and what it cannot try is said")
  func modestHelm() async throws {
    try await Stage.with { stage in
      let helm = try #require(stage.environment["PATH"]?.split(separator: ":").first)
      try stage.folder.write(
        """
        #!/bin/sh
        case "$1" in
        version|upgrade) exec \(helm)/helm "$@" ;;
        *) echo "Error: unknown command \\"$1\\" for \\"helm\\"" >&2; exit 1 ;;
        esac
        """, to: "helm")
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: stage.folder.file("helm"))
      let path = "\(stage.folder.path):\(stage.environment["PATH"] ?? "")"
      try stage.folder.write(stage.answers(), to: "answers.yaml")
      let first = try await stage.run("--answers", "answers.yaml", environment: ["PATH": path])
      #expect(first.code == 0, "\(first.out)\n\(first.progress)")
      #expect(first.progress.contains("this helm does not render charts"), "\(first.progress)")
      let second = try await stage.run("--answers", "answers.yaml", environment: ["PATH": path])
      #expect(second.code == 0, "\(second.out)\n\(second.progress)")
      #expect(second.out.contains("Nothing was changed: all is as it should be."))
    }
  }
}
