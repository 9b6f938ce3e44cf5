/// What a cell means; the terminal maps it to colours and attributes, or to attributes alone.
public enum Style: Sendable, Equatable, CaseIterable {
  case plain
  case title
  case faint
  case label
  case focused
  case input
  case good
  case warning
  case bad
  case unknown
  case key
  case border
}

/// One character cell. A wide character stands in its first cell; the second holds `Cell.continuation`.
public struct Cell: Sendable, Equatable {
  /// A single grapheme of width 1 or 2, never a control character.
  public var character: Character
  /// What it means.
  public var style: Style

  /// A cell from its parts.
  public init(_ character: Character = " ", _ style: Style = .plain) {
    self.character = character
    self.style = style
  }

  /// The second half of a wide character.
  public static let continuation = Cell("\u{0}", .plain)
}

/// The size of a screen in character cells.
public struct Size: Sendable, Equatable {
  /// Cells a row.
  public var columns: Int
  /// Rows.
  public var rows: Int

  /// A size from its parts.
  public init(columns: Int, rows: Int) {
    self.columns = columns
    self.rows = rows
  }
}

/// A position on a screen; the upper left cell is 0, 0.
public struct Position: Sendable, Equatable {
  /// Cells from the left.
  public var column: Int
  /// Rows from the top.
  public var row: Int

  /// A position from its parts.
  public init(column: Int, row: Int) {
    self.column = column
    self.row = row
  }
}

/// A whole screen: what a page is rendered to, what the terminal shows, what golden frames compare.
public struct Grid: Sendable, Equatable {
  /// The size; never changes.
  public let size: Size
  /// The cells, row by row.
  public private(set) var cells: [Cell]
  /// Where the cursor is shown; nil hides it.
  public var cursor: Position?

  /// An empty screen.
  public init(size: Size) {
    self.size = Size(columns: max(0, size.columns), rows: max(0, size.rows))
    cells = Array(repeating: Cell(), count: self.size.columns * self.size.rows)
  }

  /// The cell at a position; outside the screen reads blank and writes nothing.
  ///
  /// Writing keeps the screen drawable whatever is written: a wide character takes the cell to its right as well, or
  /// becomes blank in the last column; half a wide character that is written over becomes blank; what no cell can
  /// show is replaced as `drawable(_:)` says.
  public subscript(column: Int, row: Int) -> Cell {
    get { contains(column, row) ? cells[row * size.columns + column] : Cell() }
    set {
      guard contains(column, row) else { return }
      let index = row * size.columns + column
      let old = cells[index]
      if newValue.character == old.character {
        cells[index].style = newValue.style
        return
      }
      // Only a wide character makes a continuation; one from elsewhere has nothing to continue.
      var new = newValue
      new.character = newValue.character == Cell.continuation.character ? " " : drawable(newValue.character) ?? " "
      blankOtherHalf(of: index, in: column)
      if displayWidth(new.character) == 2 {
        guard column + 1 < size.columns else {
          cells[index] = Cell(" ", new.style)
          return
        }
        blankOtherHalf(of: index + 1, in: column + 1)
        cells[index + 1] = Cell(Cell.continuation.character, new.style)
      }
      cells[index] = new
    }
  }

  /// Before a cell is written: the half that stays behind of a wide character in it becomes blank.
  private mutating func blankOtherHalf(of index: Int, in column: Int) {
    if cells[index].character == Cell.continuation.character {
      cells[index - 1].character = " "
    } else if column + 1 < size.columns, cells[index + 1].character == Cell.continuation.character {
      cells[index + 1].character = " "
    }
  }

  private func contains(_ column: Int, _ row: Int) -> Bool {
    column >= 0 && row >= 0 && column < size.columns && row < size.rows
  }
}
