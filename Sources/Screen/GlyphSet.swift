/// The marks and lines that frames are drawn with. Every one is a single cell wide in both sets, so that a layout is the same in both.
public enum GlyphSet: Sendable, Equatable, CaseIterable {
  /// Box drawing and a few width-1 symbols.
  case unicode
  /// Only printable ASCII, for terminals whose encoding is not known to be UTF-8.
  case ascii

  private func pick(_ unicode: Character, _ ascii: Character) -> Character { self == .unicode ? unicode : ascii }

  /// Done, passed.
  public var check: Character { pick("✓", "+") }
  /// Failed.
  public var cross: Character { pick("✗", "x") }
  /// Passed with a warning.
  public var warning: Character { "!" }
  /// Could not be found out.
  public var question: Character { "?" }
  /// Skipped, or waiting.
  public var bullet: Character { pick("•", "*") }
  /// A small separator between hints.
  public var dot: Character { pick("·", "-") }

  /// The row that has the focus.
  public var pointer: Character { pick("›", ">") }
  /// More above.
  public var up: Character { pick("↑", "^") }
  /// More below.
  public var down: Character { pick("↓", "v") }
  /// More to the left.
  public var left: Character { pick("←", "<") }
  /// Leads to; more to the right.
  public var right: Character { pick("→", ">") }

  /// A choice that is taken.
  public var radioOn: Character { pick("●", "*") }
  /// A choice that is not taken.
  public var radioOff: Character { pick("○", "o") }
  /// One hidden character of a secret.
  public var mask: Character { pick("•", "*") }

  /// A horizontal line.
  public var horizontal: Character { pick("─", "-") }
  /// A vertical line.
  public var vertical: Character { pick("│", "|") }
  /// A corner.
  public var topLeft: Character { pick("┌", "+") }
  /// A corner.
  public var topRight: Character { pick("┐", "+") }
  /// A corner.
  public var bottomLeft: Character { pick("└", "+") }
  /// A corner.
  public var bottomRight: Character { pick("┘", "+") }
  /// A line that another joins from the right.
  public var teeLeft: Character { pick("├", "+") }
  /// A line that another joins from the left.
  public var teeRight: Character { pick("┤", "+") }
  /// A line that another joins from below.
  public var teeTop: Character { pick("┬", "+") }
  /// A line that another joins from above.
  public var teeBottom: Character { pick("┴", "+") }
  /// Two lines that cross.
  public var crossing: Character { pick("┼", "+") }

  /// The done part of a progress bar.
  public var barFull: Character { pick("█", "#") }
  /// The open part of a progress bar.
  public var barEmpty: Character { pick("░", ".") }

  /// What stands for cut text; three cells wide in ASCII.
  public var ellipsis: String { self == .unicode ? "…" : "..." }

  /// The frames of something that is under way.
  public var spinner: [Character] {
    self == .unicode ? ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"] : ["|", "/", "-", "\\"]
  }

  /// The spinner's frame at a tick; any number is a tick.
  public func spinnerFrame(_ tick: Int) -> Character {
    let frames = spinner
    let index = tick % frames.count
    return frames[index < 0 ? index + frames.count : index]
  }

  /// A progress bar of `width` cells; `fraction` outside 0...1, or not a number, is taken as the nearest end, or 0.
  public func progressBar(_ fraction: Double, width: Int) -> String {
    guard width > 0 else { return "" }
    let bounded = fraction.isNaN ? 0 : min(1, max(0, fraction))
    // Full only when done: rounding up would claim it early.
    let full = Int(bounded * Double(width))
    return String(repeating: barFull, count: full) + String(repeating: barEmpty, count: width - full)
  }
}
