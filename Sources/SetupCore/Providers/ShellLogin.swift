import Text

/// A login in a shell's words, for equivalent commands.
public struct ShellLogin: Sendable, Equatable {
  /// The command that prints the password.
  var password: String
  /// The user, quoted.
  var user: String
  /// Host and port, quoted.
  var host: String

  /// What logs an engine in with these further options; the password goes by standard input.
  func command(_ engine: String, _ options: [String] = []) -> String {
    let words = Shell.line([engine, "login"] + options)
    return "\(password) |\n\(words) --username \(user) --password-stdin \(host)"
  }
}
