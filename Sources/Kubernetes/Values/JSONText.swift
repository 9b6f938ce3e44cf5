import OrderedCollections

/// A text that is no JSON, in the words of Go's `encoding/json`, which API servers pass on to their clients.
public struct JSONSyntaxError: Error, Equatable {
  /// `invalid character 'o' in literal null (expecting 'u')`.
  public var message: String

  /// An error from its text.
  public init(message: String) { self.message = message }
}

/// Reads and writes JSON with its members in order. Codable would lose the order and Go's error texts.
public enum JSONText {
  /// The one value that the text holds.
  public static func parse(_ bytes: [UInt8]) throws(JSONSyntaxError) -> JSONValue {
    var reader = JSONReader(bytes: bytes)
    reader.skipBlanks()
    let value = try reader.value(depth: 0)
    reader.skipBlanks()
    if let next = reader.peek() {
      throw reader.unexpected(next, "after top-level value")
    }
    return value
  }

  /// The value as compact JSON.
  public static func format(_ value: JSONValue) -> [UInt8] {
    var output: [UInt8] = []
    write(value, to: &output)
    return output
  }

  /// The value as compact JSON text.
  public static func string(_ value: JSONValue) -> String { String(decoding: format(value), as: UTF8.self) }

  /// The value as JSON for people too: a member or element a line, two blanks a level, and a line end at the end.
  public static func pretty(_ value: JSONValue) -> String {
    var output: [UInt8] = []
    writeLines(value, indent: 0, to: &output)
    return String(decoding: output, as: UTF8.self) + "\n"
  }

  private static func writeLines(_ value: JSONValue, indent: Int, to output: inout [UInt8]) {
    func lines<Element>(
      _ elements: some Sequence<Element>, _ ends: (open: Character, close: Character),
      _ element: (Element, inout [UInt8]) -> Void
    ) {
      output.append(contentsOf: String(ends.open).utf8)
      for (index, member) in elements.enumerated() {
        output.append(contentsOf: ((index > 0 ? ",\n" : "\n") + String(repeating: "  ", count: indent + 1)).utf8)
        element(member, &output)
      }
      output.append(contentsOf: ("\n" + String(repeating: "  ", count: indent) + String(ends.close)).utf8)
    }
    switch value {
    case .array(let elements) where !elements.isEmpty:
      lines(elements, ("[", "]")) { writeLines($0, indent: indent + 1, to: &$1) }
    case .object(let members) where !members.isEmpty:
      lines(members, ("{", "}")) { member, output in
        write(member.key, to: &output)
        output.append(contentsOf: ": ".utf8)
        writeLines(member.value, indent: indent + 1, to: &output)
      }
    default: write(value, to: &output)
    }
  }

  private static func write(_ value: JSONValue, to output: inout [UInt8]) {
    switch value {
    case .null: output.append(contentsOf: "null".utf8)
    case .bool(let flag): output.append(contentsOf: (flag ? "true" : "false").utf8)
    case .integer(let number): output.append(contentsOf: String(number).utf8)
    case .double(let number): output.append(contentsOf: (number.isFinite ? "\(number)" : "null").utf8)
    case .string(let text): write(text, to: &output)
    case .array(let elements):
      output.append(UInt8(ascii: "["))
      for (index, element) in elements.enumerated() {
        if index > 0 { output.append(UInt8(ascii: ",")) }
        write(element, to: &output)
      }
      output.append(UInt8(ascii: "]"))
    case .object(let members):
      output.append(UInt8(ascii: "{"))
      var isFirst = true
      for (name, member) in members {
        if !isFirst { output.append(UInt8(ascii: ",")) }
        isFirst = false
        write(name, to: &output)
        output.append(UInt8(ascii: ":"))
        write(member, to: &output)
      }
      output.append(UInt8(ascii: "}"))
    }
  }

  private static func write(_ text: String, to output: inout [UInt8]) {
    let digits = Array("0123456789abcdef".utf8)
    output.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""): output.append(contentsOf: "\\\"".utf8)
      case UInt8(ascii: "\\"): output.append(contentsOf: "\\\\".utf8)
      case 0x0A: output.append(contentsOf: "\\n".utf8)
      case 0x0D: output.append(contentsOf: "\\r".utf8)
      case 0x09: output.append(contentsOf: "\\t".utf8)
      case 0..<0x20:
        output.append(contentsOf: "\\u00".utf8)
        output.append(digits[Int(byte >> 4)])
        output.append(digits[Int(byte & 15)])
      default: output.append(byte)
      }
    }
    output.append(UInt8(ascii: "\""))
  }
}

/// A recursive descent over the bytes of one text.
private struct JSONReader {
  let bytes: [UInt8]
  var position = 0

  func peek() -> UInt8? { position < bytes.count ? bytes[position] : nil }

  mutating func skipBlanks() {
    while let byte = peek(), byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
  }

  func unexpected(_ byte: UInt8, _ place: String) -> JSONSyntaxError {
    let shown =
      byte == UInt8(ascii: "'") ? "'\\''" : byte == UInt8(ascii: "\"") ? "'\"'" : "'\(Character(UnicodeScalar(byte)))'"
    return JSONSyntaxError(message: "invalid character \(shown) \(place)")
  }

  var ended: JSONSyntaxError { JSONSyntaxError(message: "unexpected end of JSON input") }

  mutating func value(depth: Int) throws(JSONSyntaxError) -> JSONValue {
    guard depth < 200 else { throw JSONSyntaxError(message: "exceeded max depth") }
    guard let byte = peek() else { throw ended }
    switch byte {
    case UInt8(ascii: "{"): return try object(depth: depth)
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try literal("true", .bool(true))
    case UInt8(ascii: "f"): return try literal("false", .bool(false))
    case UInt8(ascii: "n"): return try literal("null", .null)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
    default: throw unexpected(byte, "looking for beginning of value")
    }
  }

  private mutating func literal(_ name: String, _ value: JSONValue) throws(JSONSyntaxError) -> JSONValue {
    for expected in name.utf8 {
      guard let byte = peek() else { throw ended }
      guard byte == expected else {
        throw unexpected(byte, "in literal \(name) (expecting '\(Character(UnicodeScalar(expected)))')")
      }
      position += 1
    }
    return value
  }

  private mutating func number() throws(JSONSyntaxError) -> JSONValue {
    let start = position
    while let byte = peek(), "+-.eE0123456789".utf8.contains(byte) { position += 1 }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    if let whole = Int(text) { return .integer(whole) }
    if let fraction = Double(text) { return .double(fraction) }
    throw JSONSyntaxError(message: "invalid number literal")
  }

  private mutating func object(depth: Int) throws(JSONSyntaxError) -> JSONValue {
    position += 1
    var members = OrderedDictionary<String, JSONValue>()
    skipBlanks()
    if peek() == UInt8(ascii: "}") {
      position += 1
      return .object(members)
    }
    while true {
      skipBlanks()
      guard let quote = peek() else { throw ended }
      guard quote == UInt8(ascii: "\"") else { throw unexpected(quote, "looking for beginning of object key string") }
      let name = try string()
      skipBlanks()
      guard let colon = peek() else { throw ended }
      guard colon == UInt8(ascii: ":") else { throw unexpected(colon, "after object key") }
      position += 1
      skipBlanks()
      members[name] = try value(depth: depth + 1)
      skipBlanks()
      guard let next = peek() else { throw ended }
      position += 1
      if next == UInt8(ascii: "}") { return .object(members) }
      guard next == UInt8(ascii: ",") else { throw unexpected(next, "after object key:value pair") }
    }
  }

  private mutating func array(depth: Int) throws(JSONSyntaxError) -> JSONValue {
    position += 1
    var elements: [JSONValue] = []
    skipBlanks()
    if peek() == UInt8(ascii: "]") {
      position += 1
      return .array(elements)
    }
    while true {
      skipBlanks()
      elements.append(try value(depth: depth + 1))
      skipBlanks()
      guard let next = peek() else { throw ended }
      position += 1
      if next == UInt8(ascii: "]") { return .array(elements) }
      guard next == UInt8(ascii: ",") else { throw unexpected(next, "after array element") }
    }
  }

  private mutating func string() throws(JSONSyntaxError) -> String {
    position += 1
    var text: [UInt8] = []
    while let byte = peek() {
      position += 1
      switch byte {
      case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
      case 0..<0x20: throw unexpected(byte, "in string literal")
      case UInt8(ascii: "\\"): try escape(&text)
      default: text.append(byte)
      }
    }
    throw ended
  }

  private mutating func escape(_ text: inout [UInt8]) throws(JSONSyntaxError) {
    guard let byte = peek() else { throw ended }
    position += 1
    switch byte {
    case UInt8(ascii: "n"): text.append(0x0A)
    case UInt8(ascii: "r"): text.append(0x0D)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0C)
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
    case UInt8(ascii: "u"):
      var unit = try hexadecimal()
      if (0xD800..<0xDC00).contains(unit), position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"),
        bytes[position + 1] == UInt8(ascii: "u")
      {
        position += 2
        let low = try hexadecimal()
        unit = (0xDC00..<0xE000).contains(low) ? 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00) : 0xFFFD
      }
      text.append(contentsOf: String(Character(UnicodeScalar(unit) ?? "\u{FFFD}")).utf8)
    default: throw unexpected(byte, "in string escape code")
    }
  }

  private mutating func hexadecimal() throws(JSONSyntaxError) -> UInt32 {
    guard position + 4 <= bytes.count else { throw ended }
    var unit: UInt32 = 0
    for _ in 0..<4 {
      guard let digit = Character(UnicodeScalar(bytes[position])).hexDigitValue else {
        throw unexpected(bytes[position], "in \\u hexadecimal character escape")
      }
      unit = unit << 4 | UInt32(digit)
      position += 1
    }
    return unit
  }
}
