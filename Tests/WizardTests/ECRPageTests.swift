import Screen
import SetupCore
import TestSupport
import Testing

@testable import Wizard

@Suite struct ECRPageTests {
  @Test("The registry's page of an EKS cluster looks as recorded")
  func page() throws {
    var answers = Scenario.complete
    for (id, text): (QuestionID, String) in [
      ("registry.provider", "ecr"), ("registry.account", "123456789012"), ("registry.region", "eu-central-1"),
      ("registry.cluster", "prod"),
    ] { answers[id] = Answer(.text(text)) }
    let size = Size(columns: 80, rows: 24)
    var scenario = Scenario(answers, size: size)
    scenario.loadContexts()
    for step in Page.allCases.prefix(while: { $0.index < Page.registry.index }) { scenario.leave(step) }
    // Account, region, prefix and then how the image builder gets its rights, whose help explains most.
    scenario.press(.tab, .tab, .tab, .tab)
    let difference = try goldenDifference(
      "Wizard/registry-ecr-80x24.txt", render(scenario.state, size: size).goldenText())
    #expect(difference == nil, Comment(rawValue: difference ?? ""))
  }
}
