public import FoundationEssentials

/// The times that Kubernetes and HTTP write, read without a locale or a formatter.
public enum Timestamp {
  /// RFC 3339, with or without a fraction: `2026-11-23T22:34:54.410695Z`, `2026-11-23T22:34:54+01:00`.
  public static func rfc3339(_ text: String) -> Date? {
    var scanner = Scanner(text)
    guard let year = scanner.number(4), scanner.literal("-"), let month = scanner.number(2), scanner.literal("-"),
      let day = scanner.number(2), scanner.oneOf("Tt "), let hour = scanner.number(2), scanner.literal(":"),
      let minute = scanner.number(2), scanner.literal(":"), let second = scanner.number(2)
    else { return nil }
    var fraction = 0.0
    if scanner.literal(".") {
      guard let part = scanner.fraction() else { return nil }
      fraction = part
    }
    var offset = 0
    if !scanner.oneOf("Zz") {
      let isEast = scanner.literal("+")
      guard isEast || scanner.literal("-"), let hours = scanner.number(2), scanner.literal(":"),
        let minutes = scanner.number(2)
      else { return nil }
      offset = (hours * 60 + minutes) * 60 * (isEast ? 1 : -1)
    }
    guard scanner.isAtEnd, let seconds = unixSeconds(year, month, day, hour, minute, second) else { return nil }
    return Date(timeIntervalSince1970: Double(seconds - offset) + fraction)
  }

  /// The preferred form of HTTP's dates (RFC 9110, section 5.6.7): `Tue, 24 Nov 2026 06:09:27 GMT`.
  public static func http(_ text: String) -> Date? {
    let fields = text.split(separator: " ")
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    guard fields.count == 6, fields[5] == "GMT", let day = Int(fields[1]), let year = Int(fields[3]),
      let month = months.firstIndex(of: String(fields[2]))
    else { return nil }
    let time = fields[4].split(separator: ":").map { Int($0) }
    guard time.count == 3, let hour = time[0], let minute = time[1], let second = time[2],
      let seconds = unixSeconds(year, month + 1, day, hour, minute, second)
    else { return nil }
    return Date(timeIntervalSince1970: Double(seconds))
  }

  /// Seconds since 1970 of a time in UTC; nil where the parts name no time.
  static func unixSeconds(_ year: Int, _ month: Int, _ day: Int, _ hour: Int, _ minute: Int, _ second: Int) -> Int? {
    let lengths = [31, isLeap(year) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    guard (0...9999).contains(year), (1...12).contains(month), (1...lengths[month - 1]).contains(day),
      (0...23).contains(hour), (0...59).contains(minute), (0...60).contains(second)
    else { return nil }
    let before = year - 1
    let leapDays = before / 4 - before / 100 + before / 400
    let days = 365 * year + leapDays + lengths[..<(month - 1)].reduce(0, +) + day - 1
    return (days - 719_527) * 86_400 + hour * 3600 + minute * 60 + second
  }

  /// RFC 3339 in UTC, as the API writes it: `2026-11-24T06:09:27Z`; nil outside of the years 0 to 9999.
  static func text(unixSeconds seconds: Int64) -> String? {
    guard (-62_167_219_200...253_402_300_799).contains(seconds) else { return nil }
    // Days since 0000-03-01, so that a leap day is the last of its year; eras of 400 years have 146,097 days.
    let days = Int(seconds.quotientFlooring(86_400)) + 719_468
    let second = Int(seconds) - (days - 719_468) * 86_400
    let era = days.quotientFlooring(146_097)
    let dayOfEra = days - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shifted = (5 * dayOfYear + 2) / 153
    let month = shifted < 10 ? shifted + 3 : shifted - 9
    let year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0)
    var bytes: [UInt8] = []
    func append(_ number: Int, digits: Int, then end: Unicode.Scalar) {
      var divisor = digits == 4 ? 1000 : 10
      while divisor > 0 {
        bytes.append(UInt8(ascii: "0") + UInt8(number / divisor % 10))
        divisor /= 10
      }
      bytes.append(UInt8(ascii: end))
    }
    append(year, digits: 4, then: "-")
    append(month, digits: 2, then: "-")
    append(dayOfYear - (153 * shifted + 2) / 5 + 1, digits: 2, then: "T")
    append(second / 3600, digits: 2, then: ":")
    append(second / 60 % 60, digits: 2, then: ":")
    append(second % 60, digits: 2, then: "Z")
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func isLeap(_ year: Int) -> Bool { (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 }

  /// `2026-11-24`, in UTC, for messages.
  static func day(_ date: Date) -> String { String(date.ISO8601Format().prefix(10)) }

  private struct Scanner {
    private var rest: Substring.UTF8View
    init(_ text: String) { rest = text[...].utf8 }
    var isAtEnd: Bool { rest.isEmpty }

    mutating func literal(_ character: Character) -> Bool { oneOf(String(character)) }

    mutating func oneOf(_ characters: String) -> Bool {
      guard let first = rest.first, characters.utf8.contains(first) else { return false }
      rest.removeFirst()
      return true
    }

    mutating func number(_ count: Int) -> Int? {
      var value = 0
      for _ in 0..<count {
        guard let digit = digit() else { return nil }
        value = value * 10 + digit
      }
      return value
    }

    mutating func fraction() -> Double? {
      var value = 0.0
      var scale = 1.0
      var count = 0
      while let digit = digit() {
        count += 1
        scale /= 10
        value += Double(digit) * scale
      }
      return count == 0 ? nil : value
    }

    private mutating func digit() -> Int? {
      guard let first = rest.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else { return nil }
      rest.removeFirst()
      return Int(first - UInt8(ascii: "0"))
    }
  }
}

extension BinaryInteger {
  /// The quotient, rounded down also below zero.
  fileprivate func quotientFlooring(_ divisor: Self) -> Self {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? quotient - 1 : quotient
  }
}
