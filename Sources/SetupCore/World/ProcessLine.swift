/// A line that a child process wrote, as it came: text from outside.
public struct ProcessLine: Sendable, Equatable {
  /// Where it was written to.
  public enum Source: Sendable, Equatable {
    /// Standard output; with a terminal, standard error as well.
    case output
    case errors
  }

  /// Where it was written to.
  public var source: Source
  /// The line without its end.
  public var text: String
  /// Whether it was longer than 64 KiB; the rest of it is left out.
  public var isCut: Bool

  /// A line from its parts.
  public init(_ source: Source, _ text: String, isCut: Bool = false) {
    self.source = source
    self.text = text
    self.isCut = isCut
  }
}

/// Bytes made into lines as they arrive. A line ends at a line feed, a carriage return (a progress bar is written over and
/// over) or both.
struct LineSplitter {
  private let source: ProcessLine.Source
  private let limit: Int
  private var pending: [UInt8] = []
  private var isCut = false
  /// Whether a line feed would belong to the end that was just seen.
  private var isAfterReturn = false

  init(_ source: ProcessLine.Source, limit: Int = 64 << 10) {
    self.source = source
    self.limit = limit
  }

  /// Hands over each line that these bytes complete.
  mutating func add(_ bytes: some Sequence<UInt8>, to handler: (ProcessLine) throws -> Void) rethrows {
    for byte in bytes {
      switch byte {
      case UInt8(ascii: "\n") where isAfterReturn: isAfterReturn = false
      case UInt8(ascii: "\n"), UInt8(ascii: "\r"):
        isAfterReturn = byte == UInt8(ascii: "\r")
        try handler(take())
      default:
        isAfterReturn = false
        if pending.count < limit { pending.append(byte) } else { isCut = true }
      }
    }
  }

  /// Hands over what stands behind the last line's end.
  mutating func finish(to handler: (ProcessLine) throws -> Void) rethrows {
    if !pending.isEmpty { try handler(take()) }
  }

  private mutating func take() -> ProcessLine {
    defer {
      pending.removeAll(keepingCapacity: true)
      isCut = false
    }
    return ProcessLine(source, String(decoding: pending, as: UTF8.self), isCut: isCut)
  }
}
