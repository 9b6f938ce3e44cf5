/// What we have seen of the world so far. Checks and suggestions read it, probes fill it in; each probe's file gives its
/// observations a name here (`survey.nodes`), so this one does not know them.
public struct Survey: Sendable {
  private var observations: [String: any Sendable] = [:]

  /// Nothing seen yet.
  public init() {}

  /// An observation by name; what was never looked at is `notAsked`. What a cluster showed has a name below `cluster/`.
  subscript<Value: Sendable>(name: String) -> Observed<Value> {
    get { observations[name] as? Observed<Value> ?? .notAsked }
    set { observations[name] = newValue }
  }

  /// This survey with all that a newer one has seen.
  public func merging(_ newer: Survey) -> Survey {
    var survey = self
    survey.observations.merge(newer.observations) { $1 }
    return survey
  }

  /// This survey without what a cluster showed: another one may have been chosen.
  public var withoutCluster: Survey {
    var survey = self
    survey.observations = observations.filter { !$0.key.hasPrefix("cluster/") }
    return survey
  }
}
