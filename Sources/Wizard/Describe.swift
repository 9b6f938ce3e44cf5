import Screen
import SetupCore
import Text

/// The page in plain lines, without frame, colour or position: for line mode, screen readers and tests.
public func describe(_ state: WizardState) -> [String] {
  var state = state
  // Wide enough that nothing is shortened; lines are as long as what they say.
  state.size = Size(columns: 400, rows: 200)
  let width = 10_000
  var lines = ["Page \(state.page.index + 1) of \(Page.allCases.count): \(state.page.title)"]
  switch state.page {
  case .preflight:
    lines.append(state.checkSummary.text)
    lines += state.checks.listed.enumerated().map { index, item in
      state.checkLine(item, isSelected: index == state.preflight.selected, width: 300).text
    }
    lines += state.checkDetail(width: width).map(\.text)
  case .review:
    lines += state.reviewLines(width: 400, isAligned: false).map(\.text)
  case .plan:
    lines += (state.planHeading(width: 300) + state.planLines(width: width)).map(\.text)
  case .run:
    lines += [state.runHeading.text] + state.runLines(width: width).map(\.line.text)
  case .result:
    lines += state.resultLines(width: width).map(\.text)
  case .cluster, .registry, .dataRobot, .images:
    lines += state.describeForm()
  }
  lines += state.describeChartKeys()
  if state.background.offset != nil { lines += state.imagesLines(width: width).map(\.text) }
  if let line = state.imagesLine(width: width) { lines.append(line.text) }
  if let dialog = state.dialog {
    lines += [OutsideText.clean(dialog.title)] + dialog.text.map { OutsideText.clean($0) }
    lines.append(dialog.buttons.map { "\($0.key): \($0.label)" }.joined(separator: ", "))
  }
  if let notice = state.notice { lines.append(OutsideText.clean(notice.text)) }
  return lines
}

extension WizardState {
  fileprivate func describeForm() -> [String] {
    let problems = problems(on: page)
    return formRows(problems).rows.flatMap { row -> [String] in
      switch row {
      case .field(let question):
        let isFocused = form.focus == .question(question.id)
        let value = fieldValue(question)
        var text = "\(isFocused ? "\(glyphs.pointer) " : "  ")\(OutsideText.clean(question.label)): \(value.text)"
        if !isFocused, let problem = shownProblem(question.id, problems) { text += " (\(problem))" }
        return [text]
      case .choice(let choice, let isChosen):
        return [
          "    \(isChosen ? glyphs.radioOn : glyphs.radioOff) \(OutsideText.clean(choice.value))"
            + (choice.label.isEmpty ? "" : ", \(OutsideText.clean(choice.label))")
        ]
      case .note(let text, _): return ["  \(OutsideText.clean(text))"]
      case .gap: return []
      case .buttons:
        return [
          form.focus == .continueButton ? "\(glyphs.pointer) Continue" : "  Continue",
          form.focus == .backButton ? "\(glyphs.pointer) Back" : "  Back",
        ]
      }
    }
  }
}
