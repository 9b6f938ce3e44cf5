import TestSupport
import Testing

@testable import SetupCore

@Suite("A report compared with an earlier one")
struct BaselineTests {
  @Test(
    "Each change has its word",
    arguments: [
      (FindingStatus.pass, .pass, BaselineChange.same), (.fail, .fail, .same), (.waived, .waived, .same),
      (.pass, .fail, .new), (.pass, .warn, .new), (.skipped, .unknown, .new), (.waived, .fail, .new),
      (nil, .fail, .new), (.fail, .pass, .fixed), (.unknown, .pass, .fixed), (.warn, .pass, .fixed),
      (.warn, .fail, .changed), (.fail, .unknown, .changed), (.fail, .skipped, .changed), (.fail, .waived, .changed),
      (.skipped, .pass, .changed), (nil, .pass, .changed),
    ] as [(FindingStatus?, FindingStatus, BaselineChange)])
  func words(_ earlier: FindingStatus?, _ later: FindingStatus, _ expected: BaselineChange) {
    #expect(BaselineChange(from: earlier, to: later) == expected)
  }

  @Test("A report of one's own is a baseline in which nothing changed", arguments: [1, 2])
  func own(_ count: Int) throws {
    let reports = Array([ReportSamples.mixed, ReportSamples.good].prefix(count))
    let text = count == 1 ? reports[0].json() : PreflightReport.json(reports)
    let marked = try Baseline(Array(text.utf8), source: "old.json").marked(reports)
    #expect(marked.count == count)
    #expect(marked[0].changes.count == 6)
    #expect(marked.allSatisfy { $0.changes.values.allSatisfy { $0 == .same } })
  }

  @Test(
    "What is no report is a usage error that says why",
    arguments: [
      ("", "it is no JSON: unexpected end of JSON input"),
      ("{\"a\":nul}", "it is no JSON: invalid character '}' in literal null (expecting 'l')"),
      ("[]", "its apiVersion is not mlops-setup/v1"),
      ("{\"apiVersion\":\"v1\"}", "its apiVersion is not mlops-setup/v1"),
      (#"{"apiVersion":"mlops-setup/v1"}"#, "its kind is missing, not PreflightReport"),
      (#"{"apiVersion":"mlops-setup/v1","kind":"Pod"}"#, "its kind is Pod, not PreflightReport"),
      (#"{"apiVersion":"mlops-setup/v1","kind":"PreflightReport"}"#, "it has no checks"),
      (#"{"apiVersion":"mlops-setup/v1","kind":"PreflightReportList"}"#, "it has no items"),
      (
        #"{"apiVersion":"mlops-setup/v1","kind":"PreflightReport","checks":[{"id":"a","status":"green"}]}"#,
        "checks[0] has no id, or a status that is none"
      ),
    ])
  func unreadable(_ text: String, _ why: String) {
    #expect {
      _ = try Baseline(Array(text.utf8), source: "old.json")
    } throws: { error in
      let error = error as? SetupError
      return error?.code == .usage && error?.message == "the baseline old.json cannot be read: \(why)"
    }
  }

  @Test("A context that the baseline does not know is a usage error that names those it does")
  func unknownContext() throws {
    let text = PreflightReport.json([ReportSamples.mixed, ReportSamples.good])
    let baseline = try Baseline(Array(text.utf8), source: "old.json")
    #expect {
      _ = try baseline.prove(["prod", "other"])
    } throws: { error in
      (error as? SetupError)
        == SetupError(
          .usage, "the baseline has no report of the context other", next: "Its contexts are: prod, staging.")
    }
    // One report is compared with the only one there is, whatever its context is called.
    try Baseline(Array(ReportSamples.good.json().utf8), source: "old.json").prove(["other"])
  }
}
