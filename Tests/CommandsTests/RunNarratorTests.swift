import SetupCore
import Testing

@testable import Commands

@Suite("What an unattended run tells")
struct RunNarratorTests {
  @Test("A state that lasts is told once, what changes in it when it changes, and every half minute that it lasts")
  func once() {
    var narrator = RunNarrator(Plan(target: "", entries: []))
    func told(_ event: RunEvent, _ seconds: Int) -> [String] { narrator.lines(event, at: .seconds(seconds)) }
    let waiting = StepProgress("0 of 1 available", details: ["Pod a: Pending", "Pod b: Running"])
    var moved = waiting
    moved.details[0] = "Pod a: Running"
    #expect(told(.started("rollout"), 0) == ["rollout …"])
    #expect(
      told(.progress("rollout", waiting), 1) == ["  0 of 1 available", "    Pod a: Pending", "    Pod b: Running"])
    #expect(told(.progress("rollout", waiting), 2) == [])
    #expect(told(.progress("rollout", moved), 3) == ["    Pod a: Running"])
    #expect(told(.progress("rollout", moved), 32) == [])
    #expect(told(.progress("rollout", moved), 33) == ["  still: 0 of 1 available"])
    #expect(told(.progress("rollout", moved), 34) == [])
    #expect(told(.finished("rollout", .changed("")), 35) == [])
  }

  @Test("How far a push is, is told every half minute, and what else happens at once")
  func gradual() {
    var narrator = RunNarrator(Plan(target: "", entries: []))
    func told(_ text: String, _ seconds: Int, isGradual: Bool = true) -> [String] {
      narrator.lines(
        .progress("images", StepProgress("bringing", details: [text], isGradual: isGradual)), at: .seconds(seconds))
    }
    #expect(told("1 of 9 MiB", 0) == ["  bringing", "    1 of 9 MiB"])
    for second in 1..<30 { #expect(told("\(second) of 90 MiB", second) == []) }
    #expect(told("30 of 90 MiB", 30) == ["    30 of 90 MiB"])
    #expect(told("31 of 90 MiB", 31) == [])
    #expect(told("broken off", 32, isGradual: false) == ["    broken off"])
    #expect(told("32 of 90 MiB", 33) == [])
  }
}
