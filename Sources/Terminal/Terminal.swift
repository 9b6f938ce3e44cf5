import CNcurses
import CTerminalSupport
import Glibc
public import Screen
import Synchronization
import Text

/// The full screen: frames in, events out. It owns standard input and output, the terminal's modes, the signals that concern
/// them, and (while the screen is up) standard error, from `open` until `close`.
///
/// **Main thread only**: curses is not thread-safe, and a resize reaches only a reader on the main thread. `open` refuses
/// another thread; as the class is not Sendable it cannot leave. Only `waker` is for other threads. Nothing may print to standard
/// output, and no child may inherit it, except inside `suspend`.
public final class Terminal {
  /// Makes `nextEvent` return; for any thread.
  public let waker: Waker
  /// The characters drawn; setting it takes effect with the next frame.
  public var glyphs: GlyphSet
  /// Whether colours are used; setting it takes effect with the next frame, and does nothing where the terminal has none.
  public var colour: Bool {
    didSet { palette = Palette(colour: colour && hasColours) }
  }
  /// The size in cells, as last reported.
  public internal(set) var size: Size

  let options: Options
  private let hasColours: Bool
  private let screen: OpaquePointer
  /// Keys are read from a pad: reading from stdscr would paint it.
  let keyboard: UnsafeMutablePointer<WINDOW>
  let signals: Int32
  private(set) var palette: Palette
  private var errorRedirection: ErrorRedirection?

  var decoder = InputDecoder()
  var pending: [InputEvent] = []
  var isOpen = true
  var isHungUp = false
  var lastGrid: Grid?

  /// One screen a process: curses' state is global.
  private static let isTaken = Atomic<Bool>(false)

  /// Takes the terminal and clears it.
  ///
  /// - Throws: `.unavailable` with the reason where `availability` says so, `.misuse` off the main thread or when one is
  ///   open already, `.system` when a system call failed. The terminal is then as it was.
  public static func open(_ options: Options) throws(TerminalError) -> Terminal {
    if case .unavailable(let reason) = availability(environment: options.environment) {
      throw TerminalError(
        .unavailable, "Cannot show the full screen: \(reason). Run in a terminal, or use --answers FILE.")
    }
    try takeTerminal()
    do throws(TerminalError) {
      return try Terminal(options)
    } catch {
      giveTerminalBack()
      throw error
    }
  }

  static func takeTerminal() throws(TerminalError) {
    guard cterm_on_main_thread() else {
      throw TerminalError(.misuse, "The terminal was opened on another thread than the main one.")
    }
    guard !isTaken.exchange(true, ordering: .acquiringAndReleasing) else {
      throw TerminalError(.misuse, "The terminal is open already.")
    }
  }

  static func giveTerminalBack() { isTaken.store(false, ordering: .releasing) }

  private init(_ options: Options) throws(TerminalError) {
    self.options = options
    let encoding = Encoding.apply(environment: options.environment)
    glyphs = options.glyphs ?? encoding.glyphs
    // They would override the terminal's real size.
    unsetenv("LINES")
    unsetenv("COLUMNS")

    waker = try Waker()
    signals = cterm_pipe_open()
    guard signals >= 0, cterm_save_modes(STDOUT_FILENO) == 0, cterm_signals_install() == 0 else {
      let reason = systemError()
      Self.undo(waker)
      throw TerminalError(.system, "Could not prepare the terminal: \(reason). Try again, or use --answers FILE.")
    }
    // After our handlers: ncurses leaves alone what is not at its default.
    let type = options.environment["TERM"] ?? ""
    let name = ttyname(STDIN_FILENO).map { String(cString: $0) }
    set_escdelay(Int32(escapeDelay(environment: options.environment, terminalName: name)))
    guard let screen = cncurses_newterm(type), let keyboard = newpad(1, 1) else {
      cterm_restore_modes()
      Self.undo(waker)
      throw TerminalError(
        .unavailable, "ncurses could not set up the terminal type \(type). Set TERM to the terminal's real type.")
    }
    self.screen = screen
    self.keyboard = keyboard
    // After newterm, which may take the variable's value instead.
    set_escdelay(Int32(escapeDelay(environment: options.environment, terminalName: name)))

    cbreak()
    noecho()
    nonl()
    keypad(keyboard, true)
    define_key("\u{1B}[200~", pasteStartCode)
    define_key("\u{1B}[201~", pasteEndCode)

    hasColours = has_colors() && start_color() == OK && use_default_colors() == OK
    colour = usesColour(options.colour, environment: options.environment, available: hasColours ? colourCount() : 0)
    palette = Palette(colour: colour)
    size = Self.windowSize() ?? Size(columns: Int(getmaxx(cncurses_stdscr())), rows: Int(getmaxy(cncurses_stdscr())))

    // Ctrl-S would freeze the screen, Ctrl-V and Ctrl-O swallow keys.
    var modes = termios()
    if tcgetattr(STDOUT_FILENO, &modes) == 0 {
      modes.c_iflag &= ~tcflag_t(IXON)
      modes.c_lflag &= ~tcflag_t(IEXTEN)
      tcsetattr(STDOUT_FILENO, TCSADRAIN, &modes)
    }
    def_prog_mode()

    let leave = Self.leaveSequence()
    cterm_set_crash_text(leave, leave.count, options.crashNotice.map { OutsideText.clean($0, keepsLines: true) + "\n" })
    enterScreen()
    fitToWindow()
    show(Grid(size: size))
  }

  deinit { close() }

  /// Gives the terminal back as it was found. Calling it again does nothing.
  public func close() {
    guard isOpen else { return }
    isOpen = false
    leaveScreen()
    delwin(keyboard)
    delscreen(screen)
    cterm_restore_modes()
    Self.undo(waker)
    Self.giveTerminalBack()
  }

  private static func undo(_ waker: Waker) {
    cterm_signals_remove()
    cterm_pipe_close()
    waker.close()
  }

  /// Runs `body` with the plain screen and its modes, for a child that needs the terminal, then paints the frame again.
  ///
  /// The child should have this process' group or be made the foreground group; it is taken back afterwards. Ctrl-Z stops
  /// both, an interrupt is the child's alone; a resize, SIGTERM or hang-up meanwhile is reported by the next `nextEvent`.
  public func suspend<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
    guard isOpen else { return try body() }
    def_prog_mode()
    leaveScreen()
    cterm_allow_stop(true)
    defer {
      cterm_allow_stop(false)
      cterm_take_foreground(STDIN_FILENO)
      resumeScreen()
      let missed = readAvailable(signals).map(Int32.init)
      if missed.contains(SIGTERM) || missed.contains(SIGHUP) { isHungUp = true }
    }
    return try body()
  }

  /// Stops the process as Ctrl-Z does, and comes back whole when it is continued; a changed size is the next event.
  public func stop() {
    guard isOpen else { return }
    def_prog_mode()
    leaveScreen()
    cterm_stop_self()
    resumeScreen()
  }

  /// Paints everything again, after another program may have written to the terminal.
  public func redraw() {
    guard isOpen else { return }
    clearok(cncurses_stdscr(), true)
    show(lastGrid ?? Grid(size: size))
  }

  func resumeScreen() {
    reset_prog_mode()
    enterScreen()
    if fitToWindow() { pending.append(.resize(size)) }
    redraw()
  }

  private func enterScreen() {
    // Continued twice (SIGCONT follows our own stop), it is redirected already.
    if errorRedirection == nil { errorRedirection = ErrorRedirection(path: options.errorLog) }
    cterm_set_active(true)
    writeToTerminal("\u{1B}[?2004h")
  }

  private func leaveScreen() {
    writeToTerminal("\u{1B}[?2004l")
    curs_set(1)
    endwin()
    cterm_set_active(false)
    errorRedirection?.undo()
    errorRedirection = nil
  }

  /// Takes the window's real size. Returns whether it changed. Curses does not, because the signal is ours.
  @discardableResult
  func fitToWindow() -> Bool {
    guard let actual = Self.windowSize() else { return false }
    if is_term_resized(Int32(actual.rows), Int32(actual.columns)) {
      resizeterm(Int32(actual.rows), Int32(actual.columns))
      clearok(cncurses_stdscr(), true)
    }
    defer { size = actual }
    return actual != size
  }

  /// Nil where the terminal does not know (a serial line says 0 by 0).
  private static func windowSize() -> Size? {
    var rows: Int32 = 0
    var columns: Int32 = 0
    guard cncurses_window_size(STDOUT_FILENO, &rows, &columns) == 0, rows > 0, columns > 0 else { return nil }
    return Size(columns: Int(columns), rows: Int(rows))
  }

  /// What leaves the full screen without curses, for the crash handler; delays (`$<5>`) are left out.
  private static func leaveSequence() -> [CChar] {
    var text = "\u{1B}[?2004l"
    for name in ["sgr0", "op", "rmkx", "cnorm", "rmcup"] {
      guard let value = cncurses_capability(name) else { continue }
      text += withoutPadding(String(cString: value))
    }
    return (text + "\r").utf8.map { CChar(bitPattern: $0) }
  }
}

/// A terminfo string without its delays, which stand in it as `$<5>`.
func withoutPadding(_ capability: String) -> String {
  var result = ""
  var rest = Substring(capability)
  while let character = rest.first {
    if rest.hasPrefix("$<"), let end = rest.firstIndex(of: ">") {
      rest = rest[rest.index(after: end)...]
    } else {
      result.append(character)
      rest = rest.dropFirst()
    }
  }
  return result
}

private func colourCount() -> Int { max(0, Int(tigetnum("colors"))) }

/// Writes past curses, which has flushed what came before.
func writeToTerminal(_ text: String) {
  fflush(nil)
  var rest = Array(text.utf8)[...]
  while !rest.isEmpty {
    let count = rest.withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
    if count < 0, errno == EINTR { continue }
    guard count > 0 else { return }
    rest = rest.dropFirst(count)
  }
}
