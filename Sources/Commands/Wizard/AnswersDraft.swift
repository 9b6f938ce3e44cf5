import SetupCore
import Text

/// The answers of a wizard that is under way, kept against a crash: without suggestions, and secrets never.
struct AnswersDraft: Sendable {
  /// An absolute path.
  let path: String
  let world: World

  /// The draft of this user.
  init(world: World) {
    self.world = world
    path = StateFolder.root(world) + "/draft.yaml"
  }

  func keep(_ answers: Answers) throws {
    try world.files.write(path, Array(AnswersFile.text(answers).utf8), 0o600)
  }

  func drop() throws { try world.files.remove(path) }

  /// Where the wizard begins: with the draft of one that was cut short, else with the answers file, else with nothing.
  func beginning(answersPath: String) throws -> (answers: Answers, greeting: String?) {
    let empty = Answers(baseDirectory: world.workingDirectory)
    if let text = try world.files.read(path) {
      let content = AnswersFile.read(text, source: path, baseDirectory: world.workingDirectory)
      // A draft may hold answers that are not finished: they are shown and mended on their page.
      return (asked(content.answers), "Answers of a wizard that was cut short are back.")
    }
    guard let text = try world.files.read(answersPath) else { return (empty, nil) }
    let content = AnswersFile.read(text, source: answersPath, baseDirectory: world.workingDirectory)
    let problems = content.problems(on: CalendarDate(world.now()))
    guard problems.isEmpty else {
      throw SetupError(
        .usage, problems.map(\.description).joined(separator: "\n"),
        next: "Correct the file, or move it away to begin anew.")
    }
    return (asked(content.answers), "Answers are from \(pathFromHome(answersPath, home: world.environment["HOME"])).")
  }

  /// Without the references that a typed secret leaves in a file, where the variable is not set: it is asked again.
  private func asked(_ answers: Answers) -> Answers {
    var answers = answers
    for question in Questionnaire.standard.questions {
      guard case .secret(let variable) = question.kind, (world.environment[variable] ?? "").isEmpty,
        answers[question.id]?.value == .secret(.environment(variable))
      else { continue }
      answers[question.id] = nil
    }
    return answers
  }
}
