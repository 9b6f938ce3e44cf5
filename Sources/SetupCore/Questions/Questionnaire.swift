public import YAML

/// All questions, in the order of the answers file: the same list makes the wizard's pages, the answers file and its validation.
public struct Questionnaire: Sendable {
  /// The questions, in order.
  public let questions: [Question]

  /// A questionnaire of these questions.
  public init(_ questions: [Question]) { self.questions = questions }

  /// The question of that id. Several registry providers may ask for the same thing in their own words: then it is the
  /// one that applies to these answers.
  public subscript(id: QuestionID, answers: Answers) -> Question? {
    let named = questions.filter { $0.id == id }
    return named.count < 2 ? named.first : named.first { $0.applies(answers) } ?? named.first
  }

  /// The questions of a page that apply to these answers.
  public func questions(on page: Page, _ answers: Answers) -> [Question] {
    questions.filter { $0.page == page && $0.applies(answers) }
  }

  /// The answers with what the questions suggest where none was given, and without those that have no meaning beside the
  /// others: another provider's, after the wizard's user chose anew. Later questions see earlier suggestions.
  public func completed(_ answers: Answers, _ survey: Survey) -> Answers {
    var completed = answers
    defer {
      for id in completed.ids where self[id, completed]?.applies(completed) == false { completed[id] = nil }
    }
    for question in questions where question.applies(completed) && completed[question.id] == nil {
      if let value = question.suggestion(completed, survey) {
        completed[question.id] = Answer(value, origin: .suggested)
      }
    }
    return completed
  }

  /// What stands in the way of an installation, every missing or wrong answer at once, in order.
  public func problems(_ completed: Answers) -> [AnswerProblem] {
    questions.filter { $0.applies(completed) }.compactMap { question in
      guard let answer = completed[question.id], answer.value != .text("") else {
        return question.isRequired ? AnswerProblem(question: question.id, text: "is missing", isMissing: true) : nil
      }
      return question.problem(answer.value, completed)
        .map { AnswerProblem(question: question.id, text: $0, isMissing: false) }
    }
  }
}

/// What is wrong with an answer.
public struct AnswerProblem: Sendable, Equatable {
  /// The question.
  public var question: QuestionID
  /// What is wrong, to be read after the question's id or label.
  public var text: String
  /// Whether there is no answer at all.
  public var isMissing: Bool
  /// Where it stands in the answers file; nil: where the answer does.
  public var mark: YAMLMark?

  /// A problem from its parts.
  public init(question: QuestionID, text: String, isMissing: Bool, mark: YAMLMark? = nil) {
    self.mark = mark
    self.question = question
    self.text = text
    self.isMissing = isMissing
  }
}
