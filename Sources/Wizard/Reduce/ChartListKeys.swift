import Screen
import SetupCore

extension WizardState {
  /// Shows the list of all values that the chart knows.
  mutating func openChartKeys() -> [WizardEffect] {
    let chart: Chart
    switch survey.chart {
    case .seen(let seen): chart = seen
    case .failed(let failure):
      notice = .warning("The chart cannot be read: \(failure.message)")
      return []
    case .notAsked:
      notice = .warning(isLookingLocally ? "The chart is still being read." : "Name the chart first.")
      return []
    }
    let effects = leaveField()
    setFocus(.question(AnswerKey.chosenValues.id))
    chartKeys = ChartKeyList(keys: chart.keys(for: completed))
    return effects
  }

  mutating func chartListKey(_ key: Key) -> [WizardEffect] {
    guard var list = chartKeys else { return [] }
    if list.editor != nil { return chartValueKey(key) }
    let count = list.shown.count
    let page = max(1, chartListRows)
    switch key {
    case .escape, .function(3), .function(5), .control("o"):
      guard key != .escape || list.filter.isEmpty else {
        list.filter.clear()
        list.selected = 0
        break
      }
      chartKeys = nil
      let effects = leaveField()
      setFocus(form.focus)
      return effects
    case .up: list.selected = max(0, list.selected - 1)
    case .down: list.selected = min(max(0, count - 1), list.selected + 1)
    case .pageUp: list.selected = max(0, list.selected - page)
    case .pageDown: list.selected = min(max(0, count - 1), list.selected + page)
    case .home: list.selected = 0
    case .end: list.selected = max(0, count - 1)
    case .enter:
      if let key = selectedKey { list.editor = TextField(setText(key) ?? key.ownText) }
    case .delete:
      if let key = selectedKey { set(key, to: []) }
    default:
      if list.filter.handle(key) { list.selected = 0 }
    }
    chartKeys = list
    return []
  }

  /// A key while a value is being set.
  private mutating func chartValueKey(_ key: Key) -> [WizardEffect] {
    guard let editor = chartKeys?.editor, let selected = selectedKey else { return [] }
    switch key {
    case .escape:
      chartKeys?.editor = nil
      chartKeys?.problem = nil
    case .enter:
      guard let chart = survey.chart.value else { return [] }
      // What it is anyway need not be set.
      let isStandard = editor.isEmpty || editor.text == selected.ownText
      let (values, problem) = isStandard ? ([], nil) : selected.values(typed: editor.text, for: chart)
      chartKeys?.problem = problem
      guard problem == nil else { return [] }
      set(selected, to: values)
      chartKeys?.editor = nil
    case .up, .down: break
    default:
      if chartKeys?.editor?.handle(key) == true { chartKeys?.problem = nil }
    }
    return []
  }

  private mutating func set(_ key: ChartKey, to values: [ChosenValue]) {
    let others = answers[.chosenValues].filter { !$0.names.starts(with: key.names) }
    let all = others + values
    answers[AnswerKey.chosenValues.id] = all.isEmpty ? nil : Answer(.values(all))
  }

  mutating func pasteIntoChartKeys(_ text: String) -> [WizardEffect] {
    if chartKeys?.editor != nil {
      chartKeys?.editor?.paste(text)
      chartKeys?.problem = nil
    } else {
      chartKeys?.filter.paste(text)
      chartKeys?.selected = 0
    }
    return []
  }
}
