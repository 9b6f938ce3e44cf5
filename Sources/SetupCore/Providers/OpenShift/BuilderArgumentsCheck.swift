import YAML

extension Check {
  /// No values file of the user's takes the builder's arguments away: Helm replaces lists, it does not join them.
  static let openShiftArguments = Check(
    "registry.openshift-arguments", title: "Builder's options",
    required: "imageBuilder.extraArguments holds the registry's CA and the place of layers",
    why:
      "A list in a values file of chart.values takes the place of ours as a whole, and no model's image can be pushed.",
    needs: [.values],
    exemption: { answers, _ in
      if answers[.provider] != "openshift" { return "The registry is not OpenShift's." }
      return answers[.chartPath] == nil ? "No chart was named." : nil
    }
  ) { survey, answers, _ in
    .judging(survey.values) { values in
      let wanted = [OpenShiftRegistry().certificateArgument(answers), BuilderStart.cacheArgument(answers)]
        .compactMap { $0 }
      let found = ImageBuilder(values).arguments
      let lost = wanted.filter { !found.contains($0) }
      guard !lost.isEmpty else {
        return Finding(
          .pass, observed: "\(wanted.count) of \(wanted.count)", message: "The image builder gets the options it needs."
        )
      }
      // What only serves the cache of layers is no reason to stop.
      let isCacheAlone = lost.allSatisfy { $0.hasPrefix("--cache-repo=") }
      return Finding(
        isCacheAlone ? .warn : .fail, observed: "\(wanted.count - lost.count) of \(wanted.count)",
        message: "The image builder does not get \(lost.joined(separator: " ")): the chart does not know "
          + "imageBuilder.extraArguments, or a values file of chart.values sets it anew.",
        remedy: Remedy(
          "Let imageBuilder.extraArguments in that file hold these too: \(wanted.joined(separator: ", ")).")
      )
    }
  }
}
