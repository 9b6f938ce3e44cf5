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
}
