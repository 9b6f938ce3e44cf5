/// Text from outside made safe for a terminal: control characters, escape sequences and bidirectional overrides are gone,
/// line ends are blanks unless kept, and what exceeds `limit` characters is cut.
func printable(_ text: String, limit: Int = 400, keepsLines: Bool = false) -> String {
  var result = String.UnicodeScalarView()
  var scalars = text.unicodeScalars.makeIterator()
  var pending = scalars.next()
  while let scalar = pending {
    pending = scalars.next()
    if scalar == "\u{1B}" {
      skipEscape(&pending, &scalars)
    } else if scalar == "\n" && keepsLines {
      result.append(scalar)
    } else if scalar == "\n" || scalar == "\t" || scalar == "\r" {
      if result.last != " " { result.append(" ") }
    } else if isVisible(scalar) {
      result.append(scalar)
    }
  }
  var clean = String(result)
  while let last = clean.last, last == " " || last == "\n" { clean.removeLast() }
  while let first = clean.first, first == " " || first == "\n" { clean.removeFirst() }
  return clean.count > limit ? clean.prefix(limit) + "…" : clean
}

/// Leaves out the rest of an escape sequence (ECMA-48): CSI up to its final byte, OSC up to BEL or ST, else one character.
private func skipEscape(_ pending: inout Unicode.Scalar?, _ rest: inout String.UnicodeScalarView.Iterator) {
  let kind = pending
  pending = rest.next()
  if kind == "[" {
    while let scalar = pending, !("@"..."~").contains(scalar) { pending = rest.next() }
    pending = rest.next()
  } else if kind == "]" {
    while let scalar = pending, scalar != "\u{07}", scalar != "\u{1B}" { pending = rest.next() }
    if pending == "\u{1B}" { pending = rest.next() }
    pending = rest.next()
  }
}

private func isVisible(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.properties.generalCategory {
  case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
  default: true
  }
}

/// The candidate that a person probably meant, or nil where none is near.
func nearest(to name: String, in candidates: [String]) -> String? {
  let scored = candidates.map { (candidate: $0, distance: editDistance(name.lowercased(), $0.lowercased())) }
  guard let best = scored.min(by: { $0.distance < $1.distance }) else { return nil }
  return best.distance <= max(2, name.count / 3) ? best.candidate : nil
}

/// Levenshtein's distance in characters.
func editDistance(_ left: String, _ right: String) -> Int {
  let right = Array(right)
  var row = Array(0...right.count)
  for (index, character) in left.enumerated() {
    var diagonal = row[0]
    row[0] = index + 1
    for column in right.indices {
      let substituted = diagonal + (character == right[column] ? 0 : 1)
      diagonal = row[column + 1]
      row[column + 1] = min(substituted, row[column] + 1, diagonal + 1)
    }
  }
  return row[right.count]
}
