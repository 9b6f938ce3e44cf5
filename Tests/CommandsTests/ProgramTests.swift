import Synchronization
import Testing

@testable import Commands

@Suite struct ProgramTests {
  private func read(_ arguments: [String]) -> (code: Int32?, said: String) {
    let said = Mutex("")
    let console = Console(out: { _ in }, progress: { text in said.withLock { $0 += text } })
    let code: Int32? =
      switch Program.read(arguments, console) {
      case .answered(let code): code
      case .run: nil
      }
    return (code, said.withLock { $0 })
  }

  @Test(
    "A verb that does not exist is bad usage, also where help is asked for it",
    arguments: [["bogus"], ["help", "bogus"]])
  func noVerb(_ arguments: [String]) {
    let (code, said) = read(arguments)
    #expect(code == 2)
    #expect(said.contains("there is no verb bogus; the verbs are install, preflight"))
  }

  @Test("A verb that was meant is named")
  func nearVerb() {
    #expect(read(["help", "plam"]).said.contains("there is no verb plam; did you mean plan?"))
  }

  @Test("Help for what exists is no mistake", arguments: [["help"], ["help", "plan"], ["help", "help"]])
  func help(_ arguments: [String]) { #expect(read(arguments).code == 0) }
}
