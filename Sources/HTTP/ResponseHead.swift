/// The status and fields of an answer, put together from the header lines as they come.
struct ResponseHead: Sendable, Equatable {
  var status = 0
  var headers = HTTPHeaders()
  var version = HTTPVersion.http1
}

/// Reads header lines: interim answers (1xx) are dropped, trailers are ignored, the size is bounded.
struct ResponseHeadReader {
  /// What a line did.
  enum Step: Equatable {
    case more
    /// The final head is complete.
    case complete
    case tooLarge
  }

  /// All header bytes of an exchange together, interim answers and trailers included.
  let maximumBytes: Int
  /// The head so far.
  private(set) var head = ResponseHead()
  /// Whether the final head was read to its end.
  private(set) var isComplete = false
  private var bytes = 0

  init(maximumBytes: Int) { self.maximumBytes = maximumBytes }

  /// Takes one line, its end included.
  mutating func take(_ line: UnsafeRawBufferPointer) -> Step {
    bytes += line.count
    guard bytes <= maximumBytes else { return .tooLarge }
    if isComplete { return .more }
    let text = String(decoding: line, as: UTF8.self)
    if text.hasPrefix("HTTP/") {
      head = ResponseHead()
      let parts = text.split(separator: " ", maxSplits: 2)
      head.version = parts[0].hasPrefix("HTTP/2") ? .http2 : .http1
      head.status = parts.count > 1 ? Int(parts[1].prefix { $0.isNumber }) ?? 0 : 0
      return .more
    }
    let content = text.trimmingBlanks()
    if content.isEmpty {
      // 1xx, but not 101, is followed by the real answer.
      guard head.status >= 200 || head.status == 101 else { return .more }
      isComplete = true
      return .complete
    }
    // A folded line continues the one before (RFC 9112, section 5.2).
    if text.first == " " || text.first == "\t", !head.headers.fields.isEmpty {
      head.headers.fields[head.headers.fields.count - 1].value += " \(content)"
      return .more
    }
    guard let colon = content.firstIndex(of: ":") else { return .more }
    let name = String(content[..<colon]).trimmingBlanks()
    let value = String(content[content.index(after: colon)...]).trimmingBlanks()
    head.headers.fields.append(HTTPHeaders.Field(name: name, value: value))
    return .more
  }
}

extension String {
  /// Without blanks, tabs and line ends at both ends.
  func trimmingBlanks() -> String {
    let isBlank: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D || $0 == 0x0A }
    let bytes = utf8
    guard let first = bytes.firstIndex(where: { !isBlank($0) }),
      let last = bytes.lastIndex(where: { !isBlank($0) })
    else { return "" }
    return String(self[first...last])
  }
}
