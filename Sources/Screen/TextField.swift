import Text

/// A text being edited, as a value: the keys go in, the part to draw comes out.
public struct TextField: Sendable, Equatable {
  /// What becomes of line ends in pasted text; those at its end are always left out when the field has one line.
  public enum NewlinePolicy: Sendable, Equatable {
    /// The field has many lines; Enter starts one.
    case keep
    /// One line; a line end becomes a space.
    case space
    /// One line; line ends are left out, as for a token that was copied from wrapped output.
    case remove
  }

  /// What becomes of line ends.
  public let newlines: NewlinePolicy
  /// Whether the text is a secret and is drawn as bullets.
  public let masked: Bool
  private var characters: [Character]
  /// Where the next character goes: 0 is before the first, `count` after the last.
  public private(set) var cursor: Int

  /// A field with a text in it, cleaned as a paste is, and the cursor at its end.
  public init(_ text: String = "", newlines: NewlinePolicy = .space, masked: Bool = false) {
    self.newlines = newlines
    self.masked = masked
    characters = []
    cursor = 0
    paste(text)
  }

  /// The text as it stands.
  public var text: String {
    get { String(characters) }
    set { self = TextField(newValue, newlines: newlines, masked: masked) }
  }

  /// Characters (graphemes) in the text.
  public var count: Int { characters.count }

  /// Whether there is no text.
  public var isEmpty: Bool { characters.isEmpty }

  /// Applies a key. Returns whether it was one of the field's; others (Tab, Escape, Enter in a single line, Up in the first
  /// line) are for whoever owns the field.
  public mutating func handle(_ key: Key) -> Bool {
    switch key {
    case .character(let character): insert(String(character))
    case .enter:
      guard newlines == .keep else { return false }
      insert("\n")
    case .backspace, .control("h"): delete(max(0, cursor - 1)..<cursor)
    case .delete, .control("d"): delete(cursor..<min(cursor + 1, count))
    case .left, .control("b"): cursor = max(0, cursor - 1)
    case .right, .control("f"): cursor = min(count, cursor + 1)
    case .home, .control("a"): cursor = lineStart
    case .end, .control("e"): cursor = lineEnd
    case .up: return moveLine(by: -1)
    case .down: return moveLine(by: 1)
    case .control("u"): delete(lineStart..<cursor)
    case .control("k"): delete(cursor..<(cursor == lineEnd ? min(cursor + 1, count) : lineEnd))
    case .control("w"): delete(wordStart..<cursor)
    default: return false
    }
    return true
  }

  /// Inserts text from outside at the cursor: cleaned, line ends by the field's policy.
  public mutating func paste(_ text: String) {
    var cleaned = OutsideText.clean(text, keepsLines: true)
    if newlines != .keep {
      while cleaned.last == "\n" { cleaned.removeLast() }
      cleaned = String(
        cleaned.compactMap { character in
          guard character == "\n" else { return character }
          return newlines == .space ? " " : nil
        })
    }
    put(cleaned)
  }

  /// Removes everything.
  public mutating func clear() {
    characters = []
    cursor = 0
  }

  /// A key's text: control characters are left out, but a mark may join the character before the cursor.
  private mutating func insert(_ text: String) {
    put(newlines == .keep ? OutsideText.clean(text, keepsLines: true) : OutsideText.clean(text))
  }

  /// Joins at the level of the text, because what is inserted may become one grapheme with its neighbour.
  private mutating func put(_ text: String) {
    let before = String(characters[..<cursor]) + text
    let whole = before + String(characters[cursor...])
    characters = Array(whole)
    cursor = min(before.count, characters.count)
  }

  private mutating func delete(_ range: Range<Int>) {
    let before = String(characters[..<range.lowerBound])
    characters = Array(before + String(characters[range.upperBound...]))
    cursor = min(before.count, characters.count)
  }

  private var lineStart: Int { characters[..<cursor].lastIndex(of: "\n").map { $0 + 1 } ?? 0 }
  private var lineEnd: Int { characters[cursor...].firstIndex(of: "\n") ?? count }

  /// The beginning of the word before the cursor; a line end is a word of its own.
  private var wordStart: Int {
    var index = cursor
    if index > 0, characters[index - 1] == "\n" { return index - 1 }
    while index > 0, characters[index - 1] == " " { index -= 1 }
    while index > 0, characters[index - 1] != " ", characters[index - 1] != "\n" { index -= 1 }
    return index
  }

  private mutating func moveLine(by step: Int) -> Bool {
    let column = cursor - lineStart
    if step < 0 {
      guard lineStart > 0 else { return false }
      cursor = lineStart - 1
      cursor = min(lineStart + column, cursor)
    } else {
      guard lineEnd < count else { return false }
      cursor = lineEnd + 1
      cursor = min(cursor + column, lineEnd)
    }
    return true
  }
}
