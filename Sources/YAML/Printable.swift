/// Which characters may stand in a text as they are.
enum Printable {
  /// A character that shows as itself: no control or format character (bidirectional overrides among them), no separator but the
  /// space, nothing unassigned or private.
  static func isSafe(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.isASCII { return (0x20...0x7E).contains(scalar.value) }
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .spaceSeparator, .surrogate, .privateUse, .unassigned:
      return false
    default:
      return true
    }
  }
}
