import Text

extension Questionnaire {
  /// The release, and what is laid over the chart's own values beside the answers.
  static let chart: [Question] = [
    Question(
      "chart.example", page: .images, label: "Example",
      why:
        "Values that come with the chart for one kind of cluster. They are laid under the answers: what an answer sets "
        + "wins. May be left empty.",
      isRequired: false,
      candidates: { answers, survey in
        guard let chart = survey.chart.value else { return [] }
        return chart.examples.map { example in
          let differences = example.differences(chart, ours: ValuesFile(answers, chart: chart))
          let count =
            "\(differences.count) \(differences.count == 1 ? "value differs" : "values differ") from the chart's own"
          return Question.Choice(
            example.name, [example.title, example.problem ?? count].filter { !$0.isEmpty }.joined(separator: " "),
            details: differences)
        }
      },
      candidatesAreComplete: true,
      problem: { value, _ in
        guard let name = value.text, name.contains("/") else { return nil }
        return "is the name of a file in the chart's folder \(Chart.examplesFolder), without a path"
      }),
    Question(
      "values", page: .images, label: "Chart values",
      why: "Values of the chart that no other question asks for. F3 lists all that the chart knows. May be left empty.",
      kind: .values, isRequired: false),
    Question(
      "chart.release", page: .images, label: "Release",
      why: "The Helm release's name.", example: "bosun",
      suggestion: { _, _ in .text("bosun") },
      problem: { value, _ in value.text.flatMap(KubernetesNames.releaseProblem) }),
    Question(
      "chart.values", page: .images, label: "More values",
      why: "More values files, which win over the one that is made from these answers. May be left empty.",
      kind: .paths, isRequired: false),
  ]

  /// What is wrong with the answers that are about the chart's own files and values, once the chart was read.
  static func chartProblems(_ completed: Answers, _ survey: Survey) -> [AnswerProblem] {
    guard let chart = survey.chart.value else { return [] }
    var problems = completed[.chosenValues].compactMap { chosen in
      chart.problem(chosen).map { problem in
        AnswerProblem(
          question: AnswerKey.chosenValues.id, text: "hold \(problem.subject): \(problem.reason)", isMissing: false,
          mark: chosen.mark)
      }
    }
    if let name = completed[.chartExample], !name.contains("/") {
      func report(_ text: String) {
        problems.append(AnswerProblem(question: AnswerKey.chartExample.id, text: text, isMissing: false))
      }
      let names = chart.examples.map(\.name)
      if let example = chart.examples.first(where: { $0.name == name }) {
        if let problem = example.problem { report("cannot be used: \(problem)") }
      } else if names.isEmpty {
        report("\(name) is not there: \(chart.path) has no folder \(Chart.examplesFolder) that could be read")
      } else {
        let hint = DidYouMean.nearest(to: name, among: names).map { "did you mean \($0)?" }
        report("\(name) does not exist; \(hint ?? "there is \(names.joined(separator: ", "))")")
      }
    }
    return problems
  }
}

extension AnswerKey where Value == String {
  /// A file of the chart's folder `examples`.
  static let chartExample = AnswerKey("chart.example")
}

extension AnswerKey where Value == [ChosenValue] {
  /// Values of the chart that the answers set themselves.
  public static let chosenValues = AnswerKey("values")
}
