/// Text made fit for comments, where nothing can be escaped.
enum CommentText {
  /// The lines of a text, split wherever some reader breaks a line. Tabs become blanks, other characters that do not show are
  /// replaced, and blanks at the end go.
  static func lines(of text: String) -> [String] {
    var lines: [String] = []
    var line = ""
    var previous: Unicode.Scalar = " "
    for scalar in text.unicodeScalars {
      switch scalar.value {
      case 0x0A where previous == "\r": break
      case 0x0A, 0x0B, 0x0C, 0x0D, 0x85, 0x2028, 0x2029:
        lines.append(line)
        line = ""
      case 0x09, 0xA0: line += " "
      default: line.unicodeScalars.append(Printable.isSafe(scalar) ? scalar : "\u{FFFD}")
      }
      previous = scalar
    }
    lines.append(line)
    return lines.map(withoutTrailingBlanks)
  }

  /// A line cut between words so that each part has at most `width` characters where its words allow it.
  static func wrapped(_ line: String, width: Int?) -> [String] {
    guard let width, line.count > width, !line.hasPrefix(" ") else { return [line] }
    var parts: [String] = []
    var part = ""
    for word in line.split(separator: " ") {
      if !part.isEmpty, part.count + 1 + word.count > width {
        parts.append(part)
        part = ""
      }
      part += (part.isEmpty ? "" : " ") + word
    }
    parts.append(part)
    return parts
  }

  private static func withoutTrailingBlanks(_ line: String) -> String {
    var scalars = line.unicodeScalars
    while scalars.last == " " { scalars.removeLast() }
    return String(scalars)
  }
}
