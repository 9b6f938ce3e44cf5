/// A text that is no quantity.
public struct QuantityError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The text.
  public var text: String
  /// What is wrong and what is accepted.
  public var description: String {
    "\"\(printable(text, limit: 40))\" is no resource quantity; write a number with an optional suffix: 500m, 2, 1.5Gi, 10G, 1e3"
  }
}
extension Quantity {
  /// Parses `<sign><digits>.<digits><suffix>`; suffixes n u m k M G T P E, Ki … Ei, or an exponent e3/E3.
  public init(_ text: String) throws(QuantityError) {
    var scanner = QuantityScanner(text)
    guard let scanned = scanner.scan() else { throw QuantityError(text: text) }
    self = scanned
  }

  fileprivate init(digits: some Sequence<UInt8>, fractionDigits: Int, negative: Bool, suffix: QuantitySuffix) {
    var mantissa: Int128 = 0
    var isFull = false
    var dropped = 0
    var rest = false
    for digit in digits {
      let value = Int128(digit - UInt8(ascii: "0"))
      if !isFull {
        let (tens, overflowed) = mantissa.multipliedReportingOverflow(by: 10)
        let (sum, overflowedAgain) = tens.addingReportingOverflow(value)
        if !overflowed && !overflowedAgain {
          mantissa = sum
          continue
        }
        isFull = true
      }
      dropped += 1
      rest = rest || value != 0
    }
    var saturated = false
    if suffix.binaryExponent > 0 {
      let (product, overflowed) = mantissa.multipliedReportingOverflow(by: Int128(1) << Int128(suffix.binaryExponent))
      mantissa = product
      saturated = overflowed
    }
    var exponent = suffix.decimalExponent - fractionDigits + dropped + 9
    while exponent > 0 && !saturated && mantissa != 0 {
      let (product, overflowed) = mantissa.multipliedReportingOverflow(by: 10)
      mantissa = product
      saturated = overflowed
      exponent -= 1
    }
    while exponent < 0 && !saturated && mantissa != 0 {
      let (quotient, remainder) = mantissa.quotientAndRemainder(dividingBy: 10)
      mantissa = quotient
      rest = rest || remainder != 0
      exponent += 1
    }
    if saturated { mantissa = .max }
    if rest && mantissa != .max { mantissa += 1 }
    var format = suffix.format
    if format == .binarySI {
      mantissa = Swift.min(mantissa, Int128(Int64.max) * Self.nanosPerUnit)
      if mantissa > 0 && mantissa < Self.nanosPerUnit { format = .decimalSI }
    }
    self.init(nano: negative ? -mantissa : mantissa, format: format)
  }
}

private struct QuantitySuffix {
  var decimalExponent = 0
  var binaryExponent = 0
  var format = Quantity.Format.decimalSI

  static let decimal: [String: Int] = [
    "n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18,
  ]
  static let binary: [String: Int] = ["Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60]

  init?(_ text: Substring) {
    if let exponent = Self.decimal[String(text)] {
      decimalExponent = exponent
    } else if let exponent = Self.binary[String(text)] {
      binaryExponent = exponent
      format = .binarySI
    } else if text.first == "e" || text.first == "E", let exponent = Int(text.dropFirst()),
      // Beyond these every value is zero or saturated; the bound keeps the loops short.
      abs(exponent) <= 1_000
    {
      decimalExponent = exponent
      format = .decimalExponent
    } else {
      return nil
    }
  }
}

private struct QuantityScanner {
  private var rest: Substring
  init(_ text: String) { rest = text[...] }

  mutating func scan() -> Quantity? {
    let negative = rest.first == "-"
    if negative || rest.first == "+" { rest.removeFirst() }
    let whole = digits()
    var fraction: [UInt8] = []
    if rest.first == "." {
      rest.removeFirst()
      fraction = digits()
    }
    guard !(whole.isEmpty && fraction.isEmpty), let suffix = QuantitySuffix(rest) else { return nil }
    return Quantity(digits: whole + fraction, fractionDigits: fraction.count, negative: negative, suffix: suffix)
  }

  private mutating func digits() -> [UInt8] {
    let found = rest.utf8.prefix { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
    rest = rest[found.endIndex...]
    return Array(found)
  }
}

extension Quantity: CustomStringConvertible {
  /// The canonical text: no fraction, the largest suffix that loses nothing.
  public var description: String {
    if nano == 0 { return "0" }
    let units = nano / Self.nanosPerUnit
    let isWhole = nano % Self.nanosPerUnit == 0
    if format == .binarySI, isWhole, units <= -1024 || units >= 1024 {
      var number = units
      var step = 0
      while step < 6 && number % 1024 == 0 {
        number /= 1024
        step += 1
      }
      return "\(number)\(["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"][step])"
    }
    var number = nano
    var exponent = -9
    while exponent < 18 || format == .decimalExponent, number % 1000 == 0 {
      number /= 1000
      exponent += 3
    }
    if format == .decimalExponent { return exponent == 0 ? "\(number)" : "\(number)e\(exponent)" }
    return "\(number)\(["n", "u", "m", "", "k", "M", "G", "T", "P", "E"][(exponent + 9) / 3])"
  }
}
extension Quantity: Codable {
  /// Decodes a string, or a bare number as the API accepts it.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text: String
    do {
      text = try container.decode(String.self)
    } catch DecodingError.typeMismatch {
      text = try Self.numberText(container)
    }
    do throws(QuantityError) {
      try self.init(text)
    } catch {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: error.description)
    }
  }

  private static func numberText(_ container: any SingleValueDecodingContainer) throws -> String {
    do {
      return "\(try container.decode(Int64.self))"
    } catch {
      // A fraction is no Int64, and JSONDecoder says so by an error that is no DecodingError.
      return "\(try container.decode(Double.self))"
    }
  }

  /// Encodes the canonical text.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
