import Testing
import Text

@Suite("Text from outside") struct OutsideTextTests {
  @Test(
    "Escape sequences are removed whole",
    arguments: [
      ("a\u{1B}[31mred\u{1B}[0m", "ared"), ("\u{1B}]0;title\u{7}x", "x"), ("\u{1B}]52;c;aGk=\u{1B}\\x", "x"),
      ("\u{1B}P1$r\u{1B}\\x", "x"), ("\u{9B}2Jx", "x"), ("\u{9D}0;t\u{9C}x", "x"), ("\u{1B}(Bx", "x"),
      ("\u{1B}cx", "x"),
      ("\u{1B}[?25lx", "x"), ("x\u{1B}", "x"), ("x\u{1B}[", "x"), ("x\u{1B}[3", "x"), ("\u{1B}[3\nx", " x"),
      ("\u{1B}]0;no end", "0;no end"), ("a\u{8}b\u{7F}c\u{0}", "abc"), ("\u{1B}\u{1B}[2Jx", "x"),
    ])
  func escapes(text: String, cleaned: String) {
    #expect(OutsideText.clean(text) == cleaned)
  }

  @Test("Bidirectional overrides and invisible characters are removed")
  func invisible() {
    #expect(
      OutsideText.clean("a\u{202E}b\u{2066}c\u{200B}d\u{FEFF}e\u{AD}f\u{200D}g\u{E0041}h\u{3164}i") == "abcdefghi")
  }

  @Test("A character keeps four marks")
  func zalgo() {
    #expect(OutsideText.clean("e" + String(repeating: "\u{301}", count: 40) + "x\u{301}").unicodeScalars.count == 7)
  }

  @Test("Line ends and tabs become spaces, or one kind of line end")
  func newlines() {
    let text = "a\r\nb\rc\nd\te\u{2028}f"
    #expect(OutsideText.clean(text) == "a b c d e f")
    #expect(OutsideText.clean(text, keepsLines: true) == "a\nb\nc\nd e\nf")
  }

  @Test("Cleaning clean text changes nothing")
  func idempotent() {
    for text in ["", "plain", "日本 é 🙂", "a\u{1B}[31mb", "\u{1B}]x", "\u{1B}\u{9B}]x"] {
      #expect(OutsideText.clean(OutsideText.clean(text)) == OutsideText.clean(text))
    }
  }

  @Test("Long text is cut, the ellipsis counted")
  func limit() {
    #expect(OutsideText.clean("abcdef", limit: 3) == "ab…")
    #expect(OutsideText.clean("abc", limit: 3) == "abc")
    #expect(OutsideText.clean("abc", limit: 0) == "…")
  }

  @Test("Nothing that a terminal acts on comes out of random text")
  func random() {
    var generator = SystemRandomNumberGenerator()
    let alphabet: [Unicode.Scalar] =
      "\u{1b}\u{9b}\u{9c}\u{90}[]()PX^_;?0123456789mhABC\\\u{7}\u{0}\u{7f}\n\r\t\u{202e}\u{200b} xyz".unicodeScalars
      .map { $0 }
    for _ in 0..<2000 {
      var text = String.UnicodeScalarView()
      for _ in 0..<Int.random(in: 0...20, using: &generator) {
        if let scalar = alphabet.randomElement(using: &generator) { text.append(scalar) }
      }
      let cleaned = OutsideText.clean(String(text))
      let isClean = cleaned.unicodeScalars.allSatisfy {
        $0.value >= 0x20 && !(0x7f..<0xa0).contains($0.value) && !(0x2028...0x202e).contains($0.value)
      }
      #expect(isClean, "\(String(text).debugDescription)")
    }
  }
}
