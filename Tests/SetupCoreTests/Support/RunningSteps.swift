import Testing

@testable import SetupCore

extension [any Step] {
  /// Inspects every step and performs what is needed, as the runner does; what each found.
  @discardableResult
  func run(_ setup: Setup) async throws -> [StepID: StepState] {
    var states: [StepID: StepState] = [:]
    for step in self {
      let state = try await step.inspect(setup)
      states[step.id] = state
      switch state {
      case .needed: try await step.perform(setup) { _ in }
      case .done: break
      case .blocked(let why): throw SetupError(.installFailed, why)
      }
    }
    return states
  }
}

extension StepState {
  /// Why the step is blocked; where it is not, the test fails here.
  func whyBlocked(_ location: SourceLocation = #_sourceLocation) throws -> String {
    var reason: String?
    if case .blocked(let why) = self { reason = why }
    return try #require(reason, "not blocked: \(self)", sourceLocation: location)
  }
}
