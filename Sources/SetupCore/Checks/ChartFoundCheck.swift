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
      if let failure = chart.dependencyFailure {
        return Finding(
          .fail, observed: observed, message: "The chart is not whole: \(failure.message).", remedy: failure.remedy,
          details: chart.missingDependencies)
      }
      return judge(chart, missing: ValuesFile(answers, chart: chart).missing.compactMap(\.paths.first), observed)
    case .failed(let failure): return failure.kind == .timedOut ? .unknown(failure) : .failed(failure)
    case .notAsked: return .notAsked
    }
  }

  /// Whether it is the management agent's: by its name, and by the values that it knows.
  private static func judge(_ chart: Chart, missing: [String], _ observed: String) -> Finding {
    let title = "\(chart.name) \(chart.version)"
    let isNamed = chart.name == Chart.agentName
    if isNamed, missing.isEmpty { return Finding(.pass, observed: observed, message: "The chart is \(title).") }
    let name = isNamed ? nil : "The chart is called \(chart.name), and the management agent's \(Chart.agentName)."
    let values =
      missing.isEmpty ? nil : "The chart \(title) knows no value \(missing.joined(separator: ", "))."
    let remedy = "See that it is the management agent's chart"
    return Finding(
      .warn, observed: observed, message: [name, values].compactMap { $0 }.joined(separator: " "),
      remedy: Remedy(
        missing.isEmpty
          ? "\(remedy); a copy under another name will do."
          : "\(remedy); set what it calls these values in a file under chart.values."),
      details: missing)
  }
}
