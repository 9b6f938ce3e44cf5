import Screen
import SetupCore
import Text

extension CheckBoard.Item {
  /// The verdict as a glyph, a word and a style: never a colour alone.
  func mark(_ glyphs: GlyphSet, spinner: Character) -> (glyph: Character, word: String, style: Style) {
    switch progress {
    case .waiting: (glyphs.dot, "not run", .faint)
    case .queued: (glyphs.dot, "waiting", .faint)
    case .running: (spinner, "running", .plain)
    case .done(let result):
      switch result.finding.status {
      case .pass: (glyphs.check, "ok", .good)
      case .warn: (glyphs.warning, "warning", .warning)
      case .fail: (glyphs.cross, "FAILED", .bad)
      case .unknown: (glyphs.question, "unknown", .unknown)
      case .skipped: (glyphs.bullet, "skipped", .faint)
      case .waived: (glyphs.bullet, "waived", .warning)
      }
    }
  }
}

extension WizardState {
  /// The list of checks and the pane with the details of the selected one.
  var preflightPanes: (list: Rect, detail: Rect) {
    let body = bodyRect
    if isRoomy {
      let width = min(44, body.size.columns * 9 / 20)
      return (
        Rect(column: body.origin.column, row: body.origin.row + 1, columns: width, rows: max(0, body.size.rows - 1)),
        Rect(
          column: body.origin.column + width + 2, row: body.origin.row + 1, columns: body.size.columns - width - 2,
          rows: max(0, body.size.rows - 1))
      )
    }
    let rows = max(1, body.size.rows / 2 - 1)
    return (
      Rect(column: 0, row: body.origin.row, columns: body.size.columns, rows: rows),
      Rect(
        column: 0, row: body.origin.row + rows + 1, columns: body.size.columns, rows: max(0, body.size.rows - rows - 1))
    )
  }

  func drawPreflight(_ grid: inout Grid) {
    let (list, detail) = preflightPanes
    if isRoomy {
      let body = bodyRect
      grid.put(checkSummary, at: body.origin, maxWidth: body.size.columns)
      for row in 0..<list.size.rows {
        grid[list.origin.column + list.size.columns, list.origin.row + row] = Cell(glyphs.vertical, .border)
      }
    } else {
      drawRule(&grid, row: detail.origin.row - 1, title: selectedCheck?.check.title ?? "")
    }
    let items = checks.listed
    let selected = min(preflight.selected, max(0, items.count - 1))
    let lines = items.enumerated().map { checkLine($1, isSelected: $0 == selected, width: list.size.columns - 1) }
    let offset = max(0, min(selected - list.size.rows / 2, lines.count - list.size.rows))
    grid.put(lines, from: offset, in: list, glyphs: glyphs)
    if !items.isEmpty { grid.cursor = Position(column: list.origin.column, row: list.origin.row + selected - offset) }
    grid.put(checkDetail(width: detail.size.columns - 1), from: preflight.offset, in: detail, glyphs: glyphs)
  }

  /// How many of which verdict.
  var checkSummary: Line {
    let items = checks.listed
    var line = Line(items.isEmpty ? "There are no checks." : "\(items.count) checks", .plain)
    func add(_ count: Int, _ word: String, _ style: Style) {
      if count > 0 { line = line.then("  \(count) \(word)", style) }
    }
    add(items.count { $0.status == .pass }, "ok", .good)
    add(items.count { $0.status == .warn }, "with a warning", .warning)
    add(items.count { $0.status == .fail }, "failed", .bad)
    add(items.count { $0.status == .unknown }, "unknown", .unknown)
    add(items.count { $0.status == .skipped || $0.status == .waived }, "skipped or waived", .faint)
    add(items.count { $0.progress != .waiting && $0.result == nil }, "to come", .plain)
    add(items.count { $0.progress == .waiting }, "not run", .faint)
    return line
  }

  func checkLine(_ item: CheckBoard.Item, isSelected: Bool, width: Int) -> Line {
    let mark = item.mark(glyphs, spinner: spinner)
    let time =
      switch item.progress {
      case .running(let since): " \(timeText(now - since))"
      case .waiting, .queued, .done: ""
      }
    let lead = Line(isSelected ? String(glyphs.pointer) : " ", .focused)
      .then("\(mark.glyph) \(mark.word)", mark.style).padded(to: 11)
    let room = max(0, width - 11 - displayWidth(time))
    let title = truncate(OutsideText.clean(item.check.title), width: room, ellipsis: glyphs.ellipsis)
    return lead.then(title, isSelected ? .focused : .plain).then(time, .faint)
  }

  /// All that is known of the selected check.
  func checkDetail(width: Int) -> [Line] {
    guard let item = selectedCheck else { return [Line("There is nothing to check.", .faint)] }
    let mark = item.mark(glyphs, spinner: spinner)
    var lines: [Line] = []
    if isRoomy { lines += Line.wrapped(item.check.title, .title, width: width) }
    guard let result = item.result else {
      lines.append(Line("\(mark.glyph) \(mark.word)", mark.style))
      lines += Line.wrapped(item.check.why, width: width)
      return lines + pair("Required", item.check.required, width)
    }
    let finding = result.finding
    lines += Line.wrapped(
      withTitles(finding.message), mark.style, width: width, lead: Line("\(mark.glyph) ", mark.style))
    lines += pair("Observed", finding.observed, width) + pair("Required", result.required, width)
    if !result.isBlocking { lines.append(Line("Advisory: it does not keep you from installing.", .faint)) }
    if let remedy = finding.remedy {
      lines += pair("To do", withTitles(remedy.text), width)
      if let command = remedy.command { lines += commandLines(command, width: width) }
      if let url = remedy.url { lines += pair("See", url, width) }
    }
    if !finding.details.isEmpty {
      lines.append(Line())
      lines += finding.details.map { Line($0) }
    }
    lines.append(Line())
    lines += Line.wrapped(item.check.why, .faint, width: width)
    lines.append(Line("\(item.check.id.name), took \(timeText(result.duration))", .faint))
    return lines
  }

  /// A text with the titles of our checks where it names their ids, and with labels and pages for keys of the answers
  /// file: neither ids nor keys are seen here.
  func withTitles(_ text: String) -> String {
    text.split(separator: " ", omittingEmptySubsequences: false).map { word in
      var name = word.drop { $0 == "(" }
      let lead = word[..<name.startIndex]
      while let last = name.last, ".,;:)".contains(last) { name.removeLast() }
      guard let title = title(of: String(name)) else { return String(word) }
      return lead + title + word[name.endIndex...]
    }.joined(separator: " ")
  }

  private func title(of name: String) -> String? {
    // Keys of one part, such as `values`, are words of their own.
    guard name.contains(".") else { return nil }
    if let item = checks.items.first(where: { $0.check.id.name == name }) { return "\"\(item.check.title)\"" }
    guard let question = questionnaire[QuestionID(name), completed], question.applies(completed)
    else { return nil }
    return "\"\(question.label)\" (page \(question.page.shortTitle))"
  }

  private func pair(_ label: String, _ text: String, _ width: Int) -> [Line] {
    guard !text.isEmpty else { return [] }
    return Line.wrapped(text, width: width, lead: Line("\(label):", .label), indent: 10)
  }

  /// A command behind a prompt.
  func commandLines(_ shell: String, width: Int, indent: Int = 0) -> [Line] {
    let blank = String(repeating: " ", count: indent)
    return OutsideText.clean(shell, keepsLines: true).split(separator: "\n").enumerated().flatMap { index, part in
      Line.wrapped(
        String(part), .input, width: width, lead: Line(blank + (index == 0 ? "$ " : "  "), .key))
    }
  }
}
