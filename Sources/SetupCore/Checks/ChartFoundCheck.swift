extension Check {
  /// The chart is there, and it is the management agent's.
  static let chartFound = Check(
    "chart.found", title: "Chart", required: "a chart that knows the values the agent needs",
    why: "Helm takes values that a chart does not know in silence: the agent would then run without them.",
    needs: [.chart], exemption: { answers, _ in answers[.chartPath] == nil ? "No chart was named." : nil }
  ) { survey, answers, _ in
    switch survey.chart {
    case .seen(let chart):
      let observed = "\(chart.name) \(chart.version) at \(chart.path)"
      let problems = Questionnaire.chartProblems(answers, survey).map { "\($0.question) \($0.text)" }
      if let first = problems.first {
        return Finding(
          .fail, observed: observed, message: "The answers do not fit the chart: \(first).",
          remedy: Remedy("Correct the answers; the chart's own values.yaml tells which values there are."),
          details: problems)
      }
      let file = ValuesFile(answers, chart: chart)
      if file.missing.isEmpty {
        return Finding(.pass, observed: observed, message: "The chart is \(chart.name) \(chart.version).")
      }
      let names = file.missing.compactMap(\.paths.first)
      return Finding(
        .warn, observed: observed,
        message: "The chart \(chart.name) \(chart.version) knows no value \(names.joined(separator: ", ")).",
        remedy: Remedy(
          "See that it is the management agent's chart; set what it calls these values in a file under chart.values."),
        details: names)
    case .failed(let failure): return failure.kind == .timedOut ? .unknown(failure) : .failed(failure)
    case .notAsked: return .notAsked
    }
  }
}
