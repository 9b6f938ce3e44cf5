import Screen
import SetupCore
import Testing

@testable import Wizard

@Suite struct FormTests {
  @Test("What needs no network is looked at at the start and again when a path changes")
  func local() {
    var scenario = Scenario()
    #expect(scenario.effects == [.surveyLocally])
    scenario.loadContexts()
    scenario.type("~/other")
    #expect(scenario.press(.tab) == [.surveyLocally, .answersChanged])
    #expect(scenario.press(.backTab, .tab) == [])
  }

  @Test("Continue waits for what is being looked up and then goes on by itself, unless a key says otherwise")
  func goesOn() {
    for waits in [true, false] {
      var scenario = Scenario()
      _ = scenario.state.go(to: .registry)
      scenario.state.isLookingLocally = true
      scenario.press(.function(10))
      #expect(scenario.state.notice?.text.contains("Still looking") == true)
      if !waits { scenario.press(.down) }
      scenario.loadContexts()
      // It went on as far as it could: the registry's name is still missing.
      #expect(scenario.state.page == .registry)
      #expect(scenario.state.notice?.text.hasPrefix("Mend this") == (waits ? true : nil))
    }
  }

  @Test("What is typed is an answer at once")
  func typing() {
    var scenario = Scenario()
    scenario.press(.tab, .tab)
    scenario.type("mlops")
    #expect(scenario.state.answers[.namespace] == "mlops")
    scenario.press(.backspace, .home, .character("x"))
    #expect(scenario.state.answers[.namespace] == "xmlop")
    scenario.press(.end)
    for _ in 0..<5 { scenario.press(.backspace) }
    #expect(scenario.state.answers[AnswerKey.namespace.id] == nil)
    #expect(scenario.state.completed[.namespace] == "datarobot-mlops")
  }

  @Test("Only one line of a paste goes into a text")
  func paste() {
    var scenario = Scenario()
    scenario.press(.tab, .tab)
    scenario.send(.input(.paste("  mlops\u{1B}[31m\n")))
    #expect(scenario.state.answers[.namespace] == "mlops")
  }

  @Test("Lists are separated by commas or line ends")
  func paths() {
    var scenario = Scenario.at(.images)
    scenario.press(.tab, .tab, .tab, .tab, .tab, .tab)
    scenario.send(.input(.paste("a.yaml\nb.yaml")))
    scenario.type(", c.yaml,")
    #expect(scenario.state.answers[.valuesFiles] == ["a.yaml", "b.yaml", "c.yaml"])
    scenario.press(.tab, .backTab)
    #expect(scenario.state.form.editor.text == "a.yaml, b.yaml, c.yaml")
  }

  @Test("A choice turns round with Left, Right and Space")
  func choice() {
    var scenario = Scenario.at(.registry)
    scenario.press(.tab, .tab, .tab)
    scenario.press(.right)
    #expect(scenario.state.answers[.scheme] == "http")
    scenario.press(.character(" "))
    #expect(scenario.state.answers[.scheme] == "https")
    scenario.press(.left)
    #expect(scenario.state.answers[.scheme] == "http")
  }

  @Test("Questions come and go with the answers they depend on")
  func conditional() {
    var scenario = Scenario.at(.registry)
    #expect(scenario.state.questions.contains { $0.id == AnswerKey.certificateAuthority.id })
    scenario.press(.tab, .tab, .tab, .right)
    #expect(!scenario.state.questions.contains { $0.id == AnswerKey.certificateAuthority.id })
  }

  @Test("A missing answer is not shown as wrong before its field was left")
  func patience() {
    var scenario = Scenario.at(.registry)
    scenario.press(.tab)
    for _ in 0..<30 { scenario.press(.backspace) }
    let problems = scenario.state.problems(on: .registry)
    #expect(problems.map(\.question) == [AnswerKey.server.id])
    #expect(scenario.state.shownProblem(AnswerKey.server.id, problems) == nil)
    scenario.press(.tab)
    #expect(scenario.state.shownProblem(AnswerKey.server.id, problems) == "is missing")
  }

  @Test("Continue stays on a page with a problem and leads to it")
  func refusal() {
    var scenario = Scenario()
    scenario.press(.tab, .tab)
    scenario.type("No Good")
    scenario.press(.tab, .function(10))
    #expect(scenario.state.page == .cluster)
    #expect(scenario.state.focusedQuestion?.id == AnswerKey.namespace.id)
    #expect(scenario.state.notice?.style == .bad)
  }

  @Test("Enter leads through the fields to Continue and on")
  func enter() {
    var scenario = Scenario(Scenario.complete)
    for _ in scenario.state.questions { scenario.press(.enter) }
    #expect(scenario.state.form.focus == .continueButton)
    scenario.press(.enter)
    #expect(scenario.state.page == .preflight)
  }

  @Test("Back keeps what was typed, valid or not, and the focus")
  func back() {
    var scenario = Scenario.at(.dataRobot)
    scenario.press(.tab, .tab, .tab)
    scenario.type("zzz")
    let answers = scenario.state.answers
    scenario.press(.escape)
    #expect(scenario.state.page == .images)
    #expect(scenario.state.answers == answers)
    #expect(scenario.state.mark(of: .dataRobot).style == .warning)
    scenario.press(.function(10))
    #expect(scenario.state.page == .dataRobot)
    #expect(scenario.state.form.editor.text == "65f0a1b2c3d4e5f60718293azzz")
  }

  @Test("A tick says that a page's answers were shown, there or in the review, and that all is well with them")
  func ticks() {
    var scenario = Scenario(Scenario.complete)
    #expect(scenario.state.mark(of: .registry).word == "to do")
    scenario.press(.function(4))
    for page in [Page.cluster, .registry, .images, .dataRobot] {
      #expect(scenario.state.mark(of: page).word == "done", "\(page)")
      scenario.pass(page)
    }
    #expect(scenario.state.mark(of: .review).word == "current")
    scenario.press(.function(10))
    #expect(scenario.state.mark(of: .review).word == "done")
    // Another answer, and the ticks follow it.
    scenario.state.answers[AnswerKey<String>.server.id] = nil
    #expect(scenario.state.mark(of: .registry).word == "needs attention")
    #expect(scenario.state.mark(of: .review).word == "needs attention")
    #expect(scenario.state.mark(of: .dataRobot).word == "done")
  }

  @Test("The footer shows F5 where there is a chart whose values can be listed")
  func valuesKey() throws {
    var scenario = Scenario.at(.images)
    #expect(!scenario.state.hints.contains(Hint("F5", "Values")))
    try scenario.loadChart()
    #expect(scenario.state.hints.prefix(6).contains(Hint("F5", "Values")))
    scenario.state.form.focus = .continueButton
    #expect(scenario.state.hints.prefix(6).contains(Hint("F5", "Values")))
    #expect(!Scenario.at(.registry).state.hints.contains(Hint("F5", "Values")))
  }

  @Test("What could not be read and what to do about it are two sentences")
  func failureNote() {
    var scenario = Scenario()
    var seen = Survey()
    seen.contexts = .failed(
      ObservationFailure(.absent, "there is no kubeconfig", remedy: Remedy("Name one with KUBECONFIG")))
    scenario.send(.surveyedLocally(seen))
    #expect(describe(scenario.state).contains("  ! there is no kubeconfig. Name one with KUBECONFIG."))
  }

  @Test("A form that is longer than the screen says how many fields follow")
  func fieldsBelow() {
    var scenario = Scenario.at(.images, size: Size(columns: 80, rows: 24))
    func frame() -> String { render(scenario.state, size: scenario.state.size).textLines().joined(separator: "\n") }
    #expect(frame().contains(" more fields below "))
    scenario.press(.up, .up)
    #expect(!frame().contains("below"))
  }

  @Test("The list of what was found opens, filters, takes and closes")
  func picker() {
    var scenario = Scenario()
    scenario.press(.tab, .function(3))
    #expect(scenario.state.form.picker == nil)
    scenario.loadContexts()
    scenario.press(.function(3))
    #expect(scenario.state.pickerChoices.count == 3)
    scenario.type("STAG")
    #expect(scenario.state.pickerChoices.map(\.value) == ["staging"])
    scenario.press(.enter)
    #expect(scenario.state.answers[.context] == "staging")
    #expect(scenario.state.focusedQuestion?.id == AnswerKey.namespace.id)
    scenario.press(.backTab, .control("o"))
    #expect(scenario.state.form.picker?.selected == 1)
    scenario.press(.escape)
    #expect(scenario.state.page == .cluster)
    #expect(scenario.state.form.picker == nil)
  }

  @Test("Down and Up lead through all fields, also those with a list")
  func arrows() {
    var scenario = Scenario()
    scenario.loadContexts()
    for _ in scenario.state.questions { scenario.press(.down) }
    #expect(scenario.state.form.focus == .continueButton)
    for _ in scenario.state.questions { scenario.press(.up) }
    #expect(scenario.state.focusedQuestion?.id == AnswerKey.kubeconfig.id)
  }

  @Test("A context that the kubeconfig does not have is wrong, and the one that was meant is named")
  func unknownContext() {
    var scenario = Scenario()
    scenario.press(.tab)
    scenario.type("prdo")
    #expect(scenario.state.problems(on: .cluster).isEmpty)
    scenario.loadContexts()
    #expect(scenario.state.problems(on: .cluster).map(\.text) == ["prdo does not exist; did you mean prod?"])
    scenario.press(.function(10))
    #expect(scenario.state.page == .cluster)
    scenario.press(.control("u"))
    scenario.type("staging")
    #expect(scenario.state.problems(on: .cluster).isEmpty)
  }

  @Test("While another kubeconfig is read its contexts are not judged by those of the last")
  func otherKubeconfig() {
    var scenario = Scenario()
    scenario.loadContexts()
    scenario.press(.tab)
    scenario.type("elsewhere")
    #expect(scenario.state.problems(on: .cluster).count == 1)
    scenario.press(.backTab)
    scenario.type("~/other")
    scenario.press(.tab)
    #expect(scenario.state.problems(on: .cluster).isEmpty)
  }

  @Test("A question mark is text in a text field and help elsewhere")
  func help() {
    var scenario = Scenario()
    scenario.press(.character("?"))
    #expect(scenario.state.helpOffset == nil)
    #expect(scenario.state.answers[.kubeconfig] == "?")
    scenario.press(.backTab, .character("?"))
    #expect(scenario.state.helpOffset == 0)
    scenario.press(.escape, .function(1))
    #expect(scenario.state.helpOffset == 0)
    scenario.press(.down, .up, .up, .enter)
    #expect(scenario.state.helpOffset == nil)
    #expect(scenario.state.page == .cluster)
  }
}
