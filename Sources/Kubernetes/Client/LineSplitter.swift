/// Cuts a stream of chunks into lines, wherever the chunks end.
struct LineSplitter {
  private var pending: [UInt8] = []
  /// A longer line is refused: etcd's objects are far smaller.
  var maximum = 16 << 20

  /// A line grew past the maximum.
  struct TooLong: Error {}

  /// The lines that are complete now, without their ends; empty ones are left out.
  mutating func push(_ chunk: [UInt8]) throws(TooLong) -> [[UInt8]] {
    var lines: [[UInt8]] = []
    var rest = chunk[...]
    while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
      pending += rest[..<end]
      if !pending.isEmpty { lines.append(pending) }
      pending.removeAll(keepingCapacity: true)
      rest = rest[(end + 1)...]
    }
    pending += rest
    if pending.count > maximum { throw TooLong() }
    return lines
  }

  /// What stands behind the last line end.
  mutating func finish() -> [UInt8]? {
    defer { pending = [] }
    return pending.isEmpty ? nil : pending
  }
}
