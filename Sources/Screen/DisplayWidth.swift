import Text

// How many cells text takes. A table of our own, so that a frame is the same under every locale and C library;
// the terminal layer compares it with what its C library believes before it draws.

/// The cells that a character takes on the screen: 0, 1 or 2. It is the width of what is drawn for it: see `drawable(_:)`.
public func displayWidth(_ character: Character) -> Int {
  if let ascii = character.asciiValue, ascii >= 0x20, ascii < 0x7F { return 1 }
  guard let drawn = drawable(character), let base = drawn.unicodeScalars.first else { return 0 }
  return isWide(base) ? 2 : 1
}

/// The cells that a text takes in one row.
public func displayWidth(_ text: some StringProtocol) -> Int {
  text.reduce(0) { $0 + displayWidth($1) }
}

/// What a cell shows for a character, or nil when it shows nothing at all.
///
/// A base character with at most four combining marks is drawn as it is. Emoji variation selectors are left out, line
/// ends and tabs are a blank, and what terminals disagree about (flags, joined emoji, skin tones, controls, unassigned
/// and private code points) is a question mark. Invisible characters and marks without a base are nothing.
public func drawable(_ character: Character) -> Character? {
  let scalars = character.unicodeScalars
  guard let base = scalars.first else { return nil }
  if scalars.count == 1 { return drawable(base).map { Character($0) } }
  if character == "\r\n" { return " " }
  guard let first = drawable(base) else { return nil }
  guard first == base else { return Character(first) }
  var kept = String.UnicodeScalarView()
  kept.append(base)
  for scalar in scalars.dropFirst() where !isVariationSelector(scalar) && scalar != enclosingKeycap {
    guard scalar.isMark, kept.count < 5 else { return "?" }
    kept.append(scalar)
  }
  return Character(String(kept))
}

/// The variant of one scalar on its own.
private func drawable(_ scalar: Unicode.Scalar) -> Unicode.Scalar? {
  if scalar.value >= 0x20, scalar.value < 0x7F { return scalar }
  if regionalIndicators.contains(scalar.value) { return "?" }
  switch scalar.properties.generalCategory {
  case .control: return scalar.value == 9 || scalar.isLineEnd ? " " : "?"
  case .lineSeparator, .paragraphSeparator, .spaceSeparator: return scalar.value == 0x3000 ? scalar : " "
  case .format, .nonspacingMark, .enclosingMark: return nil
  case .spacingMark, .surrogate, .privateUse, .unassigned: return "?"
  default: return scalar.isMark || invisibleLetters.contains(scalar.value) ? nil : scalar
  }
}

private let enclosingKeycap: Unicode.Scalar = "\u{20E3}"
private let regionalIndicators: ClosedRange<UInt32> = 0x1F1E6...0x1F1FF

/// Letters by category, invisible by design: the Hangul fillers.
private let invisibleLetters: Set<UInt32> = [0x115F, 0x3164, 0xFFA0]

private func isVariationSelector(_ scalar: Unicode.Scalar) -> Bool {
  (0xFE00...0xFE0F).contains(scalar.value) || (0xE0100...0xE01EF).contains(scalar.value)
}

private func isWide(_ scalar: Unicode.Scalar) -> Bool {
  let value = scalar.value
  if value < 0x1100 { return false }
  var low = 0
  var high = wideRanges.count
  while low < high {
    let middle = (low + high) / 2
    if wideRanges[middle].upperBound < value { low = middle + 1 } else { high = middle }
  }
  return low < wideRanges.count && wideRanges[low].contains(value)
}

/// East Asian Width W and F (UAX #11, Unicode 15), unassigned gaps closed where the whole block is wide. Ambiguous is narrow.
private let wideRanges: [ClosedRange<UInt32>] = [
  0x1100...0x115F, 0x231A...0x231B, 0x2329...0x232A, 0x23E9...0x23EC, 0x23F0...0x23F0, 0x23F3...0x23F3,
  0x25FD...0x25FE, 0x2614...0x2615, 0x2648...0x2653, 0x267F...0x267F, 0x2693...0x2693, 0x26A1...0x26A1,
  0x26AA...0x26AB, 0x26BD...0x26BE, 0x26C4...0x26C5, 0x26CE...0x26CE, 0x26D4...0x26D4, 0x26EA...0x26EA,
  0x26F2...0x26F3, 0x26F5...0x26F5, 0x26FA...0x26FA, 0x26FD...0x26FD, 0x2705...0x2705, 0x270A...0x270B,
  0x2728...0x2728, 0x274C...0x274C, 0x274E...0x274E, 0x2753...0x2755, 0x2757...0x2757, 0x2795...0x2797,
  0x27B0...0x27B0, 0x27BF...0x27BF, 0x2B1B...0x2B1C, 0x2B50...0x2B50, 0x2B55...0x2B55, 0x2E80...0x303E,
  0x3041...0x3247, 0x3250...0x4DBF, 0x4E00...0xA4C6, 0xA960...0xA97C, 0xAC00...0xD7A3, 0xF900...0xFAFF,
  0xFE10...0xFE19, 0xFE30...0xFE6B, 0xFF01...0xFF60, 0xFFE0...0xFFE6, 0x16FE0...0x16FF1, 0x17000...0x18D08,
  0x1AFF0...0x1B2FB, 0x1F004...0x1F004, 0x1F0CF...0x1F0CF, 0x1F18E...0x1F18E, 0x1F191...0x1F19A, 0x1F200...0x1F320,
  0x1F32D...0x1F335, 0x1F337...0x1F37C, 0x1F37E...0x1F393, 0x1F3A0...0x1F3CA, 0x1F3CF...0x1F3D3, 0x1F3E0...0x1F3F0,
  0x1F3F4...0x1F3F4, 0x1F3F8...0x1F43E, 0x1F440...0x1F440, 0x1F442...0x1F4FC, 0x1F4FF...0x1F53D, 0x1F54B...0x1F54E,
  0x1F550...0x1F567, 0x1F57A...0x1F57A, 0x1F595...0x1F596, 0x1F5A4...0x1F5A4, 0x1F5FB...0x1F64F, 0x1F680...0x1F6C5,
  0x1F6CC...0x1F6CC, 0x1F6D0...0x1F6D2, 0x1F6D5...0x1F6D7, 0x1F6DC...0x1F6DF, 0x1F6EB...0x1F6EC, 0x1F6F4...0x1F6FC,
  0x1F7E0...0x1F7EB, 0x1F7F0...0x1F7F0, 0x1F90C...0x1F93A, 0x1F93C...0x1F945, 0x1F947...0x1F9FF, 0x1FA70...0x1FAFF,
  0x20000...0x2FFFD, 0x30000...0x3FFFD,
]
