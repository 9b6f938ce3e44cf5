import FoundationEssentials
import TestSupport
import Testing
import YAML

@testable import SetupCore

@Suite("Waivers")
struct WaiverTests {
  private static func read(_ waive: String) -> AnswersFile.Content {
    let text = "apiVersion: mlops-setup/v1\nkind: Answers\nwaive:\n\(waive)\n"
    return AnswersFile.read(Array(text.utf8), source: "answers.yaml", baseDirectory: "/home/admin")
  }

  private static func day(_ text: String) throws -> CalendarDate { try #require(CalendarDate(text)) }

  @Test("A waiver is read with its place, and written back so that it reads the same")
  func roundTrip() throws {
    let content = Self.read("- {check: nodes.fit, reason: \"grows: on Monday\", until: 2026-12-31}")
    #expect(content.problems == [])
    let waiver = Waiver(check: "nodes.fit", reason: "grows: on Monday", until: try Self.day("2026-12-31"))
    #expect(content.answers.waivers == [waiver])
    #expect(content.answers.waivers[0].mark.line == 4)
    let written = AnswersFile.text(content.answers)
    let again = AnswersFile.read(Array(written.utf8), source: "again.yaml", baseDirectory: "/")
    #expect(again.problems == [])
    #expect(again.answers.waivers == [waiver])
  }

  @Test("A file without waivers is written without a word about them")
  func none() { #expect(!AnswersFile.text(Samples.answers()).contains("waive")) }

  @Test(
    "What is no waiver is told with its line and what to do",
    arguments: [
      (
        "- {check: nodes.fti, reason: r, until: 2026-12-31}",
        "answers.yaml:4:11: there is no check nodes.fti; did you mean nodes.fit?"
      ),
      (
        "- {check: bananas, reason: r, until: 2026-12-31}",
        "answers.yaml:4:11: there is no check bananas; mlops-setup preflight --list names them all"
      ),
      (
        "- {check: nodes.fit, until: 2026-12-31}",
        "answers.yaml:4:3: a waiver without reason is none; write {check: ID, reason: TEXT, until: YYYY-MM-DD}"
      ),
      (
        "- {check: nodes.fit, reason: r}",
        "answers.yaml:4:3: a waiver without until is none; write {check: ID, reason: TEXT, until: YYYY-MM-DD}"
      ),
      (
        "- {check: nodes.fit, reason: \"  \", until: 2026-12-31}",
        "answers.yaml:4:30: a waiver without reason is none; write {check: ID, reason: TEXT, until: YYYY-MM-DD}"
      ),
      (
        "- {reason: r, until: 2026-12-31}",
        "answers.yaml:4:3: a waiver without check is none; write {check: ID, reason: TEXT, until: YYYY-MM-DD}"
      ),
      (
        "- {check: nodes.fit, reason: r, until: tomorrow}",
        "answers.yaml:4:40: waive.until must be a day like 2026-12-31, not tomorrow"
      ),
      (
        "- {check: nodes.fit, reason: r, until: 2026-02-30}",
        "answers.yaml:4:40: waive.until must be a day like 2026-12-31, not 2026-02-30"
      ),
      (
        "- {check: nodes.fit, reason: [r], until: 2026-12-31}",
        "answers.yaml:4:30: waive.reason must be a text, not a list"
      ),
      (
        "- {chekc: nodes.fit, check: nodes.fit, reason: r, until: 2026-12-31}",
        "answers.yaml:4:4: waive.chekc is not a known key; did you mean check?"
      ),
      (
        "- nodes.fit",
        "answers.yaml:4:3: a waiver must be a mapping, not text; write {check: ID, reason: TEXT, until: YYYY-MM-DD}"
      ),
      (
        "  nodes.fit: no",
        "answers.yaml:4:3: waive must be a list, not a mapping; write {check: ID, reason: TEXT, until: YYYY-MM-DD}"
      ),
      (
        "- {check: nodes.fit, reason: r, until: 2026-12-31}\n- {check: nodes.fit, reason: s, until: 2026-12-31}",
        "answers.yaml:5:3: nodes.fit is waived twice; keep one of the two"
      ),
    ])
  func refused(_ text: String, _ problem: String) {
    let content = Self.read(text)
    #expect(content.problems.map(\.description) == [problem])
    #expect(content.answers.waivers.count <= 1)
  }

  @Test(
    "It holds until the end of its last day in UTC, and then is a mistake with its line",
    arguments: [("2026-12-30", true), ("2026-12-31", true), ("2027-01-01", false)])
  func expiry(_ today: String, _ holds: Bool) throws {
    let content = Self.read("- {check: nodes.fit, reason: r, until: 2026-12-31}")
    let problems = content.problems(on: try Self.day(today))
    #expect(problems.isEmpty == holds)
    if !holds {
      #expect(
        problems[0].description
          == "answers.yaml:4:3: the waiver of nodes.fit expired: it held until 2026-12-31, and today is 2027-01-01 in UTC; "
          + "mend what it accepted, or decide anew until when it is accepted")
    }
  }

  @Test("Days are UTC's")
  func days() throws {
    #expect(CalendarDate(Date(timeIntervalSince1970: 1_798_761_599)) == (try Self.day("2026-12-31")))
    #expect(CalendarDate(Date(timeIntervalSince1970: 1_798_761_600)) == (try Self.day("2027-01-01")))
    for wrong in ["", "2026-1-1", "26-12-31", "2026-12-31T00:00:00Z", "2026-13-01", "２０２６-12-31"] {
      #expect(CalendarDate(wrong) == nil, "\(wrong)")
    }
  }

  private static func run(_ status: FindingStatus, until: String) async throws -> [Finding] {
    var answers = Samples.answers()
    answers.waivers = [Waiver(check: "a", reason: "grows on Monday", until: try day(until))]
    let setup = try Samples.setup(answers)
    let check = Check("a", title: "", required: "", why: "", needs: []) { _, _, _ in
      Finding(status, observed: "o", message: "Too small.", details: ["d"])
    }
    let behind = Check("b", title: "", required: "", why: "", needs: [], after: ["a"]) { _, _, _ in
      Finding(.pass, observed: "", message: "")
    }
    return await CheckRunner(setup: setup, checks: [check, behind]).run().results.map(\.finding)
  }

  @Test(
    "What fails, warns or is unknown is waived with reason and day, and what builds on it is looked at",
    arguments: [FindingStatus.fail, .warn, .unknown])
  func waived(_ status: FindingStatus) async throws {
    // The world's clock stands in January 2027.
    let findings = try await Self.run(status, until: "2027-06-30")
    #expect(findings.map(\.status) == [.waived, .pass])
    #expect(
      findings[0].message
        == "Waived until 2027-06-30: grows on Monday. Without the waiver: \(status.rawValue). Too small.")
    #expect(findings[0].details == ["d"])
  }

  @Test("A pass stays a pass")
  func pass() async throws {
    #expect(try await Self.run(.pass, until: "2027-06-30").map(\.status) == [.pass, .pass])
  }

  @Test("An expired waiver waives nothing, wherever it came from")
  func expired() async throws {
    #expect(try await Self.run(.fail, until: "2026-06-30").map(\.status) == [.fail, .skipped])
  }
}
