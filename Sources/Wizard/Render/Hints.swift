import Screen
import SetupCore

/// A key that works now, and what it does.
struct Hint: Sendable, Equatable {
  var key: String
  var label: String

  init(_ key: String, _ label: String) {
    self.key = key
    self.label = label
  }
}

extension WizardState {
  /// The keys that matter now, the most wanted first: the footer takes as many as fit, at most six.
  var hints: [Hint] {
    if let dialog {
      let others = dialog.buttons.indices.filter { $0 != dialog.focus }.map { dialog.buttons[$0] }
      return [Hint("Enter", dialog.buttons.indices.contains(dialog.focus) ? dialog.buttons[dialog.focus].label : "OK")]
        + others.map { Hint(String($0.key), $0.label) } + [Hint("Esc", "Close")]
    }
    if helpOffset != nil { return [Hint("Esc", "Close"), Hint("Up/Down", "Scroll")] }
    if background.offset != nil { return imagesHints }
    if let list = chartKeys { return list.hints }
    switch page {
    case .preflight:
      return [
        Hint("Enter", returnsToReview ? "Review" : "Continue"), Hint("Esc", "Back"), Hint("r", "Again"),
        Hint("F1", "Help"), Hint("c", "Copy"), Hint("PgDn", "Details"),
      ]
    case .review:
      let rows = reviewRows
      let isLast = review.selected >= rows.count - 1
      return [
        Hint("Enter", isLast ? "Plan" : "Open"), Hint("F10", "Plan"), Hint("Esc", "Back"), Hint("s", "Save"),
        Hint("r", "Check"), Hint("F1", "Help"),
      ]
    case .plan:
      guard let document = plan.document else {
        return (plan.isMaking ? [] : [Hint("Enter", "Again")]) + [
          Hint("Esc", "Back"), Hint("s", "Save"), Hint("F1", "Help"),
        ]
      }
      let isDone = document.steps.allSatisfy { $0.state == "done" }
      return [
        Hint("Enter", !refusals.isEmpty ? "Why not" : isDone ? "Finish" : "Install"), Hint("Esc", "Back"),
        Hint("v", plan.showsCommands ? "Hide" : "Commands"),
        Hint("s", "Save"), Hint("c", "Copy"), Hint("F1", "Help"),
      ]
    case .run:
      if run.hasEndedEarly {
        return [
          Hint("Enter", run.choice.label(isStopped: run.isStopped)), Hint("Tab", "Next"), Hint("s", "Save"),
          Hint("Up/Down", "Scroll"),
          Hint("F1", "Help"),
        ]
      }
      return [Hint("Esc", "Stop"), Hint("Up/Down", "Scroll"), Hint("F1", "Help")]
    case .result:
      return [
        Hint("Enter", "Finish"), Hint("c", "Copy"), Hint("s", "Save"), Hint("Up/Down", "Scroll"), Hint("F1", "Help"),
      ]
    case .cluster, .registry, .dataRobot, .images:
      return formHints
    }
  }

  private var formHints: [Hint] {
    if form.picker != nil {
      return [Hint("Enter", "Take"), Hint("Esc", "Close"), Hint("Up/Down", "Choose"), Hint("letters", "Filter")]
    }
    // The list of values needs a chart that was read.
    let values = page == .images && survey.chart.value != nil ? [Hint("F5", "Values")] : []
    let escape = Hint("Esc", returnsToReview ? "Review" : page.previous == nil ? "Quit" : "Back")
    guard let question = focusedQuestion else {
      return [
        Hint("Enter", form.focus == .backButton ? "Back" : "Continue"), Hint("Tab", "Fields"), escape,
        Hint("F1", "Help"),
      ] + values + [Hint("F4", "Review")]
    }
    var hints = [Hint("Enter", "Next")]
    if case .choice = question.kind { hints.append(Hint("Space", "Change")) }
    if !pickerChoices.isEmpty || question.kind == .values { hints.append(Hint("F3", "List")) }
    return hints + [escape, Hint("F1", "Help"), Hint("F10", "Continue")] + values + [Hint("F4", "Review")]
  }

  /// All keys of the page, for the help.
  var keyHelp: [Hint] {
    var keys: [Hint] = []
    if let list = chartKeys { return list.keyHelp }
    switch page {
    case .cluster, .registry, .dataRobot, .images:
      keys = [
        Hint("Tab, Down, Enter", "next field"), Hint("Shift-Tab, Up", "previous field"),
        Hint("F3, Ctrl-O", "opens the list where a field shows \(glyphs.down)"),
        Hint("Left, Right, Space", "change a choice"),
        Hint("F10, Ctrl-N", "continue from any field"), Hint("Esc, F2", "back a page; nothing typed is lost"),
        Hint("F4, Ctrl-R", "review of all pages"),
      ]
      if page == .images {
        keys += [
          Hint("F5", "all values that the chart knows"), Hint("F6", "bring the images now, while the rest is answered"),
        ]
      }
    case .preflight:
      keys = [
        Hint("Up, Down", "select a check"), Hint("PgUp, PgDn", "scroll its details"), Hint("r", "run the checks again"),
        Hint("c", "copy the command that mends it"), Hint("Enter", "continue, also while checks run"),
        Hint("Esc, F2", "back"), Hint("F4, Ctrl-R", "review of all pages"),
      ]
    case .review:
      keys = [
        Hint("Enter", "go to the answer or check"), Hint("Up, Down, End", "select; End is the way to the plan"),
        Hint("s", "save the answers file"),
        Hint("r", "run all checks again"), Hint("F10, Ctrl-N", "make the plan"), Hint("Esc, F2", "back"),
      ]
    case .plan:
      keys = [
        Hint("Enter, i", "install, after a question"), Hint("Up, Down", "scroll"),
        Hint("v", "show or hide the commands"), Hint("c", "copy the commands"),
        Hint("s", "save the answers file"), Hint("r", "make the plan again"), Hint("Esc, F2", "back"),
      ]
    case .run:
      keys = [
        Hint("Esc, Ctrl-C", "stop, after a question"), Hint("Up, Down", "scroll"),
        Hint("r", "after a failure or stop: again"),
        Hint("b", "after a failure or stop: to the answers"), Hint("q", "after a failure or stop: quit"),
      ]
    case .result:
      keys = [
        Hint("Enter, q", "finish"), Hint("Up, Down", "scroll"), Hint("c", "copy the command that does this again"),
        Hint("s", "save the answers file"),
        Hint("Esc", "review"),
      ]
    }
    return keys + [Hint("Ctrl-C", "quit, after a question"), Hint("Ctrl-L", "draw the screen anew")]
  }
}
