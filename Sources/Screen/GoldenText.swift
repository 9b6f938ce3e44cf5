extension Grid {
  /// The rows as text; the second half of a wide character is left out, trailing blanks too when `trimmed`.
  public func textLines(trimmed: Bool = false) -> [String] {
    lines(trimmed: trimmed) { $0.character == Cell.continuation.character ? nil : $0.character }
  }

  /// The rows as one mark for each cell's style (`Style.mark`), trailing plain cells left out.
  public func styleLines() -> [String] {
    lines(trimmed: true) { $0.style.mark }
  }

  /// A whole frame for a golden file: size and cursor, the rows, and the styles of the rows when `styles`.
  /// Each row stands between bars, so that an editor that strips trailing blanks changes nothing.
  public func goldenText(styles: Bool = true) -> String {
    let place = cursor.map { "\($0.column),\($0.row)" } ?? "hidden"
    var lines = ["\(size.columns)x\(size.rows) cursor \(place)"]
    lines += textLines().map { "|\($0)|" }
    if styles {
      lines.append("styles")
      lines += styleLines().map { "|\($0)" }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func lines(trimmed: Bool, _ shown: (Cell) -> Character?) -> [String] {
    (0..<size.rows).map { row in
      var line = cells[(row * size.columns)..<((row + 1) * size.columns)].compactMap(shown)
      if trimmed {
        while line.last == " " { line.removeLast() }
      }
      return String(line)
    }
  }
}

extension Style {
  /// The letter that stands for the style in a golden frame; plain is a blank.
  public var mark: Character {
    switch self {
    case .plain: " "
    case .title: "T"
    case .faint: "f"
    case .label: "l"
    case .focused: "F"
    case .input: "i"
    case .good: "+"
    case .warning: "!"
    case .bad: "x"
    case .unknown: "?"
    case .key: "k"
    case .border: "-"
    }
  }
}
