public import Screen

extension Terminal {
  /// How to open the full screen.
  public struct Options: Sendable {
    /// When colours are used.
    public enum Colour: Sendable, Equatable {
      /// Unless `NO_COLOR` is set and not empty, or the terminal has none.
      case auto
      /// Whenever the terminal has them.
      case always
      /// Never: attributes alone.
      case never
    }

    /// The process' environment: TERM, NO_COLOR, ESCDELAY, the locale, SSH.
    public var environment: [String: String]
    /// When colours are used.
    public var colour: Colour
    /// The glyphs to draw with; nil lets the locale decide.
    public var glyphs: GlyphSet?
    /// Where standard error goes while the screen is up, if it is the terminal: a file that is made (0600) and appended to.
    /// Without one it is thrown away, because it would spoil the screen.
    public var errorLog: String?
    /// What a crash leaves on the plain screen, such as where the log is and how to go on.
    public var crashNotice: String?

    /// Options from their parts.
    public init(
      environment: [String: String], colour: Colour = .auto, glyphs: GlyphSet? = nil, errorLog: String? = nil,
      crashNotice: String? = nil
    ) {
      self.environment = environment
      self.colour = colour
      self.glyphs = glyphs
      self.errorLog = errorLog
      self.crashNotice = crashNotice
    }
  }
}

/// Milliseconds to wait after an Escape for the rest of a key's sequence.
///
/// `ESCDELAY` if it is a number; 150 where the bytes of one key may arrive apart (ssh, a serial line), 25 otherwise. ncurses'
/// own 1000 makes Escape feel dead, 0 breaks keys apart.
func escapeDelay(environment: [String: String], terminalName: String?) -> Int {
  if let text = environment["ESCDELAY"], let value = Int(text), value >= 0 { return min(max(value, 1), 10_000) }
  let remote = ["SSH_CONNECTION", "SSH_TTY"].contains { !(environment[$0] ?? "").isEmpty }
  let name = terminalName ?? ""
  let serial = ["/dev/ttyS", "/dev/ttyAMA", "/dev/ttyUSB", "/dev/ttyACM", "/dev/hvc"].contains { name.hasPrefix($0) }
  return remote || serial ? 150 : 25
}

/// Whether colours are used on a terminal with `available` of them.
func usesColour(_ choice: Terminal.Options.Colour, environment: [String: String], available: Int) -> Bool {
  guard available >= 8 else { return false }
  switch choice {
  case .always: return true
  case .never: return false
  case .auto: return (environment["NO_COLOR"] ?? "").isEmpty
  }
}
