import FoundationEssentials

/// JSON to values and back, the same way everywhere.
enum JSON {
  static func decode<Value: Decodable>(_ type: Value.Type, _ bytes: some Sequence<UInt8>) throws -> Value {
    try JSONDecoder().decode(type, from: Data(bytes))
  }

  /// Keys in the order of the alphabet, so that equal values are equal bytes.
  static func encode(_ value: some Encodable) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return Array(try encoder.encode(value))
  }

  /// Where and what, for a person: `status.conditions[0].type: expected a string`.
  static func explain(_ error: any Error) -> String {
    guard let error = error as? DecodingError else { return printable("\(error)", limit: 200) }
    let (context, what): (DecodingError.Context, String)
    switch error {
    case .typeMismatch(let type, let found): (context, what) = (found, "is no \(type)")
    case .valueNotFound(let type, let found): (context, what) = (found, "is null instead of \(type)")
    case .keyNotFound(let key, let found): (context, what) = (found, "has no \"\(key.stringValue)\"")
    case .dataCorrupted(let found): (context, what) = (found, found.debugDescription)
    @unknown default: return printable("\(error)", limit: 200)
    }
    let path = context.codingPath.reduce(into: "") { path, key in
      path += key.intValue.map { "[\($0)]" } ?? (path.isEmpty ? key.stringValue : ".\(key.stringValue)")
    }
    return printable(path.isEmpty ? "the body \(what)" : "\(path) \(what)", limit: 300)
  }
}
