import Screen
import SetupCore
import Text

extension WizardState {
  mutating func formKey(_ key: Key) -> [WizardEffect] {
    if form.picker != nil { return pickerKey(key) }
    if let effects = fieldKey(key) { return effects }
    switch key {
    case .tab: return moveFocus(by: 1)
    case .backTab: return moveFocus(by: -1)
    case .down: return moveFocus(by: 1)
    case .up: return moveFocus(by: -1)
    case .function(5) where page == .images: return openChartKeys()
    case .function(3), .control("o"):
      if focusedQuestion?.kind == .values { return openChartKeys() }
      if !pickerChoices.isEmpty {
        form.picker = Picker(selected: pickerChoices.firstIndex { $0.value == shownText } ?? 0)
      }
      return []
    case .left, .right:
      guard focusedQuestion == nil else { return [] }
      form.focus = form.focus == .continueButton ? .backButton : .continueButton
      return []
    case .enter:
      switch form.focus {
      case .question: return moveFocus(by: 1)
      case .continueButton: return forward()
      case .backButton: return back()
      }
    case .function(10), .control("n"), .control("j"): return forward()
    case .escape: return back()
    default: return []
    }
  }

  /// The focused field's own keys; nil: it is none of them.
  private mutating func fieldKey(_ key: Key) -> [WizardEffect]? {
    guard let question = focusedQuestion else { return nil }
    switch question.kind {
    case .choice(let choices):
      switch key {
      case .left: return choose(question, choices, step: -1)
      case .right, .character(" "): return choose(question, choices, step: 1)
      default: return nil
      }
    case .values:
      return key == .character(" ") ? openChartKeys() : nil
    case .secret:
      if form.editor.isEmpty, key == .backspace || key == .delete { return forgetSecret(question) }
      guard form.editor.handle(key) else { return nil }
      form.isSecretEdited = true
      return []
    case .text, .path, .duration, .paths:
      // Up and Down belong to the form: the fields have one line.
      guard key != .up, key != .down, form.editor.handle(key) else { return nil }
      commitText(question)
      return []
    }
  }

  /// The text or the default of the focused field.
  private var shownText: String? {
    guard let question = focusedQuestion else { return nil }
    return completed[question.id]?.value.text
  }

  private mutating func choose(_ question: Question, _ choices: [Question.Choice], step: Int) -> [WizardEffect] {
    guard !choices.isEmpty else { return [] }
    let current = choices.firstIndex { $0.value == shownText } ?? (step > 0 ? -1 : 0)
    let chosen = choices[(current + step + choices.count) % choices.count]
    answers[question.id] = Answer(.text(chosen.value))
    return []
  }

  /// Each key is an answer at once, so that nothing typed can be lost.
  private mutating func commitText(_ question: Question) {
    let text = form.editor.text
    guard text != fieldText(question) else { return }
    if text.isEmpty {
      answers[question.id] = nil
    } else if case .paths = question.kind {
      let paths = text.split { $0 == "," || $0.isNewline }.map(Self.trimmed).filter { !$0.isEmpty }
      answers[question.id] = paths.isEmpty ? nil : Answer(.list(paths))
    } else {
      answers[question.id] = Answer(.text(text))
    }
  }

  private static func trimmed(_ text: Substring) -> String {
    var text = text.drop { $0.isWhitespace }
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }

  private static func withoutLineEnds(_ text: String) -> Substring {
    var text = text[...]
    while text.last?.isNewline == true { text.removeLast() }
    return text
  }

  mutating func paste(_ text: String) -> [WizardEffect] {
    guard dialog == nil, helpOffset == nil, background.offset == nil else { return [] }
    if chartKeys != nil { return pasteIntoChartKeys(text) }
    guard let question = focusedQuestion, isTyping else { return [] }
    if form.picker != nil {
      form.picker?.filter.paste(text)
      form.picker?.selected = 0
      return []
    }
    switch question.kind {
    case .secret:
      let secret = Self.withoutLineEnds(text)
      // Neither tokens nor passwords have several lines: it is a whole file, or another text than was meant.
      guard !secret.contains(where: \.isNewline) else {
        notice = .bad("Not taken: a secret has one line.")
        return []
      }
      form.editor.paste(String(secret))
      form.isSecretEdited = true
      if secret.count < text.count { notice = .good("Pasted, without the line end behind it.") }
    case .paths:
      form.editor.paste(text.split(whereSeparator: \.isNewline).map(Self.trimmed).joined(separator: ", "))
      commitText(question)
    case .text, .path, .duration, .choice, .values:
      form.editor.paste(Self.trimmed(text[...]))
      commitText(question)
    }
    return []
  }

  private mutating func moveFocus(by step: Int) -> [WizardEffect] {
    let effects = leaveField()
    let order = focusOrder
    let current = order.firstIndex(of: form.focus) ?? 0
    setFocus(order[(current + step + order.count) % order.count])
    return effects
  }

  /// To be done whenever a field loses the keys, by whatever way.
  mutating func leaveField() -> [WizardEffect] {
    guard let question = focusedQuestion else { return [] }
    form.picker = nil
    form.touched.insert(question.id)
    var effects: [WizardEffect] = []
    if case .secret = question.kind { effects = keepSecret(question) }
    guard answers != keptAnswers else { return effects }
    let isFileChanged = questionnaire.questions.contains { question in
      question.kind.isPath && answers[question.id]?.value != keptAnswers[question.id]?.value
    }
    let isProviderConcerned =
      question.page == .registry && !(RegistryProviders.chosen(completed)?.lookups ?? []).isEmpty
    let isDataRobotConcerned =
      answers[.predictionEnvironment] == nil
      && [AnswerKey<String>.endpoint.id, AnswerKey<SecretReference>.apiToken.id].contains(question.id)
    if isFileChanged || isProviderConcerned || isDataRobotConcerned {
      effects += surveyLocally()
    }
    keptAnswers = answers
    effects.append(.answersChanged)
    return effects + stopOutdatedImages()
  }

  mutating func takeLocal(_ seen: Survey) -> [WizardEffect] {
    isLookingLocally = false
    survey = survey.merging(seen)
    guard goesOnWhenSeen else { return [] }
    goesOnWhenSeen = false
    notice = nil
    return forward()
  }

  // MARK: Secrets

  /// What was typed becomes a reference; the text itself goes to the store and out of the state.
  private mutating func keepSecret(_ question: Question) -> [WizardEffect] {
    defer {
      form.editor = TextField(newlines: .remove, masked: true)
      form.isSecretEdited = false
    }
    guard form.isSecretEdited, !form.editor.isEmpty else { return [] }
    let text = form.editor.text
    var effects: [WizardEffect] = []
    if let reference = SecretReference(typed: text) {
      if isPrompted(question) { effects.append(.forgetSecret(question.id)) }
      secretLengths[question.id] = nil
      answers[question.id] = Answer(.secret(reference))
    } else {
      secretLengths[question.id] = text.count
      answers[question.id] = Answer(.secret(.prompted(question.id)))
      effects.append(.keepSecret(question.id, SecretText(text)))
    }
    secretRevisions[question.id, default: 0] += 1
    return effects
  }

  private mutating func forgetSecret(_ question: Question) -> [WizardEffect] {
    guard answers[question.id] != nil else { return [] }
    let wasPrompted = isPrompted(question)
    answers[question.id] = nil
    secretLengths[question.id] = nil
    return wasPrompted ? [.forgetSecret(question.id)] : []
  }

  private func isPrompted(_ question: Question) -> Bool {
    answers[question.id]?.value == .secret(.prompted(question.id))
  }

  // MARK: The list of what was found

  private mutating func pickerKey(_ key: Key) -> [WizardEffect] {
    guard var picker = form.picker, let question = focusedQuestion else { return [] }
    let choices = pickerChoices
    switch key {
    case .escape, .function(3), .control("o"):
      form.picker = nil
      return []
    case .tab, .backTab:
      return moveFocus(by: key == .tab ? 1 : -1)
    case .up: picker.selected = max(0, picker.selected - 1)
    case .down: picker.selected = min(max(0, choices.count - 1), picker.selected + 1)
    case .pageUp, .home: picker.selected = 0
    case .pageDown, .end: picker.selected = max(0, choices.count - 1)
    case .enter:
      guard choices.indices.contains(picker.selected) else { return [] }
      answers[question.id] = Answer(.text(choices[picker.selected].value))
      return moveFocus(by: 1)
    default:
      if picker.filter.handle(key) { picker.selected = 0 }
    }
    form.picker = picker
    return []
  }
}

extension SecretReference {
  /// A reference typed where a secret is asked for: `env:NAME`, `file:PATH`, `existing:NAME`.
  init?(typed text: String) {
    guard let colon = text.firstIndex(of: ":") else { return nil }
    let name = String(text[text.index(after: colon)...])
    guard !name.isEmpty else { return nil }
    switch text[..<colon] {
    case "env": self = .environment(name)
    case "file": self = .file(name)
    case "drconfig": self = .dataRobotConfiguration(name)
    case "existing": self = .existing(name)
    default: return nil
    }
  }
}
