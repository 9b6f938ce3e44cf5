import Text

/// How many of how many bytes have gone, of one transfer or of several together.
public struct TransferAmount: Sendable, Equatable {
  /// Bytes that have arrived, or were there before.
  public var done: UInt64
  /// Bytes in all.
  public var total: UInt64
  /// Bytes a second; nil: not known, or nothing moves now.
  public var rate: Double?

  /// An amount from its parts.
  public init(done: UInt64, total: UInt64, rate: Double? = nil) {
    self.done = min(done, total)
    self.total = total
    self.rate = rate
  }

  /// From 0 to 1.
  public var fraction: Double { total == 0 ? 0 : Double(done) / Double(total) }

  /// `12 MiB of 45 MiB, 3 MiB/s, 11 s left`.
  public var text: String {
    var text = "\(ByteCount(done)) of \(ByteCount(total))"
    if let rate, let timeLeft { text += ", \(ByteCount(UInt64(rate)))/s, \(timeLeft) left" }
    return text
  }

  /// `11 s`; nil: not known.
  public var timeLeft: String? {
    guard let rate, rate > 0, done < total else { return nil }
    return PushLine.left(Double(total - done) / rate)
  }

  /// Several together; nil where there is none.
  static func sum(_ amounts: some Sequence<TransferAmount>) -> TransferAmount? {
    amounts.reduce(nil) { sum, next in
      guard let sum else { return next }
      let rates = [sum.rate, next.rate].compactMap { $0 }
      return TransferAmount(
        done: sum.done + next.done, total: sum.total + next.total, rate: rates.isEmpty ? nil : rates.reduce(0, +))
    }
  }
}
