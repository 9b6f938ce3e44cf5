public import FoundationEssentials

/// Time as a simulated cluster sees it; tests hold it still.
public struct SimulatedTime: Sendable {
  /// Now.
  public var now: @Sendable () -> Date
  /// Waits that long, or throws when cancelled.
  public var sleep: @Sendable (Duration) async throws -> Void

  /// A time from its parts.
  public init(now: @escaping @Sendable () -> Date, sleep: @escaping @Sendable (Duration) async throws -> Void) {
    self.now = now
    self.sleep = sleep
  }

  /// The machine's own.
  public static let real = SimulatedTime(now: { Date() }, sleep: { try await Task.sleep(for: $0) })
}

enum Timestamp {
  /// RFC 3339 in UTC with whole seconds, as metav1.Time is written.
  static func seconds(_ date: Date) -> String { format(date, fraction: false) }

  /// RFC 3339 in UTC with microseconds, as metav1.MicroTime is written.
  static func microseconds(_ date: Date) -> String { format(date, fraction: true) }

  /// As HTTP writes it (RFC 9110, section 5.6.7): `Tue, 24 Nov 2026 06:09:27 GMT`.
  static func http(_ date: Date) -> String {
    let parts = seconds(date).split { "-T:Z".contains($0) }.map(String.init)
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    let days = Int((date.timeIntervalSince1970 / 86_400).rounded(.down))
    let month = Int(parts[1]).map { months[$0 - 1] } ?? ""
    return
      "\(weekdays[(days % 7 + 7) % 7]), \(parts[2]) \(month) \(parts[0]) \(parts[3]):\(parts[4]):\(parts[5]) GMT"
  }

  private static func format(_ date: Date, fraction: Bool) -> String {
    let micros = Int((date.timeIntervalSince1970 * 1_000_000).rounded(.down))
    let total = micros / 1_000_000
    let days = total / 86_400
    let rest = total % 86_400
    // Civil date from days since 1970-01-01, in years that begin in March.
    let shifted = days + 719_468
    let era = shifted / 146_097
    let dayOfEra = shifted % 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    func padded(_ number: Int, _ width: Int = 2) -> String {
      let digits = String(number)
      return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
    let tail = fraction ? ".\(padded(micros % 1_000_000, 6))Z" : "Z"
    return
      "\(padded(year, 4))-\(padded(month))-\(padded(day))T\(padded(rest / 3600)):\(padded(rest / 60 % 60)):\(padded(rest % 60))\(tail)"
  }
}
