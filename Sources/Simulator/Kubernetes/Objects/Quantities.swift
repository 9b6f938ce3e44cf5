/// A resource quantity (`100m`, `1Gi`, `2`) in thousandths of its unit.
struct Thousandths: Comparable, Sendable {
  var value: Double

  private static let suffixes: [(String, Double)] = [
    ("Ki", 1024), ("Mi", 1_048_576), ("Gi", 1_073_741_824), ("Ti", 1_099_511_627_776), ("Pi", 1_125_899_906_842_624),
    ("n", 1e-9), ("u", 1e-6), ("m", 1e-3), ("k", 1e3), ("M", 1e6), ("G", 1e9), ("T", 1e12), ("P", 1e15), ("E", 1e18),
  ]

  init(_ text: String?) {
    guard let text else {
      value = 0
      return
    }
    for (suffix, factor) in Self.suffixes where text.hasSuffix(suffix) {
      value = (Double(text.dropLast(suffix.count)) ?? 0) * factor * 1000
      return
    }
    value = (Double(text) ?? 0) * 1000
  }

  init(value: Double) { self.value = value }

  static func < (left: Thousandths, right: Thousandths) -> Bool { left.value < right.value }
  static func + (left: Thousandths, right: Thousandths) -> Thousandths { Thousandths(value: left.value + right.value) }

  /// `500m`, `2`, `1073741824`.
  var text: String {
    let whole = Int(value.rounded())
    return whole % 1000 == 0 ? String(whole / 1000) : "\(whole)m"
  }
}
