import Kubernetes
import OrderedCollections
import TestSupport
import Testing

@testable import SetupCore

@Suite("The preflight report's formats for machines and tickets")
struct PreflightFormatTests {
  private static func golden(_ name: String, _ text: String) throws {
    if let difference = try goldenDifference("SetupCore/\(name)", text) { Issue.record("\(difference)") }
  }

  private static func marked(_ reports: [PreflightReport]) throws -> [PreflightReport] {
    let earlier = #"""
      {"apiVersion":"mlops-setup/v1","kind":"PreflightReport","context":"prod","checks":[
        {"id":"cluster.reachable","status":"fail"},{"id":"nodes.fit","status":"pass"},
        {"id":"ingress.controller","status":"warn"},{"id":"registry.push","status":"fail"}]}
      """#
    return try Baseline(Array(earlier.utf8), source: "old.json").marked(reports)
  }

  @Test("JSON is the documented shape, key by key, with and without a baseline")
  func json() throws {
    try Self.golden("preflight.json", ReportSamples.mixed.json())
    try Self.golden("preflight-baseline.json", Self.marked([ReportSamples.mixed])[0].json())
  }

  @Test("Several contexts are a list with the worst of their results")
  func list() throws {
    let text = PreflightReport.json([ReportSamples.good, ReportSamples.mixed])
    let root = try JSONText.parse(Array(text.utf8))
    #expect(root.object?.keys.elements == ["apiVersion", "kind", "result", "items"])
    #expect(root["kind"] == "PreflightReportList")
    #expect(root["result"] == "fail")
    #expect(root["items"]?.array?.map { $0["context"] } == ["staging", "prod"])
  }

  @Test("Keys stand in the order that CI systems are promised")
  func order() throws {
    let root = try JSONText.parse(Array(ReportSamples.mixed.json().utf8))
    #expect(
      root.object?.keys.elements
        == ["apiVersion", "kind", "context", "result", "summary", "checks", "server"])
    #expect(
      root["summary"]?.object?.keys.elements == ["pass", "warn", "fail", "unknown", "skipped", "waived"])
    #expect(
      root["checks"]?.array?[1].object?.keys.elements == [
        "id", "title", "status", "blocking", "observed", "required", "message", "remedy", "durationMilliseconds",
        "details",
      ])
    #expect(root["checks"]?.array?[1]["remedy"]?.object?.keys.elements == ["text", "command", "url"])
  }

  @Test("Equal reports are equal bytes in every format", arguments: 0..<20)
  func stable(_ round: Int) throws {
    let (one, other) = ([ReportSamples.mixed, ReportSamples.good], [ReportSamples.mixed, ReportSamples.good])
    #expect(one[0].json() == other[0].json())
    #expect(PreflightReport.json(one) == PreflightReport.json(other))
    #expect(JUnitReport.document(one) == JUnitReport.document(other))
    #expect(MarkdownReport.document(one) == MarkdownReport.document(other))
  }

  @Test("Two validators of JSON Schema take what is written")
  func schema() async throws {
    let documents = [
      ReportSamples.mixed.json(), try Self.marked([ReportSamples.mixed])[0].json(), ReportSamples.good.json(),
      PreflightReport(context: nil, server: nil, checks: []).json(),
      PreflightReport.json([ReportSamples.mixed, ReportSamples.good]),
    ]
    for document in documents {
      #expect(try await Validator.problems(ofJSON: document, schema: PreflightReportSchema.text) == "")
    }
  }

  @Test(
    "The schema refuses what is not the documented shape",
    arguments: [
      ("\"kind\": \"PreflightReport\"", "\"kind\": \"Report\""), ("\"status\": \"pass\"", "\"status\": \"ok\""),
      ("\"durationMilliseconds\": 12", "\"durationMilliseconds\": 12.5"),
      ("\"blocking\": true", "\"blocking\": \"yes\""),
      ("\"result\": \"fail\"", "\"result\": \"waived\""), ("\"observed\":", "\"seen\":"),
      ("\"waived\": 1", "\"waived\": -1"),
    ])
  func schemaRefuses(_ old: String, _ new: String) async throws {
    let document = ReportSamples.mixed.json()
    let parts = document.components(old)
    try #require(parts.count > 1)
    let wrong = parts[0] + new + parts.dropFirst().joined(separator: old)
    let problems = try await Validator.problems(ofJSON: wrong, schema: PreflightReportSchema.text)
    #expect(problems.contains("jsonschema:") && problems.contains("fastjsonschema:"), "\(problems)")
  }

  @Test("A JUnit parser finds each check with its verdict, and text from outside stays text")
  func jUnit() async throws {
    let text = JUnitReport.document([ReportSamples.mixed, ReportSamples.good])
    try Self.golden("preflight.junit.xml", text)
    try Self.golden("preflight.junit-as-read.txt", try await Validator.jUnitCases(text))
    #expect(!text.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" || (0x7F..<0xA0).contains($0.value) })
  }

  @Test("Markdown is a table of what did not pass, with the rest folded, and nothing from outside is markup")
  func markdown() throws {
    let text = MarkdownReport.document(try Self.marked([ReportSamples.mixed]))
    try Self.golden("preflight.md", text)
    #expect(MarkdownReport.document([ReportSamples.good, ReportSamples.good]).components("### Preflight").count == 3)
    #expect(!text.contains("@team") && !text.contains("#12"))
    // The fence is longer than the one within.
    #expect(text.contains("````text\n"))
  }
}
