import FoundationEssentials
import Glibc
import Subprocess
import Synchronization

/// A program in a terminal of a tmux server of its own, for tests that need a real screen: keys and pastes go in, the screen and the
/// exit status come out.
///
/// ```swift
/// try await Tmux.with([builtProduct("mlops-setup")], columns: 80, rows: 24) { tmux in
///   try await tmux.waitFor("Welcome")
///   try await tmux.send("Enter")
/// }
/// ```
public struct Tmux: Sendable {
  /// What went wrong, with the screen as it stood.
  public struct Failure: Error, CustomStringConvertible {
    /// What was waited for or run, and what came instead.
    public var description: String
  }

  /// The server's socket, in a folder of its own.
  private let socket: String
  /// The program's home folder, made for it and removed afterwards.
  public let home: String
  private static let counter = Atomic<Int>(0)

  /// Starts `command` (argv; no shell) in a window of a size, with exactly the environment given besides PATH and HOME,
  /// runs `body`, and ends the server whatever happened.
  ///
  /// TERM is `tmux-256color` and LC_ALL `C.UTF-8` unless `environment` says otherwise; an empty value leaves the variable out.
  @discardableResult
  public static func with<Result>(
    _ command: [String], columns: Int = 80, rows: Int = 24, environment: [String: String] = [:],
    _ body: (Tmux) async throws -> Result
  ) async throws -> Result {
    let folder = "/tmp/mlops-tmux-\(getpid())-\(counter.add(1, ordering: .relaxed).newValue)"
    guard mkdir(folder, 0o700) == 0 else { throw Failure(description: "could not make \(folder)") }
    let tmux = Tmux(socket: "\(folder)/server", home: folder)
    defer {
      do { try FileManager.default.removeItem(atPath: folder) } catch { print("could not remove \(folder): \(error)") }
    }
    var variables = [
      "TERM": "tmux-256color", "LC_ALL": "C.UTF-8", "PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": folder,
      // A shell that is ended writes its history when the folder is gone.
      "HISTFILE": "/dev/null",
    ]
    variables.merge(environment) { $1 }
    func quoted(_ text: String) -> String { "'" + text.replacing("'", with: #"'\''"#) + "'" }
    // In a file, for the variables may be secrets and other tests watch every process' argv.
    let exports = variables.filter { !$0.value.isEmpty }.map { "export \($0.key)=\(quoted($0.value))" }.sorted()
    let script = exports + ["unset PWD OLDPWD", "exec " + command.map(quoted).joined(separator: " "), ""]
    do {
      try script.joined(separator: "\n").write(toFile: "\(folder)/start", atomically: true, encoding: .utf8)
      // The options come first, so that a program that ends at once still leaves its screen and status.
      try await tmux.run(
        ["start-server"] + set("-g", "remain-on-exit", "on") + set("-g", "status", "off")
          + set("-s", "escape-time", "0") + set("-s", "set-clipboard", "on")
          + set("-g", "default-terminal", "tmux-256color")
          + set("-g", "history-limit", "5000")
          + [
            ";", "new-session", "-d", "-s", "0", "-x", "\(columns)", "-y", "\(rows)", "--", "env", "-i", "/bin/sh",
            "\(folder)/start",
          ])
      let result = try await body(tmux)
      try await tmux.stop()
      return result
    } catch {
      try? await tmux.stop()
      throw error
    }
  }

  private static func set(_ arguments: String...) -> [String] { [";", "set-option"] + arguments }

  private func stop() async throws { try await run(["kill-server"]) }

  /// Sends keys by tmux's names: "Up", "Escape", "F1", "C-c", "BSpace", "Enter", or a character.
  public func send(_ keys: String...) async throws {
    try await run(["send-keys", "--"] + keys)
  }

  /// Types text as it is.
  public func type(_ text: String) async throws {
    try await run(["send-keys", "-l", "--", text])
  }

  /// Sends bytes as they are, also such as are no text.
  public func sendBytes(_ bytes: [UInt8]) async throws {
    try await run(["send-keys", "-H"] + bytes.map { String($0, radix: 16) })
  }

  /// Pastes text as a terminal does: between brackets where the program asked for them.
  public func paste(_ text: String) async throws {
    try await run(["load-buffer", "-"], input: text)
    try await run(["paste-buffer", "-p", "-d"])
  }

  /// What the program put on the clipboard.
  public func clipboard() async throws -> String {
    try await run(["show-buffer"])
  }

  /// Changes the window's size.
  public func resize(columns: Int, rows: Int) async throws {
    try await run(["resize-window", "-x", "\(columns)", "-y", "\(rows)"])
  }

  /// The screen's rows, without trailing blanks; with SGR sequences when `styles`.
  public func capture(styles: Bool = false) async throws -> String {
    try await run(["capture-pane", "-p"] + (styles ? ["-e"] : []))
  }

  /// A tmux format, such as `#{cursor_x},#{cursor_y}` or `#{alternate_on}`.
  public func format(_ format: String) async throws -> String {
    let text = try await run(["display-message", "-p", format])
    return text.hasSuffix("\n") ? String(text.dropLast()) : text
  }

  /// Takes the terminal away from under the program, as a lost connection does. There is no screen afterwards.
  public func hangUp() async throws {
    // The server ends with its last window.
    try await run(["new-session", "-d", "-s", "rest", "sleep", "60"])
    try await run(["kill-pane", "-t", "0:0.0"])
  }

  /// The program's process id.
  public func processID() async throws -> Int32 {
    let text = try await format("#{pane_pid}")
    guard let id = Int32(text) else { throw Failure(description: "no process id in \(text)") }
    return id
  }

  /// How long a screen is waited for: on a busy machine everything is slow, and only a failing test waits that long.
  public static let patience = Duration.seconds(60)

  /// Waits until the screen has a text. Returns the screen.
  @discardableResult
  public func waitFor(_ text: String, timeout: Duration = Self.patience) async throws -> String {
    try await poll("the text \(text.debugDescription)", timeout) { screen, _ in screen.contains(text) ? screen : nil }
  }

  /// Waits until the program has turned echo off.
  public func waitForHiddenInput(timeout: Duration = Self.patience) async throws {
    let name = try await format("#{pane_tty}")
    _ = try await poll("input without echo", timeout) { _, _ in
      let descriptor = open(name, O_RDONLY | O_NOCTTY | O_CLOEXEC)
      defer { close(descriptor) }
      var modes = termios()
      return tcgetattr(descriptor, &modes) == 0 && modes.c_lflag & tcflag_t(ECHO) == 0 ? true : nil
    }
  }

  /// How a program ended.
  public enum Ending: Sendable, Equatable {
    /// It returned a status.
    case exited(Int32)
    /// A signal ended it.
    case signaled(Int32)
  }

  /// Waits until the program has ended.
  public func waitForEnd(timeout: Duration = Self.patience) async throws -> Ending {
    try await poll("the end", timeout) { _, state in
      let parts = state.split(separator: " ", omittingEmptySubsequences: false)
      guard parts.count == 4, parts[0] == "1" else { return nil }
      if let signal = Int32(parts[2]), signal != 0 { return .signaled(signal) }
      if let status = Int32(parts[1]) { return .exited(status) }
      // tmux 3.3 sometimes misses the signal and leaves the program a zombie: remind it.
      if let server = Int32(parts[3]) { kill(server, SIGCHLD) }
      return nil
    }
  }

  private func poll<Result>(
    _ what: String, _ timeout: Duration, _ test: (_ screen: String, _ state: String) -> Result?
  ) async throws -> Result {
    let deadline = ContinuousClock.now + timeout
    var pause = Duration.milliseconds(30)
    while true {
      // One process asks for both: many tests wait at once.
      let answer = try await run([
        "display-message", "-p", "#{pane_dead} #{pane_dead_status} #{pane_dead_signal} #{pid}", ";", "capture-pane",
        "-p",
      ])
      let end = answer.firstIndex(of: "\n") ?? answer.endIndex
      let state = String(answer[..<end])
      let screen = String(answer[end...].dropFirst())
      if let result = test(screen, state) { return result }
      if ContinuousClock.now > deadline {
        throw Failure(description: "waited \(timeout) for \(what); program state [\(state)], screen:\n\(screen)")
      }
      try await Task.sleep(for: pause)
      pause = min(pause * 1.2, .milliseconds(250))
    }
  }

  @discardableResult
  private func run(_ arguments: [String], input: String = "") async throws -> String {
    do {
      let outcome = try await Subprocess.run(
        .name("tmux"), arguments: Arguments(["-u", "-S", socket, "-f", "/dev/null"] + arguments),
        environment: .inherit.updating(["TERM": "xterm-256color"]),
        input: .string(input), output: .string(limit: 1 << 20), error: .string(limit: 1 << 16))
      guard outcome.terminationStatus.isSuccess else {
        throw Failure(description: "tmux \(arguments) failed: \(outcome.standardError)")
      }
      return outcome.standardOutput
    } catch let error as SubprocessError {
      throw Failure(description: "tmux did not start: \(error). Install the package tmux.")
    }
  }
}

/// A program of this package as the build made it: it stands beside the test runner.
public func builtProduct(_ name: String) -> String {
  var buffer = [CChar](repeating: 0, count: 4096)
  let count = readlink("/proc/self/exe", &buffer, buffer.count - 1)
  let runner = String(decoding: buffer.prefix(max(0, count)).map(UInt8.init(bitPattern:)), as: UTF8.self)
  return "\(runner.prefix(upTo: runner.lastIndex(of: "/") ?? runner.startIndex))/\(name)"
}
