/// The head of an HTTP/1 request.
struct RequestHead: Equatable {
  /// What came is no HTTP.
  struct Malformed: Error {}

  /// How long the body is.
  enum Framing: Equatable {
    case length(Int)
    case chunked
  }

  var method: String
  /// Path and query, as they were sent.
  var target: String
  /// Whether the connection ends with the answer.
  var isLast: Bool
  /// Names in lower case; what came in several lines is joined by commas.
  var headers: [String: String] = [:]

  /// From its lines, without their ends.
  init(_ lines: [String]) throws(Malformed) {
    let parts = (lines.first ?? "").split(separator: " ", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 3, !parts[0].isEmpty, parts[1].hasPrefix("/"), ["HTTP/1.0", "HTTP/1.1"].contains(parts[2])
    else { throw Malformed() }
    (method, target) = (parts[0], parts[1])
    for line in lines.dropFirst() {
      guard let colon = line.firstIndex(of: ":") else { throw Malformed() }
      let name = line[..<colon].lowercased()
      let value = Self.trimmed(line[line.index(after: colon)...])
      headers[name] = headers[name].map { "\($0),\(value)" } ?? value
    }
    let connection = (headers["connection"] ?? "").lowercased()
      .split(separator: ",").map(Self.trimmed)
    isLast = parts[2] == "HTTP/1.0" ? !connection.contains("keep-alive") : connection.contains("close")
  }

  /// How the body is delimited (RFC 9112, section 6.3).
  func framing() throws(Malformed) -> Framing {
    if let coding = headers["transfer-encoding"] {
      guard coding.lowercased() == "chunked", headers["content-length"] == nil else { throw Malformed() }
      return .chunked
    }
    guard let text = headers["content-length"] else { return .length(0) }
    guard let count = Int(text), count >= 0 else { throw Malformed() }
    return .length(count)
  }

  /// The size in the line before a chunk; 0: the last.
  static func chunkSize(_ line: String) throws(Malformed) -> Int {
    guard let size = Int(trimmed(line.prefix { $0 != ";" }), radix: 16), size >= 0 else { throw Malformed() }
    return size
  }

  private static func trimmed(_ text: Substring) -> String {
    let isBlank = { (character: Character) in character == " " || character == "\t" }
    var text = text.drop(while: isBlank)
    while let last = text.last, isBlank(last) { text.removeLast() }
    return String(text)
  }
}
