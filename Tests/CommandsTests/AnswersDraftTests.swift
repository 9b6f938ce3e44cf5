import SetupCore
import TestSupport
import Testing

@testable import Commands

@Suite struct AnswersDraftTests {
  private let answersPath = "/home/admin/work/mlops-setup-answers.yaml"
  private let draftPath = "/home/admin/.local/state/mlops-setup/draft.yaml"

  private var answers: Answers {
    var answers = Answers(baseDirectory: "/home/admin/work")
    answers[AnswerKey.namespace.id] = Answer(.text("not Finished"))
    answers[AnswerKey.provider.id] = Answer(.text("generic"), origin: .suggested)
    answers[AnswerKey.chartPath.id] = Answer(.text("./chart"))
    answers[AnswerKey.apiToken.id] = Answer(.secret(.prompted(AnswerKey.apiToken.id)))
    answers[AnswerKey.registryPassword.id] = Answer(.secret(.file("/run/password")))
    return answers
  }

  @Test("A wizard that was cut short begins with what was typed, and asks for typed secrets again")
  func resumed() throws {
    let files = MemoryFiles()
    let draft = AnswersDraft(world: .fake(files: files))
    try draft.keep(answers)
    #expect(files.mode(draftPath) == 0o600)
    let (read, greeting) = try draft.beginning(answersPath: answersPath)
    #expect(read[.namespace] == "not Finished")
    #expect(read[.chartPath] == "/home/admin/work/chart")
    #expect(read[.registryPassword] == .file("/run/password"))
    #expect(read[.apiToken] == nil)
    #expect(greeting != nil)
    try draft.drop()
    #expect(files.paths == [])
  }

  @Test("A typed secret that stands in its variable now is taken from there")
  func variable() throws {
    let files = MemoryFiles()
    let draft = AnswersDraft(world: .fake(environment: ["DATAROBOT_API_TOKEN": "x"], files: files))
    try draft.keep(answers)
    #expect(try draft.beginning(answersPath: answersPath).answers[.apiToken] == .environment("DATAROBOT_API_TOKEN"))
  }

  @Test("Without a draft the answers file of this folder is taken, and without one nothing")
  func file() throws {
    let files = MemoryFiles()
    let draft = AnswersDraft(world: .fake(environment: ["XDG_STATE_HOME": "/state"], files: files))
    let nothing = try draft.beginning(answersPath: answersPath)
    #expect(nothing.answers.ids == [])
    #expect(nothing.greeting == nil)
    files.put(answersPath, "apiVersion: mlops-setup/v1\nkind: Answers\ncluster: {namespace: mine}\n")
    #expect(try draft.beginning(answersPath: answersPath).answers[.namespace] == "mine")
    try draft.keep(answers)
    #expect(files.text("/state/mlops-setup/draft.yaml") != nil)
    #expect(try draft.beginning(answersPath: answersPath).answers[.namespace] == "not Finished")
  }

  @Test("An answers file that cannot be read is not passed over")
  func broken() throws {
    let files = MemoryFiles([answersPath: "apiVersion: mlops-setup/v1\nkind: Answers\nclutser: {}\n"])
    let draft = AnswersDraft(world: .fake(files: files))
    let error = #expect(throws: SetupError.self) { try draft.beginning(answersPath: answersPath) }
    #expect(error?.code == .usage)
    #expect(error?.message.contains("clutser") == true)
  }
}
