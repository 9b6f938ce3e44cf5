import Testing
import YAML

@Suite("What is written is read back")
struct RoundTripTests {
  @Test("Random documents with comments mean the same after writing and reading", arguments: 0..<8)
  func documents(seed: UInt64) throws {
    var random = RandomDocuments(seed: seed)
    for number in 0..<500 {
      let document = random.document()
      let text = YAMLWriter(commentWidth: number % 2 == 0 ? 40 : nil).write(document)
      let read: YAMLValue
      do {
        read = try YAML.parse(text, source: "random").map { YAMLValue($0) } ?? .null
      } catch {
        Issue.record("seed \(seed), document \(number): \(error)\n\(text)")
        return
      }
      let expected = document.root.withoutComments
      // A root whose items are all commented out is an empty document.
      guard read == expected || document.root != [:] && expected == [:] && read == .null else {
        Issue.record("seed \(seed), document \(number) changed its meaning:\n\(text)")
        return
      }
    }
  }
}

/// Documents with everything that a writer can get wrong.
struct RandomDocuments {
  private var random: SeededGenerator

  init(seed: UInt64) { random = SeededGenerator(seed: seed) }

  private static let pieces = [
    "a", "key", " ", "  ", "\n", "\n\n", "\t", ":", ": ", "#", " #", "-", "- ", "---", "...", "?", ",", "[", "]", "{",
    "}", "&", "*", "!", "|", ">",
    "'", "\"", "%", "@", "`", "\\", "=", "<<", "~", "null", "yes", "no", "true", "1", "0", "0x", ".", "e", "+", "_",
    "1:30", "2026-11-24", ".inf",
    "ü", "日本", "🙂", "\u{85}", "\u{2028}", "\u{FEFF}", "\u{A0}", "\u{202E}", "\r", "\r\n", "\u{0}", "\u{7F}", "\u{1B}",
    "\u{FFFF}", "\u{E000}",
    "\u{10FFFF}", "é", "e\u{301}", "{{", "}}", "$(x)", "/", "long words that go on and on",
  ]

  mutating func text() -> String {
    (0..<Int.random(in: 0...6, using: &random)).map { _ in Self.pieces.randomElement(using: &random) ?? "" }.joined()
  }

  mutating func comments() -> [String] {
    Bool.random(using: &random) ? [] : (0..<Int.random(in: 0...3, using: &random)).map { _ in text() }
  }

  mutating func document() -> YAMLDocument {
    YAMLDocument(value(depth: 0), header: comments(), footer: comments())
  }

  mutating func value(depth: Int) -> YAMLValue {
    switch Int.random(in: 0...(depth < 5 ? 11 : 6), using: &random) {
    case 0: return .null
    case 1: return .bool(Bool.random(using: &random))
    case 2: return .integer(Int(truncatingIfNeeded: random.next() >> UInt64.random(in: 0...63, using: &random)))
    case 3:
      let value = Double(bitPattern: random.next())
      return .double(value.isNaN ? .infinity : value)
    case 4...6: return .string(text())
    case 7...8:
      return .sequence((0..<Int.random(in: 0...4, using: &random)).map { _ in value(depth: depth + 1) })
    default:
      var keys: Set<String> = []
      var items: [YAMLItem] = []
      for _ in 0..<Int.random(in: 0...5, using: &random) {
        let key = text()
        guard keys.insert(key).inserted else { continue }
        items.append(
          YAMLItem(
            key, value(depth: depth + 1), comments: comments(),
            trailingComment: Bool.random(using: &random) ? text() : nil,
            blankLineBefore: Bool.random(using: &random),
            isCommentedOut: Int.random(in: 0...7, using: &random) == 0))
      }
      return .mapping(items)
    }
  }
}
