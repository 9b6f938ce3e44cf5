import FoundationEssentials
import Glibc
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
  /// Puts a text on the clipboard of whoever sits at the terminal.
  func copy(_ text: String)
}

extension Terminal: WizardScreen {
  /// OSC 52, which travels through ssh; a terminal that does not know it ignores it. It moves no cursor, so curses need
  /// not know.
  func copy(_ text: String) {
    let sequence = "\u{1B}]52;c;\(Data(text.utf8).base64EncodedString())\u{07}"
    var rest = Array(sequence.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }
}
