/// Text cut to `width` cells; what was cut is shown by the ellipsis, which is itself cut when it does not fit.
public func truncate(_ text: some StringProtocol, width: Int, ellipsis: String = "…") -> String {
  if displayWidth(text) <= width { return String(text) }
  let room = width - displayWidth(ellipsis)
  guard room > 0 else { return prefix(of: ellipsis, width: width) }
  return prefix(of: text, width: room) + ellipsis
}

/// A text cut in its middle where it is wider than `width` cells: of a long path or image name the end tells most.
public func truncateMiddle(_ text: some StringProtocol, width: Int, ellipsis: String = "…") -> String {
  let room = width - displayWidth(ellipsis)
  guard displayWidth(text) > width, room > 1 else { return truncate(text, width: width, ellipsis: ellipsis) }
  var end: [Character] = []
  var used = 0
  for character in text.reversed() {
    used += displayWidth(character)
    if used > room - room / 3 { break }
    end.append(character)
  }
  return prefix(of: text, width: room / 3) + ellipsis + String(end.reversed())
}

/// The longest beginning of a text that takes at most `width` cells.
public func prefix(of text: some StringProtocol, width: Int) -> String {
  var result = ""
  var used = 0
  for character in text {
    used += displayWidth(character)
    if used > width { break }
    result.append(character)
  }
  return result
}

/// Text in lines of at most `width` cells, broken between words, inside a word only when it is longer than a line.
///
/// `\n` always breaks; the spaces at the beginning of such a line are kept, those at a break of ours are not. A wide
/// character on a screen one cell wide becomes a question mark. An empty text is one empty line; no width, no lines.
public func wrap(_ text: some StringProtocol, width: Int) -> [String] {
  guard width > 0 else { return [] }
  return text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).flatMap {
    wrapLine($0, width: width)
  }
}

private func wrapLine(_ line: some StringProtocol, width: Int) -> [String] {
  var lines: [String] = []
  var current = ""
  var used = 0
  var spaces = ""
  var word = ""

  func takeWord() {
    guard !word.isEmpty else { return }
    let wordWidth = displayWidth(word)
    if used + spaces.count + wordWidth <= width {
      current += spaces + word
      used += spaces.count + wordWidth
    } else {
      if used > 0 { lines.append(current) }
      current = ""
      used = 0
      for character in word {
        let drawn = displayWidth(character) > width ? "?" : character
        let cells = displayWidth(drawn)
        if used + cells > width {
          lines.append(current)
          current = ""
          used = 0
        }
        current.append(drawn)
        used += cells
      }
    }
    spaces = ""
    word = ""
  }

  for character in line {
    if character == " " {
      takeWord()
      spaces.append(character)
    } else {
      word.append(character)
    }
  }
  takeWord()
  if !current.isEmpty || lines.isEmpty { lines.append(current) }
  return lines
}
