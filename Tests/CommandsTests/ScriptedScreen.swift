import Foundation
import Screen

@testable import Commands

/// A screen whose user waits for a text and then presses keys.
///
/// @unchecked Sendable: the driver's thread alone uses it until the driver has ended, and the test alone afterwards.
final class ScriptedScreen: WizardScreen, @unchecked Sendable {
  /// What the user waits for, and what then happens.
  struct Step {
    var text: String
    var events: [InputEvent]

    static func see(_ text: String, _ keys: Key...) -> Step { Step(text: text, events: keys.map { .key($0) }) }
    static func see(_ text: String, type: String) -> Step {
      Step(text: text, events: type.map { .key(.character($0)) })
    }
    static func see(_ text: String, event: InputEvent) -> Step { Step(text: text, events: [event]) }
  }

  let size = Size(columns: 100, rows: 30)
  private var steps: [Step]
  private var events: [InputEvent] = []
  private(set) var frames: [Grid] = []
  private(set) var copied: [String] = []
  /// What was waited for in vain.
  private(set) var missed: String?
  private let deadline = ContinuousClock.now + .seconds(120)

  init(_ steps: [Step]) { self.steps = steps }

  var text: String { frames.last?.textLines(trimmed: true).joined(separator: "\n") ?? "" }

  func nextEvent(timeout: Duration?) -> InputEvent? {
    if !events.isEmpty { return events.removeFirst() }
    guard let step = steps.first else {
      missed = "the end"
      return .closed
    }
    if text.contains(step.text) {
      steps.removeFirst()
      events = step.events
      return events.isEmpty ? nil : events.removeFirst()
    }
    if ContinuousClock.now > deadline {
      missed = missed ?? "\(step.text), in:\n\(text)"
      return .closed
    }
    Thread.sleep(forTimeInterval: 0.002)
    return nil
  }

  func show(_ grid: Grid) { frames.append(grid) }
  func redraw() {}
  func copy(_ text: String) -> Bool {
    copied.append(text)
    return true
  }
}
