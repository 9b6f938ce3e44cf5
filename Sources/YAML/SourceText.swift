/// The bytes of a YAML text, known to be UTF-8, without a byte order mark.
struct SourceText {
  let bytes: [UInt8]
  let source: String

  init(_ bytes: [UInt8], source: String) throws(YAMLError) {
    if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
      throw YAMLError(
        code: .notUTF8, message: "the text is UTF-16; save it as UTF-8", mark: YAMLMark(source: source))
    }
    let body = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
    self.bytes = body
    self.source = source
    if let offset = Self.firstInvalidOffset(body) {
      throw YAMLError(
        code: .notUTF8, message: "the text is not UTF-8 here; save it as UTF-8",
        mark: mark(atByte: offset))
    }
    if let offset = Self.excessiveDirectiveOffset(body) {
      throw YAMLError(
        code: .tooLarge, message: "there are more than \(Self.mostDirectives) %TAG directives",
        mark: mark(atByte: offset))
    }
  }

  /// The mark of a byte. Lines break where libyaml breaks them.
  func mark(atByte offset: Int) -> YAMLMark {
    var line = 1
    var column = 1
    var previous: Unicode.Scalar = " "
    for scalar in String(decoding: bytes.prefix(offset), as: UTF8.self).unicodeScalars {
      if scalar == "\n", previous == "\r" {
        // The second half of one line break.
      } else if Self.isBreak(scalar) {
        line += 1
        column = 1
      } else {
        column += 1
      }
      previous = scalar
    }
    return YAMLMark(source: source, line: line, column: column)
  }

  /// The text of a line without its break, or nothing past the end. Lines count from 1.
  func line(_ number: Int) -> [Unicode.Scalar] {
    var line = 1
    var found: [Unicode.Scalar] = []
    var previous: Unicode.Scalar = " "
    for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
      if scalar == "\n", previous == "\r" {
        // The second half of one line break.
      } else if Self.isBreak(scalar) {
        line += 1
        if line > number { break }
      } else if line == number {
        found.append(scalar)
      }
      previous = scalar
    }
    return found
  }

  private static let mostDirectives = 10_000

  /// libyaml compares each %TAG directive with all before it: a megabyte of them would take minutes.
  private static func excessiveDirectiveOffset(_ bytes: [UInt8]) -> Int? {
    let name = Array("%TAG".utf8)
    var count = 0
    return bytes.withUnsafeBufferPointer { bytes in
      for place in bytes.indices where bytes[place] == UInt8(ascii: "%") && bytes[place...].starts(with: name) {
        count += 1
        if count > mostDirectives { return place }
      }
      return nil
    }
  }

  private static func isBreak(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x0A, 0x0D, 0x85, 0x2028, 0x2029: true
    default: false
    }
  }

  /// Where the first byte stands that is no part of a UTF-8 sequence.
  private static func firstInvalidOffset(_ bytes: [UInt8]) -> Int? {
    if String(validating: bytes, as: UTF8.self) != nil { return nil }
    var decoder = UTF8.ForwardParser()
    var iterator = bytes.makeIterator()
    var offset = 0
    while true {
      switch decoder.parseScalar(from: &iterator) {
      case .valid(let encoded): offset += encoded.count
      case .error: return offset
      case .emptyInput: return nil
      }
    }
  }
}
