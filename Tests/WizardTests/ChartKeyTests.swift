import Screen
import SetupCore
import Testing
import YAML

@testable import Wizard

@Suite("The list of the chart's values")
struct ChartKeyTests {
  private static func opened() throws -> Scenario {
    var scenario = Scenario.at(.images)
    try scenario.loadChart()
    scenario.press(.function(5))
    return scenario
  }

  /// Sets the value that the filter leaves first.
  private static func set(_ filter: String, to text: String, _ scenario: inout Scenario) {
    scenario.type(filter)
    scenario.press(.enter, .control("u"))
    scenario.type(text)
    scenario.press(.enter, .control("u"))
  }

  @Test("Before the chart was read it stays closed and says why")
  func notRead() {
    var scenario = Scenario.at(.images)
    scenario.press(.function(5))
    #expect(scenario.state.notice?.text == "The chart is still being read.")
    scenario.send(.surveyedLocally(Survey()))
    scenario.press(.function(5))
    #expect(scenario.state.notice?.text == "Name the chart first.")
    var failed = Survey()
    failed.chart = .failed(ObservationFailure(.absent, "there is no chart at /c"))
    scenario.send(.surveyedLocally(failed))
    scenario.press(.function(5))
    #expect(scenario.state.notice?.text == "The chart cannot be read: there is no chart at /c")
    #expect(scenario.state.chartKeys == nil)
  }

  @Test("F3 and the space bar open it on its field; Esc clears the filter, then closes the list")
  func opening() throws {
    var scenario = try Self.opened()
    #expect(scenario.state.focusedQuestion?.id == "values")
    scenario.type("log")
    scenario.press(.escape)
    #expect(scenario.state.chartKeys?.filter.isEmpty == true)
    scenario.press(.escape)
    #expect(scenario.state.chartKeys == nil)
    for key in [Key.function(3), .character(" ")] {
      scenario.press(key)
      #expect(scenario.state.chartKeys != nil)
      scenario.press(.escape)
    }
    #expect(scenario.state.page == .images)
  }

  @Test("Names and comments are searched")
  func search() throws {
    var scenario = try Self.opened()
    scenario.type("CONFIG.json")
    #expect(scenario.state.selectedKey?.path == "imageBuilder.configMap")
    scenario.press(.escape)
    scenario.type("loglevel")
    #expect(scenario.state.selectedKey?.path == "managementAgent.logLevel")
  }

  @Test("What is set is an answer; the chart's own value and Del take it away")
  func setting() throws {
    var scenario = try Self.opened()
    Self.set("loglevel", to: "7", &scenario)
    Self.set("replicas", to: "3", &scenario)
    Self.set("podann", to: "{a.b/c: d, e: f}", &scenario)
    #expect(
      scenario.state.answers[.chosenValues].map(\.summary) == [
        "managementAgent.logLevel=7", "managementAgent.replicas=3", "managementAgent.podAnnotations.\"a.b/c\"=d",
        "managementAgent.podAnnotations.e=f",
      ])
    // Text stays text where the chart has text.
    #expect(scenario.state.answers[.chosenValues][0].value.string == "7")
    #expect(scenario.state.answers[.chosenValues][1].value.integer == 3)
    Self.set("replicas", to: "1", &scenario)
    scenario.type("podann")
    scenario.press(.delete)
    #expect(scenario.state.answers[.chosenValues].map(\.path) == ["managementAgent.logLevel"])
    scenario.effects = []
    scenario.press(.escape, .escape)
    #expect(scenario.effects.contains(.answersChanged))
    #expect(scenario.state.problems.filter { $0.question == "values" } == [])
  }

  @Test(
    "What does not fit the chart is not taken, and the text stays to be mended",
    arguments: [
      ("replicas", "many", "it must be a number, not text"), ("create", "1", "it must be true or false, not a number"),
      ("toler", "a", "it must be a list, not text"), ("podann", "[", "it is no YAML"),
    ])
  func refused(_ filter: String, _ text: String, _ reason: String) throws {
    var scenario = try Self.opened()
    scenario.type(filter)
    scenario.press(.enter, .control("u"))
    scenario.type(text)
    scenario.press(.enter)
    #expect(scenario.state.chartKeys?.problem?.hasPrefix(reason) == true, "\(scenario.state.chartKeys?.problem ?? "")")
    #expect(scenario.state.chartKeys?.editor?.text == text)
    #expect(scenario.state.answers[.chosenValues] == [])
  }

  @Test("Values that another chart does not know are told on the page")
  func unknown() throws {
    var scenario = try Self.opened()
    scenario.press(.escape)
    var answers = scenario.state.answers
    answers["values"] = Answer(.values([chosen("managementAgent.logLevl")]))
    scenario.state.answers = answers
    #expect(
      scenario.state.problems.map(\.text) == [
        "hold managementAgent.logLevl: the chart does not know it; did you mean logLevel?"
      ])
  }

  private func chosen(_ path: String) -> ChosenValue {
    ChosenValue(path.split(separator: ".").map(String.init), YAMLNode(.scalar(YAMLScalar("x"))))
  }
}
