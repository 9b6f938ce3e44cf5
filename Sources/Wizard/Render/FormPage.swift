import Screen
import SetupCore
import Text

/// A row of a form.
enum FormRow: Sendable {
  case field(Question)
  /// A choice of the focused field.
  case choice(Question.Choice, isChosen: Bool)
  case note(String, Style)
  case gap
  case buttons
}

extension WizardState {
  /// The rows from top to bottom, and the index of the one with the focus.
  func formRows(_ problems: [AnswerProblem]) -> (rows: [FormRow], focus: Int) {
    var rows: [FormRow] = []
    var focus = 0
    for question in questions {
      let isFocused = form.focus == .question(question.id)
      if isFocused { focus = rows.count }
      rows.append(.field(question))
      if isFocused {
        if case .choice(let choices) = question.kind {
          let value = completed[question.id]?.value.text
          rows += choices.map { .choice($0, isChosen: $0.value == value) }
        }
        if let problem = shownProblem(question.id, problems) {
          rows += notes("\(glyphs.warning) \(question.label) \(problem)", .bad)
        }
      }
      // The page is longer than small screens, so this stands at the fields that it is about.
      if question.id == AnswerKey.imageArchives.id { rows += packageNotes }
    }
    if questionnaire[AnswerKey.kubeconfig.id, completed]?.page == page { rows += contextsNotes }
    if questionnaire["ingress.install", completed]?.page == page { rows += ingressNotes }
    if page == .registry { rows += providerNotes }
    if isRoomy { rows.append(.gap) }
    if focusedQuestion == nil { focus = rows.count }
    rows.append(.buttons)
    return (rows, focus)
  }

  /// What became of reading the contexts.
  private var contextsNotes: [FormRow] {
    switch survey.contexts {
    case .notAsked: isLookingLocally ? notes("\(spinner) Reading the kubeconfig", .faint) : []
    case .seen(let contexts):
      contexts.isEmpty ? notes("\(glyphs.warning) The kubeconfig has no contexts.", .warning) : []
    case .failed(let failure): notes(failure)
    }
  }

  /// What the cluster lacks, once it was seen.
  private var ingressNotes: [FormRow] {
    guard survey.lacksIngress(completed) else { return [] }
    return notes(
      "\(glyphs.warning) No ingress controller was found in this cluster: choose one under Install ingress, traefik for "
        + "one that is maintained, or no model can be reached.", .warning)
  }

  /// What became of the provider's lookups.
  private var providerNotes: [FormRow] {
    guard let provider = RegistryProviders.chosen(completed), !provider.lookups.isEmpty else { return [] }
    if isLookingLocally { return notes("\(spinner) Looking for logins on this machine", .faint) }
    switch provider.lookedUp(survey) {
    case .notAsked: return []
    case .seen(let text): return notes(text, .faint)
    case .failed(let failure): return notes(failure)
    }
  }

  /// What could not be seen, and what to do about it.
  private func notes(_ failure: ObservationFailure) -> [FormRow] {
    notes(
      "\(glyphs.warning) \(closed(failure.message))" + (failure.remedy.map { " \(closed($0.text))" } ?? ""), .warning)
  }

  /// What became of reading the agent package and the image archives, which can take a minute.
  private var packageNotes: [FormRow] {
    let paths = (answers[.agentTarball].map { [$0] } ?? []) + answers[.imageArchives]
    guard !paths.isEmpty else { return [] }
    let wait = background.note.map { notes("The images wait for the installation: \($0)", .faint) } ?? []
    if isLookingLocally {
      let names = paths.map { $0.split(separator: "/").last.map(String.init) ?? $0 }
      return notes("\(spinner) Reading \(names.joined(separator: ", ")): all is looked at before it is used", .faint)
    }
    var found: [String] = []
    if answers[.agentTarball] != nil, let package = survey.agentPackage.value {
      found.append("package \(package.version ?? "") with chart \(package.chart.version)")
    }
    if !answers[.imageArchives].isEmpty, let archives = survey.imageArchives.value {
      found += archives.flatMap(\.images).flatMap(\.references)
    }
    return (found.isEmpty ? [] : notes("\(glyphs.check) Found: \(found.joined(separator: ", "))", .faint)) + wait
  }

  /// A note in as many rows as it needs, three at most.
  private func notes(_ text: String, _ style: Style) -> [FormRow] {
    let lines = wrap(OutsideText.clean(withTitles(text)), width: max(1, bodyRect.size.columns - 4))
    let shown = lines.count > 3 ? Array(lines.prefix(2)) + [lines.dropFirst(2).joined(separator: " ")] : lines
    return shown.enumerated().map { .note($0 == 0 ? $1 : "  \($1)", style) }
  }

  private var helpRows: Int {
    switch bodyRect.size.rows {
    case 16...: 6
    case 12...: 4
    case 8...: 2
    default: 1
    }
  }

  private var labelWidth: Int {
    min(questions.map { displayWidth(OutsideText.clean($0.label)) }.max() ?? 0, max(8, bodyRect.size.columns / 3))
  }

  private var valueColumn: Int { bodyRect.origin.column + 2 + labelWidth + 1 }

  /// Cells inside a field's brackets.
  private var valueWidth: Int {
    max(1, min(96, bodyRect.origin.column + bodyRect.size.columns - valueColumn - 4))
  }

  func drawForm(_ grid: inout Grid) {
    let body = bodyRect
    let problems = problems(on: page)
    let (rows, focus) = formRows(problems)
    let room = max(1, body.size.rows - helpRows)
    let extra = rows.dropFirst(focus + 1).prefix {
      if case .field = $0 { false } else if case .buttons = $0 { false } else { true }
    }
    // The focused row is shown, and what hangs below it where there is room.
    let wanted = min(focus + extra.count, focus + room - 1)
    let offset = min(max(0, wanted - room + 1), max(0, rows.count - room))
    var focusRow = body.origin.row
    for (index, row) in rows.enumerated().dropFirst(offset).prefix(room) {
      let y = body.origin.row + index - offset
      if index == focus { focusRow = y }
      draw(row, at: y, problems, &grid)
    }
    let edge = body.origin.column + body.size.columns - 1
    if offset > 0 { grid[edge, body.origin.row] = Cell(glyphs.up, .key) }
    if rows.count > offset + room { grid[edge, body.origin.row + room - 1] = Cell(glyphs.down, .key) }
    drawFieldHelp(
      &grid, fieldsBelow: rows.dropFirst(offset + room).count { if case .field = $0 { true } else { false } })
    drawPicker(&grid, below: focusRow)
  }

  private func draw(_ row: FormRow, at y: Int, _ problems: [AnswerProblem], _ grid: inout Grid) {
    let start = bodyRect.origin.column
    let end = start + bodyRect.size.columns
    switch row {
    case .gap: break
    case .note(let text, let style):
      let shown = truncate(text, width: max(0, end - start - 3), ellipsis: glyphs.ellipsis)
      grid.put(shown, at: Position(column: start + 2, row: y), style: style)
    case .choice(let choice, let isChosen):
      let mark = isChosen ? glyphs.radioOn : glyphs.radioOff
      let line = Line("\(mark) \(choice.value)", isChosen ? .focused : .plain).then("  \(choice.label)", .faint)
      grid.put(line, at: Position(column: valueColumn, row: y), maxWidth: max(0, end - valueColumn - 1))
    case .buttons:
      var column = start + 2
      for (focus, label) in [
        (FormFocus.continueButton, "Continue"), (.backButton, page.previous == nil ? "Quit" : "Back"),
      ] {
        let isFocused = form.focus == focus
        if isFocused { grid.cursor = Position(column: column + 2, row: y) }
        let text = isFocused ? "[\(glyphs.pointer)\(label) ]" : "[ \(label) ]"
        column += 2 + grid.put(text, at: Position(column: column, row: y), style: isFocused ? .focused : .plain)
      }
    case .field(let question):
      drawField(question, at: y, problems, &grid)
    }
  }

  private func drawField(_ question: Question, at y: Int, _ problems: [AnswerProblem], _ grid: inout Grid) {
    let isFocused = form.focus == .question(question.id)
    let start = bodyRect.origin.column
    if isFocused { grid[start, y] = Cell(glyphs.pointer, .focused) }
    let label = truncate(OutsideText.clean(question.label), width: labelWidth, ellipsis: glyphs.ellipsis)
    grid.put(label, at: Position(column: start + 2, row: y), style: isFocused ? .focused : .label)
    let inside = Position(column: valueColumn + 1, row: y)
    let isChoice = if case .choice = question.kind { true } else { false }
    let brackets: (Character, Character) = isChoice ? (glyphs.left, glyphs.right) : ("[", "]")
    let edge: Style = isFocused ? .focused : .border
    grid[valueColumn, y] = Cell(brackets.0, edge)
    grid[valueColumn + 1 + valueWidth, y] = Cell(brackets.1, edge)
    grid.fill(Rect(column: inside.column, row: y, columns: valueWidth, rows: 1), style: isFocused ? .input : .plain)
    if let editor = shownEditor(question), isFocused {
      let window = editor.window(columns: max(1, valueWidth - 1), glyphs: glyphs)
      grid.put(window.lines.first ?? "", at: inside, style: .input, maxWidth: valueWidth)
      if window.moreLeft { grid[valueColumn, y] = Cell(glyphs.left, .key) }
      if window.moreRight { grid[valueColumn + 1 + valueWidth, y] = Cell(glyphs.right, .key) }
      grid.cursor = Position(column: inside.column + window.cursor.column, row: y)
    } else {
      let value = fieldValue(question)
      let shown =
        isChoice || question.kind == .values
        ? truncate(value.text, width: valueWidth, ellipsis: glyphs.ellipsis)
        : shortened(value)
      grid.put(shown, at: inside, style: value.spans.first?.style ?? .plain, maxWidth: valueWidth)
      if isFocused { grid.cursor = inside }
    }
    let mark = Position(column: valueColumn + 2 + valueWidth, row: y)
    if shownProblem(question.id, problems) != nil {
      grid.put(" \(glyphs.warning)", at: mark, style: .bad)
    } else if !question.candidates(completed, survey).isEmpty || (question.kind == .values && survey.chart.value != nil)
    {
      grid.put(" \(glyphs.down)", at: mark, style: .key)
    }
  }

  /// A value in the room of a field: first without what is said of it, then without its middle.
  private func shortened(_ value: Line) -> String {
    if displayWidth(value.text) <= valueWidth { return value.text }
    return truncateMiddle(value.spans.first?.text ?? "", width: valueWidth, ellipsis: glyphs.ellipsis)
  }

  /// The editor where its text is what the field shows. A reference to a secret is not secret and shown as typed.
  private func shownEditor(_ question: Question) -> TextField? {
    guard !form.editor.isEmpty else { return nil }
    switch question.kind {
    case .choice, .values: return nil
    case .secret:
      let isReference = ["env:", "file:", "existing:"].contains { form.editor.text.hasPrefix($0) }
      return isReference ? TextField(form.editor.text) : form.editor
    case .text, .path, .paths, .duration: return form.editor
    }
  }

  /// What a field shows that is not being edited: the answer, what is taken in its place, or an example.
  func fieldValue(_ question: Question) -> Line {
    let value = answers[question.id]?.value
    if case .choice(let choices) = question.kind {
      let shown = value ?? completed[question.id]?.value
      let label = choices.first { $0.value == shown?.text }?.label ?? ""
      let text = shown.map { displayText($0, of: question) } ?? ""
      return Line(label.isEmpty ? text : "\(text)  \(label)", value == nil ? .faint : .plain)
    }
    if let value { return Line(displayText(value, of: question)) }
    if let suggestion = completed[question.id]?.value {
      return Line(displayText(suggestion, of: question), .faint).then("  (default)", .faint)
    }
    if case .secret = question.kind { return Line("type or paste; or env:NAME", .faint) }
    if !question.isRequired { return Line("(may be left empty)", .faint) }
    return Line(question.example.isEmpty ? "" : "e.g. \(question.example)", .faint)
  }

  private func drawFieldHelp(_ grid: inout Grid, fieldsBelow: Int) {
    let body = bodyRect
    let rows = helpRows
    let first = body.origin.row + body.size.rows - rows
    let width = body.size.columns
    var row = first
    if rows > 2 {
      drawRule(
        &grid, row: row, title: focusedQuestion?.label ?? page.title,
        end: fieldsBelow == 0 ? "" : fieldsBelow == 1 ? "1 more field below" : "\(fieldsBelow) more fields below")
      row += 1
    }
    let room = first + rows - row
    var lines = fieldHelp(width: width)
    if lines.count > room, room > 0 {
      lines = Array(lines.prefix(room))
      let last = lines[room - 1].text
      lines[room - 1] = Line(truncate(last, width: max(0, width - 8), ellipsis: glyphs.ellipsis) + " (F1)", .faint)
    }
    for (index, line) in lines.enumerated() {
      grid.put(line, at: Position(column: body.origin.column, row: row + index), maxWidth: width)
    }
  }

  /// What the focused field is for, in lines.
  func fieldHelp(width: Int) -> [Line] {
    if let picker = form.picker, pickerChoices.indices.contains(picker.selected) {
      // The list shortens long names; here they stand whole.
      let choice = pickerChoices[picker.selected]
      return Line.wrapped(choice.value, width: width) + Line.wrapped(choice.label, .faint, width: width)
        + choice.details.flatMap { Line.wrapped($0, .faint, width: width) }
    }
    guard let question = focusedQuestion else {
      let problems = problems(on: page)
      if form.focus == .backButton { return Line.wrapped("Nothing typed is lost.", .faint, width: width) }
      if problems.isEmpty { return Line.wrapped("This page is complete.", .faint, width: width) }
      return problems.flatMap { problem in
        Line.wrapped(
          "\(glyphs.warning) \(questionnaire[problem.question, completed]?.label ?? problem.question.path) \(problem.text)",
          .warning,
          width: width)
      }
    }
    var lines = Line.wrapped(question.why, .faint, width: width)
    if case .secret = question.kind {
      lines += Line.wrapped(
        "Or type env:NAME (a variable), file:PATH, or existing:NAME (a Secret in the namespace).", .faint, width: width)
    } else if !question.example.isEmpty {
      lines += Line.wrapped("Example: \(question.example)", .faint, width: width)
    }
    return lines
  }

  private func drawPicker(_ grid: inout Grid, below row: Int) {
    guard let picker = form.picker, let question = focusedQuestion else { return }
    let choices = pickerChoices
    let body = bodyRect
    let room = max(3, body.size.rows - helpRows)
    let bottom = body.origin.row + room
    let below = bottom - row - 1
    // Where the room below is short, the list covers the fields above.
    let height = min(min(max(1, choices.count), 8) + 2, room)
    let top = below >= height ? row + 1 : max(body.origin.row, bottom - height)
    let column = max(body.origin.column, min(valueColumn, size.columns - 36))
    let width = min(size.columns - column, 64)
    let rect = Rect(column: column, row: top, columns: width, rows: height)
    grid.fill(rect)
    let filter = picker.filter.text
    grid.box(
      rect, title: filter.isEmpty ? question.label : "\(OutsideText.clean(question.label)): \(filter)", glyphs: glyphs)
    let inner = rect.inset()
    guard !choices.isEmpty else {
      grid.put("Nothing matches.", at: inner.origin, style: .faint, maxWidth: inner.size.columns)
      grid.cursor = inner.origin
      return
    }
    let selected = min(picker.selected, choices.count - 1)
    let offset = max(0, min(selected - inner.size.rows + 1, choices.count - inner.size.rows))
    for (index, choice) in choices.enumerated().dropFirst(offset).prefix(inner.size.rows) {
      let isSelected = index == selected
      let y = inner.origin.row + index - offset
      if isSelected { grid.cursor = Position(column: inner.origin.column, row: y) }
      let line = Line(isSelected ? "\(glyphs.pointer) " : "  ", .focused)
        .then(choice.value, isSelected ? .focused : .plain).then("  \(choice.label)", .faint)
      grid.put(line, at: Position(column: inner.origin.column, row: y), maxWidth: inner.size.columns)
      if displayWidth(line.text) > inner.size.columns {
        grid[inner.origin.column + inner.size.columns - 1, y] = Cell(glyphs.right, .key)
      }
    }
  }
}
