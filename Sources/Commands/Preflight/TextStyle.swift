import Screen
import SetupCore
import Text

/// How plain text is written for whoever reads standard output.
struct TextStyle: Sendable, Equatable {
  /// Columns that text is wrapped to.
  var width: Int
  /// The marks.
  var glyphs: GlyphSet
  /// Whether words may have colours, which never say anything that the words do not.
  var isColoured: Bool

  /// A style from its parts.
  init(width: Int, glyphs: GlyphSet = .unicode, isColoured: Bool = false) {
    self.width = min(10_000, max(1, width))
    self.glyphs = glyphs
    self.isColoured = isColoured
  }

  /// The rule: `COLUMNS` goes before the terminal's width, wide terminals are not filled, and a file gets 100 columns.
  /// Colours are for a terminal that is not dumb, unless NO_COLOR is set; other characters than ASCII for a UTF-8 locale.
  init(_ console: Console, _ environment: [String: String]) {
    let asked = environment["COLUMNS"].flatMap { Int($0) }.flatMap { (20...10_000).contains($0) ? $0 : nil }
    width = min(120, max(20, asked ?? console.columns ?? 100))
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty } ?? ""
    let codeset = locale.split(separator: ".", maxSplits: 1).dropFirst().first.map { $0.prefix { $0 != "@" } } ?? ""
    let term = environment["TERM"] ?? ""
    glyphs = ["utf-8", "utf8"].contains(codeset.lowercased()) && term != "linux" ? .unicode : .ascii
    isColoured =
      console.columns != nil && (environment["NO_COLOR"] ?? "").isEmpty && !["", "dumb"].contains(term)
  }

  /// A verdict's mark.
  func mark(_ status: FindingStatus) -> Character {
    switch status {
    case .pass: glyphs.check
    case .warn: glyphs.warning
    case .fail: glyphs.cross
    case .unknown: glyphs.question
    case .skipped, .waived: glyphs.dot
    }
  }

  /// The text in a verdict's colour.
  func coloured(_ text: String, _ status: FindingStatus) -> String {
    let code =
      switch status {
      case .pass: "32"
      case .warn: "33"
      case .fail: "1;31"
      case .unknown: "35"
      case .skipped: "2"
      case .waived: "36"
      }
    return isColoured ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
  }

  /// The text as a heading.
  func heading(_ text: String) -> String { isColoured ? "\u{1B}[1m\(text)\u{1B}[0m" : text }

  /// A sentence from outside; blanks in a row are one, so that it cannot look like columns of ours.
  func sentence(_ text: String) -> String {
    shown(text).split(separator: " ").joined(separator: " ")
  }

  /// Text from outside, safe to show in these characters.
  func shown(_ text: String) -> String {
    let cleaned = OutsideText.clean(text)
    return glyphs == .ascii ? transliterated(cleaned) : cleaned
  }
}
