/// A rectangle of character cells.
public struct Rect: Sendable, Equatable {
  /// The upper left cell.
  public var origin: Position
  /// Cells across and down; nothing is drawn when either is not positive.
  public var size: Size

  /// A rectangle from its parts.
  public init(column: Int, row: Int, columns: Int, rows: Int) {
    origin = Position(column: column, row: row)
    size = Size(columns: columns, rows: rows)
  }

  /// The rectangle without `margin` cells on each side; never smaller than empty.
  public func inset(by margin: Int = 1) -> Rect {
    Rect(
      column: origin.column + margin, row: origin.row + margin,
      columns: max(0, size.columns - 2 * margin), rows: max(0, size.rows - 2 * margin))
  }
}

extension Grid {
  /// The whole screen.
  public var bounds: Rect { Rect(column: 0, row: 0, columns: size.columns, rows: size.rows) }

  /// Writes one row of text, clipped at the screen's edges and after `maxWidth` cells. A wide character that would stand
  /// half outside is left out. Returns the cells the text took, drawn or clipped at the left, so that the next piece can follow.
  @discardableResult
  public mutating func put(
    _ text: some StringProtocol, at position: Position, style: Style = .plain, maxWidth: Int = .max
  ) -> Int {
    var used = 0
    for character in text {
      guard let drawn = drawable(character) else { continue }
      let cells = displayWidth(drawn)
      guard used + cells <= maxWidth else { break }
      let column = position.column + used
      guard column < size.columns else { break }
      used += cells
      // Half of it is left of the screen: the other half shows as a blank.
      if cells == 2, column == -1 {
        self[0, position.row] = Cell(" ", style)
      } else {
        self[column, position.row] = Cell(drawn, style)
      }
    }
    return used
  }

  /// Fills a rectangle with one character of width 1.
  public mutating func fill(_ rect: Rect, with character: Character = " ", style: Style = .plain) {
    let filler = displayWidth(character) == 1 ? character : " "
    let columns = visible(rect.origin.column, rect.size.columns, of: size.columns)
    for row in visible(rect.origin.row, rect.size.rows, of: size.rows) {
      for column in columns { self[column, row] = Cell(filler, style) }
    }
  }

  /// Gives the cells of a rectangle another style.
  public mutating func restyle(_ rect: Rect, _ style: Style) {
    let columns = visible(rect.origin.column, rect.size.columns, of: size.columns)
    for row in visible(rect.origin.row, rect.size.rows, of: size.rows) {
      for column in columns { self[column, row].style = style }
    }
  }

  /// Draws a border just inside a rectangle, a title in its upper edge. Smaller than 2 by 2 there is no room for one.
  public mutating func box(
    _ rect: Rect, title: String = "", glyphs: GlyphSet = .unicode, style: Style = .border, titleStyle: Style = .title
  ) {
    guard rect.size.columns >= 2, rect.size.rows >= 2 else { return }
    let (left, top) = (rect.origin.column, rect.origin.row)
    let (right, bottom) = (left + rect.size.columns - 1, top + rect.size.rows - 1)
    for column in visible(left, rect.size.columns, of: size.columns) {
      self[column, top] = Cell(glyphs.horizontal, style)
      self[column, bottom] = Cell(glyphs.horizontal, style)
    }
    for row in visible(top, rect.size.rows, of: size.rows) {
      self[left, row] = Cell(glyphs.vertical, style)
      self[right, row] = Cell(glyphs.vertical, style)
    }
    self[left, top] = Cell(glyphs.topLeft, style)
    self[right, top] = Cell(glyphs.topRight, style)
    self[left, bottom] = Cell(glyphs.bottomLeft, style)
    self[right, bottom] = Cell(glyphs.bottomRight, style)
    let room = rect.size.columns - 6
    guard !title.isEmpty, room > 0 else { return }
    let shown = " \(truncate(title, width: room, ellipsis: glyphs.ellipsis)) "
    put(shown, at: Position(column: left + 2, row: top), style: titleStyle)
  }

  /// The part of `start ..< start + count` that stands on a screen of `limit` cells.
  private func visible(_ start: Int, _ count: Int, of limit: Int) -> Range<Int> {
    let first = min(max(0, start), limit)
    let (end, overflow) = start.addingReportingOverflow(max(0, count))
    return first..<max(first, min(overflow ? limit : end, limit))
  }
}
