import Screen
import SetupCore
import TestSupport
import Testing

@testable import Wizard

/// Whole frames against files: a change of a page is seen as a change of its picture.
@Suite struct GoldenPagesTests {
  static let sizes = [Size(columns: 80, rows: 24), Size(columns: 40, rows: 10)]

  private func check(_ name: String, _ state: WizardState, _ size: Size, suffix: String = "") throws {
    let file = "Wizard/\(name)-\(size.columns)x\(size.rows)\(suffix).txt"
    let difference = try goldenDifference(file, render(state, size: size).goldenText())
    #expect(difference == nil, Comment(rawValue: difference ?? ""))
  }

  @Test("Every page looks as recorded at 80x24 and 40x10", arguments: Page.allCases, sizes)
  func everyPage(_ page: Page, _ size: Size) throws {
    try check("page-\(page.rawValue)", Scenario.at(page, size: size).state, size)
  }

  @Test("A wide screen is used", arguments: [Page.cluster, .preflight, .review, .plan])
  func wide(_ page: Page) throws {
    let size = Size(columns: 120, rows: 40)
    try check("page-\(page.rawValue)", Scenario.at(page, size: size).state, size)
  }

  @Test("In ASCII nothing else is drawn", arguments: [Page.cluster, .preflight, .plan])
  func ascii(_ page: Page) throws {
    let size = Size(columns: 80, rows: 24)
    let state = Scenario.at(page, glyphs: .ascii, size: size).state
    let isASCII = render(state, size: size).textLines().allSatisfy { $0.allSatisfy(\.isASCII) }
    #expect(isASCII)
    try check("page-\(page.rawValue)", state, size, suffix: "-ascii")
  }

  @Test("Every page reads as recorded in plain lines", arguments: Page.allCases)
  func described(_ page: Page) throws {
    let text = describe(Scenario.at(page).state).joined(separator: "\n") + "\n"
    let difference = try goldenDifference("Wizard/lines-\(page.rawValue).txt", text)
    #expect(difference == nil, Comment(rawValue: difference ?? ""))
  }

  @Test("Every state of a page looks as recorded at 80x24 and 40x10", arguments: Situations.all.keys.sorted(), sizes)
  func everyState(_ name: String, _ size: Size) throws {
    let situation = try #require(Situations.all[name])
    try check(name, situation(size).state, size)
  }
}
