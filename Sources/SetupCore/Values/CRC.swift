/// The checksum of POSIX' `cksum` (IEEE Std 1003.1, "cksum"), so that a shell can tell which values a release was made of.
/// It guards nothing.
enum CRC {
  private static let table: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte) << 24) { sum, _ in sum & 0x8000_0000 == 0 ? sum << 1 : sum << 1 ^ 0x04c1_1db7 }
  }

  /// What `cksum FILE` prints before the name: the checksum and the number of bytes.
  static func cksum(_ bytes: [UInt8]) -> String {
    var sum: UInt32 = 0
    func add(_ byte: UInt8) { sum = sum << 8 ^ table[Int(UInt8(sum >> 24) ^ byte)] }
    for byte in bytes { add(byte) }
    var length = bytes.count
    while length > 0 {
      add(UInt8(truncatingIfNeeded: length))
      length >>= 8
    }
    return "\(~sum) \(bytes.count)"
  }
}
