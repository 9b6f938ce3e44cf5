import Testing
import YAML

@Suite("What is said about text that is no YAML")
struct SyntaxMessageTests {
  @Test(
    "The message names the problem and its place",
    arguments: [
      ("a:\n\tb: 1\n", 2, 1, "indented with a tab"),
      ("a:\n  b: 1\n\tc: 2\n", 3, 1, "indented with a tab"),
      ("a: 'open\nb: 1\n", 3, 1, "the quote opened on line 1 is never closed"),
      ("a: \"open\n", 2, 1, "the quote opened on line 1 is never closed"),
      ("a: 1\nb\nc: 3\n", 3, 1, "a colon is missing: line 2"),
      ("a: b: c\n", 1, 5, "quote the value if the colon belongs to it"),
      ("a: - b\n", 1, 4, "a list item"),
      ("a: 1\n b: 2\n", 2, 3, "check the indentation"),
      ("a:\n    b: 1\n  c: 2\n", 3, 3, "mapping that begins on line 1"),
      ("- a\nb: 1\n", 2, 1, "list that begins on line 1"),
      ("a: [1, 2\nb: 3\n", 2, 2, "opened with '[' on line 1"),
      ("a: {x: 1\nb: 3\n", 2, 2, "opened with '{' on line 1"),
      ("a: 'it's'\n", 1, 8, "has already ended here; a quote inside"),
      ("a: \"x\" y\n", 1, 8, "has already ended here"),
      ("a: 1\nb:2\nc: 3\n", 2, 2, "a blank is missing after the ':'"),
      ("- http://x\n  y: 1\n", 2, 4, "quote the value if the colon belongs to it"),
      ("a: x\n  b: 1\n", 2, 4, "quote the value if the colon belongs to it"),
      ("<<<<<<< HEAD\na: 1\n=======\na: 2\n>>>>>>> x\n", 1, 1, "unfinished merge"),
      ("b: 0\n<<<<<<< HEAD\na: 1\n=======\na: 2\n>>>>>>> x\n", 2, 1, "unfinished merge"),
      ("a: ]\n", 1, 4, "a value is missing here"),
      ("a: \"x\n---\ny\"", 2, 1, "is not closed before the document ends"),
      ("a: @x\n", 1, 4, "cannot begin with '@'"),
      ("a: `x`\n", 1, 4, "cannot begin with '`'"),
      ("a: %x\n", 1, 4, "cannot begin with '%'"),
      ("a: *\n", 1, 5, "'*' begins an alias"),
      ("a: & x\n", 1, 5, "'&' begins an anchor"),
      ("a: \"C:\\Users\"\n", 1, 9, "backslash begins an escape"),
      ("a: \"C:\\Work\"\n", 1, 7, "and this is not one"),
      ("a: \"\\xZZ\"\n", 1, 7, "this one names no character"),
      ("a: {{ .Values.x }}\n", 1, 4, "looks like a template"),
      ("{{- if .x }}\na: 1\n{{- end }}\n", 1, 1, "looks like a template"),
      ("a: | text\n", 1, 6, "the text begins on the next line"),
      ("[a]\nb: 1\n", 2, 1, "has already ended here"),
      ("a: !x!y z\n", 1, 4, "'!' begins a tag"),
      ("%YAML 3.0\n---\na: 1\n", 1, 1, "%YAML directive"),
    ] as [(String, Int, Int, String)])
  func messages(text: String, line: Int, column: Int, words: String) throws {
    let error = try #require(failure(text))
    #expect(error.message.contains(words), "\(error)")
    #expect(error.mark == YAMLMark(source: "test.yaml", line: line, column: column), "\(error)")
  }

  @Test(
    "A secret in a broken text is not repeated",
    arguments: [
      "password: \"hunter2\n", "password: 'hunter2' hunter2\n", "password: [hunter2\n", "password: hunter2: hunter2\n",
      "hunter2\n: x: y",
    ])
  func secrets(text: String) throws {
    let error = try #require(failure(text))
    #expect(!error.description.contains("hunter2"))
  }

  @Test("A key in a message is short and shows no control characters")
  func cleanKeys() throws {
    let key = "\"\\e[31m\\u202E" + String(repeating: "k", count: 500) + "\""
    let error = try #require(failure("\(key): 1\n\(key): 2\n"))
    #expect(error.code == .duplicateKey)
    #expect(error.message.unicodeScalars.count < 200)
    #expect(!error.message.contains("\u{1B}"))
    #expect(!error.message.contains("\u{202E}"))
  }
}
