/// The part of a text field that a number of cells shows.
public struct TextFieldWindow: Sendable, Equatable {
  /// The rows, each at most as wide as asked.
  public var lines: [String]
  /// The cursor within them.
  public var cursor: Position
  /// Whether text stands left of what the cursor's row shows.
  public var moreLeft: Bool
  /// Whether text stands right of what the cursor's row shows.
  public var moreRight: Bool
  /// Rows above the first.
  public var rowsAbove: Int
  /// Rows below the last.
  public var rowsBelow: Int
}

extension TextField {
  /// Bullets that a secret shows at most: beyond it the length stays unknown to who looks on.
  public static let maskLimit = 12

  /// What `columns` by `rows` cells show, the cursor always among it. All rows scroll sideways together, by half a
  /// window at a time, so that the text stands still while the cursor moves and no scroll position needs keeping.
  public func window(columns: Int, rows: Int = 1, glyphs: GlyphSet = .unicode) -> TextFieldWindow {
    guard columns > 0, rows > 0 else {
      return TextFieldWindow(
        lines: [], cursor: Position(column: 0, row: 0), moreLeft: false, moreRight: false, rowsAbove: 0, rowsBelow: 0)
    }
    let shown = shownLines(glyphs)
    let cursorColumn = displayWidth(String(shown.lines[shown.row].prefix(shown.offset)))
    let start = Self.scroll(cursorColumn, window: columns)
    let firstRow = Self.scroll(shown.row, window: rows)
    let visible = shown.lines[firstRow..<min(shown.lines.count, firstRow + rows)]
    let slices = visible.map { Self.slice($0, from: start, columns: columns) }
    let current = slices[shown.row - firstRow]
    return TextFieldWindow(
      lines: slices.map(\.text),
      cursor: Position(column: cursorColumn - start, row: shown.row - firstRow),
      moreLeft: start > 0, moreRight: current.more,
      rowsAbove: firstRow, rowsBelow: shown.lines.count - firstRow - visible.count)
  }

  /// The text or its mask, in lines, with the cursor's line and its offset in characters. A masked text is one line.
  private func shownLines(_ glyphs: GlyphSet) -> (lines: [[Character]], row: Int, offset: Int) {
    if masked {
      let limit = Self.maskLimit
      return ([Array(repeating: glyphs.mask, count: min(count, limit))], 0, min(cursor, limit))
    }
    let all = Array(text)
    let before = all[..<cursor]
    let row = before.count { $0 == "\n" }
    let offset = cursor - (before.lastIndex(of: "\n").map { $0 + 1 } ?? 0)
    return (all.split(separator: "\n", omittingEmptySubsequences: false).map(Array.init), row, offset)
  }

  /// The first position shown, a multiple of half a window, such that `position` is inside.
  private static func scroll(_ position: Int, window: Int) -> Int {
    guard position >= window else { return 0 }
    let step = max(1, window / 2)
    return (position - window + step) / step * step
  }

  /// The characters that stand in `columns` cells from `start`; a wide one cut at an edge is a blank.
  private static func slice(_ line: [Character], from start: Int, columns: Int) -> (text: String, more: Bool) {
    var text = ""
    var column = 0
    for character in line {
      let cells = displayWidth(character)
      defer { column += cells }
      guard cells > 0, column + cells > start else { continue }
      if column < start {
        text += " "
      } else if column + cells <= start + columns {
        text.append(character)
      } else {
        return (column < start + columns ? text + " " : text, true)
      }
    }
    return (text, false)
  }
}
