import Screen
import SetupCore
import Text

extension WizardState {
  /// Nearly the whole screen.
  var helpRect: Rect {
    let margin = isRoomy ? 4 : 0
    return Rect(
      column: margin, row: isRoomy ? 2 : 0, columns: max(0, size.columns - 2 * margin),
      rows: max(0, size.rows - (isRoomy ? 4 : 1)))
  }

  func drawHelp(_ grid: inout Grid) {
    guard let offset = helpOffset else { return }
    grid.fill(helpRect)
    let subject = selectedKey?.path ?? focusedQuestion?.label ?? page.title
    grid.box(helpRect, title: "Help: \(subject)", glyphs: glyphs)
    let inner = helpRect.inset()
    grid.put(helpLines(width: inner.size.columns), from: offset, in: inner, glyphs: glyphs)
    grid.cursor = inner.origin
  }

  /// Why the focused question is asked, an example, its key in the answers file, and the page's keys.
  func helpLines(width: Int) -> [Line] {
    let width = max(1, width - 1)
    var lines: [Line] = []
    if let key = selectedKey {
      lines += keyDetail(key, width: width) + [Line()]
    } else if let question = focusedQuestion {
      lines += Line.wrapped(question.why, width: width)
      if case .secret(let variable) = question.kind {
        lines += Line.wrapped(
          "Type or paste it: it stays in memory. Or type where it is to be found: env:NAME (a variable), file:PATH, existing:NAME (a Secret that is in the namespace already).",
          width: width)
        lines += Line.wrapped("In a saved answers file a typed one is {env: \(variable)}.", width: width)
      }
      if case .paths = question.kind { lines += Line.wrapped("Several are separated by commas.", width: width) }
      if !question.example.isEmpty {
        lines += Line.wrapped(question.example, width: width, lead: Line("Example: ", .label))
      }
      lines += [Line("Answers file: ", .label).then(question.id.path), Line()]
      if let choice = shownChoice, !choice.details.isEmpty {
        lines += Line.wrapped("\(choice.value): \(choice.label)", .label, width: width)
        lines += choice.details.flatMap { Line.wrapped($0, width: width) } + [Line()]
      }
    } else if page == .preflight, let item = selectedCheck {
      lines += Line.wrapped(item.check.why, width: width) + [Line("Check: ", .label).then(item.check.id.name), Line()]
    }
    for hint in keyHelp {
      lines += Line.wrapped(
        hint.label, width: width, lead: Line(hint.key, .key).padded(to: min(20, width / 2)), indent: min(20, width / 2))
    }
    return lines
  }

  /// The choice that is selected in the open list, or that the answer is.
  private var shownChoice: Question.Choice? {
    guard let question = focusedQuestion else { return nil }
    if let picker = form.picker {
      return pickerChoices.indices.contains(picker.selected) ? pickerChoices[picker.selected] : nil
    }
    return question.candidates(completed, survey).first { $0.value == completed[question.id]?.value.text }
  }

  func drawDialog(_ grid: inout Grid) {
    guard let dialog else { return }
    let width = min(size.columns, 60)
    let inner = width - 4
    let buttons = dialog.buttons.enumerated().map { index, button in
      index == dialog.focus ? "[\(glyphs.pointer)\(button.label) ]" : "[ \(button.label) ]"
    }
    var text = dialog.text.flatMap { wrap(OutsideText.clean($0), width: inner) }
    let room = size.rows - 4
    if text.count > room { text = Array(text.prefix(max(0, room - 1))) + [glyphs.ellipsis] }
    let height = min(size.rows, text.count + 4)
    let rect = Rect(
      column: (size.columns - width) / 2, row: max(0, (size.rows - height) / 2), columns: width, rows: height)
    grid.fill(rect)
    grid.box(rect, title: dialog.title, glyphs: glyphs, style: .warning)
    for (row, line) in text.enumerated() {
      grid.put(line, at: Position(column: rect.origin.column + 2, row: rect.origin.row + 1 + row), maxWidth: inner)
    }
    var column = rect.origin.column + 2
    let row = rect.origin.row + height - 2
    for (index, button) in buttons.enumerated() {
      let isFocused = index == dialog.focus
      if isFocused { grid.cursor = Position(column: column + 2, row: row) }
      column += 2 + grid.put(button, at: Position(column: column, row: row), style: isFocused ? .focused : .plain)
    }
  }
}
