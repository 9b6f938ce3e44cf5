/// How a string is spelled so that every YAML 1.1 and 1.2 reader takes it for that string.
enum YAMLQuoting {
  /// The string on one line: plain where that is safe, else in quotes.
  static func inline(_ text: String) -> String {
    if isSafePlain(text) { return text }
    return isBetterInSingleQuotes(text) ? "'" + text + "'" : doubleQuoted(text)
  }

  /// Whether the text may stand without quotes in block context, as key or as value.
  static func isSafePlain(_ text: String) -> Bool {
    let scalars = Array(text.unicodeScalars)
    guard let first = scalars.first, let last = scalars.last, isSafeFirst(first) else { return false }
    guard last != " ", last != ":", scalars.allSatisfy(Printable.isSafe) else { return false }
    for (scalar, next) in zip(scalars, scalars.dropFirst()) {
      if scalar == ":", next == " " { return false }
      if scalar == " ", next == "#" { return false }
    }
    return !words.contains(text.lowercased()) && !mayBeNumberOrDate(scalars)
  }

  /// Letters, digits and the few signs that begin nothing in YAML. `.`, `+` and `-` are left out for `+.inf`, `---` and `...`.
  private static func isSafeFirst(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "a"..."z", "A"..."Z", "0"..."9", "/", "_", "$", "(", "^", ";": true
    default: scalar.value > 0x7F
    }
  }

  /// What some reader takes for a boolean or null, in any case of letters.
  private static let words: Set<String> = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"]

  /// Made of nothing but what numbers and dates of any notation are made of: decimal, octal, hexadecimal, binary, base 60, with
  /// `_` or `,` between digits, exponents, `2001-12-14t21:59:43.10-05:00`. Wider than any of them; a version in quotes does no harm.
  private static func mayBeNumberOrDate(_ scalars: [Unicode.Scalar]) -> Bool {
    guard let first = scalars.first, ("0"..."9").contains(first) else { return false }
    return scalars.allSatisfy { scalar in
      switch scalar {
      case "0"..."9", "a"..."f", "A"..."F", "x", "X", "o", "O", "t", "T", "z", "Z", "_", ",", ".", ":", "+", "-", " ":
        true
      default: false
      }
    }
  }

  /// Text with backslashes or double quotes, and nothing that needs an escape, reads better in single quotes.
  private static func isBetterInSingleQuotes(_ text: String) -> Bool {
    var hasEscapable = false
    for scalar in text.unicodeScalars {
      if scalar == "'" || !Printable.isSafe(scalar) { return false }
      if scalar == "\\" || scalar == "\"" { hasEscapable = true }
    }
    return hasEscapable
  }

  /// The string in double quotes, with every character escaped that does not show as itself.
  static func doubleQuoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case _ where Printable.isSafe(scalar): result.unicodeScalars.append(scalar)
      default: result += escape(scalar)
      }
    }
    return result + "\""
  }

  private static func escape(_ scalar: Unicode.Scalar) -> String {
    let (letter, width) =
      switch scalar.value {
      case ...0xFF: ("x", 2)
      case ...0xFFFF: ("u", 4)
      default: ("U", 8)
      }
    let digits = String(scalar.value, radix: 16, uppercase: true)
    return "\\" + letter + String(repeating: "0", count: width - digits.count) + digits
  }

  /// The lines of a text that can be written as a literal block, and the block's header; nil when it must be quoted.
  ///
  /// Only text of several lines that survives editors is written so: no trailing blanks, nothing that needs an escape, at most one
  /// line break at the end.
  static func literalBlock(_ text: String) -> (header: String, lines: [String])? {
    var lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map { String($0) }
    let endsWithBreak = lines.count > 1 && lines.last == ""
    if endsWithBreak { lines.removeLast() }
    guard lines.count > 1 || endsWithBreak, lines.last != "", let first = lines.first else { return nil }
    for line in lines {
      let scalars = line.unicodeScalars
      guard scalars.allSatisfy({ $0 == "\t" || Printable.isSafe($0) }) else { return nil }
      if let last = scalars.last, last == " " || last == "\t" { return nil }
    }
    // Without a digit the first line's own blanks would be taken for indentation.
    let needsDigit = first.isEmpty || first.utf8.first == UInt8(ascii: " ") || first.utf8.first == UInt8(ascii: "\t")
    return ("|" + (needsDigit ? "2" : "") + (endsWithBreak ? "" : "-"), lines)
  }

  /// A number that every reader takes for that number. YAML 1.1 wants a point in it, and a sign in the exponent.
  static func number(_ value: Double) -> String {
    if value.isNaN { return ".nan" }
    if value.isInfinite { return value < 0 ? "-.inf" : ".inf" }
    let text = value.description
    guard let exponent = text.firstIndex(where: { $0 == "e" || $0 == "E" }) else {
      return text.contains(".") ? text : text + ".0"
    }
    let mantissa = text[..<exponent]
    let power = text[text.index(after: exponent)...]
    return (mantissa.contains(".") ? mantissa : mantissa + ".0") + "e"
      + (power.hasPrefix("-") || power.hasPrefix("+") ? power : "+" + power)
  }
}
