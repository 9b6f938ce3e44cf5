import Screen
import SetupCore
import Text

extension WizardState {
  /// Whether there is room for the rail, rules and a second pane.
  var isRoomy: Bool { size.columns >= 72 && size.rows >= 18 }

  private var headerRows: Int { isRoomy ? 3 : 1 }

  /// Between header and footer.
  var bodyRect: Rect {
    let noticeRows = (isRoomy || notice != nil ? 1 : 0) + imagesRows
    let margin = isRoomy ? 1 : 0
    return Rect(
      column: margin, row: headerRows, columns: max(0, size.columns - 2 * margin),
      rows: max(0, size.rows - headerRows - 1 - noticeRows))
  }

  /// What the rail says of a page. Ticked is one that was shown, or whose answers the review showed, and on which
  /// nothing is missing, wrong or in the way.
  func mark(of page: Page) -> (glyph: Character, style: Style, word: String) {
    if page == self.page { return (glyphs.pointer, .focused, "current") }
    switch page {
    case .preflight:
      let items = checks.items.filter { $0.group == .cluster }
      if items.contains(where: { $0.status == .fail || $0.status == .unknown }) {
        return (glyphs.warning, .warning, "needs attention")
      }
      if items.contains(where: { $0.progress != .waiting }) {
        return checks.liveRuns[.cluster] == nil
          ? (glyphs.check, .good, "done") : (spinner, .plain, "running")
      }
    case .review:
      if left.contains(.review) {
        return problems.isEmpty && !checks.blockades.contains { $0.result != nil }
          ? (glyphs.check, .good, "done") : (glyphs.warning, .warning, "needs attention")
      }
    case .plan:
      if run.startedAt != nil || run.end != nil { return (glyphs.check, .good, "done") }
      if case .failed = plan.progress { return (glyphs.warning, .warning, "needs attention") }
    case .run, .result:
      if page == .result, !left.contains(.result) { break }
      if run.isStopped { return (glyphs.bullet, .warning, "stopped") }
      if run.hasEndedEarly { return (glyphs.cross, .bad, "failed") }
      if run.end != nil { return (glyphs.check, .good, "done") }
    case .cluster, .registry, .dataRobot, .images:
      if left.contains(page) {
        return problems(on: page).isEmpty
          ? (glyphs.check, .good, "done") : (glyphs.warning, .warning, "needs attention")
      }
    }
    return (glyphs.dot, .faint, "to do")
  }

  var spinner: Character {
    let (seconds, attoseconds) = now.components
    return glyphs.spinnerFrame(Int(truncatingIfNeeded: seconds * 10 + attoseconds / 100_000_000_000_000_000))
  }

  func drawHeader(_ grid: inout Grid) {
    guard isRoomy else {
      let place = "\(page.index + 1)/\(Page.allCases.count) "
      let status = headerStatus
      let room = max(0, size.columns - displayWidth(status.text) - 1)
      grid.put(Line(place, .faint).then(page.title, .title), at: Position(column: 0, row: 0), maxWidth: room)
      grid.put(status, at: Position(column: size.columns - displayWidth(status.text), row: 0), maxWidth: size.columns)
      return
    }
    grid.put("mlops-setup", at: Position(column: 1, row: 0), style: .title)
    let room = max(0, size.columns - 16)
    let target = truncate(OutsideText.clean(target), width: room, ellipsis: glyphs.ellipsis)
    grid.put(target, at: Position(column: size.columns - 1 - displayWidth(target), row: 0), style: .faint)
    var rail = Line()
    for page in Page.allCases {
      let mark = mark(of: page)
      let style: Style = page == self.page ? .focused : mark.style == .faint ? .faint : .plain
      rail = rail.then(String(mark.glyph), mark.style).then(page.shortTitle, style).then(" ")
    }
    grid.put(rail, at: Position(column: 1, row: 1), maxWidth: size.columns - 2)
    drawRule(&grid, row: 2)
  }

  /// The right end of the short header.
  private var headerStatus: Line {
    if page == .preflight || page == .review {
      let bad = checks.listed.count { $0.status == .fail }
      let unknown = checks.listed.count { $0.status == .unknown }
      if bad > 0 { return Line("\(glyphs.cross) \(bad) failed", .bad) }
      if unknown > 0 { return Line("\(glyphs.question) \(unknown) unknown", .unknown) }
      if checks.isBusy { return Line("\(spinner) checking", .plain) }
      return Line()
    }
    let waiting = Page.allCases.count { left.contains($0) && $0 != page && !problems(on: $0).isEmpty }
    return waiting > 0
      ? Line("\(glyphs.warning) \(waiting == 1 ? "1 page" : "\(waiting) pages") to mend", .warning) : Line()
  }

  /// A line across, with a title and a word at its end.
  func drawRule(_ grid: inout Grid, row: Int, title: String = "", end: String = "") {
    grid.fill(Rect(column: 0, row: row, columns: size.columns, rows: 1), with: glyphs.horizontal, style: .border)
    if !end.isEmpty {
      let column = size.columns - displayWidth(end) - 4
      grid.put(" \(end) ", at: Position(column: max(0, column), row: row), style: .faint)
    }
    guard !title.isEmpty else { return }
    grid.put(
      " \(truncate(OutsideText.clean(title), width: max(0, size.columns - 6), ellipsis: glyphs.ellipsis)) ",
      at: Position(column: 2, row: row), style: .title)
  }

  /// Rows of the line that tells of images on their way.
  private var imagesRows: Int { imagesLine(width: size.columns) == nil ? 0 : 1 }

  func drawFooter(_ grid: inout Grid) {
    if let line = imagesLine(width: size.columns - 2) {
      grid.put(line, at: Position(column: isRoomy ? 1 : 0, row: size.rows - 2), maxWidth: size.columns - 1)
    }
    if let notice {
      let row = size.rows - 2 - imagesRows
      grid.fill(Rect(column: 0, row: row, columns: size.columns, rows: 1))
      let glyph: Character =
        notice.style == .good ? glyphs.check : notice.style == .bad ? glyphs.cross : glyphs.warning
      let text = keepingPaths(OutsideText.clean(notice.text), width: max(0, size.columns - 4))
      grid.put(
        Line("\(glyph) ", notice.style).then(text, notice.style), at: Position(column: 1, row: row),
        maxWidth: size.columns - 1)
    }
    var column = isRoomy ? 1 : 0
    for hint in hints.prefix(6) {
      let width = displayWidth(hint.key) + 1 + displayWidth(hint.label)
      guard column + width <= size.columns else { break }
      let row = size.rows - 1
      column += grid.put(hint.key, at: Position(column: column, row: row), style: .key)
      column += 1 + grid.put(hint.label, at: Position(column: column + 1, row: row), style: .faint)
      column += 2
    }
  }

  func drawTooSmall(_ grid: inout Grid) {
    let lines = wrap(
      "mlops-setup: \(page.title). Too small here: it needs \(leastSize.columns) columns and \(leastSize.rows) rows.",
      width: size.columns)
    for (row, line) in lines.prefix(max(0, size.rows)).enumerated() {
      grid.put(line, at: Position(column: 0, row: row))
    }
  }
}
