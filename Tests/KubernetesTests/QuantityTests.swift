import FoundationEssentials
import Kubernetes
import Testing

@Suite("Quantities")
struct QuantityTests {
  @Test(
    "A quantity is read and written in its canonical form",
    arguments: [
      ("0", "0"), ("0n", "0"), ("-0", "0"), ("0.0Ki", "0"), ("000000", "0"), ("1", "1"), ("+1", "1"), ("-1", "-1"),
      ("1n", "1n"), ("0.1n", "1n"), ("-0.1n", "-1n"), ("1.000000001n", "2n"), ("100u", "100u"), ("1000n", "1u"),
      ("0.5", "500m"), (".5", "500m"), ("1.", "1"), ("1.5", "1500m"), ("1000m", "1"), ("500m", "500m"),
      ("100", "100"), ("1000", "1k"), ("1500", "1500"), ("1.5k", "1500"), ("12000000", "12M"), ("1G", "1G"),
      ("1T", "1T"),
      ("1P", "1P"), ("1E", "1E"), ("1000E", "1000E"), ("1Ki", "1Ki"), ("1024", "1024"), ("1024Ki", "1Mi"),
      ("1Mi", "1Mi"),
      ("1.5Gi", "1536Mi"), ("0.5Ki", "512"), ("0.5Mi", "512Ki"), ("1025Ki", "1025Ki"), ("1Ti", "1Ti"), ("1Pi", "1Pi"),
      ("1Ei", "1Ei"), ("8Ei", "9223372036854775807"), ("100Ei", "9223372036854775807"),
      ("-8Ei", "-9223372036854775807"),
      ("0.0001Ki", "102400u"), ("1.0001Ki", "1024102400u"), ("1e3", "1e3"), ("1E3", "1e3"), ("1e2", "100"),
      ("12e6", "12e6"), ("1e-3", "1e-3"), ("1.5e3", "1500"), ("1e-9", "1e-9"), ("1e-12", "1e-9"), ("0e99", "0"),
      ("16Gi", "16Gi"), ("7910184Ki", "7910184Ki"), ("3920m", "3920m"), ("  ".isEmpty ? "" : "110", "110"),
      ("00000000000000000000000000000000000000001", "1"), ("1.00000000000000000000000000000000000000", "1"),
    ])
  func canonical(text: String, expected: String) throws {
    #expect(try Quantity(text).description == expected)
  }

  @Test(
    "What is no quantity is refused",
    arguments: [
      "", " ", "+", "-", ".", "1.1.M", "1+1.0M", "0.1mi", "0.1am", "aoeu", ".5i", "1i", "-3.01i", "-3.01e-", "1 Gi",
      "1GB",
      "1Kib", "e3", "1e3.5", "1K", "0x10", "1_000", "١", "1e", "1E+", "--1", "1e99999999999999999999", "1ki", "1mI",
    ])
  func refused(text: String) { #expect(throws: QuantityError.self) { try Quantity(text) } }

  @Test(
    "Whole units and thousandths are rounded away from zero",
    arguments: [
      ("0", 0, 0), ("1n", 1, 1), ("-1n", -1, -1), ("1m", 1, 1), ("1001m", 2, 1001), ("1.5", 2, 1500),
      ("-1.5", -2, -1500),
      ("250m", 1, 250), ("0.0005", 1, 1), ("1Gi", 1_073_741_824, 1_073_741_824_000), ("100", 100, 100_000),
      ("9223372036854775807", Int64.max, Int64.max), ("1E", 1_000_000_000_000_000_000, Int64.max),
      ("100E", Int64.max, Int64.max),
      ("-100E", Int64.min, Int64.min), ("1e40", Int64.max, Int64.max), ("-1e40", Int64.min, Int64.min),
    ] as [(String, Int64, Int64)])
  func units(text: String, value: Int64, milli: Int64) throws {
    let quantity = try Quantity(text)
    #expect(quantity.value == value)
    #expect(quantity.milliValue == milli)
  }

  @Test("Quantities compare by value, whatever their notation")
  func comparison() throws {
    #expect(try Quantity("1Gi") == Quantity("1073741824"))
    #expect(try Quantity("1G") < Quantity("1Gi"))
    #expect(try Quantity("999m") < Quantity("1"))
    #expect(try Quantity("-1") < Quantity("1n"))
    #expect(try Set([Quantity("1000m"), Quantity("1"), Quantity("1e0")]).count == 1)
  }

  @Test("Sums keep the left notation, and saturate instead of trapping")
  func arithmetic() throws {
    #expect(try (Quantity("1Gi") + Quantity("512Mi")).description == "1536Mi")
    #expect(try (Quantity("0") + Quantity("1Gi")).description == "1Gi")
    #expect(try (Quantity("100m") + Quantity("0.9")).description == "1")
    #expect(try (Quantity("1") - Quantity("1500m")).description == "-500m")
    #expect(try (Quantity("1Gi") + Quantity("1m")).description == "1073741824001m")
    let huge = try Quantity("1e29")
    #expect((huge + huge).value == .max)
    #expect((.zero - huge - huge - huge).value == .min)
  }

  @Test("JSON strings and numbers are quantities; other JSON is not")
  func json() throws {
    let values = try JSONDecoder().decode([Quantity].self, from: Data(#"["1Gi", 4, 0.5]"#.utf8))
    #expect(values.map(\.description) == ["1Gi", "4", "500m"])
    #expect(throws: DecodingError.self) { try JSONDecoder().decode([Quantity].self, from: Data(#"["x"]"#.utf8)) }
    #expect(throws: DecodingError.self) { try JSONDecoder().decode([Quantity].self, from: Data("[true]".utf8)) }
  }

  @Test("The canonical text reads back as the same quantity")
  func roundTrip() throws {
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<2_000 {
      let number = Int64.random(in: -1_000_000_000...1_000_000_000, using: &generator)
      let suffix = ["", "n", "u", "m", "k", "M", "G", "Ki", "Mi", "Gi", "e3", "e-6"].randomElement(using: &generator)!
      let quantity = try Quantity("\(number)\(suffix)")
      #expect(try Quantity(quantity.description) == quantity, "\(number)\(suffix) became \(quantity)")
    }
  }
}
