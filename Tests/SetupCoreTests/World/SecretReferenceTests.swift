import FoundationEssentials
import TestSupport
import Testing
import Text

@testable import SetupCore

@Suite("Secrets and their references")
struct SecretReferenceTests {
  private static func secret(_ reference: SecretReference, _ content: String? = nil) throws -> String {
    let files = MemoryFiles()
    if let content { files.put("/home/admin/work/token", content) }
    return try Samples.setup(files: files, environment: ["TOKEN": "from env", "EMPTY": ""]).secret(reference).reveal()
  }

  @Test(
    "A file's one line end is dropped, and nothing else",
    arguments: [
      ("abc", "abc"), ("abc\n", "abc"), ("abc\r\n", "abc"), ("abc\n\n", "abc\n"), (" abc \n", " abc "),
      ("a\nb\n", "a\nb"), ("pässwörd\r\n", "pässwörd"), ("pässwörd\n", "pässwörd"), ("e\u{301}\r\n", "e\u{301}"),
      ("a\r\n\r\n", "a\r\n"), ("\n\n", "\n"),
    ])
  func lineEnds(_ content: String, _ expected: String) throws {
    #expect(Array(try Self.secret(.file("token"), content).utf8) == Array(expected.utf8))
  }

  @Test("An environment variable is taken as it is")
  func environment() throws {
    #expect(try Self.secret(.environment("TOKEN")) == "from env")
  }

  @Test(
    "What cannot be had names itself and what to do",
    arguments: [
      (SecretReference.environment("MISSING"), "the environment variable MISSING is not set"),
      (.environment("EMPTY"), "the environment variable EMPTY is not set"),
      (.file("nowhere"), "there is no file /home/admin/work/nowhere"),
      (.prompted("datarobot.apiToken"), "datarobot.apiToken was not typed in this run"),
      (.existing("k"), "the Secret k is not read"),
    ])
  func missing(_ reference: SecretReference, _ message: String) {
    let error = #expect(throws: SetupError.self) { try Self.secret(reference) }
    #expect(error?.message == message)
    #expect(error?.code == .usage)
  }

  @Test("An empty file, with or without a line end, is told", arguments: ["", "\n", "\r\n"])
  func empty(_ content: String) {
    let error = #expect(throws: SetupError.self) { try Self.secret(.file("token"), content) }
    #expect(error?.message == "the file /home/admin/work/token is empty")
    #expect(error?.next == "Put the secret into it.")
  }

  @Test("A file in another encoding is told, and not sent half understood")
  func encoding() throws {
    let files = MemoryFiles()
    try files.files.write("/home/admin/work/token", [0xff, 0xfe, 0x61, 0x00], 0o600)
    let setup = try Samples.setup(files: files)
    let error = #expect(throws: SetupError.self) { try setup.secret(.file("token")) }
    #expect(error?.message == "the file /home/admin/work/token is not UTF-8 text")
  }

  @Test("What was typed is kept for its question until it is forgotten")
  func prompted() throws {
    let setup = try Samples.setup()
    setup.secrets.keep(SecretText("typed"), for: "registry.password")
    #expect(try setup.secret(.prompted("registry.password")).reveal() == "typed")
    // A set-up with other answers shares it.
    #expect(try setup.with(Answers()).secret(.prompted("registry.password")).reveal() == "typed")
    setup.secrets.forget("registry.password")
    #expect(throws: SetupError.self) { try setup.secret(.prompted("registry.password")) }
  }

  @Test("Every reference that cannot be read is told at once, those that are not asked for are not")
  func problems() throws {
    let answers = Samples.answers([
      "registry.password": .secret(.environment("NOPE")), "datarobot.apiToken": .secret(.file("gone")),
    ])
    #expect(
      try Samples.setup(answers).secretProblems() == [
        AnswerProblem(
          question: "registry.password", text: "cannot be read: the environment variable NOPE is not set",
          isMissing: false),
        AnswerProblem(
          question: "datarobot.apiToken", text: "cannot be read: there is no file /home/admin/work/gone",
          isMissing: false),
      ])
    #expect(try Samples.setup().secretProblems() == [])
    let existing = Samples.answers(["registry.password": .secret(.existing("k"))])
    #expect(try Samples.setup(existing).secretProblems() == [])
  }

  @Test("A secret shows itself to nobody who prints, dumps or reflects it")
  func hidden() {
    let secret = SecretText("hunter2")
    var dumped = ""
    dump(secret, to: &dumped)
    dump(["a": secret], to: &dumped)
    let texts = [
      "\(secret)", "\([secret])", String(reflecting: secret), String(describing: Optional(secret)), dumped,
      "\(Mirror(reflecting: secret).children.map { "\($0)" })",
    ]
    for text in texts { #expect(!text.contains("hunter2"), "\(text)") }
    #expect(secret.count == 7)
    #expect(secret == SecretText("hunter2"))
  }

  @Test("A reference is written as in the answers file")
  func description() {
    #expect("\(SecretReference.environment("A"))" == "{env: A}")
    #expect("\(SecretReference.file("/f"))" == "{file: /f}")
    #expect("\(SecretReference.existing("s"))" == "{existing: s}")
    #expect("\(SecretReference.prompted("q"))" == "(typed)")
  }
}
