import CNcurses
import Glibc

extension Terminal {
  /// Whether a full screen can be shown here.
  public enum Availability: Sendable, Equatable {
    /// It can.
    case available
    /// It cannot; the reason is a clause for a message: "standard output is not a terminal".
    case unavailable(String)
  }

  /// Looks at standard input, standard output and `TERM`. Draws nothing and changes no mode.
  public static func availability(environment: [String: String]) -> Availability {
    availability(
      environment: environment, inputIsTerminal: isatty(STDIN_FILENO) == 1,
      outputIsTerminal: isatty(STDOUT_FILENO) == 1,
      canMoveCursor: terminalCanMoveCursor)
  }

  /// The rule itself. `canMoveCursor` is asked last: whether the terminal type is known and has `cup`; nil when unknown.
  static func availability(
    environment: [String: String], inputIsTerminal: Bool, outputIsTerminal: Bool,
    canMoveCursor: (_ type: String) -> Bool?
  ) -> Availability {
    guard inputIsTerminal else { return .unavailable("standard input is not a terminal") }
    guard outputIsTerminal else { return .unavailable("standard output is not a terminal") }
    let type = environment["TERM"] ?? ""
    guard !type.isEmpty else { return .unavailable("TERM is not set") }
    guard type != "dumb", type != "unknown" else { return .unavailable("TERM is \(type)") }
    switch canMoveCursor(type) {
    case true?: return .available
    case false?: return .unavailable("the terminal type \(type) cannot position the cursor")
    case nil: return .unavailable("the terminal type \(type) is not known on this machine")
    }
  }
}

/// Asks terminfo. newterm itself is no test: it accepts `dumb`, and initscr exits the process.
private func terminalCanMoveCursor(_ type: String) -> Bool? {
  var status: Int32 = 0
  guard setupterm(type, STDOUT_FILENO, &status) == OK else { return nil }
  defer { del_curterm(cncurses_cur_term()) }
  return cncurses_capability("cup") != nil
}
