import FoundationEssentials
import HTTP

extension PresentedCertificate {
  /// When it ends; nil: not in OpenSSL's form `Nov  4 06:00:00 2026 GMT`.
  var end: Date? { Self.date(notAfter) }

  /// The certificate signed itself.
  var isSelfSigned: Bool { subject == issuer }

  static func date(_ text: String) -> Date? {
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    let words = text.split(separator: " ")
    guard words.count == 5, words[4] == "GMT", let month = months.firstIndex(of: String(words[0])),
      let day = Int(words[1]), (1...31).contains(day), let year = Int(words[3]), (1950...9999).contains(year)
    else { return nil }
    let clock = words[2].split(separator: ":", omittingEmptySubsequences: false).map { Int($0) }
    guard clock.count == 3, let hour = clock[0], let minute = clock[1], let second = clock[2] else { return nil }
    // Days since 1970-01-01 in the proleptic Gregorian calendar, years beginning in March.
    let shifted = month + 1 <= 2 ? year - 1 : year
    let dayOfYear = (153 * ((month + 10) % 12) + 2) / 5 + day - 1
    let days = 365 * shifted + shifted / 4 - shifted / 100 + shifted / 400 + dayOfYear - 719_468
    return Date(timeIntervalSince1970: Double(days * 86_400 + hour * 3600 + minute * 60 + second))
  }
}
