/// A gzip file (RFC 1952) whose deflate blocks are stored, not compressed (RFC 1951, section 3.2.4).
enum GzipStored {
  static func encode(_ bytes: [UInt8]) -> [UInt8] {
    // No name, no time, unknown system.
    var output: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255]
    var rest = bytes[...]
    repeat {
      let block = rest.prefix(65_535)
      rest = rest.dropFirst(65_535)
      output.append(rest.isEmpty ? 1 : 0)
      append(UInt32(block.count), bytes: 2, to: &output)
      append(UInt32(~UInt16(block.count)), bytes: 2, to: &output)
      output.append(contentsOf: block)
    } while !rest.isEmpty
    append(checksum(bytes), bytes: 4, to: &output)
    append(UInt32(truncatingIfNeeded: bytes.count), bytes: 4, to: &output)
    return output
  }

  private static func append(_ word: UInt32, bytes: Int, to output: inout [UInt8]) {
    for index in 0..<bytes { output.append(UInt8(truncatingIfNeeded: word >> UInt32(8 * index))) }
  }

  /// CRC-32 with the polynomial of RFC 1952, section 8.
  static func checksum(_ bytes: [UInt8]) -> UInt32 {
    var checksum = ~UInt32(0)
    for byte in bytes {
      checksum ^= UInt32(byte)
      for _ in 0..<8 { checksum = checksum & 1 == 1 ? checksum >> 1 ^ 0xEDB8_8320 : checksum >> 1 }
    }
    return ~checksum
  }
}
