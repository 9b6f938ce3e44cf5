/// A Kubernetes resource quantity: `250m`, `1.5Gi`, `12e6` (k8s.io/apimachinery, pkg/api/resource).
///
/// Exact to a billionth (nano), which is the API's own precision; finer parts are rounded away from zero, as the API does.
/// Magnitudes beyond 1.7e29 saturate, binary forms at 2^63-1 as the API does; nothing traps.
public struct Quantity: Sendable, Hashable {
  /// The notation, kept for the canonical text.
  public enum Format: Sendable, Hashable {
    /// `k`, `M`, `G`; `m`, `u`, `n`.
    case decimalSI
    /// `Ki`, `Mi`, `Gi`.
    case binarySI
    /// `e3`.
    case decimalExponent
  }

  /// The value in billionths of the unit.
  let nano: Int128
  /// The notation it was written in.
  public var format: Format

  /// Zero.
  public init() {
    nano = 0
    format = .decimalSI
  }

  /// A whole number of units.
  public init(_ units: Int64, format: Format = .decimalSI) {
    nano = Int128(units) * Self.nanosPerUnit
    self.format = format
  }

  /// A number of thousandths: the milli-CPUs of a CPU quantity.
  public init(milli: Int64) {
    nano = Int128(milli) * 1_000_000
    format = .decimalSI
  }

  init(nano: Int128, format: Format) {
    self.nano = nano
    self.format = format
  }

  static let nanosPerUnit: Int128 = 1_000_000_000

  /// Two quantities are equal when their values are; `1Gi` equals `1073741824`.
  public static func == (left: Quantity, right: Quantity) -> Bool { left.nano == right.nano }

  /// Hashes the value alone.
  public func hash(into hasher: inout Hasher) { hasher.combine(nano) }
}
extension Quantity: Comparable, AdditiveArithmetic {
  /// Zero.
  public static var zero: Quantity { Quantity() }

  /// Compares the values.
  public static func < (left: Quantity, right: Quantity) -> Bool { left.nano < right.nano }

  /// The sum, saturated; the notation of the left side, or of the right where the left is zero.
  public static func + (left: Quantity, right: Quantity) -> Quantity {
    let (sum, overflowed) = left.nano.addingReportingOverflow(right.nano)
    let format = left.nano == 0 ? right.format : left.format
    return Quantity(nano: overflowed ? (left.nano < 0 ? .min : .max) : sum, format: format)
  }

  /// The difference, saturated; the notation of the left side, or of the right where the left is zero.
  public static func - (left: Quantity, right: Quantity) -> Quantity {
    let (difference, overflowed) = left.nano.subtractingReportingOverflow(right.nano)
    let format = left.nano == 0 ? right.format : left.format
    return Quantity(nano: overflowed ? (left.nano < 0 ? .min : .max) : difference, format: format)
  }

  /// Whole units, rounded away from zero, limited to 64 bits.
  public var value: Int64 { scaled(by: Self.nanosPerUnit) }

  /// Thousandths, rounded away from zero, limited to 64 bits: milli-CPUs.
  public var milliValue: Int64 { scaled(by: 1_000_000) }

  private func scaled(by divisor: Int128) -> Int64 {
    let (quotient, remainder) = nano.quotientAndRemainder(dividingBy: divisor)
    return Int64(clamping: remainder == 0 ? quotient : quotient + (nano < 0 ? -1 : 1))
  }
}
