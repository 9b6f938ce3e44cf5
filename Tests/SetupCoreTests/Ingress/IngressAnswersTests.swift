import FoundationEssentials
import Kubernetes
import TestSupport
import Testing
import YAML

@testable import SetupCore

@Suite("The answers about an ingress controller")
struct IngressAnswersTests {
  private static func ids(_ changes: [QuestionID: AnswerValue]) -> [String] {
    Questionnaire.standard.questions(on: .cluster, Samples.answers(changes)).map(\.id.path)
      .filter { $0.hasPrefix("ingress.") }
  }

  @Test("Nothing is installed unless it is asked for, and its chart and values are asked for only then")
  func asked() {
    let completed = Questionnaire.standard.completed(Samples.answers(), Survey())
    #expect(completed[.ingressInstall] == "none")
    #expect(IngressTarget(completed) == nil)
    #expect(Planner.steps(completed).map(\.id.name).filter { $0.hasPrefix("ingress") } == [])
    #expect(Self.ids([:]) == ["ingress.className", "ingress.install"])
    #expect(
      Self.ids(["ingress.install": .text("traefik")])
        == ["ingress.className", "ingress.install", "ingress.chart", "ingress.values"])
  }

  @Test("With OpenShift's own registry it is not asked, and an answer has no meaning")
  func openShift() {
    let changes: [QuestionID: AnswerValue] = [
      "registry.provider": .text("openshift"), "ingress.install": .text("traefik"),
    ]
    #expect(Self.ids(changes) == ["ingress.className"])
    let completed = Questionnaire.standard.completed(Samples.answers(changes), Survey())
    #expect(IngressTarget(completed) == nil)
  }

  @Test("Whoever chooses ingress-nginx reads that it is retired, in the list and in the plan")
  func retired() throws {
    let question = try #require(Questionnaire.standard["ingress.install", Samples.answers()])
    guard case .choice(let choices) = question.kind else {
      Issue.record("no choice")
      return
    }
    #expect(choices.map(\.value) == ["none", "traefik", "ingress-nginx"])
    #expect(choices.last?.label.contains("retired") == true)
    #expect(IngressProduct.nginx.notice?.contains("retired") == true)
    #expect(IngressProduct.traefik.notice == nil)
  }

  @Test(
    "The documented class has the documented names; another class has its own release and controller value",
    arguments: [
      ("ingress-nginx", "mlops", "nginx-ingress", "k8s.io/ingress-nginx-mlops"),
      ("traefik", "mlops", "traefik", "k8s.io/ingress-nginx-mlops"),
      ("traefik", "b", "traefik-b", "k8s.io/ingress-nginx-b"),
      ("ingress-nginx", "b", "nginx-ingress-b", "k8s.io/ingress-nginx-b"),
    ])
  func names(_ install: String, _ className: String, _ release: String, _ value: String) throws {
    let answers = Samples.answers(["ingress.install": .text(install), "ingress.className": .text(className)])
    let target = try #require(IngressTarget(answers))
    #expect(target.release == release)
    #expect(target.controller == value)
  }

  @Test("The cluster's page says what lacks, until something is chosen or was found")
  func lacking() throws {
    var survey = Survey()
    #expect(!survey.lacksIngress(Samples.answers()))
    survey.ingressControllers = .seen([])
    #expect(!survey.lacksIngress(Samples.answers()), "whether it is OpenShift was not seen")
    survey.apiGroups = .seen(try object(APIGroupList.self, #"{"groups":[]}"#))
    #expect(survey.lacksIngress(Samples.answers()))
    #expect(!survey.lacksIngress(Samples.answers(["ingress.install": .text("traefik")])))
    let nginx = IngressController(
      className: "nginx", controller: "k8s.io/ingress-nginx", chartVersion: nil, controllerVersion: nil, source: "",
      isIngressNginx: true)
    survey.ingressControllers = .seen([nginx])
    #expect(!survey.lacksIngress(Samples.answers()))
    survey.ingressControllers = .seen([])
    survey.apiGroups = .seen(try object(APIGroupList.self, #"{"groups":[{"name":"route.openshift.io"}]}"#))
    #expect(!survey.lacksIngress(Samples.answers()))
  }

  // MARK: Values

  private static func values(_ install: String) async throws -> (text: String, content: ReleaseContent) {
    let answers = Samples.answers(["ingress.install": .text(install)])
    let source = IngressSource(try #require(IngressTarget(answers)), answers)
    let content = try await source.content(try Samples.setup(answers))
    return (content.text(source), content)
  }

  @Test("The values for charts that helm fetches are the recorded ones", arguments: ["ingress-nginx", "traefik"])
  func goldens(_ install: String) async throws {
    let (text, content) = try await Self.values(install)
    if let difference = try goldenDifference("SetupCore/ingress-values-\(install).yaml", text) {
      Issue.record("\(difference)")
    }
    #expect(content.values.missing.isEmpty)
  }

  @Test("The procedure's timeouts have no unit, which ingress-nginx would ignore, and its class is served by no other")
  func asMeant() async throws {
    let root = try #require(try YAML.parse(try await Self.values("ingress-nginx").text, source: "values"))
    let controller = try #require(root["controller"])
    for (key, expected) in [
      ("proxy-body-size", "51m"), ("proxy-read-timeout", "605"), ("proxy-send-timeout", "605"),
      ("proxy-connect-timeout", "65"),
    ] {
      // Texts, because the chart writes them into a ConfigMap.
      #expect(controller["config"]?[key]?.string == expected)
    }
    #expect(controller["ingressClassResource"]?["controllerValue"]?.string == "k8s.io/ingress-nginx-mlops")
    #expect(controller["ingressClassResource"]?["name"]?.string == "mlops")
    #expect(controller["ingressClass"]?.string == "mlops")
  }

  @Test("Without a chart of one's own helm fetches the version that the values were written for")
  func fetched() throws {
    for (install, words) in [
      ("traefik", ["traefik", "--repo", "https://traefik.github.io/charts", "--version", "41.3.0"]),
      (
        "ingress-nginx",
        ["ingress-nginx", "--repo", "https://kubernetes.github.io/ingress-nginx", "--version", "4.15.1"]
      ),
    ] {
      let answers = Samples.answers(["ingress.install": .text(install)])
      let source = IngressSource(try #require(IngressTarget(answers)), answers)
      #expect(source.chart { "/x/\($0)" } == words)
      let own = Samples.answers(["ingress.install": .text(install), "ingress.chart": .text("c.tgz")])
      let packed = IngressSource(try #require(IngressTarget(own)), own)
      #expect(packed.chart { "/x/\($0)" } == ["/x/c.tgz"])
    }
  }

  @Test(
    "A chart that is another, too old or does not know the class is refused before anything is done",
    arguments: [
      ("traefik", "name: nginx\nversion: 1.0.0\n", "", "it is the chart nginx, not traefik"),
      (
        "traefik", "name: traefik\nversion: 39.0.0\nappVersion: v3.6.24\n", "",
        "it brings Traefik v3.6.24, which does not read rewrite-target; 3.7.0 does"
      ),
      (
        "traefik", "name: traefik\nversion: 41.0.0\nappVersion: v3.7.0\n", "providers: {kubernetesIngress: {}}\n",
        "it does not know providers.kubernetesIngressNGINX.enabled, providers.kubernetesIngressNGINX.controllerClass"
      ),
      (
        "ingress-nginx", "name: ingress-nginx\nversion: 3.41.0\n", "",
        "it is version 3.41.0; the agent needs 4.0.0 or newer"
      ),
    ])
  func refused(_ install: String, _ chart: String, _ values: String, _ reason: String) async throws {
    let answers = Samples.answers(["ingress.install": .text(install), "ingress.chart": .text("ingress")])
    let files = try Samples.files([
      "/home/admin/work/ingress/Chart.yaml": chart, "/home/admin/work/ingress/values.yaml": values,
    ])
    let source = IngressSource(try #require(IngressTarget(answers)), answers)
    let error = await #expect(throws: SetupError.self) {
      try await source.content(try Samples.setup(answers, files: files))
    }
    #expect(error?.message == "the chart /home/admin/work/ingress cannot be used: \(reason)")
    #expect(error?.code == .usage)
  }
}
