import Screen
import SetupCore

/// The list of all values that the chart knows, over the form.
struct ChartKeyList: Sendable, Equatable {
  /// All of them, and those that are set though the chart's own values have no such key.
  var keys: [ChartKey]
  /// What was typed to narrow the list.
  var filter = TextField()
  /// Index among those that match.
  var selected = 0
  /// The text of the value that is being set; nil: none is.
  var editor: TextField?
  /// Why the text was not taken.
  var problem: String?

  /// Those that match what was typed, by their path or by what the chart says of them.
  var shown: [ChartKey] {
    let filter = filter.text.lowercased()
    if filter.isEmpty { return keys }
    return keys.filter { $0.path.lowercased().contains(filter) || $0.comment.lowercased().contains(filter) }
  }

  var hints: [Hint] {
    if editor != nil { return [Hint("Enter", "Take"), Hint("Esc", "Leave as it was")] }
    return [
      Hint("Enter", "Set"), Hint("Esc", "Close"), Hint("Del", "Default"), Hint("Up/Down", "Choose"),
      Hint("letters", "Filter"), Hint("F1", "Help"),
    ]
  }

  var keyHelp: [Hint] {
    [
      Hint("Up, Down", "select a value"), Hint("letters", "show only what has them in its name or comment"),
      Hint("Enter", "set it; lists and mappings as in JSON"), Hint("Del", "back to what it is without"),
      Hint("Esc", "close the list; what was set stays"),
    ]
  }
}

extension ChartKey {
  /// What it is where it is not set here.
  var ownText: String { given?.text ?? standard.flowText }
}

extension WizardState {
  /// The value that is selected in the list.
  var selectedKey: ChartKey? {
    guard let list = chartKeys else { return nil }
    let shown = list.shown
    return shown.indices.contains(list.selected) ? shown[list.selected] : nil
  }

  /// What is set of a value here; nil: nothing is.
  func setText(_ key: ChartKey) -> String? { ChosenValue.text(answers[.chosenValues], at: key.names) }
}
