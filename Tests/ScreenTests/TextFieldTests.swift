import Screen
import Testing

@Suite struct TextFieldTests {
  private func edited(_ text: String, _ keys: [Key], newlines: TextField.NewlinePolicy = .space) -> TextField {
    var field = TextField(text, newlines: newlines)
    for key in keys { _ = field.handle(key) }
    return field
  }

  @Test(
    "Keys edit at the cursor",
    arguments: [
      ([.character("x")], "one twox", 8), ([.left, .left, .character("x")], "one txwo", 6), ([.backspace], "one tw", 6),
      ([.home, .delete], "ne two", 0), ([.home, .backspace], "one two", 0), ([.delete], "one two", 7),
      ([.control("w")], "one ", 4), ([.control("w"), .control("w")], "", 0), ([.control("u")], "", 0),
      ([.left, .left, .left, .control("u")], "two", 0), ([.home, .right, .control("k")], "o", 1),
      ([.control("a"), .character("x"), .control("e"), .character("y")], "xone twoy", 9),
    ] as [([Key], String, Int)])
  func keys(keys: [Key], text: String, cursor: Int) {
    let field = edited("one two", keys)
    #expect(field.text == text)
    #expect(field.cursor == cursor)
  }

  @Test("The cursor moves by whole graphemes")
  func graphemes() {
    #expect(edited("a🇩🇪e\u{301}", [.left, .backspace]).text == "ae\u{301}")
    #expect(edited("ae\u{301}", [.backspace]).text == "a")
  }

  @Test("A mark typed after a letter joins it")
  func combining() {
    let field = edited("e", [.character("\u{301}"), .character("x")])
    #expect(field.text == "éx")
    #expect(field.cursor == 2)
  }

  @Test("Deleting what separates two halves of a grapheme leaves a valid cursor")
  func joiningDelete() {
    var field = TextField("\u{1F1E9}x\u{1F1EA}")
    _ = field.handle(.left)
    _ = field.handle(.backspace)
    #expect(field.count == 1)
    #expect(field.cursor == 1)
    #expect(field.window(columns: 5).cursor.column == 1)
  }

  @Test(
    "Keys of the form are left to the form",
    arguments: [.tab, .escape, .enter, .up, .down, .function(1), .control("c")] as [Key])
  func notHandled(key: Key) {
    var field = TextField("x")
    let before = field
    let handled = field.handle(key)
    #expect(!handled)
    #expect(field == before)
  }

  @Test(
    "Pasted line ends follow the field's policy",
    arguments: [
      (.space, "a b c"), (.remove, "abc"), (.keep, "a\nb\nc\n"),
    ] as [(TextField.NewlinePolicy, String)])
  func paste(policy: TextField.NewlinePolicy, text: String) {
    var field = TextField(newlines: policy)
    field.paste("a\r\nb\nc\n")
    #expect(field.text == text)
  }

  @Test("A paste goes in at the cursor, without control characters")
  func pasteAtCursor() {
    var field = TextField("[]")
    _ = field.handle(.left)
    field.paste("\u{1B}[31mx\u{7}y")
    #expect(field.text == "[xy]")
    #expect(field.cursor == 3)
  }

  @Test("A text with many lines is edited by line")
  func lines() {
    let keep = TextField.NewlinePolicy.keep
    #expect(edited("ab\ncd", [.home, .character("x")], newlines: keep).text == "ab\nxcd")
    #expect(edited("ab\ncd", [.up, .character("x")], newlines: keep).text == "abx\ncd")
    #expect(edited("abc\nd\nefg", [.up, .character("x")], newlines: keep).text == "abc\ndx\nefg")
    #expect(edited("ab\ncd", [.up, .home, .down, .control("k")], newlines: keep).text == "ab\n")
    #expect(edited("ab\ncd", [.up, .control("k")], newlines: keep).text == "abcd")
    #expect(edited("ab", [.enter, .character("c")], newlines: keep).text == "ab\nc")
    #expect(edited("ab\n", [.control("w")], newlines: keep).text == "ab")
    var field = TextField("ab\ncd", newlines: keep)
    let handled = [field.handle(.up), field.handle(.up)]
    #expect(handled == [true, false])
  }

  @Test("The cursor is always within the window", arguments: 1...9)
  func window(columns: Int) {
    var field = TextField("The 日本語 text é🙂 is long enough to scroll")
    _ = field.handle(.home)
    for _ in 0...field.count {
      let window = field.window(columns: columns)
      #expect((0..<columns).contains(window.cursor.column))
      #expect(window.lines.count == 1)
      #expect(displayWidth(window.lines[0]) <= columns)
      _ = field.handle(.right)
    }
  }

  @Test("A window shows the text around the cursor and says where more is")
  func windowContent() {
    var field = TextField("0123456789")
    var window = field.window(columns: 6)
    #expect(window.lines == ["6789"])
    #expect(window.cursor == Position(column: 4, row: 0))
    #expect(window.moreLeft && !window.moreRight)
    _ = field.handle(.home)
    window = field.window(columns: 6)
    #expect(window.lines == ["012345"])
    #expect(!window.moreLeft && window.moreRight)
  }

  @Test("A window of rows shows the cursor's row")
  func rows() {
    var field = TextField("a\nb\nc\nd\ne", newlines: .keep)
    var window = field.window(columns: 5, rows: 3)
    #expect(window.lines[window.cursor.row] == "e")
    #expect(window.rowsAbove > 0 && window.rowsBelow == 0)
    for _ in 0..<4 { _ = field.handle(.up) }
    window = field.window(columns: 5, rows: 3)
    #expect(window.lines == ["a", "b", "c"])
    #expect(window.rowsAbove == 0 && window.rowsBelow == 2)
  }

  @Test("A masked field shows bullets, and no length beyond the limit")
  func masked() {
    #expect(TextField("secret", masked: true).window(columns: 20).lines == ["••••••"])
    let long = TextField(String(repeating: "s", count: 500), masked: true)
    let longer = TextField(String(repeating: "t", count: 5000), masked: true)
    #expect(long.window(columns: 40) == longer.window(columns: 40))
    #expect(long.window(columns: 40, glyphs: .ascii).lines == [String(repeating: "*", count: TextField.maskLimit)])
    #expect(
      !TextField("se\ncret", newlines: .keep, masked: true).window(columns: 20, rows: 3).lines.joined().contains("s"))
  }

  @Test("A field without room has no rows")
  func noRoom() {
    #expect(TextField("x").window(columns: 0).lines.isEmpty)
    #expect(TextField("x").window(columns: 5, rows: 0).lines.isEmpty)
  }
}
