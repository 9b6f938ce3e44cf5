import CustomDump
import Screen
import Testing

@Suite struct GridTests {
  /// Every wide character is followed by its continuation, every continuation follows a wide character.
  private func isDrawable(_ grid: Grid) -> Bool {
    for row in 0..<grid.size.rows {
      for column in 0..<grid.size.columns {
        let character = grid[column, row].character
        let isContinuation = character == Cell.continuation.character
        if !isContinuation, displayWidth(character) == 2 {
          if column + 1 >= grid.size.columns { return false }
          if grid[column + 1, row].character != Cell.continuation.character { return false }
        }
        if isContinuation, column == 0 || displayWidth(grid[column - 1, row].character) != 2 { return false }
      }
    }
    return grid.textLines().allSatisfy { displayWidth($0) == grid.size.columns }
  }

  @Test("Text is written with wide characters in two cells")
  func put() {
    var grid = Grid(size: Size(columns: 8, rows: 1))
    #expect(grid.put("a日b", at: Position(column: 1, row: 0), style: .good) == 4)
    #expect(grid.textLines() == [" a日b   "])
    #expect(grid[3, 0].character == Cell.continuation.character)
    #expect(grid.styleLines() == [" ++++"])
  }

  @Test("A wide character that would stand half outside is left out")
  func clipped() {
    var grid = Grid(size: Size(columns: 4, rows: 2))
    grid.put("abc日", at: Position(column: 0, row: 0))
    #expect(grid.textLines()[0] == "abc ")
    #expect(grid.put("日日日", at: Position(column: 0, row: 1), maxWidth: 3) == 2)
    #expect(grid.textLines()[1] == "日  ")
  }

  @Test("Text that begins left of the screen shows its rest, half a wide character as a blank")
  func leftOfScreen() {
    var grid = Grid(size: Size(columns: 4, rows: 1))
    #expect(grid.put("x日yz", at: Position(column: -2, row: 0)) == 5)
    #expect(grid.textLines() == [" yz "])
  }

  @Test("Writing over half of a wide character blanks the other half", arguments: [1, 2])
  func overwrite(column: Int) {
    var grid = Grid(size: Size(columns: 4, rows: 1))
    grid.put("日", at: Position(column: 1, row: 0))
    grid[column, 0] = Cell("x")
    #expect(grid.textLines() == [column == 1 ? " x  " : "  x "])
    #expect(isDrawable(grid))
  }

  @Test("A style can be changed on either half without losing the character")
  func restyleWide() {
    var grid = Grid(size: Size(columns: 4, rows: 1))
    grid.put("日", at: Position(column: 1, row: 0))
    grid.restyle(grid.bounds, .focused)
    #expect(grid.textLines() == [" 日 "])
    #expect(grid.styleLines() == ["FFFF"])
  }

  @Test("No order of writes makes a frame that cannot be drawn")
  func invariant() {
    var random = SystemRandomNumberGenerator()
    let characters: [Character] = ["a", "日", "\u{0}", "é", "🙂", "\u{1B}", "👨‍👩‍👧", "\u{301}", " ", "🇩🇪", "\t"]
    for _ in 0..<300 {
      var grid = Grid(size: Size(columns: Int.random(in: 0...5, using: &random), rows: 2))
      for _ in 0..<30 {
        let column = Int.random(in: -1...5, using: &random)
        let row = Int.random(in: 0...2, using: &random)
        grid[column, row] = Cell(characters.randomElement(using: &random)!, .good)
        if Bool.random(using: &random) { grid.put("日a本", at: Position(column: column, row: row)) }
      }
      #expect(isDrawable(grid), "\(grid.textLines())")
      #expect(isDrawable(grid.transliterated(to: .ascii)))
    }
  }

  @Test("A control character never gets into a cell")
  func control() {
    var grid = Grid(size: Size(columns: 6, rows: 1))
    grid.put("a\u{1B}[\u{9B}\tb", at: Position(column: 0, row: 0))
    #expect(grid.textLines() == ["a?[? b"])
    #expect(!grid.cells.contains { $0.character.unicodeScalars.contains { $0.value < 32 || $0.value == 0x9B } })
  }

  @Test("A box has its title in the upper edge, cut where it is too long")
  func box() {
    var grid = Grid(size: Size(columns: 14, rows: 3))
    grid.box(grid.bounds, title: "Registry credentials")
    expectNoDifference(grid.textLines(), ["┌─ Registr… ─┐", "│            │", "└────────────┘"])
    grid.box(grid.bounds, title: "Registry credentials", glyphs: .ascii)
    expectNoDifference(grid.textLines(), ["+- Regis... -+", "|            |", "+------------+"])
  }

  @Test("Drawing outside and with absurd sizes does nothing", arguments: [0, 1, 2, 3])
  func tiny(side: Int) {
    var grid = Grid(size: Size(columns: side, rows: side))
    grid.box(Rect(column: -5, row: -5, columns: 100, rows: 100), title: "x")
    grid.fill(Rect(column: Int.max - 1, row: 0, columns: Int.max, rows: Int.max), with: "x")
    grid.fill(Rect(column: 0, row: 0, columns: -3, rows: 5), with: "x")
    grid.box(grid.bounds, title: "title")
    #expect(grid.textLines().allSatisfy { displayWidth($0) == side && !$0.contains("x") })
  }

  @Test("A fill takes only characters of one cell")
  func fill() {
    var grid = Grid(size: Size(columns: 3, rows: 2))
    grid.fill(grid.bounds, with: "#", style: .bad)
    grid.fill(Rect(column: 1, row: 1, columns: 9, rows: 9), with: "日")
    #expect(grid.textLines() == ["###", "#  "])
    #expect(grid.styleLines() == ["xxx", "x"])
  }

  @Test("A golden frame shows rows, cursor and styles")
  func golden() {
    var grid = Grid(size: Size(columns: 5, rows: 2))
    grid.put("ok", at: Position(column: 1, row: 0), style: .good)
    grid.cursor = Position(column: 2, row: 1)
    expectNoDifference(
      grid.goldenText(), "5x2 cursor 2,1\n| ok  |\n|     |\nstyles\n| ++\n|\n")
    expectNoDifference(grid.goldenText(styles: false), "5x2 cursor 2,1\n| ok  |\n|     |\n")
    #expect(grid.textLines(trimmed: true) == [" ok", ""])
  }

  @Test("Every style has a mark of its own")
  func marks() {
    #expect(Set(Style.allCases.map(\.mark)).count == Style.allCases.count)
  }

  @Test("A frame in ASCII keeps its shape")
  func ascii() {
    var grid = Grid(size: Size(columns: 16, rows: 3))
    grid.box(grid.bounds, title: "Größe")
    grid.put("✓ é日本…e\u{301}€", at: Position(column: 2, row: 1), style: .good)
    let plain = grid.transliterated(to: .ascii)
    expectNoDifference(plain.textLines(), ["+- Grose ------+", "| + e????~eE   |", "+--------------+"])
    #expect(plain.styleLines() == grid.styleLines())
    #expect(grid.transliterated(to: .unicode) == grid)
  }
}
