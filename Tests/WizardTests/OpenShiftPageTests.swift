import Screen
import TestSupport
import Testing

@testable import SetupCore
@testable import Wizard

@Suite struct OpenShiftPageTests {
  @Test("The registry's page asks for little of OpenShift, and tells what was seen of its registry")
  func page() throws {
    var answers = Scenario.complete
    for id in answers.ids where id.path.hasPrefix("registry.") || id.path.hasPrefix("images.") { answers[id] = nil }
    answers["registry.provider"] = Answer(.text("openshift"))
    var scenario = Scenario(answers, size: Size(columns: 80, rows: 24))
    scenario.loadContexts()
    for page in [Page.cluster, .preflight] { scenario.leave(page) }
    var seen = Survey()
    seen.openShiftRegistry = .seen(
      OpenShiftRegistrySummary(
        host: nil, exposure: .possible, identity: "the token of user \"admin\"", hasToken: true,
        management: .seen("Managed")))
    seen.openShiftProject = .seen(OpenShiftProject(rights: [.anyUser: .possible], hasServiceCA: true))
    scenario.send(.surveyedLocally(scenario.state.survey.merging(seen)))
    scenario.press(.tab, .tab)
    #expect(scenario.state.page == .registry)
    let difference = try goldenDifference(
      "Wizard/page-registry-openshift-80x24.txt",
      render(scenario.state, size: Size(columns: 80, rows: 24)).goldenText())
    #expect(difference == nil, Comment(rawValue: difference ?? ""))
  }
}
