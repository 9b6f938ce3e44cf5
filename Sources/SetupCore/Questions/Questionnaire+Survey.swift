import Text

extension Questionnaire {
  /// What stands in the way of an installation, with what only the world shows: a name that is none of those there are.
  public func problems(_ completed: Answers, _ survey: Survey) -> [AnswerProblem] {
    let problems = problems(completed)
    let refusals = refusals(completed, survey)
    return questions.filter { $0.applies(completed) }.compactMap { question in
      if let refusal = refusals.first(where: { $0.question == question.id }) { return refusal }
      if let problem = problems.first(where: { $0.question == question.id }) { return problem }
      guard question.candidatesAreComplete, let text = completed[question.id]?.value.text, !text.isEmpty
      else { return nil }
      let names = question.candidates(completed, survey).map(\.value)
      guard !names.isEmpty, !names.contains(text) else { return nil }
      let hint =
        DidYouMean.nearest(to: text, among: names).map { "did you mean \($0)?" }
        ?? "there is \(names.prefix(5).joined(separator: ", "))\(names.count > 5 ? ", …" : "")"
      return AnswerProblem(question: question.id, text: "\(text) does not exist; \(hint)", isMissing: false)
    }
  }

  /// Which files are named and cannot be used, and what the chart does not know.
  public func refusals(_ completed: Answers, _ survey: Survey) -> [AnswerProblem] {
    let files = questions.compactMap { question -> AnswerProblem? in
      guard let answer = completed[question.id], question.problem(answer.value, completed) == nil,
        let failure = question.refusal(survey)
      else { return nil }
      let text = "cannot be used: \(failure.message)" + (failure.remedy.map { ". \($0.text)" } ?? "")
      return AnswerProblem(question: question.id, text: text, isMissing: false)
    }
    return files + Self.chartProblems(completed, survey)
  }
}
