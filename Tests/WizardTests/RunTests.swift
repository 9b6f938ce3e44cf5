import Screen
import SetupCore
import Testing

@testable import Wizard

@Suite struct ReviewPlanAndRunTests {
  @Test("The review can be reached from any page and leads to the field that is wrong and back")
  func jump() {
    var scenario = Scenario()
    scenario.press(.function(4))
    #expect(scenario.state.page == .review)
    scenario.press(.function(10))
    #expect(scenario.state.page == .review)
    #expect(scenario.state.notice?.style == .bad)
    scenario.press(.enter)
    #expect(scenario.state.page == .registry)
    #expect(scenario.state.focusedQuestion?.id == AnswerKey.server.id)
    scenario.press(.escape)
    #expect(scenario.state.page == .review)
  }

  @Test("After a jump a complete page leads back to the review")
  func jumpAndBack() {
    var scenario = Scenario.at(.review)
    scenario.press(.home, .down, .enter)
    #expect(scenario.state.page == .cluster)
    scenario.press(.function(10))
    #expect(scenario.state.page == .review)
  }

  @Test("A check opens in the list of checks")
  func openCheck() {
    var scenario = Scenario.at(.review)
    scenario.press(.end, .up, .up, .enter)
    #expect(scenario.state.page == .preflight)
    #expect(scenario.state.selectedCheck?.check.id == "datarobot.token")
    scenario.press(.enter)
    #expect(scenario.state.page == .review)
  }

  @Test("The review runs the checks of complete pages only")
  func reviewChecks() {
    var answers = Scenario.complete
    answers[AnswerKey.apiToken.id] = nil
    var scenario = Scenario(answers)
    let asked = scenario.press(.function(4)).compactMap { effect -> [CheckID]? in
      if case .runChecks(_, let ids) = effect { ids } else { nil }
    }
    #expect(asked.flatMap { $0 }.contains("registry.push"))
    #expect(!asked.flatMap { $0 }.contains("datarobot.token"))
  }

  @Test("The plan is made again only when an answer changed")
  func planOnce() {
    var scenario = Scenario.at(.plan)
    #expect(scenario.press(.escape, .function(10)) == [])
    scenario.press(.escape, .home, .down, .down, .down, .enter)
    scenario.type("x")
    scenario.press(.function(4))
    scenario.pass(.cluster)
    #expect(scenario.press(.function(10)) == [.makePlan(request: 2)])
    scenario.send(.planReady(request: 1, Scenario.plan))
    #expect(scenario.state.plan.document == nil)
    scenario.send(.planReady(request: 2, Scenario.plan))
    #expect(scenario.state.plan.document == Scenario.plan)
  }

  @Test("Installing asks first, with No as what Enter means")
  func question() {
    var scenario = Scenario.at(.plan)
    #expect(scenario.press(.enter, .enter) == [])
    #expect(scenario.state.page == .plan)
    #expect(scenario.press(.enter, .character("y")) == [.run(request: 1)])
    #expect(scenario.state.page == .run)
  }

  @Test("In the simulated world nothing can be harmed, so Enter installs there")
  func simulatedQuestion() {
    let real = Dialog.install(target: "prod", summary: "1 of 1 steps changes things.", waits: false, isSimulated: false)
    let simulated = Dialog.install(
      target: "prod", summary: "1 of 1 steps changes things.", waits: false, isSimulated: true)
    #expect(real.buttons[real.focus].action == .stay)
    #expect(simulated.buttons[simulated.focus].action == .install)
    #expect(simulated.text.contains("Simulated: nothing real is changed."))
  }

  @Test("Steps that only wait are not counted as changes, and are waited for all the same")
  func waiting() {
    var scenario = Scenario.at(.plan)
    #expect(scenario.state.plan.document?.summary == "2 of 4 steps change things, 1 waits.")
    scenario.press(.escape)
    scenario.state.plan.inputs = nil
    scenario.press(.function(10))
    var plan = Scenario.plan
    for index in plan.steps.indices.dropLast() { plan.steps[index].state = "done" }
    scenario.send(.planReady(request: scenario.state.plan.request, plan))
    scenario.press(.enter)
    #expect(scenario.state.dialog?.text.contains("Nothing is changed: 1 of 4 steps waits.") == true)
    #expect(scenario.press(.character("y")) == [.run(request: 2)])
    scenario.send(.run(.finished("rollout", .changed("waited"))))
    #expect(scenario.state.stepMark(scenario.state.run.steps[3].progress, onlyWaits: true).word == "done")
  }

  @Test("A run that was interrupted is told above the plan")
  func interrupted() {
    var scenario = Scenario.at(.review)
    scenario.press(.function(10))
    var plan = Scenario.plan
    plan.interrupted = ["Helm release bosun"]
    scenario.send(.planReady(request: 1, plan))
    #expect(
      scenario.state.planLines(width: 200).first?.text
        == "! An earlier run was interrupted during Helm release bosun. This one looks at what is there and goes on from "
        + "that.")
  }

  @Test("The result tells how to verify what was installed and how to take it back")
  func commands() {
    var scenario = Scenario.at(.run)
    scenario.leave(.run)
    let lines = scenario.state.resultLines(width: 200).map(\.text)
    #expect(lines.contains("$ mlops-setup verify --answers /home/ada/mlops-setup.yaml"))
    #expect(lines.contains("$ mlops-setup uninstall --answers /home/ada/mlops-setup.yaml"))
  }

  @Test("A blocked step keeps the plan from being run")
  func blocked() {
    var scenario = Scenario.at(.review)
    scenario.press(.function(10))
    var plan = Scenario.plan
    plan.steps[1].state = "blocked"
    scenario.send(.planReady(request: 1, plan))
    scenario.press(.enter)
    #expect(scenario.state.dialog?.title == "Not now")
  }

  @Test("Where nothing is to be done the result comes at once")
  func nothing() {
    var scenario = Scenario.at(.review)
    scenario.press(.function(10))
    var plan = Scenario.plan
    for index in plan.steps.indices { plan.steps[index].state = "done" }
    scenario.send(.planReady(request: 1, plan))
    #expect(scenario.press(.enter) == [])
    #expect(scenario.state.page == .result)
    #expect(scenario.press(.enter) == [.quit(0)])
  }

  @Test("A good end shows the result and saves the answers")
  func success() {
    var scenario = Scenario.at(.run)
    scenario.leave(.run)
    #expect(scenario.state.page == .result)
    #expect(scenario.effects.last == .saveAnswers)
    #expect(scenario.press(.character("c")) == [.copy("mlops-setup --answers /home/ada/mlops-setup.yaml")])
    #expect(scenario.press(.enter) == [.quit(0)])
  }

  @Test(
    "Nothing but a confirmed stop leaves a run that is under way",
    arguments: [Key.escape, .function(2), .function(4), .control("c")])
  func stop(_ key: Key) {
    var scenario = Situations.runUnderWay(Size(columns: 80, rows: 24))
    #expect(scenario.press(key) == [])
    #expect(scenario.state.dialog == .stopRun)
    #expect(scenario.press(.enter) == [])
    #expect(scenario.state.page == .run)
    #expect(scenario.press(key, .character("y")) == [.cancelRun])
    #expect(scenario.state.run.isStopping)
    let error = SetupError(.interrupted, "Stopped.", next: "Run it again.")
    scenario.send(.runEnded(WizardRunEnd(error: error)))
    #expect(scenario.state.run.steps.map(\.progress).last == .ended(.notReached, took: .zero))
    #expect(scenario.state.run.isStopped)
    let text = describe(scenario.state).joined(separator: "\n")
    #expect(text.contains("Stopped after") && text.contains("What is done stays."))
    #expect(!text.contains("FAILED") && !text.contains("Failed"))
    #expect(scenario.press(.enter) == [.run(request: 1)])
  }

  @Test("After a failure the way on and the way back are told")
  func wayOn() throws {
    let failed = try #require(Situations.all["run-failed"])
    let lines = describe(failed(Size(columns: 80, rows: 24)).state)
    #expect(lines.contains("Run it again once that is mended: what is done is not done twice."))
    #expect(lines.contains("$ mlops-setup uninstall --answers /home/ada/mlops-setup.yaml"))
  }

  @Test("The review opens at its top, or at what is in the way, and the way to the plan is always seen")
  func reviewOpens() throws {
    let size = Size(columns: 40, rows: 10)
    var scenario = Scenario.at(.review, size: size)
    #expect(scenario.state.review.selected == 0)
    let frame = render(scenario.state, size: size).textLines().joined(separator: "\n")
    #expect(frame.contains("Make the plan") && frame.contains("F10 Plan"))
    scenario.press(.end, .enter)
    #expect(scenario.state.page == .plan)
    let situation = try #require(Situations.all["review-failed-check"])
    let failed = situation(size)
    #expect(failed.state.reviewRows[failed.state.review.selected] == .check("nodes.fit"))
  }

  @Test("The review goes to what is in the way when it is found, and not from where a person went")
  func reviewFollows() {
    for key in [Key.function(4), .down] {
      var scenario = Scenario(Scenario.complete)
      scenario.press(.function(4), key)
      let run = scenario.state.checks.liveRuns[.cluster] ?? 0
      scenario.finish(.fail, "nodes.fit", run: run)
      scenario.send(.checksEnded(run: run, nil))
      let first = scenario.state.firstReviewRow
      #expect(first > 1)
      #expect(scenario.state.review.selected == (key == .down ? 1 : first))
    }
  }

  @Test("Paths in the plan and the run begin at the home folder")
  func paths() {
    let state = WizardState(checks: { _ in [] }, answers: Answers(), answersPath: "/a", home: "/home/ada")
    #expect(state.withHome("write /home/ada/x/values.yaml (12 values)") == "write ~/x/values.yaml (12 values)")
    #expect(state.withHome("write /home/adam/x in /srv/home/ada/y") == "write /home/adam/x in /srv/home/ada/y")
  }

  @Test("In the simulated world our commands lead there, with the home folder as the shell knows it")
  func demonstration() {
    let state = WizardState(
      checks: { _ in [] }, answers: Answers(), answersPath: "/home/ada/my work/a.yaml", home: "/home/ada",
      demonstration: ["--demo", "eks"])
    #expect(state.replayCommand == "mlops-setup --demo eks --answers ~/'my work/a.yaml'")
    #expect(state.command("uninstall") == "mlops-setup uninstall --demo eks --answers ~/'my work/a.yaml'")
    var ended = state
    ended.run.end = WizardRunEnd()
    let lines = ended.resultLines(width: 200).map(\.text)
    #expect(lines.contains("$ mlops-setup verify --demo installed"))
    #expect(lines.contains("$ mlops-setup uninstall --demo installed"))
  }

  @Test("After a failure one may retry, go back to the answers, or quit with its code")
  func failure() throws {
    let failed = try #require(Situations.all["run-failed"])
    var scenario = failed(Size(columns: 80, rows: 24))
    #expect(scenario.press(.enter) == [.run(request: 1)])
    #expect(scenario.state.run.steps.allSatisfy { $0.progress == .waiting })

    scenario = failed(Size(columns: 80, rows: 24))
    scenario.press(.tab, .enter)
    #expect(scenario.state.page == .review)
    #expect(scenario.press(.function(10)) == [.makePlan(request: 2)])

    scenario = failed(Size(columns: 80, rows: 24))
    #expect(scenario.press(.character("q"), .character("n")) == [.quit(6)])
  }
}

@Suite struct LeavingTests {
  @Test("Ctrl-C asks; yes saves and then leaves")
  func save() {
    var scenario = Scenario.at(.registry)
    #expect(scenario.press(.control("c"), .character("y")) == [.saveAnswers])
    #expect(scenario.send(.answersSaved("/a")) == [.quit(130)])
  }

  @Test("What cannot be saved is not lost without a word")
  func notSaved() {
    var scenario = Scenario.at(.registry)
    scenario.press(.control("c"), .character("y"))
    #expect(scenario.send(.answersNotSaved(SetupError(.tool, "No space left."))) == [])
    #expect(scenario.state.dialog?.text.first == "No space left.")
    #expect(scenario.press(.escape) == [])
    #expect(scenario.send(.answersSaved("/a")) == [])
  }

  @Test("No leaves at once, Esc stays")
  func no() {
    var scenario = Scenario.at(.registry)
    #expect(scenario.press(.control("c"), .escape) == [])
    #expect(scenario.press(.control("c"), .character("N")) == [.quit(130)])
  }

  @Test("Esc on the first page asks as well")
  func first() {
    var scenario = Scenario()
    #expect(scenario.press(.escape) == [])
    #expect(scenario.state.dialog != nil)
  }

  @Test(
    "Ctrl-C asks over any other question, a refusal and the help",
    arguments: ["plan-refused-question", "plan-question"])
  func overDialogs(_ name: String) throws {
    for event in [WizardEvent.input(.interrupted), .input(.key(.control("c")))] {
      let situation = try #require(Situations.all[name])
      var scenario = situation(Size(columns: 80, rows: 24))
      #expect(scenario.send(event) == [])
      #expect(scenario.state.dialog?.title == "Save and quit?")
      #expect(scenario.send(event) == [.saveAnswers, .quit(130)])
      scenario = Scenario.at(.registry)
      scenario.press(.function(1))
      #expect(scenario.send(event) == [])
      #expect(scenario.state.dialog?.title == "Save and quit?")
    }
  }

  @Test(
    "A text that is too long loses the front of its path and never the file's name",
    arguments: [
      (30, "Saved: …/production/a.yaml"), (24, "Saved: …/a.yaml"), (60, "Saved: /srv/clusters/production/a.yaml"),
      (10, "Saved: …/…"),
    ])
  func paths(_ width: Int, _ shown: String) {
    #expect(Scenario().state.keepingPaths("Saved: /srv/clusters/production/a.yaml", width: width) == shown)
  }

  @Test("A lost terminal and a second interrupt save and leave")
  func lost() {
    var scenario = Scenario.at(.registry)
    #expect(scenario.send(.input(.closed)) == [.saveAnswers, .quit(130)])
    scenario = Situations.runUnderWay(Size(columns: 80, rows: 24))
    #expect(scenario.send(.input(.interrupted)) == [])
    #expect(scenario.send(.input(.interrupted)) == [.cancelRun, .saveAnswers, .quit(130)])
  }

  @Test("Before the review only what was given is saved, with the choices that other questions depend on")
  func given() {
    var scenario = Scenario.at(.registry)
    #expect(scenario.state.answersToSave[.namespace] == nil)
    #expect(scenario.state.answersToSave[.provider] == "generic")
    #expect(AnswersFile.text(scenario.state.answersToSave).contains("REGISTRY_PASSWORD"))
    scenario.press(.function(4))
    #expect(scenario.state.answersToSave[.namespace] == "datarobot-mlops")
  }

  @Test("Saving tells where the file is")
  func saved() {
    var scenario = Scenario.at(.review)
    #expect(scenario.press(.character("s")) == [.saveAnswers])
    scenario.send(.answersSaved("/home/ada/x.yaml"))
    #expect(scenario.state.notice?.text == "Saved: /home/ada/x.yaml")
  }
}
