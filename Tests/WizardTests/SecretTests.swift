import Screen
import SetupCore
import Testing
import Text

@testable import Wizard

@Suite struct SecretTests {
  private let canary = "§4nary-0123456789"
  private let token = AnswerKey.apiToken.id

  private func typed() -> Scenario {
    var answers = Scenario.complete
    answers[token] = nil
    var scenario = Scenario(answers)
    for page in [Page.cluster, .preflight, .registry, .images] { scenario.leave(page) }
    scenario.press(.tab)
    return scenario
  }

  @Test(
    "Once its field is left a secret is in the store's effect and nowhere else",
    arguments: [
      Key.tab, .backTab, .escape, .enter, .up, .down, .function(1), .function(2), .function(4), .function(10),
      .control("c"),
      .control("n"), .control("r"),
    ])
  func leaving(_ key: Key) {
    var scenario = typed()
    scenario.type(canary)
    scenario.press(key)
    // The help is looked at while the field keeps the focus.
    if key == .function(1) { scenario.press(.escape, .tab) }
    #expect(scenario.effects.contains(.keepSecret(token, SecretText(canary))))
    #expect(scenario.state.answers[.apiToken] == .prompted(token))
    var text = ""
    dump(scenario.state, to: &text)
    #expect(!text.contains("§"))
    let frame = render(scenario.state, size: Size(columns: 120, rows: 40)).textLines().joined()
    #expect(!frame.contains("4nary"))
    #expect(!describe(scenario.state).joined().contains("4nary"))
  }

  @Test("While it is typed no frame and no line shows a secret")
  func masked() {
    var scenario = typed()
    scenario.type(canary)
    #expect(!render(scenario.state, size: Size(columns: 80, rows: 24)).textLines().joined().contains("4na"))
    #expect(!describe(scenario.state).joined().contains("4na"))
  }

  @Test("A pasted secret loses its last line end and is confirmed by its length")
  func pasted() {
    var scenario = typed()
    scenario.send(.input(.paste(canary + "\n")))
    let effects = scenario.press(.tab)
    #expect(effects == [.keepSecret(token, SecretText(canary)), .answersChanged])
    #expect(describe(scenario.state).contains("  API token: (17 characters, kept in memory)"))
  }

  @Test("A line end that was dropped is told, and a secret of several lines is not taken")
  func lines() {
    var scenario = typed()
    scenario.send(.input(.paste("one\r\ntwo\n")))
    #expect(scenario.state.notice?.text == "Not taken: a secret has one line.")
    #expect(scenario.press(.tab) == [])
    scenario.press(.backTab)
    scenario.send(.input(.paste(canary + "\n\n")))
    #expect(scenario.state.notice?.text == "Pasted, without the line end behind it.")
    #expect(scenario.press(.tab).contains(.keepSecret(token, SecretText(canary))))
  }

  @Test(
    "References are typed as text",
    arguments: [
      ("env:TOKEN", SecretReference.environment("TOKEN")), ("file:~/token", .file("~/token")),
      ("existing:mlops-api-key", .existing("mlops-api-key")),
    ])
  func references(_ text: String, _ reference: SecretReference) {
    var scenario = typed()
    scenario.type(text)
    let frame = render(scenario.state, size: Size(columns: 80, rows: 24)).textLines().joined()
    #expect(frame.contains(text))
    #expect(scenario.press(.tab) == [.answersChanged])
    #expect(scenario.state.answers[.apiToken] == reference)
  }

  @Test("A reference in the place of a typed secret forgets that one")
  func replaced() {
    var scenario = typed()
    scenario.type(canary)
    scenario.press(.tab, .backTab)
    scenario.type("env:TOKEN")
    #expect(scenario.press(.tab) == [.forgetSecret(token), .answersChanged])
  }

  @Test("Backspace in the empty field forgets the secret; passing through keeps it")
  func forgotten() {
    var scenario = typed()
    scenario.type(canary)
    scenario.press(.tab, .backTab, .tab, .backTab)
    #expect(scenario.state.answers[.apiToken] == .prompted(token))
    #expect(scenario.press(.backspace) == [.forgetSecret(token)])
    #expect(scenario.state.answers[token] == nil)
  }

  @Test("Another secret under the same reference runs the checks again")
  func revision() {
    var scenario = typed()
    scenario.type(canary)
    let first = scenario.press(.function(10))
    scenario.pass(.dataRobot)
    scenario.press(.escape)
    #expect(scenario.state.page == .dataRobot)
    scenario.type("another")
    let second = scenario.press(.function(10))
    for effects in [first, second] {
      let asked = effects.contains { if case .runChecks(_, ["datarobot.token"]) = $0 { true } else { false } }
      #expect(asked)
    }
  }
}
