import Testing
import YAML

@Suite("Aliases and merge keys")
struct AliasTests {
  @Test("An alias is the value it names, at the place where that is written")
  func alias() throws {
    let root = try node("a: &x {k: [1, 2]}\nb: *x\nc: &x two\nd: *x\n")
    #expect(root["b"] == root["a"])
    #expect(root["b"]?.mark.line == 1)
    #expect(root["d"]?.string == "two")
  }

  @Test("An alias without its anchor is refused", arguments: ["a: *nope", "a: &x 1\n---\nb: *x"])
  func unknown(text: String) throws {
    #expect(throws: YAMLError.self) { try YAML.parseAll(text, source: "") }
    let error = try #require(failure("a: 1\nb: *nope"))
    #expect(error.code == .unknownAlias)
    #expect(error.mark == YAMLMark(source: "test.yaml", line: 2, column: 4))
  }

  @Test("An alias inside its own value is refused", arguments: ["&a [*a]", "x: &a {b: {c: *a}}", "&a {<<: *a}"])
  func recursive(text: String) {
    #expect(failure(text)?.code == .recursiveAlias)
  }

  @Test(
    "Aliases that multiply past the limit are refused at the alias, without being expanded", .timeLimit(.minutes(1)))
  func bomb() throws {
    var text = "l0: &l0 [x, x, x, x, x, x, x, x, x, x]\n"
    for level in 1...40 {
      let alias = "*l\(level - 1)"
      text += "l\(level): &l\(level) [" + Array(repeating: alias, count: 10).joined(separator: ", ") + "]\n"
    }
    let unlimited = YAMLLimits(maximumNodes: .max, maximumTextBytes: .max)
    #expect(failure(text, limits: unlimited)?.code == .tooLarge)
    let error = try #require(failure(text))
    #expect(error.code == .tooLarge)
    #expect(error.mark.line == 6)
    #expect(error.message.contains("aliases expanded"))
  }

  @Test("Long text that aliases multiply is refused too")
  func textBomb() throws {
    let text =
      "a: &a " + String(repeating: "x", count: 1 << 20) + "\nb: [" + String(repeating: "*a, ", count: 100) + "]"
    #expect(failure(text)?.code == .tooLarge)
  }

  @Test("Nodes are counted with keys, and the limit itself is allowed")
  func counting() {
    let text = "a: &a [1, 2]\nb: *a\n"  // the root, two keys, and three nodes twice
    #expect(failure(text, limits: YAMLLimits(maximumNodes: 9)) == nil)
    #expect(failure(text, limits: YAMLLimits(maximumNodes: 8))?.code == .tooLarge)
  }

  @Test(
    "Merged keys fill in what is not written; earlier mappings win",
    arguments: [
      ("base: &b {x: 1, y: 2}\nv: {<<: *b, y: 3}", ["x": 1, "y": 3]),
      ("base: &b {x: 1, y: 2}\nv: {y: 3, <<: *b}", ["y": 3, "x": 1]),
      ("l: [&a {x: 1}, &b {x: 2, z: 3}]\nv: {<<: [*a, *b], w: 0}", ["x": 1, "z": 3, "w": 0]),
      ("v: {<<: {x: 1}}", ["x": 1]), ("v: {<<: []}", [:]), ("v: {\"<<\": 1}", ["<<": 1]),
      ("v: {!!merge <<: {a: 1}}", ["a": 1]),
      ("a: &a {x: 1}\nb: &b {<<: *a, y: 2}\nv: {<<: *b}", ["x": 1, "y": 2]),
    ] as [(String, YAMLValue)])
  func merge(text: String, expected: YAMLValue) throws {
    #expect(try node(text)["v"].map { YAMLValue($0) } == expected)
  }

  @Test("Only mappings can be merged", arguments: ["{<<: 1}", "{<<: [1]}", "{<<: }", "x: &x [[a]]\ny: {<<: *x}"])
  func notMergeable(text: String) {
    #expect(failure(text)?.code == .mergeNotMapping)
  }

  @Test("Two merge keys in one mapping are refused")
  func twoMerges() throws {
    let error = try #require(failure("a:\n  <<: {x: 1}\n  <<: {y: 1}\n"))
    #expect(error.code == .duplicateKey)
    #expect(error.message.contains("line 3") && error.message.contains("line 2"))
  }
}
