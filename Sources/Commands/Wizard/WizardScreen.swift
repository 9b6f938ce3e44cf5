import Screen
import Terminal

/// Where a wizard is shown and driven from: the terminal, or a script in tests.
protocol WizardScreen: AnyObject {
  /// The size in cells.
  var size: Size { get }
  /// Waits for the next event; nil when the time is over or a mailbox woke it.
  func nextEvent(timeout: Duration?) -> InputEvent?
  /// Shows a frame.
  func show(_ grid: Grid)
  /// Paints everything again.
  func redraw()
  /// Offers a text to the clipboard of whoever sits at the terminal; returns whether it could be sent.
  func copy(_ text: String) -> Bool
}

extension Terminal: WizardScreen {}
