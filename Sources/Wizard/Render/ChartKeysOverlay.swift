import Screen
import SetupCore
import Text

extension WizardState {
  /// Rows below the list, for the selected value in full; where there is room, with a line between.
  private var chartDetailRows: Int { isRoomy ? 6 : min(3, max(1, bodyRect.size.rows - 3)) }
  /// Rows of the list.
  var chartListRows: Int { max(1, bodyRect.inset().size.rows - chartDetailRows) }

  func drawChartKeys(_ grid: inout Grid) {
    guard let list = chartKeys else { return }
    let rect = bodyRect
    grid.fill(Rect(column: 0, row: rect.origin.row, columns: size.columns, rows: rect.size.rows))
    let filter = OutsideText.clean(list.filter.text)
    grid.box(rect, title: filter.isEmpty ? "Chart values" : "Chart values: \(filter)", glyphs: glyphs)
    let inner = rect.inset()
    let shown = list.shown
    guard !shown.isEmpty else {
      grid.put("Nothing matches.", at: inner.origin, style: .faint, maxWidth: inner.size.columns)
      grid.cursor = inner.origin
      return
    }
    let selected = min(list.selected, shown.count - 1)
    // Values stand below each other, where names leave them room.
    let width = min(shown.map { displayWidth($0.path) }.max() ?? 0, max(0, inner.size.columns - 24))
    let offset = max(0, min(selected - chartListRows + 1, shown.count - chartListRows))
    for (index, key) in shown.enumerated().dropFirst(offset).prefix(chartListRows) {
      let y = inner.origin.row + index - offset
      if index == selected { grid.cursor = Position(column: inner.origin.column, row: y) }
      grid.put(
        keyLine(key, isSelected: index == selected, width: width), at: Position(column: inner.origin.column, row: y),
        maxWidth: inner.size.columns)
    }
    let edge = inner.origin.column + inner.size.columns - 1
    if offset > 0 { grid[edge, inner.origin.row] = Cell(glyphs.up, .key) }
    if shown.count > offset + chartListRows {
      grid[edge, inner.origin.row + chartListRows - 1] = Cell(glyphs.down, .key)
    }
    drawChartDetail(&grid, shown[selected], from: inner.origin.row + chartListRows, in: inner)
  }

  private func drawChartDetail(_ grid: inout Grid, _ key: ChartKey, from first: Int, in inner: Rect) {
    let width = inner.size.columns
    let end = inner.origin.row + inner.size.rows
    var row = first
    if isRoomy {
      grid.fill(
        Rect(column: inner.origin.column, row: row, columns: width, rows: 1), with: glyphs.horizontal, style: .border)
      row += 1
    }
    if let editor = chartKeys?.editor {
      let label = truncate("\(key.names.last ?? ""): ", width: width / 2, ellipsis: glyphs.ellipsis)
      let column =
        inner.origin.column + grid.put(label, at: Position(column: inner.origin.column, row: row), style: .label)
      let room = max(1, inner.origin.column + width - column)
      let window = editor.window(columns: max(1, room - 1), glyphs: glyphs)
      grid.fill(Rect(column: column, row: row, columns: room, rows: 1), style: .input)
      grid.put(window.lines.first ?? "", at: Position(column: column, row: row), style: .input, maxWidth: room)
      grid.cursor = Position(column: min(column + window.cursor.column, inner.origin.column + width - 1), row: row)
      row += 1
    }
    var lines = chartKeys?.problem.map { Line.wrapped("\(glyphs.warning) Not taken: \($0)", .bad, width: width) } ?? []
    lines += keyDetail(key, width: width)
    for line in lines.prefix(max(0, end - row)) {
      grid.put(line, at: Position(column: inner.origin.column, row: row), maxWidth: width)
      row += 1
    }
  }

  /// A value in one line: what it is called, and what it is.
  func keyLine(_ key: ChartKey, isSelected: Bool, width: Int = 0) -> Line {
    let line = Line(isSelected ? "\(glyphs.pointer) " : "  ", .focused)
      .then(OutsideText.clean(key.path, limit: 200), isSelected ? .focused : .plain).padded(to: width + 2).then("  ")
    if let text = setText(key) { return line.then("= \(shownText(text))", .good) }
    return line.then(shownText(key.ownText), key.given == nil ? .faint : .plain)
  }

  private func shownText(_ text: String) -> String {
    text.isEmpty ? "(empty)" : OutsideText.clean(text, limit: 500)
  }

  /// What the chart says of a value, in lines.
  func keyDetail(_ key: ChartKey, width: Int) -> [Line] {
    var lines: [Line] = []
    if let text = setText(key) {
      lines += Line.wrapped(shownText(text), width: width, lead: Line("Set here: ", .label))
    }
    if let given = key.given {
      lines += Line.wrapped(shownText(given.text), width: width, lead: Line("By \(given.question): ", .label))
    }
    let standard = shownText(key.standard.flowText)
    lines += Line.wrapped(standard, .faint, width: width, lead: Line("The chart's own: ", .label))
    let comment = key.comment.isEmpty ? "The chart says nothing about it." : key.comment
    return lines + Line.wrapped(comment, .faint, width: width)
  }

  /// The list in plain lines.
  func describeChartKeys() -> [String] {
    guard let list = chartKeys else { return [] }
    let lines = list.shown.enumerated().map { keyLine($1, isSelected: $0 == list.selected).text }
    let detail = selectedKey.map { keyDetail($0, width: 10_000).map(\.text) } ?? []
    let editor = list.editor.map { ["New value: \($0.text)"] } ?? []
    return ["Chart values"] + lines + detail + editor
      + (list.problem.map { ["Not taken: \(OutsideText.clean($0))"] } ?? [])
  }
}
