import CNcurses
public import Screen

extension Terminal {
  /// Shows a frame. What is larger than the screen is clipped, what is smaller leaves blanks; only what changed is sent.
  public func show(_ grid: Grid) {
    guard isOpen, let window = cncurses_stdscr() else { return }
    lastGrid = grid
    let frame = grid.transliterated(to: glyphs)
    for row in 0..<size.rows {
      for column in 0..<size.columns {
        let cell = frame[column, row]
        // Its first half has drawn it.
        if cell.character == Cell.continuation.character { continue }
        draw(cell, column: column, row: row, window: window)
      }
    }
    if let cursor = frame.cursor, cursor.column >= 0, cursor.row >= 0, cursor.column < size.columns,
      cursor.row < size.rows
    {
      curs_set(1)
      wmove(window, Int32(cursor.row), Int32(cursor.column))
    } else {
      curs_set(0)
      wmove(window, 0, 0)
    }
    wnoutrefresh(window)
    doupdate()
  }

  private func draw(_ cell: Cell, column: Int, row: Int, window: UnsafeMutablePointer<WINDOW>) {
    let look = palette[cell.style]
    func put(_ text: [wchar_t], _ column: Int) -> Bool {
      // In the last cell of the screen ERR only says that the cursor could not move on.
      cncurses_put(window, Int32(row), Int32(column), text, look.attributes, look.pair) == OK
    }
    if let ascii = cell.character.asciiValue {
      _ = put([wchar_t(ascii), 0], column)
      return
    }
    let width = displayWidth(cell.character)
    let scalars = cell.character.unicodeScalars.map { wchar_t(bitPattern: $0.value) }
    // The C library's table may be older than ours; a cell that both do not agree on would shift the row.
    let agreed = scalars.enumerated().allSatisfy { Int(wcwidth($1)) == ($0 == 0 ? width : 0) }
    if agreed, column + width <= size.columns, put(scalars + [0], column) { return }
    let isLastCell = column + width >= size.columns && row + 1 >= size.rows
    if agreed, isLastCell, column + width <= size.columns { return }
    for offset in 0..<width where column + offset < size.columns { _ = put([0x3F, 0], column + offset) }
  }
}
