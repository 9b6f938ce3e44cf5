import Testing
import YAML

@Suite("Reading YAML")
struct ParseTests {
  @Test("A kubeconfig is read with its lists, mappings and text")
  func kubeconfig() throws {
    let root = try node(
      """
      apiVersion: v1
      kind: Config
      clusters:
      - name: prod
        cluster:
          server: https://10.0.0.1:6443
      users: []
      preferences: {}
      """)
    #expect(root.mapping?.map(\.key) == ["apiVersion", "kind", "clusters", "users", "preferences"])
    #expect(root["clusters"]?.sequence?.first?["cluster"]?["server"]?.string == "https://10.0.0.1:6443")
    #expect(root["users"]?.sequence?.isEmpty == true)
    #expect(root["preferences"]?.mapping?.isEmpty == true)
    #expect(root["absent"] == nil)
  }

  @Test("Marks count lines and characters from 1")
  func marks() throws {
    let root = try node("a: 1\n\"ключ 🙂\": [x, yy]\r\nb:\n  c: d\n")
    let entries = try #require(root.mapping)
    #expect(entries[0].value.mark == YAMLMark(source: "test.yaml", line: 1, column: 4))
    #expect(entries[1].keyMark == YAMLMark(source: "test.yaml", line: 2, column: 1))
    #expect(entries[1].value.mark == YAMLMark(source: "test.yaml", line: 2, column: 11))
    #expect(entries[1].value.sequence?[1].mark == YAMLMark(source: "test.yaml", line: 2, column: 15))
    #expect(root["b"]?["c"]?.mark.description == "test.yaml:4:6")
  }

  @Test("JSON is YAML")
  func json() throws {
    let root = try node(#"{"a": [1, true, null, "x\/y\u00e9"], "b": {"c": "2"}}"#)
    #expect(YAMLValue(root) == ["a": [1, true, nil, "x/yé"], "b": ["c": "2"]])
  }

  @Test(
    "Block scalars keep their lines",
    arguments: [
      ("a: |\n  x\n  y\n", "x\ny\n"), ("a: |-\n  x\n  y\n\n", "x\ny"), ("a: |+\n  x\n\n", "x\n\n"),
      ("a: >\n  x\n  y\n", "x y\n"),
    ])
  func blocks(text: String, expected: String) throws {
    #expect(try node(text)["a"]?.string == expected)
  }

  @Test(
    "A text without content is no document",
    arguments: ["", "\n", "# only a comment\n", "---\n", "---\n---\n", "\u{FEFF}"])
  func empty(text: String) throws {
    #expect(try YAML.parse(text, source: "") == nil)
    #expect(try YAML.parseAll(text, source: "").isEmpty)
  }

  @Test("An explicit null is a document")
  func explicitNull() throws {
    #expect(try YAML.parse("~", source: "")?.isNull == true)
    #expect(try YAML.parse("--- null\n", source: "")?.isNull == true)
  }

  @Test("Two documents are refused with the line of the second")
  func severalDocuments() throws {
    let error = try #require(failure("a: 1\n---\nb: 2\n"))
    #expect(error.code == .severalDocuments)
    #expect(error.mark.line == 2)
    #expect(failure("---\n---\na: 1\n---\n") == nil)
  }

  @Test("A stream gives every document that is not empty")
  func stream() throws {
    let text = "---\n# Source: a.yaml\n---\nkind: A\n---\n---\nkind: B\n...\n---\n- 1\n"
    let nodes = try YAML.parseAll(text, source: "helm")
    #expect(nodes.map { YAMLValue($0) } == [["kind": "A"], ["kind": "B"], [1]])
    #expect(nodes.map(\.mark.line) == [4, 7, 10])
  }

  @Test("A byte order mark is skipped and shifts no column")
  func byteOrderMark() throws {
    let root = try node("\u{FEFF}a: 1")
    #expect(root.mapping?.first?.keyMark.column == 1)
    #expect(root.mapping?.first?.key == "a")
  }

  @Test(
    "Bytes that are not UTF-8 are refused with their place",
    arguments: [
      ([0x61, 0x3A, 0x20, 0x62, 0x0A, 0x63, 0xFF], 2, 2), ([0xC3], 1, 1), ([0x61, 0x0D, 0x0A, 0xE2, 0x82], 2, 1),
      ([0xFF, 0xFE, 0x61, 0x00], 1, 1), ([0xED, 0xA0, 0x80], 1, 1),
    ] as [([UInt8], Int, Int)])
  func notUTF8(bytes: [UInt8], line: Int, column: Int) throws {
    let error = try #require(failure(bytes))
    #expect(error.code == .notUTF8)
    #expect(error.mark == YAMLMark(source: "test.yaml", line: line, column: column))
  }

  @Test("A control character is refused with its place and number")
  func control() throws {
    let error = try #require(failure("a: 1\nb: x\u{1B}[31m\n"))
    #expect(error.description.hasPrefix("test.yaml:2:5: a control character (U+001B)"))
  }

  @Test("Equal keys are refused naming both lines")
  func duplicates() throws {
    let error = try #require(failure("a: 1\nb: 2\n'a': 3\n"))
    #expect(error.code == .duplicateKey)
    #expect(error.mark.line == 3)
    #expect(error.message == "the key \"a\" on line 3 was already given on line 1; keep one of them")
    #expect(failure("x: {a: 1}\ny: {a: 1}") == nil)
  }

  @Test(
    "Keys that are not text are refused",
    arguments: [
      ("? [a, b]\n: c\n", "a list"), ("? {a: b}\n: c\n", "a mapping"), ("x: &x [1]\n*x : 1\n", "a list"),
    ])
  func keys(text: String, kind: String) throws {
    let error = try #require(failure(text))
    #expect(error.code == .keyNotScalar)
    #expect(error.message.hasPrefix(kind))
  }

  @Test("A key may be an alias for text, a number or quoted nothing")
  func scalarKeys() throws {
    #expect(
      try node("x: &x name\n*x : 1\n1.10: a\n\"\": b")
        .mapping?.map(\.key) == ["x", "name", "1.10", ""])
    #expect(failure(": value")?.code == .syntax)
  }

  @Test(
    "Nesting past the limit is refused, however it is written",
    arguments: [
      String(repeating: "[", count: 100_000), String(repeating: "{a: ", count: 50_000),
      String(repeating: "- ", count: 400) + "x",
      "a: &a [[[[[[[[[[x]]]]]]]]]]\nb: " + String(repeating: "[", count: 95) + "*a",
    ])
  func depth(text: String) throws {
    let error = try #require(failure(text))
    #expect(error.code == .tooDeep)
    #expect(error.mark.column > 90)
  }

  @Test("A hundred levels are read, a hundred and one are not")
  func depthLimit() {
    #expect(failure(String(repeating: "[", count: 100) + String(repeating: "]", count: 100)) == nil)
    #expect(failure(String(repeating: "[", count: 101) + String(repeating: "]", count: 101))?.code == .tooDeep)
    let generous = YAMLLimits(maximumDepth: .max)
    #expect(failure(String(repeating: "[", count: 2000), limits: generous)?.code == .tooDeep)
  }

  @Test("A text past the size limit is not read at all")
  func size() throws {
    let error = try #require(failure("a: 12345", limits: YAMLLimits(maximumBytes: 7)))
    #expect(error.code == .tooLarge)
    #expect(error.message.contains("8 bytes"))
  }

  @Test("Directives that would keep the parser busy for minutes are refused", .timeLimit(.minutes(1)))
  func directives() throws {
    let text = (0..<100_000).map { "%TAG !t\($0)! tag:example.com,2026:\n" }.joined() + "---\na: 1\n"
    let error = try #require(failure(text))
    #expect(error.code == .tooLarge)
    #expect(error.mark == YAMLMark(source: "test.yaml", line: 10_001, column: 1))
    #expect(failure("%TAG !t! tag:example.com,2026:\n---\na: 50 %TAG\n") == nil)
  }

  @Test("A values file of five megabytes is read")
  func large() throws {
    let line = "- name: \"entry with some text in it, as values files have\"\n  enabled: true\n  count: 12\n"
    let text = String(repeating: line, count: 5 << 20 / line.utf8.count)
    #expect(try node(text).sequence?.count == 5 << 20 / line.utf8.count)
  }

  @Test("A thousand levels, where they are allowed, are read, compared and written without exhausting the stack")
  func thousandLevels() throws {
    let text = String(repeating: "[", count: 1000) + String(repeating: "]", count: 1000)
    let limits = YAMLLimits(maximumDepth: 1000)
    let value = YAMLValue(try node(text, limits: limits))
    let written = YAMLWriter().write(value)
    #expect(YAMLValue(try node(written, limits: limits)) == value)
  }
}
