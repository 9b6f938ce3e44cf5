/// One thing to look at, with what it writes into the survey. Checks name the probes they need; each is sent once, side
/// by side with the others. A new one is a file here: its observation, what it looks at, and a constant like `.nodes`.
public struct Probe: Sendable, Identifiable, Hashable {
  /// Its stable name.
  public let id: String
  /// The last of the wizard's pages whose answers it needs.
  public let page: Page
  /// What must have been looked at first.
  let after: [Probe]
  /// Those of `after` that it can do without, where they were not seen.
  let evenWithout: [Probe]
  /// How long it may take at least, whatever is allowed the others: what has to start first takes its time.
  let leastDeadline: Duration
  /// Looks, changes nothing, and comes back with what to write into the survey. The set-up's answers are completed.
  let look: @Sendable (Setup, Survey) async throws -> SurveyUpdate
  /// Writes the same failure wherever it would have written what it saw.
  let failed: @Sendable (ObservationFailure) -> SurveyUpdate

  /// A probe of several observations.
  init(
    _ id: String, page: Page, after: [Probe] = [], evenWithout: [Probe] = [], leastDeadline: Duration = .zero,
    failed: @escaping @Sendable (ObservationFailure) -> SurveyUpdate,
    look: @escaping @Sendable (Setup, Survey) async throws -> SurveyUpdate
  ) {
    self.id = id
    self.page = page
    self.after = after
    self.evenWithout = evenWithout
    self.leastDeadline = leastDeadline
    self.failed = failed
    self.look = look
  }

  /// A probe of one observation.
  init<Value: Sendable>(
    _ id: String, _ observation: any WritableKeyPath<Survey, Observed<Value>> & Sendable, page: Page,
    after: [Probe] = [], evenWithout: [Probe] = [], leastDeadline: Duration = .zero,
    look: @escaping @Sendable (Setup, Survey) async throws -> Value
  ) {
    self.init(
      id, page: page, after: after, evenWithout: evenWithout, leastDeadline: leastDeadline,
      failed: { failure in { $0[keyPath: observation] = .failed(failure) } },
      look: { setup, survey in
        let value = try await look(setup, survey)
        return { $0[keyPath: observation] = .seen(value) }
      })
  }

  /// Whether it makes no sense where another saw nothing, directly or by way of others.
  func buildsOn(_ probe: Probe) -> Bool {
    after.contains { !evenWithout.contains($0) && ($0 == probe || $0.buildsOn(probe)) }
  }

  /// By name.
  public static func == (left: Probe, right: Probe) -> Bool { left.id == right.id }
  /// By name.
  public func hash(into hasher: inout Hasher) { hasher.combine(id) }
}

/// What a probe has to say.
typealias SurveyUpdate = @Sendable (inout Survey) -> Void
