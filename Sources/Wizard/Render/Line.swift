import Screen
import Text

/// A line of a page before it is placed: what `render` draws and `describe` speaks. All text in it is clean.
struct Line: Sendable, Equatable {
  /// Text with what it means.
  struct Span: Sendable, Equatable {
    var text: String
    var style: Style
  }

  var spans: [Span]

  init(_ text: String = "", _ style: Style = .plain) {
    spans = text.isEmpty ? [] : [Span(text: OutsideText.clean(text), style: style)]
  }

  /// The text alone.
  var text: String { spans.map(\.text).joined() }

  /// The same line with more behind it.
  func then(_ text: String, _ style: Style = .plain) -> Line {
    var line = self
    line.spans += Line(text, style).spans
    return line
  }

  /// The same line with blanks up to a width.
  func padded(to width: Int) -> Line {
    let missing = width - displayWidth(text)
    return missing > 0 ? then(String(repeating: " ", count: missing)) : self
  }

  /// Text in lines of a width, the first behind a lead, the others as far in.
  static func wrapped(_ text: String, _ style: Style = .plain, width: Int, lead: Line = Line(), indent: Int? = nil)
    -> [Line]
  {
    let indent = min(indent ?? displayWidth(lead.text), max(0, width - 8))
    let leadWidth = displayWidth(lead.text)
    guard leadWidth <= indent else {
      return [lead] + wrapped(text, style, width: width, indent: indent)
    }
    return wrap(OutsideText.clean(text, keepsLines: true), width: max(1, width - indent)).enumerated().map {
      index, part in
      (index == 0 ? lead.padded(to: indent) : Line(String(repeating: " ", count: indent))).then(part, style)
    }
  }
}

extension Grid {
  /// Draws a line, clipped after `maxWidth` cells.
  mutating func put(_ line: Line, at position: Position, maxWidth: Int) {
    var used = 0
    for span in line.spans {
      used += put(
        span.text, at: Position(column: position.column + used, row: position.row), style: span.style,
        maxWidth: max(0, maxWidth - used))
    }
  }

  /// Draws lines from an offset on; marks at the right edge say that there is more.
  mutating func put(_ lines: [Line], from offset: Int, in rect: Rect, glyphs: GlyphSet) {
    guard rect.size.rows > 0, rect.size.columns > 0 else { return }
    let offset = min(max(0, offset), max(0, lines.count - rect.size.rows))
    for (row, line) in lines.dropFirst(offset).prefix(rect.size.rows).enumerated() {
      put(
        line, at: Position(column: rect.origin.column, row: rect.origin.row + row), maxWidth: rect.size.columns - 1)
    }
    let edge = rect.origin.column + rect.size.columns - 1
    if offset > 0 { self[edge, rect.origin.row] = Cell(glyphs.up, .key) }
    if lines.count > offset + rect.size.rows {
      self[edge, rect.origin.row + rect.size.rows - 1] = Cell(glyphs.down, .key)
    }
  }
}

/// A time for a person: `0.4s`, `12s`, `1m05s`.
func timeText(_ time: Duration) -> String {
  let (seconds, attoseconds) = time.components
  if seconds < 0 { return "0s" }
  if seconds >= 60 {
    let rest = seconds % 60
    return "\(seconds / 60)m\(rest < 10 ? "0" : "")\(rest)s"
  }
  let tenths = attoseconds / 100_000_000_000_000_000
  return seconds < 10 && tenths > 0 ? "\(seconds).\(tenths)s" : "\(seconds)s"
}
