import Kubernetes
import TestSupport
import Testing
import YAML

@testable import SetupCore

@Suite("How the image builder is started")
struct BuilderStartTests {
  private static func chart(_ values: String) throws -> Chart {
    Chart(
      path: "/c", name: "c", version: "1.0.0", appVersion: nil, values: try YAML.parse(values, source: "values.yaml"))
  }

  private static func node(_ image: String) throws -> Node {
    try object(
      Node.self,
      #"{"metadata":{"name":"n"},"status":{"nodeInfo":{"operatingSystem":"linux","kubeletVersion":"v1.31.0","osImage":"\#(image)"}}}"#
    )
  }

  private static func suggestion(_ survey: Survey) -> String? {
    Questionnaire.standard.completed(Samples.answers(), survey)[.builderStart]
  }

  @Test(
    "An old kaniko is forced to start unless all nodes are known to have cgroup v1; newer and unknown ones are left alone",
    arguments: [
      ("imageBuilder: {}", [], "force"), ("imageBuilder: {}", ["Ubuntu 22.04.5 LTS"], "force"),
      ("imageBuilder: {}", ["Ubuntu 20.04.6 LTS"], "none"),
      ("imageBuilder: {}", ["Ubuntu 20.04.6 LTS", "Linux"], "force"),
      ("imageBuilder: {image: 'x/kaniko:v1.8.1'}", [], "force"),
      ("imageBuilder: {image: 'x/kaniko:v1.24.0'}", ["Ubuntu 22.04.5 LTS"], "none"),
      ("imageBuilder: {image: 'x/kaniko:latest'}", ["Ubuntu 22.04.5 LTS"], "none"),
    ])
  func usual(_ values: String, _ systems: [String], _ expected: String) throws {
    var survey = Survey()
    survey.chart = .seen(try Self.chart(values))
    if !systems.isEmpty { survey.nodes = .seen(try systems.map(Self.node)) }
    #expect(Self.suggestion(survey) == expected)
  }

  @Test("Without a chart nothing is suggested to be done; the user's own values files count where they were read")
  func unseen() throws {
    var survey = Survey()
    #expect(Self.suggestion(survey) == "none")
    survey.chart = .seen(try Self.chart("imageBuilder: {}"))
    var values = EffectiveValues()
    values.lay(try YAML.parse("imageBuilder: {image: 'x/kaniko:v1.24.0'}", source: "values"))
    survey.values = .seen(values)
    #expect(Self.suggestion(survey) == "none")
  }

  @Test("The image of a newer builder is asked for only where one is wanted")
  func asked() {
    func ids(_ start: String) -> Bool {
      Questionnaire.standard.questions(on: .images, Samples.answers(["imageBuilder.cgroupV2": .text(start)]))
        .contains { $0.id == "imageBuilder.image" }
    }
    #expect(ids("newer"))
    #expect(!ids("force"))
    let completed = Questionnaire.standard.completed(
      Samples.answers(["imageBuilder.cgroupV2": .text("newer")]), Survey())
    #expect(completed[.builderImage] == "gcr.io/kaniko-project/executor:v1.24.0")
  }

  // MARK: Values

  private static func text(_ changes: [QuestionID: AnswerValue], _ chart: Chart? = nil) throws -> YAMLNode? {
    let chart = try chart ?? Samples.chart(.standIn)
    let file = ValuesFile(settings: AgentValues.settings(Samples.answers(changes), for: chart), chart: chart)
    return try YAML.parse(file.text(release: "bosun", chart: chart), source: "values.yaml")?["imageBuilder"]
  }

  @Test("What the registry's CA, the cache's place and the nodes ask of the builder's arguments stands in one list")
  func arguments() throws {
    let ca = "--registry-certificate=registry.example.com:5000=/registry-ca/ca.crt"
    let cache = "registry.example.com:5000/mlops/layers"
    func list(_ changes: [QuestionID: AnswerValue]) throws -> [String] {
      (try Self.text(changes)?["extraArguments"]?.sequence ?? []).compactMap(\.text)
    }
    #expect(try list([:]) == [])
    #expect(try list(["imageBuilder.cgroupV2": .text("force")]) == ["--force"])
    #expect(try list(["imageBuilder.cgroupV2": .text("none")]) == [])
    #expect(try list(["images.cache": .text(cache)]) == ["--cache-repo=\(cache)"])
    #expect(
      try list([
        "registry.certificateAuthority": .text("ca.pem"), "images.cache": .text(cache),
        "imageBuilder.cgroupV2": .text("force"),
      ]) == [ca, "--cache-repo=\(cache)", "--force"])
  }

  @Test("A list in two settings keeps both reasons in the file")
  func reasons() throws {
    let chart = try Samples.chart(.standIn)
    let answers = Samples.answers([
      "registry.certificateAuthority": .text("ca.pem"), "imageBuilder.cgroupV2": .text("force"),
    ])
    let text = ValuesFile(settings: AgentValues.settings(answers), chart: chart).text(release: "bosun", chart: chart)
    #expect(
      text.contains("# Which registry it is for. On nodes with cgroup v2 kaniko before 1.9.0 starts only so."),
      "\(text)")
  }

  @Test(
    "A newer builder is named under the keys that the chart has for it, as it has them",
    arguments: [
      ("imageBuilder: {image: 'gcr.io/kaniko-project/executor:v1.8.1'}", "image: r.example.com/kaniko:v1.24.0"),
      ("imageBuilder: {image: ''}", "image: r.example.com/kaniko:v1.24.0"),
      ("imageBuilder: {image: x/kaniko, tag: v1.8.1}", "image: r.example.com/kaniko\ntag: v1.24.0"),
      (
        "imageBuilder: {image: {registry: gcr.io, repository: x/kaniko, tag: v1.8.1, digest: ''}}",
        "image:\n  registry: r.example.com\n  repository: kaniko\n  tag: v1.24.0\n  digest: \"\""
      ),
      (
        "imageBuilder: {kaniko: {image: {repository: x/kaniko, tag: v1.8.1}}}",
        "kaniko:\n  image:\n    repository: r.example.com/kaniko\n    tag: v1.24.0"
      ),
      ("imageBuilder: {kaniko: {image: 'x/kaniko:v1.8.1'}}", "kaniko:\n  image: r.example.com/kaniko:v1.24.0"),
      (
        "imageBuilder: {imageRepository: x/kaniko, imageTag: v1.8.1}",
        "imageRepository: r.example.com/kaniko\nimageTag: v1.24.0"
      ),
    ])
  func newer(_ values: String, _ expected: String) throws {
    let chart = try Self.chart(values)
    let changes: [QuestionID: AnswerValue] = [
      "imageBuilder.cgroupV2": .text("newer"), "imageBuilder.image": .text("r.example.com/kaniko:v1.24.0"),
    ]
    let builder = try #require(try Self.text(changes, chart))
    #expect(YAMLWriter().write(YAMLValue(builder)) == expected + "\n")
    // What reads the values then sees that image.
    var effective = EffectiveValues()
    effective.lay(chart.values)
    let file = ValuesFile(settings: AgentValues.settings(Samples.answers(changes), for: chart), chart: chart)
    effective.lay(try YAML.parse(file.text(release: "r", chart: chart), source: "values"))
    #expect(ImageBuilder(effective).image == "r.example.com/kaniko:v1.24.0")
  }

  @Test("A chart without a key for the builder's image is told, not passed over")
  func unnamed() throws {
    let chart = try Self.chart("imageBuilder: {ppsImage: x}")
    let answers = Samples.answers(["imageBuilder.cgroupV2": .text("newer")])
    let file = ValuesFile(settings: AgentValues.settings(answers, for: chart), chart: chart)
    #expect(file.missing.contains { $0.paths == ["imageBuilder.image"] })
  }

  // MARK: The cache and pull secrets

  @Test("The cache's place is the answer's, and is offered where the registry refuses the usual one")
  func cache() throws {
    #expect(Samples.answers().layerCache == "registry.example.com:5000/mlops/frozen-models/cache")
    let given = Samples.answers(["images.cache": .text("registry.example.com:5000/layers")])
    #expect(given.layerCache == "registry.example.com:5000/layers")

    let question = try #require(Questionnaire.standard["images.cache", Samples.answers()])
    let generated = "registry.example.com:5000/mlops/frozen-models"
    func offered(_ state: Observed<Bool>?) -> [String] {
      var survey = Survey()
      var summary = RegistrySummary(
        server: "registry.example.com:5000", answer: "", credentials: .seen(""), push: [generated: .seen(true)])
      summary.push["\(generated)/cache"] = state
      survey.registry = .seen(summary)
      return question.candidates(Samples.answers(), survey).map(\.value)
    }
    #expect(offered(nil) == [])
    #expect(offered(.seen(true)) == [])
    #expect(offered(.failed(ObservationFailure(.denied, "403"))) == ["\(generated)-cache"])
    #expect(question.problem(.text("registry.example.com:5000/layers:1"), Samples.answers()) != nil)
  }

  @Test(
    "Pull secrets go wherever the chart has a list for them, and nowhere else",
    arguments: [
      ("imagePullSecrets: []", ["imagePullSecrets"]),
      (
        "{global: {imagePullSecrets: []}, predictionServer: {imagePullSecrets: [], x: 1}}",
        ["global.imagePullSecrets", "predictionServer.imagePullSecrets"]
      ),
      ("{managementAgent: {repository: x}}", []),
    ])
  func pullSecrets(_ values: String, _ expected: [String]) throws {
    let chart = try Self.chart(values)
    let file = ValuesFile(settings: AgentValues.settings(Samples.answers()), chart: chart)
    #expect(file.placed.map(\.path).filter { $0.hasSuffix("imagePullSecrets") } == expected)
    #expect(!file.missing.contains { $0.paths[0].hasSuffix("imagePullSecrets") })
  }
}
