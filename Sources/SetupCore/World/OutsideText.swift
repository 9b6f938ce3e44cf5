/// Text that came from outside: a cluster's names, a server's messages, a child's output.
public enum OutsideText {
  /// The text without control characters, escape sequences and direction marks; line ends and tabs become blanks unless
  /// `keepsLines`. Nothing in it can then move a cursor, set a colour or hide another text.
  public static func clean(_ text: String, keepsLines: Bool = false) -> String {
    var cleaned = String.UnicodeScalarView()
    var rest = text.unicodeScalars[...]
    while let scalar = rest.popFirst() {
      switch scalar.value {
      case 0x1b, 0x9b: dropEscapeSequence(scalar, &rest)
      case 0x0a where keepsLines: cleaned.append(scalar)
      case 0x09, 0x0a: cleaned.append(" ")
      case 0..<0x20, 0x7f..<0xa0, 0x61c, 0x200b...0x200f, 0x2028...0x202e, 0x2060...0x206f, 0xfeff: break
      default: cleaned.append(scalar)
      }
    }
    return String(cleaned)
  }

  /// Drops what follows ESC or CSI (ECMA-48, sections 5.3 and 5.4; OSC strings end with BEL or ST).
  private static func dropEscapeSequence(_ opener: Unicode.Scalar, _ rest: inout Substring.UnicodeScalarView) {
    var isControlSequence = opener.value == 0x9b
    if !isControlSequence {
      guard let next = rest.first else { return }
      switch next {
      case "[":
        rest.removeFirst()
        isControlSequence = true
      case "]", "P", "X", "^", "_":
        while let scalar = rest.popFirst() {
          if scalar.value == 0x07 || scalar.value == 0x9c { return }
          if scalar.value == 0x1b, rest.first == "\\" {
            rest.removeFirst()
            return
          }
        }
        return
      default:
        while let scalar = rest.popFirst(), (0x20...0x2f).contains(scalar.value) {}
        return
      }
    }
    while let scalar = rest.popFirst(), !(0x40...0x7e).contains(scalar.value) {}
  }
}
