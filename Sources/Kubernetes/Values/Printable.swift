import Text

/// Text from outside made safe for a message: cleaned, without blanks at its ends, and cut.
func printable(_ text: String, limit: Int = 400, keepsLines: Bool = false) -> String {
  let cleaned = OutsideText.clean(text, keepsLines: keepsLines)
  let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\n" }
  guard let first = cleaned.firstIndex(where: { !isBlank($0) }), let last = cleaned.lastIndex(where: { !isBlank($0) })
  else { return "" }
  return OutsideText.clean(cleaned[first...last], keepsLines: keepsLines, limit: limit)
}
