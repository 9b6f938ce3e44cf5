/// A key as the wizard understands it, whatever the terminal sent for it.
public enum Key: Sendable, Hashable {
  case character(Character)
  case enter
  case tab
  case backTab
  case escape
  case backspace
  case delete
  case up
  case down
  case left
  case right
  case home
  case end
  case pageUp
  case pageDown
  case function(Int)
  /// A letter with Control: `control("c")`.
  case control(Character)
}

/// What a terminal reports.
public enum InputEvent: Sendable, Equatable {
  case key(Key)
  /// A bracketed paste, whole, line ends as `\n`, not yet cleaned.
  case paste(String)
  case resize(Size)
  /// It is over: the terminal is gone (end of input, hang-up), or SIGTERM told the process to end. Nobody can be asked.
  case closed
  /// SIGINT, as Ctrl-C sends it: somebody is there and may be asked.
  case interrupted
}
