extension Grid {
  /// The same frame in the characters of a glyph set: `.unicode` as it stands, `.ascii` with lines, marks and Latin
  /// letters replaced by what resembles them and everything else by question marks, cell by cell.
  public func transliterated(to glyphs: GlyphSet) -> Grid {
    guard glyphs == .ascii else { return self }
    var result = self
    for row in 0..<size.rows {
      for column in 0..<size.columns {
        let cell = self[column, row]
        if cell.character.isASCII, cell.character != Cell.continuation.character { continue }
        result[column, row] = Cell(asciiCharacter(for: cell.character), cell.style)
      }
    }
    return result
  }
}

/// A text in ASCII, character by character, as `Grid.transliterated(to:)` does for a frame; a wide character is `??`.
public func transliterated(_ text: some StringProtocol) -> String {
  var result = ""
  for character in text {
    if character.isASCII {
      result.append(character)
    } else if displayWidth(character) > 0 {
      result.append(String(repeating: asciiCharacter(for: character), count: displayWidth(character)))
    }
  }
  return result
}

/// One printable ASCII character for any character.
private func asciiCharacter(for character: Character) -> Character {
  if let known = asciiForms[character] { return known }
  // An ASCII letter under combining marks.
  if let base = character.unicodeScalars.first, base.isASCII, base.value >= 0x20, base.value < 0x7F {
    return Character(base)
  }
  switch character.unicodeScalars.first?.value ?? 0 {
  case 0x2500...0x257F: return "+"
  case 0x2580...0x259F: return "#"
  case 0x2800...0x28FF: return "*"
  default: return "?"
  }
}

/// Characters are compared by canonical equivalence, so a composed and a decomposed é are one key.
private let asciiForms: [Character: Character] = {
  let groups: [(Character, String)] = [
    ("-", "─━┄┅┈┉╌╍═‐‑‒–—―−·"), ("|", "│┃┆┇┊┋╎╏║¦"), ("+", "✓✔√"), ("x", "✗✘×"), ("*", "•●∙★☆◆"), ("o", "○◯◦°"),
    (".", "░"), (":", "▒"), ("#", "█▓"), ("~", "…∼≈"), ("^", "↑▲△"), ("v", "↓▼▽"), ("<", "←‹«◀◁≤"), (">", "→›»▶▷≥"),
    ("'", "‘’‚′´"), ("\"", "“”„″"), ("!", "⚠¡"), ("?", "¿"), ("/", "÷"), (" ", "\u{A0}"),
    ("A", "ÀÁÂÃÄÅĀĂĄÆ"), ("a", "àáâãäåāăąæª"), ("B", "ẞ"), ("C", "ÇĆĈĊČ©"), ("c", "çćĉċč¢"), ("D", "ÐĎĐ"), ("d", "ðďđ"),
    ("E", "ÈÉÊËĒĔĖĘĚ€"), ("e", "èéêëēĕėęě"), ("G", "ĜĞĠĢ"), ("g", "ĝğġģ"), ("H", "ĤĦ"), ("h", "ĥħ"), ("I", "ÌÍÎÏĨĪĬĮİ"),
    ("i", "ìíîïĩīĭįı"), ("J", "Ĵ"), ("j", "ĵ"), ("K", "Ķ"), ("k", "ķĸ"), ("L", "ĹĻĽĿŁ£"), ("l", "ĺļľŀł"),
    ("N", "ÑŃŅŇŊ"),
    ("n", "ñńņňŋ"), ("O", "ÒÓÔÕÖØŌŎŐŒ"), ("o", "òóôõöøōŏőœº"), ("R", "ŔŖŘ®"), ("r", "ŕŗř"), ("S", "ŚŜŞŠȘ§"),
    ("s", "śŝşšșßſ"),
    ("T", "ŢŤŦȚÞ"), ("t", "ţťŧțþ"), ("U", "ÙÚÛÜŨŪŬŮŰŲ"), ("u", "ùúûüũūŭůűųµ"), ("W", "Ŵ"), ("w", "ŵ"), ("Y", "ÝŶŸ¥"),
    ("y", "ýÿŷ"),
    ("Z", "ŹŻŽ"), ("z", "źżž"), ("1", "¹"), ("2", "²"), ("3", "³"),
  ]
  var forms: [Character: Character] = [:]
  for (ascii, others) in groups {
    for character in others where forms[character] == nil { forms[character] = ascii }
  }
  return forms
}()
