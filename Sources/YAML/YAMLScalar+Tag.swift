extension YAMLScalar {
  /// A value that its explicit tag forbids.
  struct TagMismatch: Error {
    /// In a person's words, without the value.
    var message: String
  }

  /// `!!int` for `tag:yaml.org,2002:int`; other tags as they are.
  static func shortTag(_ tag: String) -> String {
    let prefix = "tag:yaml.org,2002:"
    return tag.hasPrefix(prefix) ? "!!" + tag.dropFirst(prefix.count) : tag
  }

  /// The scalar itself if its text is what its tag says, with `!!binary` decoded to the text it stands for.
  func honouringTag() throws(TagMismatch) -> YAMLScalar {
    switch tag {
    case "!!null":
      if case .null = resolved { return self }
      throw TagMismatch(message: "the tag !!null allows no value but null")
    case "!!bool":
      if case .bool = resolved { return self }
      throw TagMismatch(message: "the tag !!bool needs true or false")
    case "!!int":
      if case .integer = resolved { return self }
      throw TagMismatch(message: "the tag !!int needs a whole number of at most 64 bits")
    case "!!float":
      if case .float = resolved { return self }
      throw TagMismatch(message: "the tag !!float needs a number")
    case "!!binary":
      guard let bytes = Base64.decode(text) else {
        throw TagMismatch(message: "the tag !!binary needs base64")
      }
      guard let decoded = String(validating: bytes, as: UTF8.self) else {
        throw TagMismatch(message: "the value of !!binary is not UTF-8 text")
      }
      return YAMLScalar(decoded, isPlain: false)
    default: return self
    }
  }
}

/// Base64 as RFC 4648 section 4 writes it, with padding; line breaks and blanks are skipped.
enum Base64 {
  /// The bytes, or nil when the text is not base64.
  static func decode(_ text: String) -> [UInt8]? {
    var bytes: [UInt8] = []
    var buffer: UInt32 = 0
    var bits = 0
    var padding = 0
    var digits = 0
    for byte in text.utf8 where !" \t\r\n".utf8.contains(byte) {
      digits += 1
      if byte == UInt8(ascii: "=") {
        padding += 1
        continue
      }
      guard padding == 0, let value = value(of: byte) else { return nil }
      buffer = (buffer << 6 | value) & 0xFFFFFF
      bits += 6
      if bits >= 8 {
        bits -= 8
        bytes.append(UInt8(truncatingIfNeeded: buffer >> UInt32(bits)))
      }
    }
    guard digits % 4 == 0, padding <= 2 else { return nil }
    return bytes
  }

  private static func value(of byte: UInt8) -> UInt32? {
    switch byte {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(byte) - 0x41
    case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(byte) - 0x61 + 26
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte) - 0x30 + 52
    case UInt8(ascii: "+"): 62
    case UInt8(ascii: "/"): 63
    default: nil
    }
  }
}
