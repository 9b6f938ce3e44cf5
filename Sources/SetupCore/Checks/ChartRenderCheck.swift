extension Check {
  /// Helm renders the chart with our values.
  static let chartRender = Check(
    "chart.render", title: "Chart renders", required: "helm renders the chart with these values",
    why: "A value of the wrong type, or one that the chart's schema refuses, would stop the installation half-way.",
    needs: [.render], after: ["helm.version", "chart.found"],
    exemption: { answers, _ in
      answers[.chartPath] == nil ? "No chart was named." : nil
    }
  ) { survey, _, _ in
    switch survey.rendered {
    case .seen(let rendered):
      let kinds = rendered.objects.reduce(into: [:] as [String: Int]) { $0[$1.kind, default: 0] += 1 }
        .sorted { $0.key < $1.key }
      if !rendered.objects.contains(where: { $0.podSpec != nil }) {
        return Finding(
          .fail, observed: "\(rendered.objects.count) objects, no workload",
          message: "With these values the chart makes nothing that runs.",
          remedy: Remedy("See that chart.path is the management agent's chart, and that no value switches it off."),
          details: rendered.objects.map(\.title))
      }
      var details = rendered.objects.map(\.title)
      if case .failed(let failure) = survey.apiVersions {
        details.append("rendered without the cluster's API versions, which a chart may ask for: \(failure.message)")
      }
      let observed = kinds.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
      return Finding(
        .pass, observed: observed, message: "The chart makes \(rendered.objects.count) objects.",
        details: details)
    case .failed(let failure):
      return failure.kind == .malformed || failure.kind == .absent ? .failed(failure) : .unknown(failure)
    case .notAsked: return .notAsked
    }
  }
}
