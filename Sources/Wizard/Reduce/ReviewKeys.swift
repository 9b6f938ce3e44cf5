import Screen
import SetupCore

/// A row of the review.
enum ReviewRow: Sendable, Equatable {
  case page(Page)
  case answer(QuestionID)
  case check(CheckID)
  case toPlan
}

extension WizardState {
  /// Every page with its answers, the checks, and the way on.
  var reviewRows: [ReviewRow] {
    var rows: [ReviewRow] = []
    for page in Page.allCases where questionnaire.questions.contains(where: { $0.page == page }) {
      rows.append(.page(page))
      rows += questionnaire.questions(on: page, completed).map { .answer($0.id) }
    }
    rows.append(.page(.preflight))
    rows += checks.items.map { .check($0.check.id) }
    return rows + [.toPlan]
  }

  /// The first row that needs a person, or else the top.
  var firstReviewRow: Int {
    let wrong = Set(problems.map(\.question))
    let failed = Set(checks.blockades.filter { $0.result != nil }.map(\.check.id))
    return reviewRows.firstIndex { row in
      switch row {
      case .answer(let id): wrong.contains(id)
      case .check(let id): failed.contains(id)
      case .page, .toPlan: false
      }
    } ?? 0
  }

  mutating func reviewKey(_ key: Key) -> [WizardEffect] {
    let rows = reviewRows
    review.selected = min(review.selected, rows.count - 1)
    switch key {
    case .up, .backTab: review.selected = max(0, review.selected - 1)
    case .down, .tab: review.selected = min(rows.count - 1, review.selected + 1)
    case .pageUp: review.selected = max(0, review.selected - max(1, bodyRect.size.rows - 4))
    case .pageDown: review.selected = min(rows.count - 1, review.selected + max(1, bodyRect.size.rows - 4))
    case .home: review.selected = 0
    case .end: review.selected = rows.count - 1
    case .enter: return open(rows[review.selected])
    case .function(10), .control("n"): return toPlan()
    case .character("s"): return [.saveAnswers]
    case .character("r"): return runChecks(checks.groups, evenIfFresh: true)
    case .escape: return back()
    default: break
    }
    return []
  }

  private mutating func open(_ row: ReviewRow) -> [WizardEffect] {
    switch row {
    case .page(let page):
      return jump(to: page)
    case .answer(let id):
      guard let question = questionnaire[id, completed] else { return [] }
      return jump(to: question.page, focus: .question(id))
    case .check(let id):
      guard let index = checks.listed.firstIndex(where: { $0.check.id == id }) else {
        notice = .warning("It runs when the answers it needs are complete.")
        return []
      }
      preflight.selected = index
      return jump(to: .preflight)
    case .toPlan:
      return toPlan()
    }
  }

  private mutating func jump(to page: Page, focus: FormFocus? = nil) -> [WizardEffect] {
    let effects = go(to: page, focus: focus)
    returnsToReview = true
    return effects
  }

  private mutating func toPlan() -> [WizardEffect] {
    if isLookingLocally, answers[.agentTarball] != nil || !answers[.imageArchives].isEmpty {
      notice = .warning("The package and the archives are still being read.")
      return []
    }
    guard let first = problems.first else { return go(to: .plan) }
    review.selected = firstReviewRow
    let label = questionnaire[first.question, completed]?.label ?? first.question.path
    notice = .bad(
      problems.count == 1
        ? "\(label) \(first.text). Enter goes there."
        : "\(problems.count) answers are missing or wrong. Enter goes there.")
    return []
  }
}
