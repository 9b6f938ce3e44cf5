extension Probe {
  /// The chart of the answers.
  public static let chart = Probe(
    "chart", page: .images, failed: { failure in { $0.chart = .failed(failure) } },
    look: { setup, _ in
      guard let path = setup.answers[.chartPath] else {
        throw ObservationFailure(.absent, "no chart was named", remedy: Remedy("Set chart.path."))
      }
      let chart = await ChartLoader(world: setup.world).load(setup.path(path))
      return { $0.chart = chart }
    })
}

extension Survey {
  /// The chart.
  public var chart: Observed<Chart> {
    get { self["chart"] }
    set { self["chart"] = newValue }
  }
}
