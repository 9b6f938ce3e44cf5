import Testing
import Text

@Suite("Text from outside, case by case")
struct OutsideTextTableTests {
  @Test(
    "Escape sequences, control characters and direction marks are gone, and the words stay",
    arguments: [
      ("plain text", "plain text"),
      ("ünïcode 漢字 🙂", "ünïcode 漢字 🙂"),
      ("\u{1b}[31mred\u{1b}[0m", "red"),
      ("\u{1b}[2J\u{1b}[Hgone", "gone"),
      ("\u{1b}[38;2;1;2;3mx", "x"),
      ("\u{1b}[?1049hx", "x"),
      ("\u{1b}]0;title\u{07}x", "x"),
      ("\u{1b}]8;;http://evil\u{1b}\\link\u{1b}]8;;\u{1b}\\", "link"),
      ("\u{1b}]52;c;cGF5bG9hZA==\u{9c}x", "x"),
      ("\u{1b}Pq#0\u{1b}\\x", "x"),
      ("\u{1b}cx", "x"),
      ("\u{1b}(0x", "x"),
      ("\u{1b}", ""),
      ("\u{1b}[", ""),
      ("a\u{1b}]never ended", "anever ended"),
      ("\u{9b}31mred", "red"),
      ("\u{90}q\u{9c}x", "x"),
      ("a\u{0}b\u{7}c\u{8}d\u{7f}e", "abcde"),
      ("a\u{85}b\u{a0}c", "a b\u{a0}c"),
      ("pass\u{202e}liaf", "passliaf"),
      ("a\u{200e}\u{200f}\u{2066}\u{2069}\u{61c}b", "ab"),
      ("a\u{200b}\u{2060}\u{feff}b", "ab"),
      ("a\u{2028}b\u{2029}c", "a b c"),
      ("a\tb\nc\r\nd\re", "a b c d e"),
      ("", ""),
    ])
  func clean(_ text: String, _ expected: String) {
    #expect(OutsideText.clean(text) == expected)
    // Cleaning what is clean changes nothing.
    #expect(OutsideText.clean(expected) == expected)
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
