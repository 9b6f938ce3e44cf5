import FoundationEssentials
import HTTP
import Kubernetes
import Simulator
import TestSupport
import Testing

@Suite("From an installation to an agent that is verified")
struct VerifyTests {
  @Test("Installed, it is green; a changed password is found by the builder; nothing is left in the cluster")
  func verified() async throws {
    try await Stage.with { stage in
      try await stage.withSurroundings { surroundings in
        try stage.folder.write(
          "imageBuilder: {image: 'gcr.io/kaniko-project/executor:v1.24.0'}\n", to: "builder.yaml")
        try stage.folder.write(
          stage.answers([
            "datarobot": """
            {endpoint: "\(surroundings.endpoint)", apiToken: {env: DATAROBOT_API_TOKEN}, \
            predictionEnvironment: 65f0a1b2c3d4e5f60718293a}
            """,
            "ingress": "{className: mlops, outfacingUrl: \"\(surroundings.outfacingURL)\"}",
            "chart": "{path: \"\(stage.chart)\", release: bosun, values: [builder.yaml]}",
          ]), to: "answers.yaml")

        let early = try await stage.run("verify", "--answers", "answers.yaml", "--format", "short")
        #expect(early.code == 3, "\(early.out)\n\(early.progress)")
        #expect(early.out.contains("There is no release bosun"), "\(early.out)")

        let installed = try await stage.run("--answers", "answers.yaml")
        #expect(installed.code == 0, "\(installed.out)\n\(installed.progress)")
        #expect(installed.progress.contains("mlops-setup verify --answers answers.yaml"))

        stage.cluster.log.clear()
        let good = try await stage.run("verify", "--answers", "answers.yaml", "--format", "short")
        #expect(good.code == 0, "\(good.out)\n\(good.progress)")
        #expect(good.out.hasPrefix("Result: pass"), "\(good.out)")
        // It writes two objects and removes them, and nothing else.
        let written = Set(stage.cluster.log.writes.map { "\($0.method) \($0.target.prefix { $0 != "?" })" })
        let space = "/api/v1/namespaces/datarobot-mlops"
        #expect(
          written == [
            "PATCH \(space)/configmaps/mlops-setup-builder-trial", "POST \(space)/pods",
            "DELETE \(space)/pods/mlops-setup-builder-trial", "DELETE \(space)/configmaps/mlops-setup-builder-trial",
          ])
        // A pod takes the moment that its kubelet does.
        var left = ""
        for _ in 0..<20 {
          left = try await stage.kubectl("get", "pods,configmaps", "-n", "datarobot-mlops", "-o", "name")
          if !left.contains("builder-trial") { break }
          try await Task.sleep(for: .milliseconds(200))
        }
        #expect(!left.contains("builder-trial"), "\(left)")

        let wrong = Data(
          #"{"auths":{"\#(stage.registry.host)":{"username":"push","password":"an-old-one"}}}"#.utf8
        ).base64EncodedString()
        _ = try await stage.kubectl(
          "patch", "secret", "registry-creds", "-n", "datarobot-mlops", "--type=merge", "-p",
          #"{"data":{".dockerconfigjson":"\#(wrong)"}}"#)
        let refused = try await stage.run("verify", "--answers", "answers.yaml")
        #expect(refused.code == 3, "\(refused.out)\n\(refused.progress)")
        #expect(refused.out.contains("The registry does not accept the image builder's login"), "\(refused.out)")
        #expect(refused.out.contains("made and removed: Pod mlops-setup-builder-trial"))
        for secret in [Stage.password, Stage.token, "an-old-one"] { #expect(!refused.out.contains(secret)) }
        let skipped = try await stage.run("verify", "--answers", "answers.yaml", "--skip", "agent.builder")
        #expect(skipped.code == 0, "\(skipped.out)")
      }
    }
  }
}
