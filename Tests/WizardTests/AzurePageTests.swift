import Screen
import SetupCore
import TestSupport
import Testing

@testable import Wizard

@Suite struct AzurePageTests {
  @Test("The registry's page of a AKS cluster looks as recorded")
  func page() throws {
    var answers = Scenario.complete
    for (id, text): (QuestionID, String) in [
      ("registry.provider", "acr"), ("registry.subscription", "11111111-2222-3333-4444-555555555555"),
      ("registry.name", "mycompany"), ("registry.loginServer", "mycompany.azurecr.io"), ("registry.identity", "token"),
      ("registry.token", "mlops-prod"),
    ] { answers[id] = Answer(.text(text)) }
    let size = Size(columns: 80, rows: 24)
    var scenario = Scenario(answers, size: size)
    scenario.loadContexts()
    for step in Page.allCases.prefix(while: { $0.index < Page.registry.index }) { scenario.leave(step) }
    let difference = try goldenDifference(
      "Wizard/registry-acr-80x24.txt", render(scenario.state, size: size).goldenText())
    #expect(difference == nil, Comment(rawValue: difference ?? ""))
  }
}
