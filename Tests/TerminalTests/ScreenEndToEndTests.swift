import FoundationEssentials
import Glibc
import TestSupport
import Testing

/// The terminal layer on a real screen: a probe program inside tmux.
@Suite(.serialized, .timeLimit(.minutes(2)))
struct ScreenEndToEndTests {
  private static let probe = builtProduct("terminal-probe")

  private func withProbe(
    columns: Int = 60, rows: Int = 16, environment: [String: String] = [:], _ body: (Tmux) async throws -> Void
  ) async throws {
    try await Tmux.with([Self.probe], columns: columns, rows: rows, environment: environment) { tmux in
      try await tmux.waitFor("ready \(columns)x\(rows)")
      try await body(tmux)
    }
  }

  /// The probe under an interactive shell, which does job control and still has the terminal when the probe is dead.
  private func withShell(environment: [String: String] = [:], _ body: (Tmux) async throws -> Void) async throws {
    var environment = environment
    environment["PS1"] = "shell> "
    let shell = ["bash", "--norc", "--noprofile", "-i"]
    try await Tmux.with(shell, columns: 100, rows: 30, environment: environment) { tmux in
      try await tmux.waitFor("shell>")
      try await body(tmux)
    }
  }

  /// Prints the modes that a plain terminal has.
  private static let printModes = """
    stty -a | tr ' ;' '\\n\\n' | grep -xE -e '-?(icanon|echo|isig|icrnl|opost|ixon|iexten)' | sort | xargs echo modes
    """
  private static let saneModes = "modes echo icanon icrnl iexten isig ixon opost"

  /// The modes and the screen are those that a shell expects.
  private func expectSane(_ tmux: Tmux) async throws {
    try await tmux.type("clear; \(Self.printModes)\n")
    let screen = try await tmux.waitFor("modes ")
    #expect(screen.contains(Self.saneModes), "\(screen)")
    #expect(try await tmux.format("#{alternate_on} #{cursor_flag} #{keypad_cursor_flag}") == "0 1 0")
  }

  @Test("Keys are understood")
  func keys() async throws {
    try await withProbe(rows: 30) { tmux in
      let expected: [(String, String)] = [
        ("Up", "key up"), ("Down", "key down"), ("Left", "key left"), ("Right", "key right"), ("Home", "key home"),
        ("End", "key end"), ("PageUp", "key pageUp"), ("PageDown", "key pageDown"), ("DC", "key delete"),
        ("BSpace", "key backspace"), ("C-h", "key backspace"), ("Tab", "key tab"), ("BTab", "key backTab"),
        ("Enter", "key enter"), ("F1", "key function(1)"), ("F12", "key function(12)"), ("Escape", "key escape"),
        ("C-u", "control(\"u\")"), ("C-s", "control(\"s\")"), ("C-v", "control(\"v\")"), ("z", "character(\"z\")"),
        ("é", "character(\"é\")"), ("日", "character(\"日\")"),
      ]
      for (key, text) in expected {
        try await tmux.send(key)
        try await tmux.waitFor(text)
      }
      try await tmux.send("q")
      #expect(try await tmux.waitForEnd() == .exited(0))
    }
  }

  @Test("Escape is reported at once, an unknown sequence not at all")
  func escape() async throws {
    try await withProbe { tmux in
      var fastest = Duration.seconds(60)
      for count in 1...5 {
        let start = ContinuousClock.now
        try await tmux.send("Escape")
        while try await tmux.capture().split(separator: "key escape").count <= count {
          try await Task.sleep(for: .milliseconds(10))
        }
        fastest = min(fastest, ContinuousClock.now - start)
      }
      // ncurses' own delay is a second.
      #expect(fastest < .milliseconds(700))
      try await tmux.type("\u{1B}[I\u{1B}[57414;5uz")
      let screen = try await tmux.waitFor("character(\"z\")")
      #expect(screen.split(separator: "key ").count == 7, "\(screen)")
    }
  }

  @Test("The bytes of a key that arrive apart are one key within ESCDELAY")
  func apart() async throws {
    try await withProbe(environment: ["ESCDELAY": "3000"]) { tmux in
      try await tmux.type("\u{1B}")
      try await Task.sleep(for: .milliseconds(100))
      try await tmux.type("OA")
      let screen = try await tmux.waitFor("key up")
      #expect(!screen.contains("escape"))
    }
  }

  @Test("A UTF-8 character whose bytes arrive apart is one character")
  func partial() async throws {
    try await withProbe { tmux in
      try await tmux.sendBytes([0xE6, 0x97])
      try await Task.sleep(for: .milliseconds(20))
      try await tmux.sendBytes([0xA5])
      try await tmux.waitFor("character(\"日\")")
    }
  }

  @Test("A paste of 6000 characters arrives whole, as one event")
  func paste() async throws {
    try await withProbe { tmux in
      let text = "{é" + String(repeating: "0123456789", count: 599) + "\nend}"
      try await tmux.paste(text)
      let screen = try await tmux.waitFor("paste ")
      #expect(screen.contains("paste \(text.utf8.count) \"{é01\" \"end}\""), "\(screen)")
      #expect(!screen.contains("key "))
    }
  }

  @Test("A resize is reported and drawn, down to a single cell")
  func resize() async throws {
    try await withProbe { tmux in
      try await tmux.resize(columns: 70, rows: 20)
      try await tmux.waitFor("resize 70x20")
      #expect(try await tmux.capture().split(separator: "\n").first?.count == 70)
      for (columns, rows) in [(20, 5), (3, 2), (1, 1), (2, 1), (200, 50)] {
        try await tmux.resize(columns: columns, rows: rows)
        // tmux tells the program once in a quarter of a second.
        try await Task.sleep(for: .milliseconds(350))
      }
      try await tmux.waitFor("resize 200x50")
      try await tmux.waitFor("resize 1x1")
      try await tmux.send("q")
      #expect(try await tmux.waitForEnd() == .exited(0))
    }
  }

  @Test("It opens on the smallest screen")
  func smallest() async throws {
    try await Tmux.with([Self.probe], columns: 1, rows: 1) { tmux in
      try await Task.sleep(for: .milliseconds(500))
      try await tmux.resize(columns: 40, rows: 10)
      try await tmux.waitFor("resize 40x10")
    }
  }

  @Test("LINES and COLUMNS do not override the real size")
  func variables() async throws {
    try await withProbe(environment: ["LINES": "5", "COLUMNS": "20"]) { tmux in
      try await tmux.resize(columns: 61, rows: 17)
      try await tmux.waitFor("resize 61x17")
    }
  }

  @Test("Wide characters keep the row's shape, what terminals disagree about is a question mark")
  func wide() async throws {
    try await withProbe { tmux in
      let screen = try await tmux.capture()
      #expect(screen.contains("│é日本🙂??|"), "\(screen)")
      #expect(screen.contains("┌─ probe ─"))
      #expect(try await tmux.format("#{cursor_x},#{cursor_y} #{cursor_flag}") == "12,1 1")
    }
  }

  @Test(
    "Outside a UTF-8 locale only ASCII is drawn, and typed UTF-8 still arrives",
    arguments: [["LC_ALL": "C"], ["LC_ALL": "", "LANG": ""], ["LC_ALL": "POSIX", "LANG": "C.UTF-8"]])
  func ascii(environment: [String: String]) async throws {
    try await withProbe(environment: environment) { tmux in
      var screen = try await tmux.capture()
      #expect(screen.contains("|e????????|"), "\(screen)")
      #expect(screen.contains("+- probe -"))
      #expect(screen.allSatisfy { $0.isASCII })
      try await tmux.send("é", "m")
      screen = try await tmux.waitFor("character(\"m\")")
      #expect(screen.contains("character(\"é\")") && screen.contains("┌─ probe ─"), "\(screen)")
    }
  }

  @Test("A UTF-8 locale that is not installed still means a UTF-8 terminal")
  func missingLocale() async throws {
    try await withProbe(environment: ["LC_ALL": "xx_XX.UTF-8"]) { tmux in
      let screen = try await tmux.capture()
      #expect(screen.contains("┌─ probe ─"), "\(screen)")
    }
  }

  @Test("Colour is only added to attributes, and left out with NO_COLOR")
  func colour() async throws {
    try await withProbe { tmux in
      let screen = try await tmux.capture(styles: true)
      #expect(screen.contains("\u{1B}[1;7m\u{1B}[31mbad"), "\(screen.debugDescription)")
    }
    try await withProbe(environment: ["NO_COLOR": "1"]) { tmux in
      let screen = try await tmux.capture(styles: true)
      #expect(screen.contains("\u{1B}[1;7mbad"), "\(screen.debugDescription)")
      #expect(!(30...37).contains { screen.contains("\u{1B}[\($0)m") })
    }
    try await withProbe(environment: ["TERM": "vt100"]) { tmux in
      let screen = try await tmux.capture(styles: true)
      #expect(screen.contains("\u{1B}[1;7mbad"), "\(screen.debugDescription)")
    }
  }

  @Test(
    "Where no full screen is possible it says why and changes nothing",
    arguments: [
      ("TERM=dumb", "", "TERM is dumb"), ("TERM=", "", "TERM is not set"),
      ("TERM=foo", "", "the terminal type foo is not known"), ("A=b", "</dev/null", "standard input is not a terminal"),
      ("A=b", "| cat", "standard output is not a terminal"),
    ])
  func unavailable(assignment: String, redirection: String, reason: String) async throws {
    try await withShell { tmux in
      try await tmux.type("clear; \(assignment) \(Self.probe) \(redirection)\n")
      let screen = try await tmux.waitFor("probe refused")
      #expect(screen.contains(reason), "\(screen)")
      try await expectSane(tmux)
    }
  }

  @Test("Leaving restores the screen and the modes")
  func leave() async throws {
    try await withShell { tmux in
      try await tmux.type("\(Self.probe)\n")
      try await tmux.waitFor("ready 100x30")
      #expect(try await tmux.format("#{alternate_on}") == "1")
      try await tmux.send("q")
      try await tmux.waitFor("probe ended: quit\nstandard error is back")
      try await expectSane(tmux)
    }
  }

  @Test(
    "A signal to end is reported, and the terminal restored",
    arguments: [(SIGTERM, "closed"), (SIGINT, "interrupted"), (SIGHUP, "closed")])
  func signals(signal: Int32, ending: String) async throws {
    try await withShell { tmux in
      try await tmux.type("cd ~; (sleep 1; kill -\(signal) $(cat pid)) & bash -c 'echo $$ >pid; exec \(Self.probe)'\n")
      try await tmux.waitFor("ready")
      try await tmux.waitFor("probe ended: \(ending)")
      try await expectSane(tmux)
    }
  }

  @Test("Ctrl-C is a report, not the end")
  func controlC() async throws {
    try await withShell { tmux in
      try await tmux.type("\(Self.probe)\n")
      try await tmux.waitFor("ready")
      try await tmux.send("C-c")
      try await tmux.waitFor("probe ended: interrupted")
      try await expectSane(tmux)
    }
  }

  @Test("The terminal going away is reported")
  func hangUp() async throws {
    let script = "cd ~; trap '' HUP; \(Self.probe); echo $? >status"
    try await Tmux.with(["bash", "-c", script]) { tmux in
      try await tmux.waitFor("ready")
      try await tmux.hangUp()
      var status: String?
      for _ in 0..<100 where status == nil {
        try await Task.sleep(for: .milliseconds(50))
        if FileManager.default.fileExists(atPath: "\(tmux.home)/status") {
          status = try String(contentsOf: URL(filePath: "\(tmux.home)/status"), encoding: .utf8)
        }
      }
      #expect(status == "0\n")
    }
  }

  @Test(
    "A crash restores the terminal, keeps its signal and its message",
    arguments: [("t", 132), ("r", 139), ("a", 134), ("o", 139), ("C-\\", 131)])
  func crash(key: String, status: Int) async throws {
    try await withShell(environment: ["PROBE_ERROR_LOG": "error.log"]) { tmux in
      // An interactive shell would repair the modes itself.
      let script = "trap : QUIT; \(Self.probe) </dev/tty; echo status $?; \(Self.printModes)"
      try script.write(toFile: "\(tmux.home)/script", atomically: false, encoding: .utf8)
      try await tmux.type("ulimit -c 0; cd ~; clear; sh script\n")
      try await tmux.waitFor("ready")
      try await tmux.send(key)
      let screen = try await tmux.waitFor("modes ")
      #expect(screen.contains("status \(status)\n\(Self.saneModes)"), "\(screen)")
      #expect(screen.contains("probe crashed: see the log"), "\(screen)")
      try await expectSane(tmux)
      if key == "t" {
        try await tmux.type("clear; stat -c 'mode %a' error.log; cat error.log\n")
        let log = try await tmux.waitFor("the probe traps")
        #expect(log.contains("mode 600"))
      }
    }
  }

  @Test("What is written to standard error does not spoil the screen")
  func standardError() async throws {
    try await withShell(environment: ["PROBE_ERROR_LOG": "error.log"]) { tmux in
      try await tmux.type("cd ~; \(Self.probe) </dev/tty\n")
      try await tmux.waitFor("ready")
      try await tmux.send("e")
      try await tmux.waitFor("character(\"e\")")
      #expect(try await !tmux.capture().contains("spoiled"))
      try await tmux.send("q")
      try await tmux.waitFor("probe ended")
      try await tmux.type("clear; cat error.log\n")
      try await tmux.waitFor("spoiled?")
    }
  }

  @Test("Ctrl-Z stops, fg comes back with the whole screen")
  func stop() async throws {
    try await withShell { tmux in
      try await tmux.type("\(Self.probe)\n")
      try await tmux.waitFor("ready 100x30")
      try await tmux.send("C-z")
      // Before its prompt the shell may throw away what is typed.
      try await tmux.waitFor("terminal-probe\nshell>")
      try await expectSane(tmux)
      try await tmux.resize(columns: 90, rows: 28)
      try await tmux.type("fg\n")
      try await tmux.waitFor("resize 90x28")
      let screen = try await tmux.waitFor("ready 100x30")
      #expect(!screen.contains("Stopped"), "\(screen)")
      try await tmux.send("Up")
      try await tmux.waitFor("key up")
      try await tmux.send("q")
      try await tmux.waitFor("probe ended: quit\nstandard error is back")
      try await expectSane(tmux)
    }
  }

  @Test("A child gets the plain terminal, and the screen comes back")
  func suspend() async throws {
    try await withShell { tmux in
      try await tmux.type("\(Self.probe)\n")
      try await tmux.waitFor("ready")
      try await tmux.send("s")
      let plain = try await tmux.waitFor("child speaks\necho")
      #expect(!plain.contains("probe ─"))
      try await tmux.send("C-z")
      // Before its prompt the shell may throw away what is typed.
      try await tmux.waitFor("terminal-probe\nshell>")
      try await tmux.type("fg\n")
      try await tmux.waitFor("fg\n")
      try await tmux.send("Enter")
      try await tmux.waitFor("child 7")
      try await tmux.send("Escape")
      try await tmux.waitFor("key escape")
    }
  }

  @Test("A text is put on the user's clipboard")
  func copy() async throws {
    try await withProbe { tmux in
      try await tmux.send("c")
      try await tmux.waitFor("copied true")
      #expect(try await tmux.clipboard() == "é\ncopied")
    }
  }

  @Test("Another thread can wake the loop")
  func wake() async throws {
    try await withProbe { tmux in
      try await tmux.send("w")
      try await tmux.waitFor("nothing")
    }
  }

  @Test("Ctrl-L paints what another program spoiled")
  func redraw() async throws {
    try await withProbe { tmux in
      let name = try await tmux.format("#{pane_tty}")
      let file = try #require(fopen(name, "w"))
      fputs("\u{1B}[5;5Hspoiled", file)
      fclose(file)
      try await tmux.waitFor("spoiled")
      try await tmux.send("C-l")
      try await tmux.send("z")
      let screen = try await tmux.waitFor("character(\"z\")")
      #expect(!screen.contains("spoiled"))
    }
  }

  @Test("A hidden line is read whole beyond 4095 bytes, and never shown")
  func secret() async throws {
    try await withShell { tmux in
      try await tmux.type("\(Self.probe) secret\n")
      try await tmux.waitFor("secret:")
      try await tmux.waitForHiddenInput()
      try await tmux.paste("xy" + String(repeating: "s", count: 5996) + "z!")
      try await tmux.send("Enter")
      let screen = try await tmux.waitFor("got 6000 xy z!")
      #expect(!screen.contains("sss"), "\(screen)")
      try await tmux.type("answer\n")
      try await tmux.waitFor("next was answer")
      try await expectSane(tmux)
    }
  }

  @Test("Of a secret of several lines nothing answers the next question")
  func secretLines() async throws {
    try await withShell { tmux in
      try await tmux.type("\(Self.probe) secret\n")
      try await tmux.waitFor("secret:")
      try await tmux.waitForHiddenInput()
      try await tmux.paste("{\n\"key\": 1\n}\n")
      try await tmux.waitFor("got severalLines\nnext")
      try await tmux.type("answer\n")
      try await tmux.waitFor("next was answer")
    }
  }

  @Test("Ctrl-C at a hidden line is reported with the modes restored")
  func secretInterrupted() async throws {
    try await withShell { tmux in
      try await tmux.type("\(Self.probe) secret\n")
      try await tmux.waitFor("secret:")
      try await tmux.waitForHiddenInput()
      try await tmux.type("abc")
      try await tmux.send("C-c")
      try await tmux.waitFor("got interrupted\nnext")
      try await tmux.type("visible\n")
      try await tmux.waitFor("visible\nnext was visible")
      try await expectSane(tmux)
    }
  }
}
