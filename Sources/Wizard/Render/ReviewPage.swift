import Screen
import SetupCore
import Text

extension WizardState {
  private var reviewRect: Rect {
    var rect = bodyRect
    rect.size.rows = max(1, rect.size.rows - (isRoomy ? 5 : 3))
    return rect
  }

  func drawReview(_ grid: inout Grid) {
    let rect = reviewRect
    let rows = reviewRows
    // The way to the plan is the last row. It stands below the list, so that it is seen wherever the list is scrolled to.
    let lines = reviewLines(width: rect.size.columns - 1)
    let list = Array(lines.dropLast())
    let selected = min(review.selected, rows.count - 1)
    let offset = max(0, min(selected - rect.size.rows / 2, list.count - rect.size.rows))
    grid.put(list, from: offset, in: rect, glyphs: glyphs)
    let button = Position(column: rect.origin.column, row: rect.origin.row + rect.size.rows)
    if let line = lines.last {
      let checks = pageState(.preflight)
      let more = Line("  ").then("\(checks.glyph) Checks: \(checks.word)", checks.style)
      grid.put(isRoomy ? line.then(more) : line, at: button, maxWidth: rect.size.columns)
    }
    grid.cursor =
      rows[selected] == .toPlan
      ? Position(column: button.column + 4, row: button.row)
      : Position(column: rect.origin.column, row: rect.origin.row + selected - offset)
    let row = button.row + 1
    drawRule(&grid, row: row, title: reviewTitle(rows[selected]))
    let detail = Rect(
      column: rect.origin.column, row: row + 1, columns: rect.size.columns,
      rows: bodyRect.origin.row + bodyRect.size.rows - row - 1)
    let text = reviewDetail(rows[selected], width: detail.size.columns - 1)
    grid.put(Array(text.prefix(max(0, detail.size.rows))), from: 0, in: detail, glyphs: glyphs)
  }

  /// The rows as lines, one each.
  func reviewLines(width: Int, isAligned: Bool = true) -> [Line] {
    return reviewRows.enumerated().map { index, row in
      let isSelected = index == review.selected
      let lead = Line(isSelected ? String(glyphs.pointer) : " ", .focused)
      switch row {
      case .page(let page):
        let state = pageState(page)
        return lead.then("\(state.glyph) ", state.style).then(
          page == .preflight ? "Checks" : page.title, isSelected ? .focused : .title
        )
        .then("  \(state.word)", state.style)
      case .answer(let id):
        return lead.then(answerLine(id, completed, problems, width: width - 1, isSelected, isAligned))
      case .check(let id):
        guard let item = checks.items.first(where: { $0.check.id == id }) else { return lead }
        return Line(" ").then(checkLine(item, isSelected: isSelected, width: width - 1))
      case .toPlan:
        let text = isSelected ? "[\(glyphs.pointer)Make the plan ]" : "[ Make the plan ]"
        return lead.then("  ").then(text, isSelected ? .focused : .plain)
      }
    }
  }

  private func pageState(_ page: Page) -> (glyph: Character, style: Style, word: String) {
    if page == .preflight {
      let open = checks.blockades.count { $0.result != nil }
      if open > 0 { return (glyphs.cross, .bad, "\(open) in the way") }
      if checks.isBusy { return (spinner, .plain, "running") }
      let waiting = checks.blockades.count
      return waiting > 0 ? (glyphs.dot, .faint, "\(waiting) not run") : (glyphs.check, .good, "nothing in the way")
    }
    let count = problems.count { questionnaire[$0.question, completed]?.page == page }
    return count == 0 ? (glyphs.check, .good, "complete") : (glyphs.warning, .bad, "\(count) to mend")
  }

  private func answerLine(
    _ id: QuestionID, _ completed: Answers, _ problems: [AnswerProblem], width: Int, _ isSelected: Bool,
    _ isAligned: Bool
  ) -> Line {
    guard let question = questionnaire[id, completed] else { return Line() }
    let problem = problems.first { $0.question == id }
    let origin = isRoomy ? originText(completed[id]?.origin) : ""
    let label = truncate(OutsideText.clean(question.label), width: 15, ellipsis: glyphs.ellipsis)
    let lead = Line("  ").then(label, isSelected ? .focused : .label).padded(to: 18)
    let room = max(1, width - 18 - displayWidth(origin) - 3)
    if let problem, problem.isMissing { return lead.then("\(glyphs.warning) missing", .bad) }
    let value = completed[id].map { displayText($0.value, of: question) } ?? "(none)"
    let shown = truncate(OutsideText.clean(value), width: room, ellipsis: glyphs.ellipsis)
    let line = lead.then(shown, completed[id]?.origin == .typed ? .plain : .faint)
    if problem != nil { return line.then(" \(glyphs.warning)", .bad) }
    guard isAligned else { return origin.isEmpty ? line : line.then("  (\(origin))", .faint) }
    return origin.isEmpty ? line : line.padded(to: width - displayWidth(origin)).then(origin, .faint)
  }

  /// Where an answer came from, in a word.
  func originText(_ origin: Answer.Origin?) -> String {
    switch origin {
    case .typed: "typed"
    case .file: "file"
    case .suggested: "default"
    case nil: ""
    }
  }

  private func reviewTitle(_ row: ReviewRow) -> String {
    switch row {
    case .page(let page): page == .preflight ? "Checks" : page.title
    case .answer(let id): id.path
    case .check(let id): id.name
    case .toPlan: "Plan"
    }
  }

  /// The checks that failed or are unknown and keep an installation from being run, by their titles.
  private func inTheWay(width: Int) -> [Line] {
    let titles = checks.blockades.filter { $0.result != nil }.map(\.check.title)
    guard !titles.isEmpty else { return [] }
    return Line.wrapped("In the way, each opened by Enter: \(titles.joined(separator: ", "))", width: width)
  }

  /// The selected row in full.
  func reviewDetail(_ row: ReviewRow, width: Int) -> [Line] {
    switch row {
    case .page(let page):
      return page == .preflight
        ? [checkSummary] + inTheWay(width: width) : Line.wrapped("Enter opens the page.", .faint, width: width)
    case .answer(let id):
      guard let question = questionnaire[id, completed] else { return [] }
      if let problem = problems.first(where: { $0.question == id }) {
        return Line.wrapped("\(glyphs.warning) \(question.label) \(problem.text)", .bad, width: width)
      }
      guard let answer = completed[id] else { return [Line("Left empty.", .faint)] }
      let origin =
        switch answer.origin {
        case .typed: "typed"
        case .file(let mark): "from \(mark)"
        case .suggested: "the default"
        }
      return Line.wrapped("\(displayText(answer.value, of: question))  (\(origin))", width: width)
    case .check(let id):
      guard let item = checks.items.first(where: { $0.check.id == id }) else { return [] }
      return Line.wrapped(item.result.map { withTitles($0.finding.message) } ?? item.check.why, .plain, width: width)
    case .toPlan:
      let checks = pageState(.preflight)
      return [Line("\(checks.glyph) Checks: \(checks.word)", checks.style)] + inTheWay(width: width)
        + Line.wrapped("Looks at the cluster and lists every change. It changes nothing.", .faint, width: width)
    }
  }
}

extension Line {
  /// The same line with another behind it.
  func then(_ line: Line) -> Line {
    var joined = self
    joined.spans += line.spans
    return joined
  }
}
