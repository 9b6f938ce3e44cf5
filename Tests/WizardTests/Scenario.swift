import Screen
import SetupCore
import YAML

@testable import Wizard

/// A wizard being used: keys in, effects collected.
struct Scenario {
  var state: WizardState
  var effects: [WizardEffect] = []

  /// At the first page of the standard questionnaire.
  init(_ answers: Answers = Answers(), glyphs: GlyphSet = .unicode, size: Size? = nil) {
    state = WizardState(
      checks: { _ in Scenario.checks }, answers: answers, answersPath: "/home/ada/mlops-setup.yaml", glyphs: glyphs)
    effects = state.start()
    if let size { send(.input(.resize(size))) }
  }

  @discardableResult
  mutating func send(_ event: WizardEvent) -> [WizardEffect] {
    let new = reduce(&state, event)
    effects += new
    return new
  }

  @discardableResult
  mutating func press(_ keys: Key...) -> [WizardEffect] {
    var effects: [WizardEffect] = []
    for key in keys { effects += send(.input(.key(key))) }
    return effects
  }

  mutating func type(_ text: String) {
    for character in text { press(.character(character)) }
  }

  mutating func loadContexts() {
    let long = "arn:aws:eks:eu-central-1:123456789012:cluster/a-very-long-name-that-does-not-fit-anywhere"
    var seen = Survey()
    seen.contexts = .seen([

      ContextSummary(name: "prod", server: "https://10.0.0.1:6443", namespace: nil, isCurrent: true),
      ContextSummary(name: "staging", server: "https://staging.example.com", namespace: nil, isCurrent: false),
      ContextSummary(
        name: long, server: "https://0123456789ABCDEF.gr7.eu-central-1.eks.amazonaws.com", namespace: nil,
        isCurrent: false),
    ])
    send(.surveyedLocally(seen))
  }

  /// A chart with a few values and an example.
  mutating func loadChart() throws {
    let text = """
      # Overrides the chart's name.
      nameOverride: ""
      managementAgent:
        # DEBUG, INFO, WARNING or ERROR.
        logLevel: INFO
        # -- How many agents run. More than one waits
        # until the first is gone.
        replicas: 1
        podAnnotations: {}
        tolerations: []
      imageBuilder:
        # A ConfigMap whose key is config.json.
        configMap: ""
        secretName: ""
        serviceAccount:
          # Set to false where it exists already.
          create: true

      """
    var chart = Chart(
      path: "/home/ada/datarobot-management-agent", name: "datarobot-management-agent", version: "2.1.0",
      appVersion: "11.2.62", values: try YAML.parse(text, source: "values.yaml"))
    chart.valuesText = text
    let example = """
      # Amazon EKS with ECR: the builder pushes with the IAM role of its service account.
      managementAgent: {replicas: 2}
      imageBuilder: {configMap: docker-config, secretName: theirs, serviceAccount: {create: false}}

      """
    chart.examples = [
      ChartExample(name: "AWS_values.yaml", Array(example.utf8)),
      ChartExample(name: "broken.yaml", Array("a: [".utf8)),
    ]
    var seen = Survey()
    seen.chart = .seen(chart)
    send(.surveyedLocally(seen))
  }

  /// The number of the last run that was asked for.
  var lastRun: Int { state.checks.lastRun }

  mutating func finish(_ status: FindingStatus, _ id: CheckID, run: Int? = nil) {
    send(.check(run: run ?? lastRun, .finished(Scenario.result(id, status))))
  }

  /// All checks of a group pass.
  mutating func pass(_ group: Page) {
    guard let run = state.checks.liveRuns[group] else { return }
    for item in state.checks.items where item.group == group { finish(.pass, item.check.id, run: run) }
    send(.checksEnded(run: run, nil))
  }

  /// At a page, with all answers given and all checks passed.
  static func at(_ page: Page, glyphs: GlyphSet = .unicode, size: Size? = nil) -> Scenario {
    var scenario = Scenario(complete, glyphs: glyphs, size: size)
    scenario.loadContexts()
    for step in Page.allCases.prefix(while: { $0.index < page.index }) { scenario.leave(step) }
    return scenario
  }

  /// On to the next page.
  mutating func leave(_ page: Page) {
    switch page {
    case .cluster, .registry, .dataRobot, .images:
      press(.function(10))
      if page == .images { pass(.registry) }
      pass(page)
    case .preflight: press(.enter)
    case .review:
      press(.function(10))
      send(.planReady(request: state.plan.request, Scenario.plan))
    case .plan: press(.enter, .character("y"))
    case .run:
      for step in Scenario.plan.steps {
        send(.run(.started(StepID(step.id))))
        send(.run(.finished(StepID(step.id), step.state == "done" ? .unchanged("exists") : .changed("made"))))
      }
      send(
        .runEnded(
          WizardRunEnd(
            commands: [
              EquivalentCommand("kubectl -n datarobot-mlops get pods")
            ],
            logPath: "/home/ada/.local/state/mlops-setup/run.log")))
    case .result: break
    }
  }
}
