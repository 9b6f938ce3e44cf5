import SetupCore

/// Turns the events of a run into lines for a log: a state that lasts is told once, and every 30 s that it still lasts;
/// how far something is, is told every 30 s.
struct RunNarrator {
  private let titles: [StepID: String]
  private var told: StepProgress?
  private var toldAt = Duration.zero
  private static let heartbeat = Duration.seconds(30)

  init(_ plan: Plan) {
    titles = Dictionary(plan.entries.map { ($0.step.id, $0.step.title) }) { first, _ in first }
  }

  /// The lines for an event that came at that time after the start.
  mutating func lines(_ event: RunEvent, at elapsed: Duration) -> [String] {
    switch event {
    case .started(let id):
      told = nil
      return ["\(titles[id] ?? id.name) …"]
    case .progress(_, let progress):
      if progress == told {
        guard elapsed - toldAt >= Self.heartbeat else { return [] }
        toldAt = elapsed
        return ["  still: \(progress.message)"]
      }
      if progress.isGradual, told?.message == progress.message, elapsed - toldAt < Self.heartbeat { return [] }
      let known = told?.details ?? []
      let isSameMessage = told?.message == progress.message
      told = progress
      toldAt = elapsed
      return (isSameMessage ? [] : ["  \(progress.message)"])
        + progress.details.filter { !known.contains($0) }.map { "    \($0)" }
    case .finished:
      return []
    }
  }
}
