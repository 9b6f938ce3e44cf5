import FoundationEssentials
import SetupCore
import Simulator
import TestSupport
import Testing

@Suite("An unattended installation, from an answers file to a running release")
struct InstallTests {
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
}
