import Screen
import Testing

@Suite struct TextTests {
  @Test(
    "A character takes the cells that terminals give it",
    arguments: [
      ("a", 1), ("é", 1), ("e\u{301}", 1), ("日", 2), ("ｱ", 1), ("Ａ", 2), ("한", 2), ("\u{1112}\u{1161}\u{11AB}", 2),
      ("🙂", 2), ("✓", 1), ("─", 1), ("⚠\u{FE0F}", 1), ("1\u{FE0F}\u{20E3}", 1), ("👨‍👩‍👧", 1), ("🇩🇪", 1), ("👍🏽", 1),
      ("\u{200B}", 0), ("\u{202E}", 0), ("\u{301}", 0), ("\t", 1), ("\n", 1), ("\r\n", 1), ("\u{1B}", 1),
      ("\u{E000}", 1),
      ("\u{3000}", 2), ("\u{A0}", 1), ("\u{3164}", 0),
    ] as [(Character, Int)])
  func width(character: Character, cells: Int) {
    #expect(displayWidth(character) == cells)
  }

  @Test(
    "What terminals disagree about is drawn as a question mark",
    arguments: ["👨‍👩‍👧", "🇩🇪", "👍🏽", "\u{7}", "\u{E000}", "\u{9B}", "\u{378}"] as [Character])
  func replaced(character: Character) {
    #expect(drawable(character) == "?")
  }

  @Test("A base with many marks is drawn only as far as a cell can hold it")
  func marks() {
    #expect(drawable("e\u{301}\u{302}\u{303}\u{304}") == "e\u{301}\u{302}\u{303}\u{304}")
    #expect(drawable("e\u{301}\u{302}\u{303}\u{304}\u{305}") == "?")
  }

  @Test(
    "Text is wrapped between words by the cells it takes",
    arguments: [
      ("one two three", 7, ["one two", "three"]), ("", 5, [""]), ("a b", 1, ["a", "b"]),
      ("abcdefgh", 3, ["abc", "def", "gh"]), ("ab cdefgh i", 4, ["ab", "cdef", "gh i"]),
      ("日本語 日本", 4, ["日本", "語", "日本"]), ("a\n\nb", 5, ["a", "", "b"]),
      ("  - item that wraps", 12, ["  - item", "that wraps"]),
      ("x日y", 1, ["x", "?", "y"]), ("word   ", 10, ["word"]), ("x", 0, []), ("a\r\nb", 5, ["a", "b"]),
    ])
  func wrapping(text: String, width: Int, lines: [String]) {
    #expect(wrap(text, width: width) == lines)
  }

  @Test("No wrapped line is wider than asked", arguments: 1...12)
  func wrapWidth(width: Int) {
    let text = "The quick 日本語の文字 brown 🙂🙂🙂 fox-jumps-over-everything\n  lazy   dogs"
    let lines = wrap(text, width: width)
    #expect(lines.allSatisfy { displayWidth($0) <= width })
    if width > 1 {
      #expect(lines.joined().filter { $0 != " " } == text.filter { $0 != " " && $0 != "\n" })
    }
  }

  @Test(
    "Cut text ends in an ellipsis",
    arguments: [
      ("abcdef", 6, "abcdef"), ("abcdef", 5, "abcd…"), ("日本語", 4, "日…"), ("abc", 1, "…"), ("abc", 0, ""), ("", 0, ""),
    ])
  func cut(text: String, width: Int, result: String) {
    #expect(truncate(text, width: width) == result)
  }

  @Test("An ellipsis of three cells is cut where it does not fit")
  func asciiEllipsis() {
    #expect(truncate("abcdef", width: 5, ellipsis: "...") == "ab...")
    #expect(truncate("abcdef", width: 2, ellipsis: "...") == "..")
  }

  @Test(
    "A text cut in its middle keeps its end, and never grows wider than asked",
    arguments: [
      ("registry.example.com/agent:1.2.3", 16, "regis…gent:1.2.3"), ("abc", 3, "abc"), ("abcdef", 2, "a…"),
      ("日本語日本語", 7, "日…本語"), ("abcdef", 0, ""),
    ])
  func middle(_ text: String, _ width: Int, _ result: String) {
    #expect(truncateMiddle(text, width: width) == result)
    #expect(displayWidth(result) <= width)
  }
}

@Suite struct GlyphSetTests {
  private func all(_ glyphs: GlyphSet) -> [Character] {
    [
      glyphs.check, glyphs.cross, glyphs.warning, glyphs.question, glyphs.bullet, glyphs.dot, glyphs.pointer, glyphs.up,
      glyphs.down, glyphs.left, glyphs.right, glyphs.radioOn, glyphs.radioOff, glyphs.mask, glyphs.horizontal,
      glyphs.vertical, glyphs.topLeft, glyphs.topRight, glyphs.bottomLeft, glyphs.bottomRight, glyphs.teeLeft,
      glyphs.teeRight, glyphs.teeTop, glyphs.teeBottom, glyphs.crossing, glyphs.barFull, glyphs.barEmpty,
    ] + glyphs.spinner
  }

  @Test("Every glyph takes one cell", arguments: GlyphSet.allCases)
  func widths(glyphs: GlyphSet) {
    #expect(all(glyphs).allSatisfy { displayWidth($0) == 1 && drawable($0) == $0 })
  }

  @Test("The ASCII set is ASCII, and the other transliterates to ASCII without question marks")
  func ascii() {
    #expect(all(.ascii).allSatisfy { $0.isASCII })
    let others = String(all(.unicode).filter { $0 != "?" })
    #expect(transliterated(others).allSatisfy { $0.isASCII && $0 != "?" })
  }

  @Test("Pass, fail, warning and unknown look different in both sets", arguments: GlyphSet.allCases)
  func distinct(glyphs: GlyphSet) {
    #expect(Set([glyphs.check, glyphs.cross, glyphs.warning, glyphs.question, glyphs.bullet]).count == 5)
  }

  @Test(
    "A progress bar is full only when all is done",
    arguments: [(0, "...."), (0.5, "##.."), (0.999, "###."), (1, "####"), (7, "####"), (-1, "...."), (.nan, "....")])
  func bar(fraction: Double, bar: String) {
    #expect(GlyphSet.ascii.progressBar(fraction, width: 4) == bar)
  }

  @Test("A spinner turns for any tick")
  func spinner() {
    #expect(GlyphSet.ascii.spinnerFrame(5) == "/")
    #expect(GlyphSet.ascii.spinnerFrame(-1) == "\\")
  }
}
