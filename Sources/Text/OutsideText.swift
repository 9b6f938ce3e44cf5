/// Text that came from outside: a cluster's names, a server's messages, a child's output.
public enum OutsideText {
  /// Text from outside, made safe to show: nothing in it can move the cursor, change the terminal or lie about its order.
  ///
  /// Left out are escape sequences whole (ECMA-48: CSI, OSC, DCS, SOS, PM, APC, in their 7-bit and 8-bit forms), the
  /// other control characters, bidirectional overrides and every other invisible format character, and marks beyond four
  /// on one character. A tab becomes a space, so does a line end unless `keepsLines`; then every kind of line end is `\n`.
  /// More than `limit` characters are cut, with an ellipsis at the end.
  public static func clean(_ text: some StringProtocol, keepsLines: Bool = false, limit: Int? = nil) -> String {
    let scalars = Array(text.unicodeScalars)
    var result = String.UnicodeScalarView()
    var marks = 0
    var index = 0
    while index < scalars.count {
      let scalar = scalars[index]
      if let next = endOfEscapeSequence(scalars, at: index) {
        index = next
        continue
      }
      index += 1
      if scalar.isLineEnd {
        if scalar == "\r", index < scalars.count, scalars[index] == "\n" { index += 1 }
        result.append(keepsLines ? "\n" : " ")
      } else if scalar == "\t" {
        result.append(" ")
      } else if scalar.isMark {
        marks += 1
        if marks <= 4 && !isSmuggler(scalar) { result.append(scalar) }
        continue
      } else if !isSmuggler(scalar) {
        result.append(scalar)
      }
      marks = 0
    }
    let cleaned = String(result)
    guard let limit, cleaned.count > limit else { return cleaned }
    return cleaned.prefix(max(0, limit - 1)) + "…"
  }
}

/// Invisible on the screen, so able to hide something in it.
private func isSmuggler(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.properties.generalCategory {
  case .control, .format: true
  default: [0x034F, 0x115F, 0x3164, 0xFFA0].contains(scalar.value) || (0xE0000...0xE01EF).contains(scalar.value)
  }
}

/// Where the escape sequence that starts at `index` ends, or nil when none starts there.
private func endOfEscapeSequence(_ scalars: [Unicode.Scalar], at index: Int) -> Int? {
  let body: Int
  let kind: UInt32
  switch scalars[index].value {
  case 0x1B:
    guard index + 1 < scalars.count else { return index + 1 }
    // ESC and a character from @ to _ is the 7-bit form of a C1 control.
    let next = scalars[index + 1].value
    guard (0x40...0x5F).contains(next) else { return endOfShortSequence(scalars, from: index + 1) }
    body = index + 2
    kind = next + 0x40
  case 0x80...0x84, 0x86...0x9F:
    body = index + 1
    kind = scalars[index].value
  default:
    return nil
  }
  switch kind {
  case 0x9B: return endOfControlSequence(scalars, from: body)
  case 0x90, 0x98, 0x9D, 0x9E, 0x9F: return endOfControlString(scalars, from: body)
  default: return body
  }
}

/// ESC, intermediates, one final character.
private func endOfShortSequence(_ scalars: [Unicode.Scalar], from start: Int) -> Int {
  var index = start
  while index < scalars.count, (0x20...0x2F).contains(scalars[index].value) { index += 1 }
  guard index < scalars.count, (0x30...0x7E).contains(scalars[index].value) else { return index }
  return index + 1
}

/// Parameters, intermediates, one final character; a malformed sequence ends before what does not belong to it.
private func endOfControlSequence(_ scalars: [Unicode.Scalar], from start: Int) -> Int {
  var index = start
  while index < scalars.count, (0x30...0x3F).contains(scalars[index].value) { index += 1 }
  while index < scalars.count, (0x20...0x2F).contains(scalars[index].value) { index += 1 }
  guard index < scalars.count, (0x40...0x7E).contains(scalars[index].value) else { return index }
  return index + 1
}

/// Text up to BEL or ST. Without an end only the start is left out, so that it cannot hide the rest of a message.
private func endOfControlString(_ scalars: [Unicode.Scalar], from start: Int) -> Int {
  var index = start
  while index < scalars.count {
    switch scalars[index].value {
    case 0x07, 0x9C: return index + 1
    case 0x1B where index + 1 < scalars.count && scalars[index + 1] == "\\": return index + 2
    default: index += 1
    }
  }
  return start
}
