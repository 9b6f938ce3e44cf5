import YAML

extension AnswersFile {
  /// The file of these answers: every question as a comment, answers that were suggested included, so that a replay
  /// does not depend on what a later cluster suggests, and absolute paths, so that it can be moved. What follows from other
  /// answers stands as a comment: another chart is not installed with the images of the one before. A secret typed in the
  /// wizard becomes a reference to the environment variable of its question.
  public static func text(_ completed: Answers, questionnaire: Questionnaire = .standard) -> String {
    var sections: [YAMLItem] = [YAMLItem("apiVersion", .string(apiVersion)), YAMLItem("kind", "Answers")]
    var names: [String] = []
    for question in questionnaire.questions where !names.contains(question.section) { names.append(question.section) }
    for name in names {
      let items = questionnaire.questions.filter { $0.section == name && $0.applies(completed) }
        .compactMap { item($0, completed) }
      if let item = items.first, item.key.isEmpty {
        sections.append(YAMLItem(name, item.value, comments: item.comments, blankLineBefore: true))
      } else if !items.isEmpty {
        sections.append(
          YAMLItem(
            name, .mapping(items), blankLineBefore: true, isCommentedOut: items.allSatisfy(\.isCommentedOut)))
      }
    }
    if !completed.waivers.isEmpty {
      let items: [YAMLValue] = completed.waivers.map { waiver in
        [
          "check": .string(waiver.check.name), "reason": .string(waiver.reason),
          "until": .string(waiver.until.description),
        ]
      }
      let comments = ["Findings that are accepted, until the end of that day in UTC."]
      sections.append(YAMLItem("waive", .sequence(items), comments: comments, blankLineBefore: true))
    }
    let header = ["Answers for mlops-setup. Replay them with: mlops-setup --answers FILE"]
    return YAMLWriter(commentWidth: 100).write(YAMLDocument(.mapping(sections), header: header))
  }

  private static func item(_ question: Question, _ completed: Answers) -> YAMLItem? {
    guard let answer = completed[question.id] else { return nil }
    var comments = [question.why]
    let value: YAMLValue
    switch answer.value {
    case .text(let text):
      if text.isEmpty { return nil }
      value = .string(question.kind == .path ? completed.absolute(text) : text)
    case .list(let texts):
      if texts.isEmpty { return nil }
      value = .sequence(texts.map { .string(completed.absolute($0)) })
    case .values(let values):
      if values.isEmpty { return nil }
      value = ChosenValue.mapping(values)
    case .secret(.environment(let name)): value = ["env": .string(name)]
    case .secret(.file(let path)): value = ["file": .string(completed.absolute(path))]
    case .secret(.dataRobotConfiguration(let path)): value = ["drconfig": .string(completed.absolute(path))]
    case .secret(.existing(let name)): value = ["existing": .string(name)]
    case .secret(.prompted):
      guard case .secret(let environment) = question.kind else { return nil }
      comments.append("It was typed and stands nowhere: set \(environment) before a replay.")
      value = ["env": .string(environment)]
    }
    let follows = question.followsOthers && answer.origin == .suggested
    if follows { comments.append("It follows from other answers; take the # away to hold it fast.") }
    return YAMLItem(question.key, value, comments: comments, isCommentedOut: follows)
  }
}

extension Answers {
  /// A path as it holds wherever the file is moved to; `~` stays, as it is for whoever replays.
  func absolute(_ path: String) -> String {
    if path.hasPrefix("/") || path.hasPrefix("~") || baseDirectory.isEmpty { return path }
    return baseDirectory + "/" + (path.hasPrefix("./") ? String(path.dropFirst(2)) : path)
  }
}
