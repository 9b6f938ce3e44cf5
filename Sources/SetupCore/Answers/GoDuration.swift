/// A duration as Go programs write it (Go's time.ParseDuration): `300ms`, `10m`, `1h30m`.
public struct GoDuration: Sendable, Equatable {
  /// The length.
  public let duration: Duration

  /// Reads a text of number and unit pairs; nil where it is none, negative or zero.
  public init?(_ text: String) {
    let units: [String: Double] = ["ms": 0.001, "s": 1, "m": 60, "h": 3600]
    var rest = text[...]
    var seconds = 0.0
    guard !rest.isEmpty else { return nil }
    while !rest.isEmpty {
      let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
      rest = rest.dropFirst(digits.count)
      let unit = rest.prefix { $0.isASCII && $0.isLetter }
      rest = rest.dropFirst(unit.count)
      guard let number = Double(digits), let factor = units[String(unit)] else { return nil }
      seconds += number * factor
    }
    guard seconds > 0, seconds < 1e9 else { return nil }
    duration = .milliseconds(Int64((seconds * 1000).rounded()))
  }
}
