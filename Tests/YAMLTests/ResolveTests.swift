import Testing
import YAML

@Suite("What scalars mean")
struct ResolveTests {
  @Test(
    "Plain scalars mean what Kubernetes tools read",
    arguments: [
      ("", .null), ("~", .null), ("null", .null), ("Null", .null), ("NULL", .null), ("nULL", .string("nULL")),
      ("true", .bool(true)), ("Yes", .bool(true)), ("on", .bool(true)), ("y", .bool(true)), ("Y", .bool(true)),
      ("false", .bool(false)), ("NO", .bool(false)), ("Off", .bool(false)), ("n", .bool(false)),
      ("yES", .string("yES")),
      ("0", .integer(0)), ("-0", .integer(0)), ("+12", .integer(12)), ("685_230", .integer(685_230)),
      ("1__0", .integer(10)),
      ("02472256", .integer(685_230)), ("0o17", .integer(15)), ("0O17", .integer(15)), ("017", .integer(15)),
      ("0x_0A_74_AE", .integer(685_230)), ("-0x1f", .integer(-31)), ("0b1010", .integer(10)),
      ("-0b101010", .integer(-42)),
      ("08", .float(8)), ("019", .float(19)), ("0z17", .string("0z17")), ("0x", .string("0x")), ("0xg", .string("0xg")),
      ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
      ("9223372036854775808", .float(9_223_372_036_854_775_808)),
      ("-9223372036854775809", .float(-9_223_372_036_854_775_808)),
      ("0x8000000000000000", .float(9_223_372_036_854_775_808)), ("-0x8000000000000000", .integer(.min)),
      ("123456789012345678901234567890", .float(1.2345678901234568e29)),
      ("1.10", .float(1.1)), ("1.", .float(1)), (".5", .float(0.5)), ("-.5", .float(-0.5)), ("+.5e1", .float(5)),
      ("0.5", .float(0.5)), ("0e3", .float(0)), ("1e3", .float(1000)), ("123456E1", .float(1_234_560)),
      ("685.230_15e+03", .float(685_230.15)), (".5_0", .string(".5_0")), ("1e", .string("1e")),
      ("1e999", .string("1e999")),
      (".inf", .float(.infinity)), ("+.Inf", .float(.infinity)), ("-.INF", .float(-.infinity)),
      (".iNf", .string(".iNf")),
      ("inf", .string("inf")), ("1:30", .string("1:30")), ("190:20:30.15", .string("190:20:30.15")),
      ("2015-01-01", .string("2015-01-01")), ("1.21.3", .string("1.21.3")), ("+", .string("+")), ("-", .string("-")),
      (".", .string(".")), ("+_", .string("+_")), ("_1", .string("_1")), ("50cent", .string("50cent")),
      ("+b_c", .string("+b_c")),
      ("0b2", .string("0b2")), ("1e5.5", .string("1e5.5")), ("0x1p3", .string("0x1p3")), ("1.5x", .string("1.5x")),
      ("٣", .string("٣")),
    ] as [(String, YAMLScalar.Resolved)])
  func plain(text: String, expected: YAMLScalar.Resolved) {
    #expect(YAMLScalar(text).resolved == expected)
    #expect(YAMLScalar(text, isPlain: false).resolved == .string(text))
  }

  @Test("Not a number is a float", arguments: [".nan", ".NaN", ".NAN"])
  func notANumber(text: String) throws {
    guard case .float(let value) = YAMLScalar(text).resolved else {
      Issue.record("\(text) is no float")
      return
    }
    #expect(value.isNaN)
  }

  @Test("Quotes and blocks make strings", arguments: ["'true'", "\"12\"", "|-\n  null", ">-\n  1.5", "''"])
  func quoted(text: String) throws {
    #expect(try node(text).string != nil)
  }

  @Test(
    "An explicit tag decides",
    arguments: [
      ("!!str 1.21", .string("1.21")), ("!!str yes", .string("yes")), ("!!str", .string("")),
      ("!!int \"5\"", .integer(5)),
      ("!!int 0x10", .integer(16)), ("!!float 5", .float(5)), ("!!float '1.5'", .float(1.5)),
      ("!!bool 'yes'", .bool(true)),
      ("!!null ''", .null), ("!local 12", .string("12")), ("!<tag:example.com,2026:x> true", .string("true")),
      ("! 12", .string("12")), ("!!timestamp 2015-01-01", .string("2015-01-01")),
      ("!!binary aGkhIQ==", .string("hi!!")),
      ("!!binary |\n  aGVs\n  bG8=\n", .string("hello")), ("%TAG !y! tag:yaml.org,2002:\n--- !y!int '1'", .integer(1)),
    ] as [(String, YAMLScalar.Resolved)])
  func tags(text: String, expected: YAMLScalar.Resolved) throws {
    #expect(try node(text).scalar?.resolved == expected)
  }

  @Test(
    "A value that its tag forbids is refused, and not shown",
    arguments: [
      "!!int hunter2", "!!float hunter2", "!!bool hunter2", "!!null hunter2", "!!binary hunter2", "!!binary /w==",
      "!!binary a===",
      "!!int 1.5",
    ])
  func mismatch(text: String) throws {
    let error = try #require(failure("a: \(text)"))
    #expect(error.code == .tagMismatch)
    #expect(error.mark.column == 4)
    #expect(!error.description.contains("hunter2"))
  }

  @Test("A version keeps its text although it reads as a number")
  func text() throws {
    let version = try #require(try node("version: 1.10")["version"])
    #expect(version.text == "1.10")
    #expect(version.string == nil)
    #expect(version.double == 1.1)
    #expect(version.integer == nil)
  }

  @Test(
    "A node says what kind it is",
    arguments: [
      ("[]", "a list"), ("{}", "a mapping"), ("1", "a number"), ("1.5", "a number"), ("no", "true or false"),
      ("~", "null"), ("x", "text"),
    ])
  func kinds(text: String, expected: String) throws {
    #expect(try node(text).kind == expected)
  }

  @Test("Reading helpers give nil for what is not theirs")
  func helpers() throws {
    let root = try node("t: yes\ni: 3\nn: ~\ns: 'yes'\nl: [1]")
    #expect(root["t"]?.bool == true)
    #expect(root["s"]?.bool == nil)
    #expect(root["i"]?.integer == 3)
    #expect(root["i"]?.double == 3)
    #expect(root["n"]?.isNull == true)
    #expect(root["n"]?.text == nil)
    #expect(root["l"]?.isNull == false)
    #expect(root["l"]?.text == nil)
    #expect(root["l"]?["x"] == nil)
  }
}
