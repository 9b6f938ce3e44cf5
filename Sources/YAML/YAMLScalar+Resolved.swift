extension YAMLScalar {
  /// What the scalar means to Kubernetes tools, which read YAML through a fork of go-yaml 2: YAML 1.1 words for booleans
  /// (`yes`, `no`, `on`, `off`, `y`, `n`), numbers with `_` between digits, `0x`, `0o`, `0b` and octals with a leading `0`;
  /// no base 60 numbers; dates stay text. Integers beyond 64 bits become floats.
  ///
  /// An explicit tag decides where there is one; a tag that is not YAML's own leaves the text a string.
  public var resolved: Resolved {
    switch tag {
    case nil: isPlain ? Self.resolve(text) : .string(text)
    case "!!bool", "!!int", "!!null": Self.resolve(text)
    case "!!float":
      if case .integer(let value) = Self.resolve(text) { .float(Double(value)) } else { Self.resolve(text) }
    default: .string(text)
    }
  }

  /// The meaning of a plain text.
  static func resolve(_ text: String) -> Resolved {
    switch text {
    case "", "~", "null", "Null", "NULL": return .null
    case "y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON": return .bool(true)
    case "n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF": return .bool(false)
    case ".nan", ".NaN", ".NAN": return .float(.nan)
    case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF": return .float(.infinity)
    case "-.inf", "-.Inf", "-.INF": return .float(-.infinity)
    default: break
    }
    guard let first = text.utf8.first else { return .string(text) }
    switch first {
    case UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
      let digits = Array(text.utf8).filter { $0 != UInt8(ascii: "_") }
      if let number = integer(digits) ?? float(digits) { return number }
    case UInt8(ascii: "."):
      // Unlike after a digit, `_` is not skipped here.
      if let number = float(Array(text.utf8)) { return number }
    default: break
    }
    return .string(text)
  }

  /// `[-+]?` and digits of base 10, or of the base that a prefix names.
  private static func integer(_ text: [UInt8]) -> Resolved? {
    var digits = text[...]
    let isNegative = digits.first == UInt8(ascii: "-")
    if isNegative || digits.first == UInt8(ascii: "+") { digits.removeFirst() }
    var radix = 10
    if digits.first == UInt8(ascii: "0"), digits.count > 1 {
      switch digits[digits.startIndex + 1] | 0x20 {
      case UInt8(ascii: "x"): radix = 16
      case UInt8(ascii: "o"): radix = 8
      case UInt8(ascii: "b"): radix = 2
      default: radix = 0
      }
      digits.removeFirst(radix == 0 ? 1 : 2)
      if radix == 0 { radix = 8 }
    }
    guard !digits.isEmpty else { return nil }
    var magnitude: UInt64 = 0
    var isHuge = false
    var approximate = 0.0
    for byte in digits {
      guard let digit = value(of: byte), digit < radix else { return nil }
      approximate = approximate * Double(radix) + Double(digit)
      let (product, overflow) = magnitude.multipliedReportingOverflow(by: UInt64(radix))
      let (sum, carry) = product.addingReportingOverflow(UInt64(digit))
      isHuge = isHuge || overflow || carry
      magnitude = sum
    }
    if !isHuge {
      if !isNegative, let value = Int(exactly: magnitude) { return .integer(value) }
      if isNegative, magnitude <= Int.min.magnitude { return .integer(Int(truncatingIfNeeded: 0 &- magnitude)) }
    }
    // Decimal digits are rounded once, by the library; the other bases exactly until 2^53 and closely after.
    if radix == 10 { return float(text) }
    return approximate.isFinite ? .float(isNegative ? -approximate : approximate) : nil
  }

  private static func value(of byte: UInt8) -> Int? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(byte) - 0x30
    case UInt8(ascii: "a")...UInt8(ascii: "f"): Int(byte) - 0x61 + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): Int(byte) - 0x41 + 10
    default: nil
    }
  }

  /// `[-+]?` digits, at most one `.`, and an exponent; at least one digit on one side of the point.
  private static func float(_ text: [UInt8]) -> Resolved? {
    var rest = text[...]
    func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
    func takeSign() { if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") { rest.removeFirst() } }
    func takeDigits() -> Int {
      let count = rest.prefix(while: isDigit).count
      rest.removeFirst(count)
      return count
    }
    takeSign()
    var digits = takeDigits()
    if rest.first == UInt8(ascii: ".") {
      rest.removeFirst()
      digits += takeDigits()
    }
    guard digits > 0 else { return nil }
    if let exponent = rest.first, exponent | 0x20 == UInt8(ascii: "e") {
      rest.removeFirst()
      takeSign()
      guard takeDigits() > 0 else { return nil }
    }
    guard rest.isEmpty, let value = Double(String(decoding: text, as: UTF8.self)), value.isFinite else { return nil }
    return .float(value)
  }
}
