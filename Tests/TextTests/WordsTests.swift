import Testing
import Text

@Suite("Words for people, shells and memory") struct WordsTests {
  @Test(
    "The nearest known word is offered where a slip of the fingers explains it, else none",
    arguments: [
      ("prdo", ["dev", "prod"], "prod"), ("zzzzzz", ["dev", "prod"], nil),
      ("namspace", ["namespace", "context"], "namespace"),
      ("Prod", ["prod"], "prod"), ("", ["a-long-name"], nil), ("x", [], nil),
    ] as [(String, [String], String?)])
  func nearest(word: String, known: [String], expected: String?) {
    #expect(DidYouMean.nearest(to: word, among: known) == expected)
  }

  @Test("A word is quoted for the shell where it must be, and stays one word")
  func quoting() {
    #expect(Shell.quote("a-b/c.d") == "a-b/c.d")
    #expect(Shell.quote("it's $x") == #"'it'\''s $x'"#)
    #expect(Shell.quote("") == "''")
    #expect(Shell.line(["echo", "a b", "c"]) == "echo 'a b' c")
  }

  @Test("A secret shows nothing of itself but its length")
  func secret() {
    let secret = SecretText("s3cret")
    var dumped = ""
    dump(secret, to: &dumped)
    #expect(!"\(secret) \(String(reflecting: secret)) \(dumped)".contains("s3cret"))
    #expect(secret.reveal() == "s3cret" && secret.count == 6 && !secret.isEmpty)
  }
}
