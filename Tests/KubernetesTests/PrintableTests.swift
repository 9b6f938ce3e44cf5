import Testing
import Text

@testable import Kubernetes

@Suite("Text from outside")
struct PrintableTests {
  @Test(
    "Control characters, escape sequences and direction overrides do not reach a terminal",
    arguments: [
      ("plain", "plain"), ("\u{1B}[31mred\u{1B}[0m", "red"), ("\u{1B}]0;title\u{07}x", "x"),
      ("\u{1B}]8;;http://x\u{1B}\\y", "y"),
      ("a\nb\tc", "a b c"), ("  x \n", "x"), ("a\u{202E}b", "ab"), ("\u{9B}31mx", "x"), ("a\0b\u{7F}", "ab"),
      ("\u{1B}", ""),
      ("日本", "日本"), ("\u{1B}cx", "x"),
    ])
  func printableText(text: String, expected: String) { #expect(printable(text) == expected) }

  @Test("Long text is cut, lines are kept where asked")
  func limits() {
    #expect(printable("abcdef", limit: 3) == "ab…")
    #expect(printable("a\nb\n", keepsLines: true) == "a\nb")
  }

  @Test("A secret does not print, dump or reflect itself")
  func secrets() {
    let connection = ClusterConnection(server: "https://x", credential: .token(SecretText("s3cret")))
    var dumped = ""
    dump(connection, to: &dumped)
    #expect(!"\(connection) \(String(reflecting: connection)) \(dumped)".contains("s3cret"))
    #expect(dumped.contains("<secret>") || "\(connection)".contains("<secret>"))
  }
}
