import CTerminalSupport
import Glibc

/// What `Terminal.readSecret` got.
public enum SecretInput: Sendable, Equatable {
  /// One line, without its end; may be empty.
  case secret(String)
  /// More than one line was pasted; all of it was thrown away, so that no part of a secret answers the next question.
  case severalLines
  /// What came is not UTF-8.
  case notText
  /// The input ended.
  case closed
  /// SIGINT or SIGTERM.
  case interrupted
}

extension Terminal {
  /// Reads one line of a secret without a full screen, unseen and of any length.
  ///
  /// The terminal's own line input would cut it silently at 4095 bytes. Modes are restored on every way out, signals and
  /// crashes too. Where standard input is not a terminal a line is read as it is. Main thread only, and not while a
  /// `Terminal` is open. The caller shows the prompt; the line end is written to standard error.
  ///
  /// - Throws: `.misuse` off the main thread or while a terminal is open, `.system` when a system call failed.
  public static func readSecret() throws(TerminalError) -> SecretInput {
    try takeTerminal()
    defer { giveTerminalBack() }
    guard isatty(STDIN_FILENO) == 1 else { return readLine(signals: -1) }

    let signals = cterm_pipe_open()
    guard signals >= 0, cterm_save_modes(STDIN_FILENO) == 0, cterm_signals_install() == 0 else {
      let reason = systemError()
      cterm_pipe_close()
      throw TerminalError(.system, "Could not turn off echo: \(reason). Give the secret as env:NAME or file:PATH.")
    }
    cterm_set_crash_text("", 0, nil)
    defer {
      cterm_restore_modes()
      cterm_set_active(false)
      cterm_signals_remove()
      cterm_pipe_close()
      _ = write(STDERR_FILENO, "\n", 1)
    }
    cterm_set_active(true)
    guard cterm_hide_input(STDIN_FILENO) == 0 else {
      throw TerminalError(
        .system, "Could not turn off echo: \(systemError()). Give the secret as env:NAME or file:PATH.")
    }
    return readLine(signals: signals)
  }

  private static func readLine(signals: Int32) -> SecretInput {
    var line = SecretLine()
    while !line.isFinished {
      var descriptors = [
        pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0),
        pollfd(fd: signals, events: Int16(POLLIN), revents: 0),
      ]
      guard poll(&descriptors, 2, -1) > 0 else { continue }
      let numbers = signals >= 0 ? readAvailable(signals).map(Int32.init) : []
      if numbers.contains(SIGINT) || numbers.contains(SIGTERM) { return .interrupted }
      if numbers.contains(SIGHUP) { return .closed }
      if numbers.contains(SIGTSTP) {
        cterm_restore_modes()
        cterm_stop_self()
      }
      // The shell has set its own modes meanwhile.
      if numbers.contains(SIGCONT) || numbers.contains(SIGTSTP) { cterm_hide_input(STDIN_FILENO) }
      guard descriptors[0].revents != 0 else { continue }
      var byte: UInt8 = 0
      let count = read(STDIN_FILENO, &byte, 1)
      if count < 0, errno == EINTR || errno == EAGAIN { continue }
      guard count == 1 else { return line.bytes.isEmpty ? .closed : text(line) }
      guard line.take(byte) else { return .closed }
    }
    // The rest of a paste arrives within moments.
    var more = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
    if signals >= 0, poll(&more, 1, 100) > 0 {
      tcflush(STDIN_FILENO, TCIFLUSH)
      return .severalLines
    }
    return text(line)
  }

  private static func text(_ line: SecretLine) -> SecretInput {
    String(validating: line.bytes, as: UTF8.self).map { .secret($0) } ?? .notText
  }
}
