import Screen
import SetupCore
import TestSupport
import Testing

@testable import Wizard

@Suite struct GooglePageTests {
  @Test("The registry's page of a GKE cluster looks as recorded")
  func page() throws {
    var answers = Scenario.complete
    for (id, text): (QuestionID, String) in [
      ("registry.provider", "google"), ("registry.project", "acme-prod"), ("registry.location", "europe-west1"),
      ("registry.cluster", "prod"), ("registry.clusterLocation", "europe-west1"),
    ] { answers[id] = Answer(.text(text)) }
    let size = Size(columns: 80, rows: 24)
    var scenario = Scenario(answers, size: size)
    scenario.loadContexts()
    for step in Page.allCases.prefix(while: { $0.index < Page.registry.index }) { scenario.leave(step) }
    // Off the kind, whose list shows every provider.
    scenario.press(.tab)
    let difference = try goldenDifference(
      "Wizard/registry-google-80x24.txt", render(scenario.state, size: size).goldenText())
    #expect(difference == nil, Comment(rawValue: difference ?? ""))
  }
}
