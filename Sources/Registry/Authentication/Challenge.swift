/// One challenge of a `WWW-Authenticate` field (RFC 9110, section 11.6.1).
public struct Challenge: Sendable, Equatable {
  /// The scheme in lower case: `bearer`, `basic`.
  public var scheme: String
  /// The parameters; their names in lower case, their values unquoted. Of repeated names the first counts.
  public var parameters: [String: String]

  /// A challenge from its parts.
  public init(scheme: String, parameters: [String: String] = [:]) {
    self.scheme = scheme
    self.parameters = parameters
  }

  /// Reads every challenge of every field value given. What is not understood is left out, the rest is read on.
  public static func parse(_ fields: [String]) -> [Challenge] {
    fields.flatMap { field in
      var parser = ChallengeParser(field)
      return parser.challenges()
    }
  }
}

/// A comma separates both challenges and parameters; what follows the next word decides which of the two it is.
private struct ChallengeParser {
  private let bytes: [UInt8]
  private var position = 0

  init(_ field: String) { bytes = Array(field.utf8) }

  mutating func challenges() -> [Challenge] {
    var result: [Challenge] = []
    while position < bytes.count {
      skip { $0 == UInt8(ascii: ",") || isBlank($0) }
      let word = token()
      if word.isEmpty {
        position += 1
        continue
      }
      let end = position
      skip(isBlank)
      if peek() == UInt8(ascii: "="), !result.isEmpty {
        position += 1
        skip(isBlank)
        let value = value()
        let name = word.lowercased()
        if result[result.count - 1].parameters[name] == nil {
          result[result.count - 1].parameters[name] = value
        }
      } else {
        position = end
        result.append(Challenge(scheme: word.lowercased()))
        skip(isBlank)
      }
    }
    return result
  }

  private mutating func value() -> String {
    guard peek() == UInt8(ascii: "\"") else { return token() }
    position += 1
    var text: [UInt8] = []
    while let byte = peek(), byte != UInt8(ascii: "\"") {
      if byte == UInt8(ascii: "\\"), position + 1 < bytes.count { position += 1 }
      text.append(bytes[position])
      position += 1
    }
    position += 1
    return String(decoding: text, as: UTF8.self)
  }

  /// A token; unquoted URLs and base64 are let through, as servers write them.
  private mutating func token() -> String {
    let start = position
    skip { byte in
      !isBlank(byte) && byte != UInt8(ascii: ",") && byte != UInt8(ascii: "=") && byte != UInt8(ascii: "\"")
    }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  private func peek() -> UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skip(_ isSkipped: (UInt8) -> Bool) {
    while let byte = peek(), isSkipped(byte) { position += 1 }
  }
}

private func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
