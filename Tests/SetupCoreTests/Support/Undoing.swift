@testable import SetupCore

extension Step {
  /// Takes back all that can be, whatever speaks against it, and says what was done or why it stays.
  func undo(_ setup: Setup) async throws -> String {
    var texts: [String] = []
    for trace in try await traces(setup) {
      var trace = trace
      if case .removable(let removal) = trace { trace = try await removal.perform() }
      switch trace {
      case .gone(let text), .stays(let text): texts.append(text)
      case .removable(let removal): texts.append("\(removal.title) is still there")
      }
    }
    return texts.joined(separator: "; ")
  }
}
