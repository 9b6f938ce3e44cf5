import CustomDump
import Screen
import Testing

@testable import Terminal

@Suite struct AvailabilityTests {
  private func check(_ term: String?, input: Bool = true, output: Bool = true, cup: Bool? = true)
    -> Terminal.Availability
  {
    Terminal.availability(
      environment: term.map { ["TERM": $0] } ?? [:], inputIsTerminal: input, outputIsTerminal: output,
      canMoveCursor: { _ in cup })
  }

  @Test("A terminal that can position the cursor is available")
  func available() {
    #expect(check("xterm-256color") == .available)
  }

  @Test("Each reason against is named")
  func reasons() {
    #expect(check("xterm", input: false) == .unavailable("standard input is not a terminal"))
    #expect(check("xterm", output: false) == .unavailable("standard output is not a terminal"))
    #expect(check(nil) == .unavailable("TERM is not set"))
    #expect(check("") == .unavailable("TERM is not set"))
    #expect(check("dumb") == .unavailable("TERM is dumb"))
    #expect(check("unknown") == .unavailable("TERM is unknown"))
    #expect(check("tty33", cup: false) == .unavailable("the terminal type tty33 cannot position the cursor"))
    #expect(check("foo", cup: nil) == .unavailable("the terminal type foo is not known on this machine"))
  }
}

@Suite struct EnvironmentRuleTests {
  @Test(
    "The encoding decides what is drawn",
    arguments: [
      (["LANG": "en_US.UTF-8"], "UTF-8", true, .unicode, nil),
      (["LC_ALL": "C"], "ANSI_X3.4-1968", true, .ascii, "C.UTF-8"),
      ([:], "ANSI_X3.4-1968", true, .ascii, "C.UTF-8"), (["LANG": "de_DE"], "ISO-8859-1", true, .ascii, "C.UTF-8"),
      (["LANG": "xx_XX.UTF-8"], "ANSI_X3.4-1968", false, .unicode, "C.UTF-8"),
      (["LC_ALL": "xx.utf8@euro"], "ANSI_X3.4-1968", false, .unicode, "C.UTF-8"),
      (["LC_ALL": "xx", "LANG": "de_DE.UTF-8"], "ANSI_X3.4-1968", false, .ascii, "C.UTF-8"),
      (["LC_ALL": "", "LANG": "xx_XX.UTF-8"], "ANSI_X3.4-1968", false, .unicode, "C.UTF-8"),
      (["LANG": "C.UTF-8", "TERM": "linux"], "UTF-8", true, .ascii, nil),
    ] as [([String: String], String, Bool, GlyphSet, String?)])
  func encoding(environment: [String: String], codeset: String, accepted: Bool, glyphs: GlyphSet, override: String?) {
    let choice = Encoding.choose(environment: environment, codeset: codeset, accepted: accepted)
    #expect(choice == Encoding(glyphs: glyphs, override: override))
  }

  @Test(
    "Escape waits longer where bytes arrive apart",
    arguments: [
      ([:], "/dev/pts/1", 25), (["SSH_CONNECTION": "1 2 3 4"], "/dev/pts/1", 150),
      (["SSH_TTY": "/dev/pts/1"], nil, 150),
      (["SSH_TTY": ""], nil, 25), ([:], "/dev/ttyS0", 150), ([:], "/dev/tty1", 25),
      (["ESCDELAY": "300", "SSH_TTY": "x"], nil, 300), (["ESCDELAY": "0"], nil, 1), (["ESCDELAY": "x"], nil, 25),
      (["ESCDELAY": "-5"], nil, 25), (["ESCDELAY": "99999999"], nil, 10_000),
    ] as [([String: String], String?, Int)])
  func escape(environment: [String: String], name: String?, delay: Int) {
    #expect(escapeDelay(environment: environment, terminalName: name) == delay)
  }

  @Test("Colour is used where there is some and nobody objects")
  func colour() {
    #expect(usesColour(.auto, environment: [:], available: 256))
    #expect(usesColour(.auto, environment: ["NO_COLOR": ""], available: 8))
    #expect(!usesColour(.auto, environment: ["NO_COLOR": "0"], available: 8))
    #expect(!usesColour(.never, environment: [:], available: 8))
    #expect(usesColour(.always, environment: ["NO_COLOR": "1"], available: 8))
    #expect(!usesColour(.always, environment: [:], available: 2))
  }

  @Test("Without colour, what must not be confused still looks different")
  func attributesAlone() {
    func mono(_ style: Style) -> Appearance {
      var look = Appearance.of(style)
      look.foreground = nil
      return look
    }
    let states: [Style] = [.plain, .good, .warning, .bad, .unknown, .focused]
    for (index, style) in states.enumerated() {
      for other in states[(index + 1)...] { #expect(mono(style) != mono(other), "\(style) and \(other)") }
    }
  }

  @Test("A text goes to the clipboard in base64, unless it is too long for one")
  func clipboard() {
    #expect(clipboardSequence("hé\u{1B}") == "\u{1B}]52;c;aMOpGw==\u{7}")
    #expect(clipboardSequence(String(repeating: "a", count: 56_244)) != nil)
    #expect(clipboardSequence(String(repeating: "a", count: 56_247)) == nil)
  }

  @Test("Delays are taken out of a capability")
  func padding() {
    #expect(withoutPadding("\u{1B}[?1049l$<5/>x$<20>") == "\u{1B}[?1049lx")
    #expect(withoutPadding("a$<b") == "a$<b")
  }
}

@Suite struct KeyDecodingTests {
  private let character: Int32 = 0
  private let keyCode: Int32 = 0o400

  @Test(
    "Characters become keys",
    arguments: [
      (97, .character("a")), (0x65E5, .character("日")), (0x1F642, .character("🙂")), (13, .enter), (10, .enter),
      (9, .tab),
      (27, .escape), (127, .backspace), (8, .backspace), (1, .control("a")), (21, .control("u")), (26, .control("z")),
      (0, .control(" ")), (28, .control("\\")), (31, .control("_")), (0x9B, nil), (0xD800, nil), (32, .character(" ")),
    ] as [(UInt32, Key?)])
  func characters(code: UInt32, key: Key?) {
    #expect(decodeKey(status: character, code: code) == key)
  }

  @Test(
    "Key codes become keys",
    arguments: [
      (0o402, .down), (0o403, .up), (0o404, .left), (0o405, .right), (0o406, .home), (0o407, .backspace),
      (0o411, .function(1)),
      (0o424, .function(12)), (0o512, .delete), (0o522, .pageDown), (0o523, .pageUp), (0o527, .enter),
      (0o541, .backTab),
      (0o550, .end), (0o552, .home), (0o601, .end), (0o632, nil), (0o631, nil), (0o410, nil), (5000, nil),
      (UInt32.max, nil),
    ] as [(UInt32, Key?)])
  func keyCodes(code: UInt32, key: Key?) {
    #expect(decodeKey(status: keyCode, code: code) == key)
  }

  @Test("An error is no key")
  func error() {
    #expect(decodeKey(status: -1, code: 97) == nil)
  }
}

@Suite struct InputDecoderTests {
  private let keyCode: Int32 = 0o400

  /// Feeds text as characters; `<` and `>` stand for the paste markers, `^` for the key Up.
  private func decode(_ text: String, thenIdle: Bool = true) -> [InputDecoder.Output] {
    var decoder = InputDecoder()
    var outputs: [InputDecoder.Output] = []
    for scalar in text.unicodeScalars {
      switch scalar {
      case "<": outputs += decoder.handle(status: keyCode, code: 2000)
      case ">": outputs += decoder.handle(status: keyCode, code: 2001)
      case "^": outputs += decoder.handle(status: keyCode, code: 0o403)
      default: outputs += decoder.handle(status: 0, code: scalar.value)
      }
    }
    return thenIdle ? outputs + decoder.idle() : outputs
  }

  private func keys(_ keys: Key...) -> [InputDecoder.Output] { keys.map { .event(.key($0)) } }

  @Test("Keys come one by one")
  func plain() {
    expectNoDifference(decode("a^\r"), keys(.character("a"), .up, .enter))
  }

  @Test("Escape alone is the Escape key, once nothing more is waiting")
  func escape() {
    expectNoDifference(decode("\u{1B}", thenIdle: false), [])
    expectNoDifference(decode("\u{1B}"), keys(.escape))
    expectNoDifference(decode("\u{1B}\u{1B}"), keys(.escape, .escape))
    expectNoDifference(decode("\u{1B}x"), keys(.escape, .character("x")))
    expectNoDifference(decode("\u{1B}^"), keys(.escape, .up))
  }

  @Test(
    "Unknown sequences are nothing, not an Escape and text",
    arguments: ["\u{1B}[I", "\u{1B}[57414;5u", "\u{1B}[?1;2c", "\u{1B}OX"])
  func unknown(sequence: String) {
    expectNoDifference(decode(sequence + "a"), keys(.character("a")))
  }

  @Test("A sequence that breaks off ends with the next key")
  func broken() {
    expectNoDifference(decode("\u{1B}[1"), [])
    expectNoDifference(decode("\u{1B}[1^"), keys(.up))
    expectNoDifference(decode("\u{1B}[1\ra"), keys(.enter, .character("a")))
  }

  @Test("Ctrl-L asks to redraw")
  func redraw() {
    expectNoDifference(decode("\u{C}"), [.redraw])
  }

  @Test("A paste is one event with its line ends made one kind")
  func paste() {
    expectNoDifference(
      decode("<{\r\n\"a\": 1\r}\n>x"), [.event(.paste("{\n\"a\": 1\n}\n")), .event(.key(.character("x")))])
  }

  @Test("Within a paste, keys and Escape are no commands")
  func pasteHasNoCommands() {
    expectNoDifference(decode("<a^\u{1B}\u{3}\u{C}b>"), [.event(.paste("a\u{1B}\u{3}\u{C}b"))])
  }

  @Test("An empty paste is an event, an end without a beginning is none")
  func edges() {
    expectNoDifference(decode("<>"), [.event(.paste(""))])
    expectNoDifference(decode(">a"), keys(.character("a")))
  }

  @Test("A paste keeps 64 KiB and is read to its end", arguments: ["a", "日"])
  func limit(text: String) {
    let outputs = decode("<" + String(repeating: text, count: 70_000) + ">x")
    #expect(outputs.count == 2)
    guard case .event(.paste(let pasted)) = outputs.first else {
      Issue.record("no paste")
      return
    }
    #expect(pasted.utf8.count <= 65_536 && pasted.utf8.count > 65_530)
    #expect(outputs.last == .event(.key(.character("x"))))
  }

  @Test("A paste whose end never comes can be ended")
  func unfinished() {
    var decoder = InputDecoder()
    _ = decoder.handle(status: keyCode, code: 2000)
    _ = decoder.handle(status: 0, code: 97)
    #expect(decoder.isPasting)
    expectNoDifference(decoder.endPaste(), [.event(.paste("a"))])
    #expect(decoder.isAtRest)
    expectNoDifference(decoder.endPaste(), [])
  }
}

@Suite struct SecretLineTests {
  private func line(_ text: String) -> SecretLine {
    var line = SecretLine()
    for byte in text.utf8 where !line.isFinished { _ = line.take(byte) }
    return line
  }

  @Test(
    "A hidden line is edited as a terminal's own",
    arguments: [
      ("abc\n", "abc"), ("abc\r", "abc"), ("ab\u{7F}c\n", "ac"), ("a日\u{8}b\n", "ab"), ("abc\u{15}d\n", "d"),
      ("\u{7F}a\u{1B}\tb\n", "ab"), ("a\u{4}b\n", "ab"),
    ])
  func editing(typed: String, text: String) {
    #expect(line(typed).bytes == Array(text.utf8))
    #expect(line(typed).isFinished)
  }

  @Test("Ctrl-D on an empty line is the end of the input")
  func end() {
    var line = SecretLine()
    let goesOn = line.take(4)
    #expect(!goesOn)
  }
}
