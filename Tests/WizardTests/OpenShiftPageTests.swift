import FoundationEssentials
import Kubernetes
import Screen
import TestSupport
import Testing

@testable import SetupCore
@testable import Wizard

@Suite struct OpenShiftPageTests {
  @Test("A kind of registry that the cluster suggests is looked up where it shows while its page is open")
  func suggestedWhileShown() throws {
    var scenario = Scenario(Answers(baseDirectory: "/home/ada"))
    scenario.loadContexts()
    scenario.leave(.cluster)
    scenario.leave(.preflight)
    #expect(scenario.state.page == .registry)
    let run = scenario.state.checks.lastRun
    scenario.press(.function(2))
    scenario.press(.character("r"))
    scenario.leave(.preflight)
    var seen = Survey()
    seen.cluster = .seen(
      ClusterSummary(
        context: "prod", server: "https://api.example.com:6443", gitVersion: "v1.31.8", major: 1, minor: 31,
        serverDate: nil, localDate: Date(timeIntervalSince1970: 0), credentials: .seen("admin")))
    seen.apiGroups = .seen(
      try JSONDecoder().decode(APIGroupList.self, from: Data(#"{"groups":[{"name":"config.openshift.io"}]}"#.utf8)))
    #expect(scenario.send(.check(run: run, .surveyed(seen))) == [], "Late news change nothing.")
    #expect(scenario.send(.check(run: scenario.state.checks.lastRun, .surveyed(seen))) == [.surveyLocally])
    #expect(scenario.state.completed[.provider] == "openshift")
    #expect(scenario.send(.check(run: scenario.state.checks.lastRun, .surveyed(seen))) == [], "once")
  }

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
