import Screen
import SetupCore

/// What of a form has the keys.
enum FormFocus: Sendable, Equatable {
  case question(QuestionID)
  case continueButton
  case backButton
}

/// A list of answers that the survey found, over the form.
struct Picker: Sendable, Equatable {
  /// What was typed to narrow the list.
  var filter = TextField()
  /// Index among those that match.
  var selected = 0
}

/// The form that is shown.
struct FormState: Sendable, Equatable {
  var focus = FormFocus.continueButton
  /// The text of the focused field. A secret's text is gone when the field is left.
  var editor = TextField()
  /// Whether the focused secret's text was touched since the field was entered.
  var isSecretEdited = false
  var picker: Picker?
  /// Questions whose field was left at least once.
  var touched: Set<QuestionID> = []
  /// Where the focus was when a page was left.
  var remembered: [Page: FormFocus] = [:]
}

extension WizardState {
  /// The question that has the keys.
  var focusedQuestion: Question? {
    guard isForm, case .question(let id) = form.focus else { return nil }
    return questionnaire[id, completed]
  }

  /// All that can have the focus, from top to bottom.
  var focusOrder: [FormFocus] {
    questions.map { FormFocus.question($0.id) } + [.continueButton, .backButton]
  }

  /// What is offered for the focused question and matches what was typed.
  var pickerChoices: [Question.Choice] {
    guard let question = focusedQuestion else { return [] }
    let all = question.candidates(completed, survey)
    guard let filter = form.picker?.filter.text.lowercased(), !filter.isEmpty else { return all }
    return all.filter { $0.value.lowercased().contains(filter) || $0.label.lowercased().contains(filter) }
  }

  /// What is to be shown as wrong with a question now: nothing before it was left once.
  func shownProblem(_ id: QuestionID, _ problems: [AnswerProblem]) -> String? {
    guard form.touched.contains(id) || left.contains(page) else { return nil }
    return problems.first { $0.question == id }?.text
  }

  /// An answer as the text of its field.
  func fieldText(_ question: Question) -> String {
    switch answers[question.id]?.value {
    case .text(let text): text
    case .list(let texts): texts.joined(separator: ", ")
    case .secret, .values, nil: ""
    }
  }

  /// An answer for a person, secrets as references.
  func displayText(_ value: AnswerValue, of question: Question) -> String {
    switch value {
    case .text(let text): text
    case .list(let texts): texts.joined(separator: ", ")
    case .secret(.prompted): "(\(secretLengths[question.id] ?? 0) characters, kept in memory)"
    case .secret(let reference): reference.description
    case .values(let values): values.map(\.summary).joined(separator: ", ")
    }
  }

  /// Shows the current page's form with the focus where it was.
  mutating func enterForm() {
    guard isForm else { return }
    let order = focusOrder
    let remembered = form.remembered[page]
    setFocus(remembered.flatMap { order.contains($0) ? $0 : nil } ?? order[0])
  }

  /// Gives the focus away and loads the editor with the field's text.
  mutating func setFocus(_ focus: FormFocus) {
    form.focus = focus
    form.picker = nil
    form.isSecretEdited = false
    form.remembered[page] = focus
    form.editor = TextField()
    guard let question = focusedQuestion else { return }
    if case .secret = question.kind {
      form.editor = TextField(newlines: .remove, masked: true)
    } else {
      form.editor = TextField(fieldText(question))
    }
  }
}
