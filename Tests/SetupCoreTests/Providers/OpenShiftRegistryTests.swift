import Kubernetes
import TestSupport
import Testing
import YAML

@testable import SetupCore

@Suite("OpenShift's registry: names, questions, values and checks")
struct OpenShiftRegistryTests {
  private let provider = OpenShiftRegistry()

  // MARK: Names

  @Test(
    "Every name has the two parts that the registry takes, the project and the image, and the cache is a third name",
    arguments: [
      "datarobot/mlops-management-agent", "datarobot/mlops-tracking-agent",
      "datarobot/datarobot-portable-prediction-api", "mlops/frozen-models",
    ])
  func names(_ name: String) throws {
    let answers = OpenShiftSamples.answers()
    let repository = try #require(provider.repository(name, answers))
    let parts = repository.split(separator: "/").map(String.init)
    #expect(parts.count == 3 && parts[0] == OpenShiftSamples.registry && parts[1] == "datarobot-mlops")
    #expect(answers.layerCache == "\(OpenShiftSamples.registry)/datarobot-mlops/frozen-models-cache")
  }

  @Test("Answers that name the provider alone are completed by what the registry and the cluster need")
  func completed() {
    var answers = Answers(baseDirectory: "/home/admin/work")
    answers["registry.provider"] = Answer(.text("openshift"))
    let completed = Questionnaire.standard.completed(answers, Survey())
    #expect(completed[.ingressClass] == "openshift-default")
    #expect(completed[.generated] == "\(OpenShiftSamples.registry)/datarobot-mlops/frozen-models")
    #expect(completed[.verification] == "service-ca")
    #expect(completed[.exposeRoute] == "no")
    #expect(completed["registry.password"] == nil)
  }

  // MARK: Questions

  @Test("Whether the registry is exposed to the outside is left to a person where he may do it, and only there")
  func exposure() {
    let table: [(OpenShiftRegistrySummary.Exposure, String?)] = [
      (.possible, nil), (.ours, "yes"), (.byOthers, "no"), (.notOurs, "no"), (.unseen, "no"),
    ]
    for (exposure, wanted) in table {
      var survey = Survey()
      survey.openShiftRegistry = .seen(OpenShiftSamples.summary(host: nil, exposure))
      let answers = OpenShiftSamples.answers(["registry.exposeRoute": .text("")])
      let completed = Questionnaire.standard.completed(answers, survey)
      #expect(completed[.exposeRoute] == wanted, "\(exposure)")
      #expect(
        Questionnaire.standard.problems(completed).contains { $0.question == "registry.exposeRoute" } == (wanted == nil)
      )
    }
  }

  @Test("How the builder verifies the registry is suggested by what the project has and what may be granted there")
  func verification() {
    let table: [(Bool?, OpenShiftProject.Right, String)] = [
      (true, .notOurs, "service-ca"), (nil, .notOurs, "service-ca"), (false, .possible, "host"),
      (false, .granted(by: "x"), "host"), (false, .notOurs, "skip"),
    ]
    for (hasCA, right, wanted) in table {
      #expect(OpenShiftProject(rights: [.hostMount: right], hasServiceCA: hasCA).verification == wanted)
    }
  }

  @Test(
    "A route is a host and nothing more",
    arguments: [
      ("default-route.apps.example.com", nil), ("localhost:8443", nil),
      ("https://route.example.com", "is a host without a scheme; routes speak https"),
      ("route.example.com/project", "is a host without a path"),
    ] as [(String, String?)])
  func route(_ text: String, _ wanted: String?) throws {
    let question = try #require(OpenShiftRegistry.questions.first { $0.id == "registry.route" })
    #expect(question.problem(.text(text), Answers()) == wanted)
  }

  @Test("Every question's label fits the page, and says why and, where it is typed, how")
  func words() {
    for question in OpenShiftRegistry.questions {
      #expect(question.label.count <= 14 && !question.why.isEmpty, "\(question.id)")
      if question.kind == .text || question.kind == .path { #expect(!question.example.isEmpty, "\(question.id)") }
    }
  }

  // MARK: Values

  private static func builder(_ verification: String) throws -> YAMLNode {
    let chart = try Samples.chart(.standIn)
    let answers = OpenShiftSamples.answers(["registry.verification": .text(verification)])
    let file = ValuesFile(settings: AgentValues.settings(answers), chart: chart)
    #expect(file.missing == [])
    return try #require(try YAML.parse(file.text(release: "bosun", chart: chart), source: "values.yaml"))
  }

  private static func expect(_ verification: String, _ wanted: String) throws {
    let root = try builder(verification)
    let builder = JSONValue(try #require(root["imageBuilder"]))
    let expected = JSONValue(try #require(try YAML.parse(wanted, source: "wanted")))
    #expect(builder == expected, "\(builder)")
    #expect(root["predictionServer"]?["ingressType"]?.text == "openshift")
    #expect(root["imagePullSecrets"] == nil, "nodes pull with the accounts' own secrets")
  }

  private static let documented = """
    ppsImage: image-registry.openshift-image-registry.svc:5000/datarobot-mlops/datarobot-portable-prediction-api:11.2.0
    generatedImageRepository: image-registry.openshift-image-registry.svc:5000/datarobot-mlops/frozen-models
    secretName: registry-creds
    rbac: {create: false}
    serviceAccount: {create: false, name: datarobot-management-agent-image-builder}

    """
  private static let cache =
    "--cache-repo=image-registry.openshift-image-registry.svc:5000/datarobot-mlops/frozen-models-cache"

  @Test("The values are the procedure's, with the project's own CA in place of a folder of the node")
  func serviceCA() throws {
    try Self.expect(
      "service-ca",
      Self.documented + """
        extraVolumes: [{name: cacert, configMap: {name: openshift-service-ca.crt}}]
        extraVolumeMounts: [{name: cacert, mountPath: /certs/, readOnly: true}]
        extraArguments:
        - --registry-certificate=image-registry.openshift-image-registry.svc:5000=/certs/service-ca.crt
        - \(Self.cache)
        """)
  }

  @Test("The procedure's mount of the node's folder is there for whoever chooses it")
  func host() throws {
    try Self.expect(
      "host",
      Self.documented + """
        extraVolumes: [{name: cacert, hostPath: {path: /etc/docker/certs.d}}]
        extraVolumeMounts: [{name: cacert, mountPath: /certs/, readOnly: true}]
        extraArguments:
        - --registry-certificate=image-registry.openshift-image-registry.svc:5000=/certs/image-registry.openshift-image-registry.svc:5000/ca.crt
        - \(Self.cache)
        """)
    #expect(
      OpenShiftSamples.answers(["registry.verification": .text("host")]).builderConstraints == [.anyUser, .hostMount])
  }

  @Test("To skip the verification is the procedure's other way, and needs no mount")
  func skip() throws {
    try Self.expect(
      "skip",
      Self.documented + """
        skipSslVerifyRegistries: [image-registry.openshift-image-registry.svc:5000]
        extraArguments: ["\(Self.cache)"]
        """)
  }

  @Test("A user or group of the chart's own choosing is taken away: no pod with it is admitted")
  func securityContext() throws {
    let context = try #require(Self.builder("service-ca")["managementAgent"]?["podSecurityContext"])
    #expect(context["runAsUser"]?.isNull == true && context["fsGroup"]?.isNull == true)
  }

  // MARK: Checks

  private func status(_ check: Check, _ more: [QuestionID: AnswerValue] = [:], _ change: (inout Survey) -> Void)
    -> Finding
  {
    finding(check, answers: OpenShiftSamples.answers(more), change)
  }

  @Test("The registry's state is told with what to do about it")
  func registry() {
    let table: [(OpenShiftRegistrySummary, String, FindingStatus, String?)] = [
      (OpenShiftSamples.summary(), "no", .pass, nil),
      (OpenShiftSamples.summary(management: .seen("Removed")), "no", .fail, "managementState"),
      (OpenShiftSamples.summary(host: nil, .possible), "yes", .pass, nil),
      (OpenShiftSamples.summary(host: nil, .possible), "no", .warn, "defaultRoute"),
      (OpenShiftSamples.summary(host: nil, .notOurs), "no", .warn, "defaultRoute"),
      (OpenShiftSamples.summary(host: nil, .unseen), "no", .warn, "defaultRoute"),
      (
        OpenShiftSamples.summary(management: .failed(ObservationFailure(.timedOut, "no answer"))), "no", .unknown, nil
      ),
    ]
    for (summary, expose, wanted, command) in table {
      let finding = status(.openShiftRegistry, ["registry.exposeRoute": .text(expose)]) {
        $0.openShiftRegistry = .seen(summary)
      }
      #expect(finding.status == wanted, "\(summary)")
      if let command { #expect(finding.remedy?.command?.contains(command) == true, "\(summary)") }
    }
  }

  @Test("What may not be seen of the registry's configuration is skipped, and never green")
  func denied() {
    var survey = Survey()
    survey.openShiftRegistry = .seen(
      OpenShiftSamples.summary(management: .failed(ObservationFailure(.denied, "forbidden"))))
    #expect(Check.openShiftRegistry.exemption(OpenShiftSamples.answers(), survey) != nil)
    #expect(Check.openShiftRegistry.exemption(OpenShiftSamples.answers(), Survey()) == nil)
  }

  @Test(
    "Names of other than two parts are refused, and so is a repository that the builder may not push to",
    arguments: [
      ("datarobot-mlops/frozen-models", FindingStatus.pass), ("mlops/frozen-models", .fail),
      ("datarobot-mlops/mlops/frozen-models", .fail), ("frozen-models", .fail),
    ])
  func imageNames(_ path: String, _ wanted: FindingStatus) {
    let finding = status(.openShiftNames, ["images.generated": .text("\(OpenShiftSamples.registry)/\(path)")]) { _ in }
    #expect(finding.status == wanted, "\(finding.message)")
  }

  @Test("An image in another project warns, with the command that lets pods pull there")
  func otherProject() {
    let image = AnswerValue.text("\(OpenShiftSamples.registry)/shared/mlops-management-agent:1")
    let finding = status(.openShiftNames, ["images.managementAgent": image]) { _ in }
    #expect(finding.status == .warn)
    #expect(
      finding.remedy?.command
        == "kubectl create rolebinding datarobot-mlops-image-pullers --clusterrole=system:image-puller --group=system:serviceaccounts:datarobot-mlops --namespace=shared"
    )
  }

  @Test("A right that only an administrator can give fails with his command")
  func builderRights() {
    let lacking = status(.openShiftBuilder) {
      $0.openShiftProject = .seen(OpenShiftProject(rights: [.anyUser: .notOurs], hasServiceCA: true))
    }
    #expect(lacking.status == .fail)
    #expect(
      lacking.remedy?.command
        == "kubectl create rolebinding datarobot-management-agent-image-builder-anyuid --clusterrole=system:openshift:scc:anyuid --serviceaccount=datarobot-mlops:datarobot-management-agent-image-builder --namespace=datarobot-mlops"
    )
    let granted = status(.openShiftBuilder) {
      $0.openShiftProject = .seen(OpenShiftProject(rights: [.anyUser: .granted(by: "root")], hasServiceCA: true))
    }
    #expect(granted.status == .pass)
    let mounting = status(.openShiftBuilder, ["registry.verification": .text("host")]) {
      $0.openShiftProject = .seen(
        OpenShiftProject(rights: [.anyUser: .granted(by: "root"), .hostMount: .notOurs], hasServiceCA: true))
    }
    #expect(mounting.status == .fail && mounting.message.contains("/etc/docker/certs.d"))
    #expect(status(.openShiftBuilder) { _ in }.status == .unknown)
  }

  @Test(
    "What the builder verifies with must be there",
    arguments: [
      ("service-ca", true, FindingStatus.pass), ("service-ca", nil, .pass), ("service-ca", false, .fail),
      ("host", false, .pass), ("skip", true, .warn),
    ] as [(String, Bool?, FindingStatus)])
  func authority(_ verification: String, _ hasCA: Bool?, _ wanted: FindingStatus) {
    let finding = status(.openShiftCA, ["registry.verification": .text(verification)]) {
      $0.openShiftProject = .seen(OpenShiftProject(rights: OpenShiftSamples.rights, hasServiceCA: hasCA))
    }
    #expect(finding.status == wanted, "\(finding.message)")
  }

  @Test("A values file that replaces the builder's options is told before an image cannot be pushed")
  func arguments() throws {
    let certificate = "--registry-certificate=\(OpenShiftSamples.registry)=/certs/service-ca.crt"
    for (options, wanted) in [
      (["--force"], FindingStatus.fail), (["--force", certificate], .warn),
      (["--force", certificate, Self.cache], .pass),
    ] {
      var values = EffectiveValues()
      let list = options.map { "'\($0)'" }.joined(separator: ", ")
      values.lay(try YAML.parse("imageBuilder: {extraArguments: [\(list)]}", source: "values"))
      let finding = status(.openShiftArguments) { $0.values = .seen(values) }
      #expect(finding.status == wanted, "\(finding.message)")
    }
  }

  @Test(
    "A model's route needs a host name, and ends no TLS",
    arguments: [
      ("http://models.apps.example.com/x/", FindingStatus.pass), ("https://models.apps.example.com/x/", .warn),
      ("http://10.0.0.1/x/", .fail),
    ])
  func modelsHost(_ url: String, _ wanted: FindingStatus) {
    #expect(status(.openShiftHost, ["ingress.outfacingUrl": .text(url)]) { _ in }.status == wanted)
  }

  @Test("Where no way leads to the registry from here, what would ask it is skipped with the reason")
  func noWay() {
    let failure = ObservationFailure(.inapplicable, "The registry has no route to the outside.")
    var survey = Survey()
    survey.registry = .failed(failure)
    survey.registryTLS = .failed(failure)
    for check in [
      Check.registryReachable, .registryTLS, .registryCredentials, .registryPush, .registryRepositories,
    ] {
      #expect(check.exemption(OpenShiftSamples.answers(), survey) == failure.message, "\(check.id)")
      #expect(check.exemption(OpenShiftSamples.answers(), Survey()) == nil, "\(check.id)")
    }
    survey.registry = .seen(
      RegistrySummary(
        server: OpenShiftSamples.registry, answer: "answers", credentials: .failed(failure), push: [:]))
    #expect(Check.registryReachable.exemption(OpenShiftSamples.answers(), survey) == nil)
    #expect(Check.registryPush.exemption(OpenShiftSamples.answers(), survey) == failure.message)
  }
}
