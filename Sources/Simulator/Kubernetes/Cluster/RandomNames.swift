/// Names and ids that look random and are the same in every run with the same seed.
struct RandomNames: Sendable {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  private static let alphabet = Array("bcdfghjklmnpqrstvwxz2456789")

  // SplitMix64.
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
    return word ^ (word >> 31)
  }

  /// A suffix as generateName appends it: `7hj7n`.
  mutating func suffix(_ length: Int = 5) -> String {
    String((0..<length).map { _ in Self.alphabet[Int(next() % UInt64(Self.alphabet.count))] })
  }

  mutating func hexadecimal(_ length: Int) -> String {
    let digits = Array("0123456789abcdef")
    return String((0..<length).map { _ in digits[Int(next() % 16)] })
  }

  /// A version 4 UUID.
  mutating func uuid() -> String {
    "\(hexadecimal(8))-\(hexadecimal(4))-4\(hexadecimal(3))-\("89ab".randomElement(using: &self) ?? "8")\(hexadecimal(3))-\(hexadecimal(12))"
  }

  /// A hash as ReplicaSets carry it: FNV-1a in decimal digits, written in the safe alphabet.
  static func hash(_ text: String) -> String {
    var hash: UInt32 = 2_166_136_261
    for byte in text.utf8 { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
    return String(String(hash).utf8.map { alphabet[Int($0) % alphabet.count] })
  }
}

extension RandomNames: RandomNumberGenerator {}
