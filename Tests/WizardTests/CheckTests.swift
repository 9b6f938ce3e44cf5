import Screen
import SetupCore
import Testing

@testable import Wizard

@Suite struct CheckTests {
  private let clusterChecks: [CheckID] = [
    "cluster.version", "cluster.credentials", "nodes.fit", "ingress.class", "access", "helm.program", "clock.skew",
  ]

  @Test("Leaving the cluster page runs the cluster's checks, once for the same answers")
  func once() {
    var scenario = Scenario(Scenario.complete)
    #expect(scenario.press(.function(10)) == [.runChecks(run: 1, clusterChecks)])
    scenario.pass(.cluster)
    #expect(scenario.press(.escape, .function(10)) == [])
  }

  @Test("Another answer makes the verdicts stale and runs the checks again")
  func stale() {
    var scenario = Scenario(Scenario.complete)
    scenario.press(.function(10))
    scenario.press(.escape, .tab, .tab)
    scenario.type("other")
    let effects = scenario.press(.function(10))
    #expect(effects == [.answersChanged, .cancelChecks(run: 1), .runChecks(run: 2, clusterChecks)])
  }

  @Test("The checks follow the answers; those that are new run at the review")
  func follow() {
    let extra = Scenario.check("extra.rights", "More rights", "allowed", [.access])
    var state = WizardState(
      checks: { $0[.username] == "push" ? Scenario.checks : Scenario.checks + [extra] }, answers: Scenario.complete,
      answersPath: "/a")
    _ = state.start()
    for key in [Key.function(10), .enter, .backTab, .backTab, .backTab, .backTab] {
      _ = reduce(&state, .input(.key(key)))
    }
    #expect(state.focusedQuestion?.id == AnswerKey.username.id)
    #expect(!state.checks.items.contains { $0.check.id == extra.id })
    _ = reduce(&state, .input(.key(.character("x"))))
    #expect(state.checks.items.last?.check.id == extra.id)
    #expect(state.checks.items.first?.progress == .queued)
    let effects = reduce(&state, .input(.key(.function(4))))
    let asked = effects.flatMap { effect -> [CheckID] in
      if case .runChecks(_, let ids) = effect { ids } else { [] }
    }
    #expect(asked.contains(extra.id))
  }

  @Test("Late news of a void run change nothing")
  func late() {
    var scenario = Scenario(Scenario.complete)
    scenario.press(.function(10), .character("r"))
    scenario.finish(.pass, "nodes.fit", run: 1)
    scenario.send(.checksEnded(run: 1, nil))
    let item = scenario.state.checks.items.first { $0.check.id == "nodes.fit" }
    #expect(item?.progress == .queued)
    scenario.finish(.fail, "nodes.fit", run: 2)
    #expect(scenario.state.checks.items.first { $0.check.id == "nodes.fit" }?.status == .fail)
  }

  @Test("What has no verdict at the end of a run is unknown")
  func unfinished() {
    var scenario = Scenario(Scenario.complete)
    scenario.loadContexts()
    scenario.press(.function(10))
    scenario.finish(.pass, "cluster.version")
    scenario.send(.checksEnded(run: 1, SetupError(.tool, "The cluster went away.", next: "Try again.")))
    let statuses = scenario.state.checks.items.filter { $0.group == .cluster }.map(\.status)
    #expect(statuses == [.pass, .unknown, .unknown, .unknown, .unknown, .unknown, .unknown])
    #expect(!scenario.state.isBusy)
    #expect(scenario.state.selectedCheck?.check.id == "cluster.credentials")
  }

  @Test("The survey of a live run is taken over and never loses the contexts")
  func survey() {
    var scenario = Scenario(Scenario.complete)
    scenario.loadContexts()
    scenario.press(.function(10))
    var seen = Survey()
    seen.helm = .seen(HelmProgram(path: "/usr/bin/helm", version: "v3.21.4", major: 3))
    scenario.send(.check(run: 1, .surveyed(seen)))
    #expect(scenario.state.survey.helm.value?.major == 3)
    #expect(scenario.state.survey.contexts.value?.count == 3)
  }

  @Test("What was seen of a cluster stands while its checks run again, and goes with another context")
  func keepsCluster() {
    var scenario = Scenario.at(.review)
    scenario.state.survey.ingressClasses = .seen([])
    scenario.press(.character("r"))
    #expect(scenario.state.survey.ingressClasses == .seen([]))
    scenario.state.answers[AnswerKey.context.id] = Answer(.text("staging"))
    scenario.press(.character("r"))
    #expect(scenario.state.survey.ingressClasses == .notAsked)
  }

  @Test("Checks that lack only what is being read run by themselves once it was read, and once")
  func held() {
    var answers = Scenario.complete
    answers[AnswerKey<String>.managementAgent.id] = nil
    answers[AnswerKey<String>.agentTarball.id] = Answer(.text("package.tar.gz"))
    var scenario = Scenario(answers)
    func asked(_ effects: [WizardEffect]) -> [CheckID] {
      effects.flatMap { effect -> [CheckID] in if case .runChecks(_, let ids) = effect { ids } else { [] } }
    }
    #expect(scenario.state.isLookingLocally)
    scenario.press(.function(4))
    #expect(!asked(scenario.press(.character("r"))).contains("chart.readable"))
    // What was read says nothing of the image: nothing is run, and nothing waits any more.
    #expect(asked(scenario.send(.surveyedLocally(Survey()))) == [])
    scenario.state.isLookingLocally = true
    scenario.press(.character("r"))
    scenario.state.answers[AnswerKey<String>.managementAgent.id] = Answer(.text("registry.example.com:5000/a:1"))
    #expect(asked(scenario.send(.surveyedLocally(Survey()))) == ["chart.readable"])
    #expect(asked(scenario.send(.surveyedLocally(Survey()))) == [])
  }

  @Test("One may go on past checks that run or fail, and is told")
  func past() {
    var scenario = Scenario(Scenario.complete)
    scenario.press(.function(10), .enter)
    #expect(scenario.state.page == .registry)
    #expect(scenario.state.notice?.text == "Checks still run. Installing waits for them.")
    scenario.press(.escape)
    scenario.finish(.fail, "nodes.fit")
    scenario.send(.checksEnded(run: 1, nil))
    scenario.press(.enter)
    #expect(scenario.state.page == .registry)
    #expect(scenario.state.notice?.style == .warning)
  }

  @Test("The command that mends a check is copied")
  func copy() {
    var scenario = Situations.failedChecks(Size(columns: 80, rows: 24))
    #expect(scenario.press(.character("c")) == [.copy("kubectl get nodes -o wide")])
    #expect(scenario.press(.home, .character("c")) == [])
    #expect(scenario.state.notice?.style == .warning)
  }

  @Test(
    "An installation is refused while a blocking check fails, is unknown, runs or has not run",
    arguments: [FindingStatus.fail, .unknown, nil])
  func refused(_ status: FindingStatus?) {
    var scenario = Scenario.at(.plan)
    scenario.press(.escape)
    scenario.press(.character("r"))
    for group in scenario.state.checks.groups where group != .registry { scenario.pass(group) }
    if let status, let run = scenario.state.checks.liveRuns[.registry] {
      scenario.finish(status, "registry.push", run: run)
      scenario.send(.checksEnded(run: run, nil))
    }
    scenario.press(.function(10), .enter)
    #expect(scenario.state.dialog?.title == "Not now")
    #expect(scenario.press(.enter, .character("y")) == [])
    #expect(scenario.state.page == .plan)
    scenario.press(.enter, .character("r"))
    #expect(scenario.state.page == .review)
  }

  @Test("All that is in the way of an installation is counted and named, on the review and before the plan is run")
  func allRefusals() throws {
    let situation = try #require(Situations.all["plan-refused-question"])
    var scenario = situation(Size(columns: 80, rows: 24))
    #expect(scenario.state.dialog?.title == "Not now, 2 in the way")
    #expect(
      scenario.state.dialog?.text == [
        "A node that fits: failed", "Access rights: unknown", "The review opens each of them.",
      ])
    scenario.press(.escape)
    #expect(
      scenario.state.planHeading(width: 100).last?.text
        == "✗ Not now, 2 in the way: A node that fits: failed; Access rights: unknown")
    scenario.press(.escape, .end)
    let told = scenario.state.reviewDetail(.toPlan, width: 100).map(\.text)
    #expect(told[0] == "✗ Checks: 2 in the way")
    #expect(told[1] == "In the way, each opened by Enter: A node that fits, Access rights")
    #expect(scenario.state.reviewDetail(.page(.preflight), width: 100).map(\.text)[1] == told[1])
  }

  @Test("Keys of the answers file are told by label and page, and other words stay as they are")
  func titles() {
    let state = Scenario.at(.preflight).state
    #expect(
      state.withTitles(
        "Set ingress.install, or mend (cluster.version): images and imageBuilder.resources stay. See helm.timeout")
        == "Set \"Install ingress\" (page Cluster), or mend (\"Kubernetes version\"): images and imageBuilder.resources "
        + "stay. See \"Timeout\" (page Images)")
    // A key of another kind of registry is no question here.
    #expect(state.withTitles("registry.loginServer") == "registry.loginServer")
  }

  @Test(
    "Warnings, waivers and what does not apply are not in the way", arguments: [FindingStatus.warn, .waived, .skipped])
  func allowed(_ status: FindingStatus) {
    var scenario = Scenario.at(.plan)
    scenario.press(.escape, .character("r"))
    for group in scenario.state.checks.groups where group != .registry { scenario.pass(group) }
    if let run = scenario.state.checks.liveRuns[.registry] {
      scenario.finish(status, "registry.push", run: run)
      scenario.send(.checksEnded(run: run, nil))
    }
    scenario.press(.function(10), .enter)
    #expect(scenario.state.dialog?.title == "Install?")
  }

  @Test("An advisory check is never in the way")
  func advisory() {
    var scenario = Scenario.at(.plan)
    let item = scenario.state.checks.items.first { $0.check.id == "clock.skew" }
    scenario.press(.escape, .character("r"))
    for group in scenario.state.checks.groups where group != .cluster { scenario.pass(group) }
    for id in clusterChecks {
      scenario.finish(id == "clock.skew" ? .fail : .pass, id, run: scenario.state.checks.liveRuns[.cluster])
    }
    #expect(item?.blockade == nil)
    #expect(scenario.state.checks.blockades.isEmpty)
  }
}
