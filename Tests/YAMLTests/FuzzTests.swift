import FoundationEssentials
import Testing
import YAML

@Suite("Broken text never traps")
struct FuzzTests {
  /// How long to go on; a fraction of a second unless FUZZ_SECONDS asks for more.
  private static let duration: Duration =
    ProcessInfo.processInfo.environment["FUZZ_SECONDS"].flatMap { Int($0) }.map { .seconds($0) } ?? .milliseconds(700)

  @Test("Mutated texts are read or refused, and what is read is written and read back", arguments: [1, 2])
  func mutations(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var documents = RandomDocuments(seed: seed)
    let limits = YAMLLimits(maximumNodes: 10_000, maximumTextBytes: 1 << 20)
    let clock = ContinuousClock()
    let end = clock.now + Self.duration
    var read = 0
    var refused = 0
    while clock.now < end {
      let base =
        Bool.random(using: &random)
        ? Self.seeds.randomElement(using: &random) ?? "" : YAMLWriter().write(documents.document())
      let bytes = mutate(Array(base.utf8), using: &random)
      do throws(YAMLError) {
        let nodes = try YAML.parseAll(bytes, source: "fuzz", limits: limits)
        read += 1
        for node in nodes { try roundTrip(node) }
      } catch {
        refused += 1
        #expect(error.mark.line >= 1 && error.mark.column >= 1)
        #expect(!error.message.isEmpty)
      }
    }
    #expect(read > 0 && refused > 0)
  }

  /// Merged nodes can be large and floats not a number, so only texts without those are compared.
  private func roundTrip(_ node: YAMLNode) throws(YAMLError) {
    let value = YAMLValue(node)
    let text = YAMLWriter().write(value)
    guard let again = try YAML.parse(text, source: "again").map({ YAMLValue($0) }) else {
      Issue.record("nothing was written for \(value)")
      return
    }
    // Comparing the second text keeps .nan, which equals nothing, out of it.
    #expect(YAMLWriter().write(again) == text)
  }

  private func mutate(_ bytes: [UInt8], using random: inout SeededGenerator) -> [UInt8] {
    var bytes = bytes
    for _ in 0..<Int.random(in: 1...6, using: &random) {
      let place = Int.random(in: 0...bytes.count, using: &random)
      switch Int.random(in: 0...5, using: &random) {
      case 0 where place < bytes.count: bytes[place] = UInt8.random(in: 0...255, using: &random)
      case 1 where place < bytes.count: bytes.remove(at: place)
      case 2: bytes.insert(contentsOf: Self.tokens.randomElement(using: &random)?.utf8.map { $0 } ?? [], at: place)
      case 3: bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 0...8, using: &random)))
      case 4:
        let length = min(bytes.count - place, Int.random(in: 0...30, using: &random))
        bytes.insert(contentsOf: bytes[place..<place + length], at: Int.random(in: 0...bytes.count, using: &random))
      default: bytes.insert(UInt8(ascii: "\n"), at: place)
      }
    }
    return bytes
  }

  private static let tokens = [
    "- ", ": ", "? ", "&a ", "*a", "<<: ", "!!int ", "!!binary ", "! ", "!<", "%YAML 1.1\n", "---\n", "...\n", "| ",
    ">+2\n", "\t", "[", "]", "{", "}", ",", "'",
    "\"", "\\u", "#", "\u{FEFF}", "\u{2028}", "\r", "🙂", "0x", "1e", ".inf", "~", "{{",
  ]

  private static let seeds = [
    "a: &a {x: 1, y: [1, 2.5, ~]}\nb:\n  <<: *a\n  z: !!str 1\nc: |\n  text\n  more\nd: >-\n  folded\n  text\n",
    "%YAML 1.1\n%TAG !e! tag:example.com,2026:\n---\n- !e!x y\n- !!binary aGVsbG8=\n- ? key\n  : value\n...\n---\n\"\\u00e9\\n\": 'it''s'\n",
    "apiVersion: v1\nclusters:\n- cluster: {server: \"https://x:6443\"}\n  name: x\nusers:\n- name: y\n  user:\n    token: abc\n",
    "l0: &l0 [x, x]\nl1: &l1 [*l0, *l0]\nl2: &l2 [*l1, *l1]\nm: {<<: [{a: 1}, {b: 2}]}\n",
  ]
}
