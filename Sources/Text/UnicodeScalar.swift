extension Unicode.Scalar {
  /// Whether a line ends here: LF, VT, FF, CR, NEL, and the line and paragraph separators (Unicode, section 5.8).
  public var isLineEnd: Bool {
    switch value {
    case 0x0A...0x0D, 0x85, 0x2028, 0x2029: true
    default: false
    }
  }

  /// Takes no cell of its own: combining marks, and the vowels and finals that complete a Hangul syllable.
  public var isMark: Bool {
    switch properties.generalCategory {
    case .nonspacingMark, .enclosingMark: true
    default: (0x1160...0x11FF).contains(value) || (0xD7B0...0xD7FB).contains(value)
    }
  }
}
