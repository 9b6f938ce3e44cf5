/// A line that is typed without being shown: bytes in, the finished line out. No I/O.
struct SecretLine {
  private(set) var bytes: [UInt8] = []
  private(set) var isFinished = false

  /// Takes one byte. Backspace, Ctrl-U and Ctrl-D (the end, on an empty line) work as in a terminal's own line; other
  /// control characters are left out. Returns false when the byte ends the input instead.
  mutating func take(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x0A, 0x0D: isFinished = true
    case 0x04: return !bytes.isEmpty
    case 0x08, 0x7F:
      // A UTF-8 character goes whole.
      while let last = bytes.popLast(), last & 0xC0 == 0x80 {}
    case 0x15: bytes = []
    case 0x00..<0x20: break
    default: bytes.append(byte)
    }
    return true
  }
}
