import Glibc
import Screen
import Terminal

/// A program for the tests: shows every event in its frame, so that a test reads off the screen what the terminal layer
/// understood. Some keys make it end in a certain way: q returns, t traps, r raises SIGSEGV, a aborts, o overflows the stack,
/// s suspends and runs a child, e prints to standard error, w is woken by another thread.
@main
enum TerminalProbe {
  static func main() {
    var environment: [String: String] = [:]
    var entry = environ
    while let text = entry.pointee {
      let parts = String(cString: text).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      if parts.count == 2 { environment[String(parts[0])] = String(parts[1]) }
      entry += 1
    }
    if CommandLine.arguments.contains("secret") { return readSecret() }
    let options = Terminal.Options(
      environment: environment, errorLog: environment["PROBE_ERROR_LOG"], crashNotice: "probe crashed: see the log")
    do {
      let terminal = try Terminal.open(options)
      let ending = run(terminal)
      terminal.close()
      print("probe ended: \(ending)")
      fflush(nil)
      _ = "standard error is back\n".withCString { write(STDERR_FILENO, $0, strlen($0)) }
    } catch {
      print("probe refused: \(error)")
      exit(3)
    }
  }

  /// Without the full screen: says what was read by its length alone, then reads an ordinary line.
  static func readSecret() {
    print("secret:")
    fflush(nil)
    do {
      switch try Terminal.readSecret() {
      case .secret(let text): print("got \(text.count) \(text.prefix(2)) \(text.suffix(2))")
      case let other: print("got \(other)")
      }
      print("next")
      print("next was \(readLine() ?? "nothing")")
    } catch {
      print("probe refused: \(error)")
    }
  }

  static func run(_ terminal: Terminal) -> String {
    var lines = ["ready \(terminal.size.columns)x\(terminal.size.rows)"]
    while true {
      terminal.show(frame(lines, terminal))
      guard let event = terminal.nextEvent(timeout: .seconds(30)) else {
        lines.append("nothing")
        continue
      }
      lines.append(name(event))
      switch event {
      case .key(.character("q")): return "quit"
      case .closed: return "closed"
      case .interrupted: return "interrupted"
      case .key(.character("t")):
        terminal.show(frame(lines, terminal))
        trap(lines.count)
      case .key(.character("r")): raise(SIGSEGV)
      case .key(.character("a")): abort()
      case .key(.character("o")): lines.append("\(deep(lines.count))")
      case .key(.character("e")): fputs("spoiled?\n", fdopen(STDERR_FILENO, "w"))
      case .key(.character("s")): lines.append("child \(terminal.suspend { runChild() })")
      case .key(.character("w")): wakeLater(terminal.waker)
      case .key(.character("c")): lines.append("copied \(terminal.copy("é\ncopied"))")
      case .key(.character("m")): terminal.glyphs = terminal.glyphs == .ascii ? .unicode : .ascii
      default: break
      }
    }
  }

  static func frame(_ lines: [String], _ terminal: Terminal) -> Grid {
    var grid = Grid(size: terminal.size)
    grid.box(grid.bounds, title: "probe")
    let inner = grid.bounds.inset()
    for (offset, line) in lines.suffix(max(0, inner.size.rows - 2)).enumerated() {
      let place = Position(column: inner.origin.column, row: inner.origin.row + offset)
      let used = grid.put(line, at: place, maxWidth: inner.size.columns)
      grid.cursor = Position(column: place.column + used, row: place.row)
    }
    let bottom = grid.bounds.size.rows - 2
    grid.put("é日本\u{1F642}👨‍👩‍👧🇩🇪|", at: Position(column: 1, row: bottom), maxWidth: inner.size.columns)
    grid.put("bad", at: Position(column: 20, row: bottom), style: .bad, maxWidth: inner.size.columns - 20)
    return grid
  }

  static func name(_ event: InputEvent) -> String {
    switch event {
    case .paste(let text):
      "paste \(text.utf8.count) \(text.prefix(4).debugDescription) \(text.suffix(4).debugDescription)"
    case .key(let key): "key \(key)"
    case .resize(let size): "resize \(size.columns)x\(size.rows)"
    case .closed: "closed"
    case .interrupted: "interrupted"
    }
  }

  @inline(never) static func trap(_ value: Int) { precondition(value < 0, "the probe traps") }

  @inline(never) static func deep(_ value: Int) -> Int { value == Int.min ? 0 : deep(value &+ 1) &+ deep(value &+ 2) }

  static func runChild() -> Int32 {
    var process: pid_t = 0
    let arguments = [
      "sh", "-c", "echo child speaks; stty -a | tr ' ' '\\n' | grep -xE -e '-?echo'; read answer; exit 7",
    ]
    var pointers = arguments.map { strdup($0) }
    pointers.append(nil)
    defer { pointers.forEach { free($0) } }
    guard posix_spawnp(&process, "sh", nil, nil, pointers, environ) == 0 else { return -1 }
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0, errno == EINTR {}
    return (status >> 8) & 0xFF
  }

  static func wakeLater(_ waker: Waker) {
    Task.detached {
      try? await Task.sleep(for: .milliseconds(100))
      waker.wake()
    }
  }
}
