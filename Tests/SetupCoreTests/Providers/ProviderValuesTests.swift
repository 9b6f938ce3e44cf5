import FoundationEssentials
import TestSupport
import Testing
import YAML

@testable import SetupCore

/// Every provider's part of the values file beside the example that the procedure gives for it, and the configuration that
/// the chart makes of it before the agent's own rules.
@Suite("The values of every provider", .timeLimit(.minutes(3)))
struct ProviderValuesTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let answers: Answers
    /// The procedure's example: `imageBuilder` and what else it sets.
    let example: String
    /// Where we differ from it: our value, nil for none, and why.
    var differences: [String: (ours: String?, why: String)] = [:]
    /// What kaniko is started with.
    var arguments: [String] = []

    var testDescription: String { name }
  }

  private static let openShift = OpenShiftSamples.registry
  private static let account = "datarobot-management-agent-image-builder"
  private static let secret = "imageBuilder: {secretName: registry-creds}"
  private static let accounts =
    "imageBuilder: {configMap: docker-config, serviceAccount: {create: false, name: \(account)}}"
  private static let openShiftExample = """
    secretName: registry-creds, rbac: {create: false}, serviceAccount: {create: false, name: \(account)}
    """
  private static let openShiftDifferences: [String: (ours: String?, why: String)] = [
    "predictionServer.ingressType": ("openshift", "without it the agent makes Ingress objects for ingress-nginx"),
    "imageBuilder.extraArguments": ("*", "names have two parts: layers need a repository of their own"),
  ]
  /// The example's difference of who pulls: the procedure forgets it.
  private static let pull: [String: (ours: String?, why: String)] = [
    "imagePullSecrets": ("*", "nodes pull with it, which the procedure leaves out")
  ]

  static let cases: [Case] = [
    Case(name: "generic", answers: Samples.answers(), example: secret, differences: pull),
    Case(
      name: "generic, HTTP", answers: Samples.answers(["registry.scheme": .text("http")]),
      example: "imageBuilder: {secretName: registry-creds, insecureRegistries: ['registry.example.com:5000']}",
      differences: pull, arguments: ["--insecure-registry=registry.example.com:5000"]),
    Case(
      name: "generic, own CA", answers: Samples.answers(["registry.certificateAuthority": .text("ca.pem")]),
      example: secret,
      differences: pull.merging([
        "imageBuilder.extraVolumes": ("*", "the CA, which the procedure only skips"),
        "imageBuilder.extraVolumeMounts": ("*", "the CA"), "imageBuilder.extraArguments": ("*", "the CA"),
      ]) { $1 }, arguments: ["--registry-certificate=registry.example.com:5000=/registry-ca/ca.crt"]),
    Case(name: "ecr, IRSA", answers: ECRSamples.answers(), example: accounts),
    Case(
      name: "ecr, Pod Identity", answers: ECRSamples.answers(["registry.identity": "pod-identity"]), example: accounts),
    Case(
      name: "ecr, existing role", answers: ECRSamples.answers(["registry.identity": "role"]), example: accounts),
    Case(name: "acr, token", answers: AzureStage.answers("token"), example: secret, differences: pull),
    Case(name: "acr, admin", answers: AzureStage.answers("admin"), example: secret, differences: pull),
    Case(
      name: "acr, service principal", answers: AzureStage.answers("service-principal"), example: secret,
      differences: pull),
    Case(name: "acr, a login there is", answers: AzureStage.answers("credentials"), example: secret, differences: pull),
    Case(
      name: "google, as documented", answers: GoogleSamples.answers(GoogleSamples.documented),
      example: """
        imageBuilder: {serviceAccount: {create: true, name: \(account),
          annotations: {iam.gke.io/gcp-service-account: gcr-push-user@acme-prod.iam.gserviceaccount.com}}}
        """),
    Case(
      name: "google, direct", answers: GoogleSamples.answers(),
      example: "imageBuilder: {serviceAccount: {create: false, name: \(account)}}"),
    Case(
      name: "google, an account there is", answers: GoogleSamples.answers(["registry.identity": "existing"]),
      example: "imageBuilder: {serviceAccount: {create: false, name: \(account)}}"),
    Case(
      name: "openshift, service CA", answers: OpenShiftSamples.answers(),
      example: "imageBuilder: {\(openShiftExample)}",
      differences: openShiftDifferences.merging([
        "imageBuilder.extraVolumes": ("*", "the CA of the cluster's Services, without a right on the host"),
        "imageBuilder.extraVolumeMounts": ("*", "the same"),
      ]) { $1 },
      arguments: [
        "--registry-certificate=\(openShift)=/certs/service-ca.crt",
        "--cache-repo=\(openShift)/datarobot-mlops/frozen-models-cache",
      ]),
    Case(
      name: "openshift, the host's CA", answers: OpenShiftSamples.answers(["registry.verification": .text("host")]),
      example: """
        imageBuilder: {\(openShiftExample),
          extraVolumes: [{name: cacert, hostPath: {path: /etc/docker/certs.d}}],
          extraVolumeMounts: [{name: cacert, mountPath: /certs/, readOnly: true}],
          extraArguments: ["--registry-certificate=\(openShift)=/certs/\(openShift)/ca.crt"]}
        """, differences: openShiftDifferences,
      arguments: [
        "--registry-certificate=\(openShift)=/certs/\(openShift)/ca.crt",
        "--cache-repo=\(openShift)/datarobot-mlops/frozen-models-cache",
      ]),
    Case(
      name: "openshift, unverified", answers: OpenShiftSamples.answers(["registry.verification": .text("skip")]),
      example: "imageBuilder: {\(openShiftExample), skipSslVerifyRegistries: ['\(openShift)']}",
      differences: openShiftDifferences,
      arguments: [
        "--skip-tls-verify-registry=\(openShift)", "--cache-repo=\(openShift)/datarobot-mlops/frozen-models-cache",
      ]),
  ]

  /// The keys that the procedure's own Helm command sets whatever the registry; the last two it forgets.
  private static let common: Set<String> = [
    "predictionServer.ingressClassName", "predictionServer.outfacingUrlRoot", "datarobot.apiSecretName",
    "datarobot.predictionEnvId", "managementAgent.repository", "trackingAgent.image", "imageBuilder.ppsImage",
    "imageBuilder.generatedImageRepository", "managementAgent.tag", "datarobot.url",
  ]

  @Test("They are the example's of the procedure, key by key, but for what is named with its reason", arguments: cases)
  func example(_ it: Case) throws {
    let chart = try Samples.chart(.standIn)
    let file = ValuesFile(settings: AgentValues.settings(it.answers), chart: chart)
    #expect(file.missing.map(\.paths) == [])
    let text = file.text(release: "bosun", chart: chart)
    let ours = Self.leaves(try #require(try YAML.parse(text, source: "values.yaml")))
    #expect(Self.common.isSubset(of: ours.keys))
    // A chart's own user is taken away where OpenShift gives each project its own.
    let own = ours.filter { !Self.common.contains($0.key) && !$0.key.contains("ecurityContext.") }
    var expected = Self.leaves(try #require(try YAML.parse(it.example, source: "example.yaml")))
    for (path, difference) in it.differences {
      #expect(!difference.why.isEmpty)
      expected[path] = difference.ours == "*" ? own[path] ?? "missing" : difference.ours
    }
    #expect(own == expected, "\(text)")
  }

  @Test(
    "What the chart makes of them is taken by the agent's own rules, and gives kaniko what it needs", arguments: cases)
  func accepted(_ it: Case) async throws {
    for kind in Samples.ChartKind.allCases {
      let chart = try Samples.chart(kind)
      let file = ValuesFile(settings: AgentValues.settings(it.answers), chart: chart)
      let plugin = try await Self.plugin(kind, file.text(release: "bosun", chart: chart))
      let verdict = try await Validator.agentVerdict(onPlugin: plugin)
      #expect(verdict.refusal == nil, "\(kind): \(plugin)")
      guard kind == .standIn else { continue }
      #expect(verdict.arguments == it.arguments, "\(plugin)")
      #expect(verdict.host == (it.answers[.provider] == "openshift" ? "models.apps.example.com" : "models.example.com"))
      let needsLogin = it.answers[.provider] != "google"
      #expect(verdict.volumes.contains("docker-config") == needsLogin, "\(verdict.volumes)")
    }
  }

  /// The plugin's configuration as Helm renders it.
  private static func plugin(_ kind: Samples.ChartKind, _ values: String) async throws -> String {
    try await withScratchDirectory { folder in
      let path = try folder.write(values, to: "values.yaml")
      let rendered = try await TestProgram.helm.run([
        "template", "bosun", kind.folder, "--namespace", "datarobot-mlops", "--values", path,
      ])
      for document in rendered.split(separator: "\n---\n").map(String.init) {
        let tree = try YAML.parse(document, source: "rendered")
        if let text = tree?["data"]?["plugin.k8s.conf.yaml"]?.string { return text }
      }
      throw TestSupportError("the chart renders no configuration of the plugin:\n\(rendered)")
    }
  }

  @Test(
    "A name or an address is taken where the agent takes it and refused where it refuses it",
    arguments: [
      ("images.predictionServer", "registry.example.com/pps:11.2.0", true),
      ("images.predictionServer", "registry.example.com/pps:11.2.0-rc.1", true),
      ("images.predictionServer", "registry.example.com/pps:latest", false),
      ("images.predictionServer", "registry.example.com/pps:v11.2.0", false),
      ("images.predictionServer", "registry.example.com/pps:11.2.0_1", false),
      ("images.predictionServer", "registry.example.com:5000/pps", false),
      ("images.generated", "registry.example.com:5000/mlops/frozen-models", true),
      ("images.generated", "registry.example.com/mlops/frozen-models:1", false),
      ("images.generated", "registry.example.com:5000/mlops/frozen-models:1", false),
      ("ingress.outfacingUrl", "https://models.example.com/deployments", true),
      ("ingress.outfacingUrl", "models.example.com/deployments", false),
      ("ingress.outfacingUrl", "ftp://models.example.com/", false),
    ] as [(QuestionID, String, Bool)])
  func sameRules(_ id: QuestionID, _ text: String, _ isTaken: Bool) async throws {
    let key = ["images.predictionServer": "ppsBaseImage", "images.generated": "generatedImageRepo"]["\(id)"]
    var configuration = [
      "ppsBaseImage": "registry.example.com/pps:11.2.0",
      "generatedImageRepo": "registry.example.com/mlops/frozen-models",
      "outfacingPredictionURLPrefix": "https://models.example.com/", "agentImage": "registry.example.com/agent:11.2.0",
    ]
    configuration[key ?? "outfacingPredictionURLPrefix"] = text
    let plugin = configuration.map { "\($0.key): '\($0.value)'\n" }.sorted().joined()
    let verdict = try await Validator.agentVerdict(onPlugin: plugin)
    #expect((verdict.refusal == nil) == isTaken, "\(verdict)")
    let answers = Samples.answers([id: .text(text)])
    let problems = Questionnaire.standard.problems(answers).filter { $0.question == id }
    #expect(problems.isEmpty == isTaken, "\(problems)")
  }

  /// A tree's ends by their dotted paths; a list is one end.
  private static func leaves(_ node: YAMLNode, at path: String = "") -> [String: String] {
    guard case .mapping(let entries) = node.value, !entries.isEmpty else { return [path: Self.text(node)] }
    return entries.reduce(into: [:]) { leaves, entry in
      // An annotation's name holds dots itself.
      leaves.merge(Self.leaves(entry.value, at: path.isEmpty ? entry.key : "\(path).\(entry.key)")) { $1 }
    }
  }

  private static func text(_ node: YAMLNode) -> String {
    switch node.value {
    case .mapping(let entries): "{" + entries.map { "\($0.key): \(text($0.value))" }.joined(separator: ", ") + "}"
    case .sequence(let items): "[" + items.map(text).joined(separator: ", ") + "]"
    default: node.text ?? ""
    }
  }
}
