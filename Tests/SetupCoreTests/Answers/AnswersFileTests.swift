import SetupCore
import TestSupport
import Testing
import YAML

@Suite("The answers file")
struct AnswersFileTests {
  static let documented = """
    apiVersion: mlops-setup/v1
    kind: Answers
    cluster:   {kubeconfig: ~/.kube/config, context: prod, namespace: datarobot-mlops}
    registry:
      provider: generic
      server: registry.example.com:5000
      prefix: ""                       # path put before the repository names
      scheme: https
      certificateAuthority: ca.pem
      username: push
      password: {env: REGISTRY_PASSWORD}
    datarobot:
      endpoint: https://app.datarobot.com
      apiToken: {env: DATAROBOT_API_TOKEN}
      predictionEnvironment: 65f0a1b2c3d4e5f60718293a
    ingress:   {className: mlops, outfacingUrl: "https://models.example.com/deployments/"}
    images:
      managementAgent: registry.example.com:5000/datarobot/mlops-management-agent:11.2.62
      trackingAgent: registry.example.com:5000/datarobot/mlops-tracking-agent:11.2.62
      predictionServer: registry.example.com:5000/datarobot/datarobot-portable-prediction-api:11.2.0
      generated: registry.example.com:5000/mlops/frozen-models
    chart:     {path: ./datarobot-management-agent, release: bosun, values: []}
    helm:      {timeout: 10m}
    """

  private func read(_ text: String) -> AnswersFile.Content {
    AnswersFile.read(Array(text.utf8), source: "answers.yaml", baseDirectory: "/home/admin")
  }

  @Test("The documented shape is read without a problem, and nothing is missing in it")
  func documentedShape() {
    let content = read(Self.documented)
    #expect(content.problems == [])
    #expect(content.answers[.namespace] == "datarobot-mlops")
    #expect(content.answers[.registryPassword] == .environment("REGISTRY_PASSWORD"))
    #expect(content.answers[.prefix] == nil)
    #expect(content.answers[.valuesFiles] == [])
    #expect(Questionnaire.standard.problems(Questionnaire.standard.completed(content.answers, Survey())) == [])
  }

  @Test(
    "What cannot be an answer is told with its line and what to do",
    arguments: [
      ("clutser: {}", "answers.yaml:3:1: clutser is not a known key; did you mean cluster?"),
      (
        "cluster: {namspace: x}",
        "answers.yaml:3:11: cluster.namspace is not a known key; did you mean cluster.namespace?"
      ),
      (
        "helm: {colour: red}",
        "answers.yaml:3:8: helm.colour is not a known key; helm has rollback, timeout"
      ),
      ("cluster: [a]", "answers.yaml:3:10: cluster must be a mapping, not a list"),
      ("cluster: {namespace: [a]}", "answers.yaml:3:22: cluster.namespace must be a text, not a list"),
      (
        "cluster: {namespace: Prod}",
        "answers.yaml:3:22: cluster.namespace must be lower-case letters, digits and '-', and begin and end with a letter or digit"
      ),
      ("chart: {values: my.yaml}", "answers.yaml:3:17: chart.values must be a list of paths, not text"),
      ("helm: {timeout: soon}", "answers.yaml:3:17: helm.timeout must be a duration like 10m or 1h30m"),
      (
        "registry: {provider: genric}",
        "answers.yaml:3:22: registry.provider must be one of generic, ecr, acr, google, openshift; did you mean generic?"
      ),
      (
        "registry: {password: hunter2}",
        "answers.yaml:3:22: registry.password must not stand in this file; write {env: REGISTRY_PASSWORD}, {file: PATH} or {existing: SECRET-NAME}"
      ),
      (
        "registry: {password: {env: A, file: B}}",
        "answers.yaml:3:22: registry.password takes exactly one reference; write {env: REGISTRY_PASSWORD}, {file: PATH} or {existing: SECRET-NAME}"
      ),
      (
        "registry: {password: {enf: A}}",
        "answers.yaml:3:23: registry.password.enf is not a known key; did you mean registry.password.env?"
      ),
      (
        "registry: {scheme: http, certificateAuthority: ca.pem}",
        "answers.yaml:3:48: registry.certificateAuthority has no meaning with the other answers; remove it (registry.scheme is http)"
      ),
      (
        "datarobot: {predictionEnvironment: 12}",
        "answers.yaml:3:36: datarobot.predictionEnvironment must be 24 hexadecimal digits"
      ),
      (
        "images: {predictionServer: r.example.com/pps:latest}",
        "answers.yaml:3:28: images.predictionServer the management agent takes no prediction server with the tag \"latest\"; write a version tag, for example r.example.com/pps:11.2.0"
      ),
    ])
  func problems(_ line: String, _ expected: String) {
    let content = read("apiVersion: mlops-setup/v1\nkind: Answers\n" + line + "\n")
    #expect(content.problems.map(\.description) == [expected])
    // The secret itself is never repeated.
    #expect(!content.problems.description.contains("hunter2"))
  }

  @Test("That nothing is wanted may be said where it is not asked")
  func noneWhereNotAsked() {
    let openShift = "apiVersion: mlops-setup/v1\nkind: Answers\nregistry: {provider: openshift}\ningress: {install: "
    #expect(read(openShift + "none}\n").problems.isEmpty)
    #expect(
      read(openShift + "traefik}\n").problems.map(\.text).contains { $0.hasPrefix("ingress.install has no meaning") })
  }

  @Test("Of a file that is no answers file nothing is shown")
  func anotherFile() {
    let content = read("root: hunter2\nother: hunter3\n")
    #expect(content.problems.count == 2)
    #expect(!content.problems.description.contains("hunter") && !content.problems.description.contains("root"))
  }

  @Test("Every problem is told at once, in the order of the file")
  func allProblems() {
    let content = read("kind: Answer\ncluster: {namspace: x}\nimages: 7\n")
    #expect(
      content.problems.map(\.description) == [
        "answers.yaml:1:1: apiVersion is missing; add `apiVersion: mlops-setup/v1`",
        "answers.yaml:1:7: kind must be Answers; this program reads no other",
        "answers.yaml:2:11: cluster.namspace is not a known key; did you mean cluster.namespace?",
        "answers.yaml:3:9: images must be a mapping, not a number",
      ])
  }

  @Test(
    "Broken YAML, an empty file and a duplicate key are told with their place",
    arguments: [
      ("a: [1", "answers.yaml:2:1: the list opened"), ("", "answers.yaml:1:1: the file is empty"),
      ("kind: Answers\nkind: Answers", "answers.yaml:2:1: "),
    ])
  func broken(_ text: String, _ prefix: String) {
    let problems = read(text).problems
    #expect(problems.count == 1)
    #expect(problems.first?.description.hasPrefix(prefix) == true, "\(problems)")
  }

  @Test("Every missing answer is listed at once")
  func missing() {
    let content = read("apiVersion: mlops-setup/v1\nkind: Answers\n")
    let completed = Questionnaire.standard.completed(content.answers, Survey())
    let missing = Questionnaire.standard.problems(completed).filter(\.isMissing).map(\.question.path)
    #expect(
      missing == [
        "registry.server", "registry.username", "registry.password", "datarobot.apiToken",
        "datarobot.predictionEnvironment", "ingress.outfacingUrl", "chart.path", "images.managementAgent",
        "images.predictionServer", "images.generated",
      ])
  }

  @Test("Image answers left out are derived from server, prefix and the chart's version; the tracking agent is not")
  func derivedImages() {
    var answers = Answers()
    answers["registry.server"] = Answer(.text("r.example.com:5000"))
    answers["registry.prefix"] = Answer(.text("team"))
    var survey = Survey()
    survey.chart = .seen(Chart(path: "/c", name: "c", version: "1.0.0", appVersion: "11.2.62", values: nil))
    let completed = Questionnaire.standard.completed(answers, survey)
    #expect(completed[.managementAgent] == "r.example.com:5000/team/datarobot/mlops-management-agent:11.2.62")
    #expect(
      completed[.predictionServer] == "r.example.com:5000/team/datarobot/datarobot-portable-prediction-api:11.2.62")
    #expect(completed[.generated] == "r.example.com:5000/team/mlops/frozen-models")
    #expect(completed[.trackingAgent] == nil)
  }

  @Test("What follows from other answers is written as a comment, and follows them when they change")
  func following() {
    var survey = Survey()
    survey.chart = .seen(Chart(path: "/c", name: "c", version: "1.0.0", appVersion: "11.2.62", values: nil))
    let answers = Samples.answers(["registry.server": .text("old.example.com"), "images.managementAgent": .text("")])
    let completed = Questionnaire.standard.completed(answers, survey)
    let text = AnswersFile.text(completed)
    #expect(text.contains("  # managementAgent: old.example.com/datarobot/mlops-management-agent:11.2.62\n"))
    #expect(text.contains("\n  predictionServer: "), "What was given stands fast.")

    let changed = text.replacing("server: old.example.com", with: "server: new.example.com")
    var again = AnswersFile.read(Array(changed.utf8), source: "again.yaml", baseDirectory: "/").answers
    #expect(again[.managementAgent] == nil)
    again = Questionnaire.standard.completed(again, survey)
    #expect(again[.managementAgent] == "new.example.com/datarobot/mlops-management-agent:11.2.62")
  }

  @Test("What is written is read back as the same answers, with absolute paths and no secret")
  func roundTrip() {
    var answers = read(Self.documented).answers
    answers["datarobot.apiToken"] = Answer(.secret(.prompted("datarobot.apiToken")))
    let text = AnswersFile.text(Questionnaire.standard.completed(answers, Survey()))
    let again = AnswersFile.read(Array(text.utf8), source: "again.yaml", baseDirectory: "/somewhere/else")
    #expect(again.problems == [])
    for id in answers.ids where id != "datarobot.apiToken" && id != "registry.prefix" && id != "chart.values" {
      switch answers[id]?.value {
      case .text(let path)? where ["chart.path", "registry.certificateAuthority"].contains(id.path):
        let absolute = "/home/admin/" + (path.hasPrefix("./") ? String(path.dropFirst(2)) : path)
        #expect(again.answers[id]?.value == .text(absolute), "\(id)")
      default: #expect(again.answers[id]?.value == answers[id]?.value, "\(id)")
      }
    }
    #expect(again.answers[.apiToken] == .environment("DATAROBOT_API_TOKEN"))
    #expect(text.contains("set DATAROBOT_API_TOKEN before a replay"))
  }
}
