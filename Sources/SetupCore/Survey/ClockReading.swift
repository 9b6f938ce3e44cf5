public import FoundationEssentials

/// What the server's clock said, and what ours said before and after.
public struct ClockReading: Sendable, Equatable {
  /// The Date header: whole seconds (RFC 9110, section 6.6.1).
  public var server: Date
  /// Our clock when the request was sent.
  public var asked: Date
  /// Our clock when the answer was there.
  public var answered: Date

  /// A reading; nil where the server told no time.
  public init?(_ server: Date?, asked: Date, answered: Date) {
    guard let server else { return nil }
    self.server = server
    self.asked = asked
    self.answered = answered
  }

  /// How far our clock is ahead of the server's, in seconds; negative: behind. The server is taken to have read its
  /// clock in the middle of the exchange and of its second.
  public var skew: Double {
    let middle = asked.timeIntervalSince1970 + answered.timeIntervalSince(asked) / 2
    return middle - (server.timeIntervalSince1970 + 0.5)
  }

  /// How wrong `skew` can be, in seconds: half the round trip and half a second.
  public var tolerance: Double { abs(answered.timeIntervalSince(asked)) / 2 + 0.5 }

  /// The least distance between the clocks that this reading proves, in seconds.
  public var certainSkew: Double { max(0, abs(skew) - tolerance) }

  /// The reading that is less wrong.
  static func closer(_ one: ClockReading?, _ other: ClockReading?) -> ClockReading? {
    guard let one, let other else { return one ?? other }
    return other.tolerance <= one.tolerance ? other : one
  }
}
