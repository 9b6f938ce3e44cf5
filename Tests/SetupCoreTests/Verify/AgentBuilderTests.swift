import Kubernetes
import Testing
import YAML

@testable import SetupCore

@Suite("verify: one start of the image builder")
struct AgentBuilderTests {
  static func values(_ text: String) throws -> EffectiveValues {
    var values = EffectiveValues()
    values.lay(try YAML.parse(text, source: "values.yaml"))
    return values
  }

  static func objects(_ text: String = "imageBuilder: {secretName: registry-creds}") throws -> BuilderTrialObjects {
    BuilderTrialObjects(
      try values(text), account: "builder", destination: "registry.example.com:5000/mlops/frozen-models",
      namespace: "datarobot-mlops")
  }

  @Test("The pod is the plugin's own, but for what it builds and how long it may take")
  func pod() throws {
    let objects = try Self.objects(
      """
      imagePullSecrets: [{name: pull}]
      imageBuilder:
        image: kaniko:v1.24.0
        secretName: registry-creds
        skipSslVerifyRegistries: [a:1]
        insecureRegistries: [b:2]
        extraArguments: [--registry-certificate=c=/ca/ca.crt]
        extraVolumes: [{name: ca, configMap: {name: registry-ca}}]
        extraVolumeMounts: [{name: ca, mountPath: /ca}]
        resources: {requests: {cpu: 1}}
      """)
    let spec = try #require(objects.podManifest["spec"])
    let container = try #require(spec["containers"]?.array?.first)
    #expect(
      container["args"] == [
        "--cache=true", "--context=dir:///workspace",
        "--destination=registry.example.com:5000/mlops/frozen-models:mlops-setup-verify",
        "--skip-tls-verify-registry=a:1", "--insecure-registry=b:2", "--registry-certificate=c=/ca/ca.crt",
      ])
    #expect(container["image"] == "kaniko:v1.24.0")
    #expect(container["stdin"] == nil && container["stdinOnce"] == nil)
    #expect(
      container["volumeMounts"]?.array?.map { $0["mountPath"]?.string } == ["/ca", "/workspace", "/kaniko/.docker"])
    let login = try #require(spec["volumes"]?.array?.last?["secret"])
    #expect(login["secretName"] == "registry-creds")
    #expect(login["items"] == [["key": ".dockerconfigjson", "path": "config.json"]])
    #expect(spec["serviceAccountName"] == "builder")
    #expect(spec["imagePullSecrets"] == [["name": "pull"]])
    #expect(spec["restartPolicy"] == "Never")
    #expect(spec["activeDeadlineSeconds"] == 300)
    let labels = objects.podManifest[path: "metadata", "labels"]
    #expect(labels?["app.kubernetes.io/managed-by"] == "mlops-setup")
    #expect(objects.contextMembers["data"]?["Dockerfile"] == "FROM scratch\nMLOPS-SETUP-ENDS-HERE\n")
    #expect(objects.asksRegistry)
  }

  @Test("The login comes from the Secret or the ConfigMap that the values name, or from nowhere")
  func logins() throws {
    #expect(try Self.objects().login == "Secret registry-creds")
    #expect(try Self.objects("imageBuilder: {configMap: docker-config}").login == "ConfigMap docker-config")
    #expect(try Self.objects("imageBuilder: {configMap: '', secretName: ''}").login == nil)
    #expect(try !Self.objects("imageBuilder: {extraArguments: [--skip-push-permission-check]}").asksRegistry)
  }

  private static let refused =
    "error checking push permissions -- make sure you entered the correct tag name, and that you are authenticated "
    + "correctly, and try again: checking push permission for \"r/a:t\": "

  @Test(
    "kaniko's words are understood",
    arguments: [
      (
        "INFO[0000] x\nerror building image: parsing dockerfile: dockerfile parse error on line 2: unknown instruction: MLOPS-SETUP-ENDS-HERE\n",
        KanikoEnding.proved
      ),
      (
        "error building image: parsing dockerfile: Dockerfile parse error line 2: unknown instruction: MLOPS-SETUP-ENDS-HERE",
        .proved
      ),
      (
        "kaniko should only be run inside of a container, run with the --force flag if you are sure you want to continue",
        .notContained
      ),
      (
        refused
          + "POST https://r/v2/a/blobs/uploads/: UNAUTHORIZED: authentication required; [map[Action:pull Class: Name:a]]",
        .push(
          .unauthorized,
          "POST https://r/v2/a/blobs/uploads/: UNAUTHORIZED: authentication required; [map[Action:pull Class: Name:a]]")
      ),
      (
        refused + "POST https://r/v2/a/blobs/uploads/: DENIED: requested access to the resource is denied",
        .push(.denied, "POST https://r/v2/a/blobs/uploads/: DENIED: requested access to the resource is denied")
      ),
      (
        refused
          + "creating push check transport for r failed: Get \"https://r/v2/\": x509: certificate signed by unknown authority",
        .push(
          .certificate,
          "creating push check transport for r failed: Get \"https://r/v2/\": x509: certificate signed by unknown authority"
        )
      ),
      (refused + "POST https://r/: NAME_UNKNOWN: no", .push(.repositoryMissing, "POST https://r/: NAME_UNKNOWN: no")),
      (refused + "dial tcp: lookup r: no such host", .push(.nameUnknown, "dial tcp: lookup r: no such host")),
      (
        refused + "dial tcp 10.0.0.1:443: connect: no route to host",
        .push(.unreachable, "dial tcp 10.0.0.1:443: connect: no route to host")
      ),
      (
        refused + "http: server gave HTTP response to HTTPS client",
        .push(.plainHTTP, "http: server gave HTTP response to HTTPS client")
      ),
      (refused + "TOOMANYREQUESTS: later", .push(.busy, "TOOMANYREQUESTS: later")),
      (refused + "UNSUPPORTED: read-only", .push(.other, "UNSUPPORTED: read-only")),
      (
        refused + "invalid character 'x' looking for beginning of value",
        .brokenLogin("invalid character 'x' looking for beginning of value")
      ),
      ("Error: unknown flag: --fast", .unknownArgument("Error: unknown flag: --fast")),
      ("exec /kaniko/executor: exec format error", .wrongArchitecture),
      (
        "Error: open /kaniko/Dockerfile: permission denied",
        .notRoot("Error: open /kaniko/Dockerfile: permission denied")
      ),
      // Another Dockerfile's unknown instruction proves nothing.
      ("parsing dockerfile: unknown instruction: FOO", .other("parsing dockerfile: unknown instruction: FOO")),
      ("", .other("")),
    ] as [(String, KanikoEnding)])
  func endings(_ log: String, _ expected: KanikoEnding) {
    #expect(KanikoEnding(log: log) == expected)
  }

  private func judged(
    _ ending: BuilderTrial.Ending, _ values: String = "imageBuilder: {secretName: registry-creds}", left: [String] = []
  ) throws -> Finding {
    var trial = BuilderTrial(try Self.objects(values))
    trial.ending = ending
    trial.leftBehind = left
    return finding(.agentBuilder) {
      AgentChecksTests.installed(&$0)
      $0.builderTrial = .seen(trial)
    }
  }

  private func ended(_ log: String) -> BuilderTrial.Ending {
    .ended(exitCode: 1, reason: "Error", log: .seen(log))
  }

  private static let proved = "parsing dockerfile: unknown instruction: MLOPS-SETUP-ENDS-HERE"

  @Test("Every ending has its verdict")
  func verdicts() throws {
    let good = try judged(ended(Self.proved))
    #expect(good.status == .pass)
    #expect(
      good.message.hasSuffix("lets it push to registry.example.com:5000/mlops/frozen-models; nothing was pushed."))
    #expect(
      good.details == [
        "image gcr.io/kaniko-project/executor:v1.8.1, service account builder, login from Secret registry-creds",
        "made and removed: Pod mlops-setup-builder-trial and ConfigMap mlops-setup-builder-trial in the namespace "
          + "datarobot-mlops",
      ])
    let unasked = "imageBuilder: {extraArguments: [--skip-push-permission-check]}"
    #expect(try judged(ended(Self.proved), unasked).status == .warn)
    let pull = RolloutPicture.Obstacle(kind: "pull", reason: "ErrImagePull", next: "Push it.", patience: nil)
    for (ending, status, text) in [
      (BuilderTrial.Ending.notPermitted("User cannot create pods"), FindingStatus.unknown, "You may not start a pod"),
      (.refused("violates PodSecurity"), .fail, "refuses the pod of the image builder: violates PodSecurity"),
      (.stuck(pull), .fail, "cannot start: ErrImagePull"), (.unscheduled("0/3 nodes"), .fail, "No node takes"),
      (.late("Running"), .unknown, "not ended in time"), (.vanished, .unknown, "Somebody removed the pod"),
      (.ended(exitCode: 137, reason: "OOMKilled", log: .seen("")), .fail, "out of memory"),
      (
        .ended(exitCode: 1, reason: "Error", log: .failed(ObservationFailure(.denied, "no"))), .unknown,
        "could not be read"
      ),
      (ended("kaniko should only be run inside of a container"), .fail, "refuses to run (cgroup v2)"),
      (ended(Self.refused + "UNAUTHORIZED: x"), .fail, "does not accept the image builder's login"),
      (ended(Self.refused + "DENIED: x"), .fail, "may not push to"),
      (ended(Self.refused + "NAME_UNKNOWN: x"), .fail, "makes none by itself"),
      (ended(Self.refused + "x509: unknown authority"), .fail, "does not trust the certificate"),
      (ended(Self.refused + "TOOMANYREQUESTS"), .unknown, "come back later"),
      (ended("what?"), .unknown, "not known: what?"),
    ] as [(BuilderTrial.Ending, FindingStatus, String)] {
      let found = try judged(ending)
      #expect(found.status == status, "\(ending): \(found)")
      #expect(found.message.contains(text), "\(found.message)")
      #expect(found.remedy != nil, "\(ending)")
      #expect(found.details.contains { $0.hasPrefix("made and removed: ") })
    }
    let nobody = try judged(ended(Self.refused + "UNAUTHORIZED: x"), "imageBuilder: {}")
    #expect(nobody.remedy?.text.contains("set imageBuilder.secretName") == true)
  }

  @Test("What could not be removed again is told, and takes the green away")
  func leftBehind() throws {
    let found = try judged(ended(Self.proved), left: ["Pod a (forbidden)"])
    #expect(found.status == .warn)
    #expect(found.details.contains("not removed: Pod a (forbidden)"))
    #expect(
      found.remedy?.command
        == "kubectl delete pod,configmap mlops-setup-builder-trial --namespace datarobot-mlops")
  }
}
