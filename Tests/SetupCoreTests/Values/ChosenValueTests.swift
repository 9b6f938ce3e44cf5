import Kubernetes
import TestSupport
import Testing
import YAML

@testable import SetupCore

@Suite("Values of the chart that the answers set")
struct ChosenValueTests {
  private static let values = """
    # Standing alone.

    # Overrides the name.
    # On two lines.
    nameOverride: ""
    agent:
      # -- The level.
      logLevel: INFO  # trailing
      replicas: 1
      # What the pods ask for.
      resources:
        requests: {cpu: "1"}
      annotations: {}
      tolerations: []
      nothing:
      "dotted.key": 1
    """
  private static let schema = """
    {"properties": {"agent": {"properties": {
      "logLevel": {"enum": ["DEBUG", "INFO"]}, "replicas": {"type": ["integer", "string"]}, "hidden": {"type": "boolean"},
      "annotations": {"additionalProperties": {"type": "string"}}}}}}
    """

  private static func chart(schema: String? = nil) throws -> Chart {
    var chart = Chart(
      path: "/c", name: "c", version: "1", appVersion: nil, values: try YAML.parse(values, source: "values.yaml"))
    chart.valuesText = values
    chart.schema = try schema.map { try JSONText.parse(Array($0.utf8)) }
    return chart
  }

  private static func chosen(_ text: String) throws -> [ChosenValue] {
    ChosenValue.all(in: try #require(try YAML.parse(text, source: "answers.yaml")))
  }

  @Test("A chart's keys come with the comment above them, or that of what they are a part of")
  func keys() throws {
    let keys = try Self.chart().keys.map { "\($0.path) | \($0.standard.flowText) | \($0.comment)" }
    #expect(
      keys == [
        "nameOverride |  | Overrides the name. On two lines.", "agent.logLevel | INFO | The level.",
        "agent.replicas | 1 | ", "agent.resources.requests.cpu | 1 | What the pods ask for.",
        "agent.annotations | {} | ", "agent.tolerations | [] | ", "agent.nothing | null | ",
        "agent.\"dotted.key\" | 1 | ",
      ])
  }

  @Test("The chart that comes with the tests has a key for every end of its values, and most have a comment")
  func standIn() throws {
    var chart = try Samples.chart(.standIn)
    chart.valuesText = try Samples.chartFile(.standIn, "values.yaml")
    let keys = chart.keys
    #expect(keys.count > 50)
    #expect(keys.first { $0.path == "managementAgent.logLevel" }?.comment == "DEBUG, INFO, WARNING or ERROR.")
    for key in keys { #expect(chart.problem(ChosenValue(key.names, key.standard)) == nil, "\(key.path)") }
  }

  @Test("Beside each stands what the answers or the example make of it, and what is set without the chart knowing it")
  func given() throws {
    var chart = try Samples.chart(.standIn)
    chart.examples = [ChartExample(name: "a.yaml", Array("managementAgent: {logLevel: DEBUG, repository: x}\n".utf8))]
    let keys = chart.keys(
      for: Samples.answers([
        "chart.example": .text("a.yaml"), "values": .values(try Self.chosen("global: {region: here}")),
      ]))
    func given(_ path: String) -> String? {
      keys.first { $0.path == path }.map { $0.given.map { "\($0.text) \($0.question)" } ?? "" }
    }
    #expect(given("managementAgent.logLevel") == "DEBUG chart.example")
    #expect(
      given("managementAgent.repository")
        == "registry.example.com:5000/datarobot/mlops-management-agent images.managementAgent")
    #expect(given("imagePullSecrets") == #"[{"name":"registry-creds"}] registry"#)
    #expect(given("managementAgent.pullPolicy") == "")
    #expect(keys.last?.path == "global.region")
  }

  @Test(
    "Each is checked against the chart's own values, or its schema where there is one",
    arguments: [
      ("agent: {logLevel: DEBUG}", nil, nil), ("nameOverride: x", nil, nil), ("global: {a: {b: 1}}", nil, nil),
      ("agent: {annotations: {a.b/c: d}}", nil, nil), ("agent: {nothing: {any: 1}}", nil, nil),
      ("agent: {replicas: null}", nil, nil), ("agent: {tolerations: [{key: a}]}", nil, nil),
      ("agent: {logLevl: DEBUG}", nil, "agent.logLevl: the chart does not know it; did you mean logLevel?"),
      (
        "agent: {zzzzzzzzz: 1}", nil,
        "agent.zzzzzzzzz: the chart does not know it; agent has logLevel, replicas, resources, annotations, tolerations, nothing, dotted.key"
      ),
      ("zzzzzzzzz: 1", nil, "zzzzzzzzz: the chart does not know it; its keys are nameOverride, agent"),
      ("agent: {logLevel: {a: 1}}", nil, "agent.logLevel.a: agent.logLevel is text in the chart and has no keys"),
      ("agent: {logLevel: 7}", nil, "agent.logLevel=7: it must be text, not a number; write it in quotes"),
      ("agent: {replicas: \"2\"}", nil, "agent.replicas=2: it must be a number, not text"),
      ("agent: {replicas: 1.5}", nil, nil),
      ("agent: {annotations: x}", nil, "agent.annotations=x: it must be a mapping, not text"),
      (
        "agent: {tolerations: {a: b}}", nil,
        "agent.tolerations.a: agent.tolerations is a list in the chart and has no keys"
      ),
      ("agent: {logLevel: TRACE}", schema, "agent.logLevel=TRACE: it must be one of DEBUG, INFO"),
      ("agent: {replicas: \"2\"}", schema, nil), ("agent: {hidden: true}", schema, nil),
      (
        "agent: {replicas: true}", schema,
        "agent.replicas=true: it must be a whole number or text, not true or false; write it in quotes"
      ),
      ("agent: {hidden: 1}", schema, "agent.hidden=1: it must be true or false, not a number"),
      (
        "agent: {annotations: {a: 1}}", schema,
        "agent.annotations.a=1: it must be text, not a number; write it in quotes"
      ),
    ])
  func problems(_ text: String, _ schema: String?, _ expected: String?) throws {
    let chart = try Self.chart(schema: schema)
    let found = try Self.chosen(text).compactMap(chart.problem).map { "\($0.subject): \($0.reason)" }
    #expect(found == (expected.map { [$0] } ?? []))
  }

  @Test("The answers file holds them as a mapping, read with their lines and written as they were")
  func answersFile() throws {
    let text = """
      apiVersion: mlops-setup/v1
      kind: Answers
      values:
        managementAgent:
          logLevel: DEBUG
          podAnnotations: {team.example.com/owner: ml}
        imagePullSecrets: [{name: a}]

      """
    let content = AnswersFile.read(Array(text.utf8), source: "answers.yaml", baseDirectory: "/")
    #expect(content.problems == [])
    let values = content.answers[.chosenValues]
    #expect(
      values.map(\.summary) == [
        "managementAgent.logLevel=DEBUG", "managementAgent.podAnnotations.\"team.example.com/owner\"=ml",
        #"imagePullSecrets=[{"name":"a"}]"#,
      ])
    #expect(values.map(\.mark?.line) == [5, 6, 7])
    let written = AnswersFile.text(content.answers)
    let again = AnswersFile.read(Array(written.utf8), source: "x", baseDirectory: "/")
    #expect(again.problems == [])
    #expect(again.answers[.chosenValues].map(\.summary) == values.map(\.summary))
  }

  @Test("Anything but a mapping is told with its line")
  func noMapping() {
    let text = "apiVersion: mlops-setup/v1\nkind: Answers\nvalues: [more.yaml]\n"
    let content = AnswersFile.read(Array(text.utf8), source: "answers.yaml", baseDirectory: "/")
    #expect(
      content.problems.map(\.description) == [
        "answers.yaml:3:9: values must be a mapping of the chart's values, not a list"
      ])
  }

  @Test("They are laid over ours in the one values file, each under what the chart says of it")
  func valuesFile() throws {
    var chart = try Samples.chart(.standIn)
    chart.valuesText = try Samples.chartFile(.standIn, "values.yaml")
    let chosen = try Self.chosen(
      """
      managementAgent: {logLevel: DEBUG, repository: mine, podAnnotations: {a.b/c: d}}
      imageBuilder: {serviceAccount: {annotations: {}}, extraArguments: [--force]}
      """)
    let file = ValuesFile(
      settings: AgentValues.settings(Samples.answers(["registry.certificateAuthority": .text("ca.pem")])),
      chosen: chosen, chart: chart)
    let text = file.text(release: "bosun", chart: chart)
    if let difference = try goldenDifference("SetupCore/values-chosen.yaml", text) { Issue.record("\(difference)") }
    let root = try #require(try YAML.parse(text, source: "values.yaml"))
    #expect(root["managementAgent"]?["logLevel"]?.string == "DEBUG")
    #expect(root["managementAgent"]?["repository"]?.string == "mine")
    #expect(root["managementAgent"]?["podAnnotations"]?["a.b/c"]?.string == "d")
    #expect(root["imageBuilder"]?["extraArguments"]?.sequence?.map(\.string) == ["--force"])
    #expect(
      chosen.filter(file.isReplacement).map(\.path) == ["managementAgent.repository", "imageBuilder.extraArguments"])
  }
}

@Suite("A chart's examples")
struct ChartExampleTests {
  @Test("What one changes is told key by key, and what the answers set anyway is marked")
  func differences() async throws {
    let example = try Samples.chartFile(.standIn, "examples/AWS_values.yaml")
    let files = try Samples.files([
      "/home/admin/work/datarobot-management-agent/examples/AWS_values.yaml": example,
      "/home/admin/work/datarobot-management-agent/examples/README.md": "no values",
      "/home/admin/work/datarobot-management-agent/examples/broken.yaml": "a: [",
    ])
    let setup = try Samples.setup(files: files)
    let chart = try #require(
      await ChartLoader(world: setup.world).load("/home/admin/work/datarobot-management-agent").value)
    #expect(chart.examples.map(\.name) == ["AWS_values.yaml", "broken.yaml"])
    #expect(chart.examples[1].problem?.hasPrefix("broken.yaml:") == true)
    let lines = chart.examples[0].differences(chart, ours: ValuesFile(Samples.answers(), chart: chart))
    #expect(lines.contains(#"imageBuilder.configMap: "" -> "docker-config""#))
    // Of the two logins the builder takes one.
    let chosen = Samples.answers(["chart.example": .text("AWS_values.yaml")])
    let file = ValuesFile(chosen, chart: chart)
    #expect(file.placed.contains { $0.path == "imageBuilder.configMap" && $0.setting.value == "" })
    #expect(
      chart.examples[0].differences(chart, ours: file).contains(
        #"imageBuilder.configMap: "" -> "docker-config" (the answers set it)"#))
    #expect(lines.contains("imageBuilder.serviceAccount.create: true -> false"))
    #expect(
      lines.filter { $0.hasPrefix("managementAgent.repository: ") }.allSatisfy { $0.hasSuffix("(the answers set it)") })
    // What is the chart's own already is no difference.
    #expect(!lines.contains { $0.hasPrefix("datarobot.apiSecretName") })

    var survey = Survey()
    survey.chart = .seen(chart)
    func problems(_ name: String) -> [String] {
      Questionnaire.standard.refusals(Samples.answers(["chart.example": .text(name)]), survey).map(\.text)
    }
    #expect(problems("AWS_values.yaml") == [])
    #expect(problems("AWS_value.yaml") == ["AWS_value.yaml does not exist; did you mean AWS_values.yaml?"])
    #expect(problems("broken.yaml").first?.hasPrefix("cannot be used: broken.yaml:") == true)
  }

  @Test("It is laid under the answers, and the user's files over them")
  func order() async throws {
    let answers = Samples.answers(["chart.example": .text("AWS_values.yaml"), "chart.values": .list(["more.yaml"])])
    let files = try Samples.files([
      "/home/admin/work/datarobot-management-agent/examples/AWS_values.yaml":
        "imageBuilder: {extra: theirs, secretName: theirs, image: theirs}\n",
      "/home/admin/work/more.yaml": "imageBuilder: {image: mine}\n",
    ])
    var values = EffectiveValues()
    let setup = try Samples.setup(answers, files: files)
    let chart = try await ChartLoader(world: setup.world).chart("/home/admin/work/datarobot-management-agent")
    #expect(
      AgentSource(answers).valuesFiles(chart, ours: "-", setup) == [
        "/home/admin/work/datarobot-management-agent/examples/AWS_values.yaml", "-", "/home/admin/work/more.yaml",
      ])
    let layers = try ValuesLayer.all(setup, chart)
    for layer in layers { values.lay(layer.root) }
    #expect(values["imageBuilder", "extra"] == "theirs")
    #expect(values["imageBuilder", "secretName"] == "registry-creds")
    #expect(values["imageBuilder", "image"] == "mine")
    #expect(
      ["extra", "secretName", "image", "resources"].map { name in
        layers.reversed().lazy.compactMap { $0.origin(of: ["imageBuilder", name]) }.first
      } == ["chart.example (AWS_values.yaml)", "registry", "chart.values (more.yaml)", "the chart itself"])
  }
}

@Suite("What helm says of values that a schema refuses")
struct SchemaRefusalTests {
  @Test(
    "The values are found in the words of every helm",
    arguments: [
      ("- at '/imageBuilder/ppsImage': 'a:latest' does not match pattern", [["imageBuilder", "ppsImage"]]),
      ("agent:\n  - at '/a~1b/c~0d': x\n- at '/a~1b/c~0d': y\n", [["a/b", "c~d"]]),
      (
        "agent:\n- imageBuilder.ppsImage: Does not match pattern\n- (root): x",
        [["imageBuilder", "ppsImage"], ["(root)"]]
      ),
      ("Error: execution error at (agent/templates/a.yaml:1:2): no", []),
    ])
  func places(_ errors: String, _ expected: [[String]]) {
    #expect(SchemaRefusal.places(errors) == expected)
  }
}
