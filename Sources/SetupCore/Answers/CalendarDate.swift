public import FoundationEssentials
import Kubernetes

/// A day of the Gregorian calendar in UTC, as RFC 3339 writes it: `2026-12-31`.
public struct CalendarDate: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// Year, month and day, zero-padded, so that texts sort as days do.
  public let description: String

  /// Reads `YYYY-MM-DD`; nil where the text has another form or names no day.
  public init?(_ text: String) {
    let bytes = Array(text.utf8)
    let isShaped =
      bytes.count == 10
      && bytes.enumerated().allSatisfy { index, byte in
        index == 4 || index == 7 ? byte == UInt8(ascii: "-") : (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
      }
    guard isShaped, Timestamp.rfc3339(text + "T00:00:00Z") != nil else { return nil }
    description = text
  }

  /// The day in UTC of a moment.
  public init(_ moment: Date) { description = String(moment.ISO8601Format().prefix(10)) }

  /// Earlier days are less.
  public static func < (left: CalendarDate, right: CalendarDate) -> Bool { left.description < right.description }
}
