import Screen
import SetupCore
import TestSupport
import Testing

@testable import Commands

@Suite("The preflight report as plain text")
struct PreflightTextTests {
  private static func golden(_ name: String, _ text: String) throws {
    if let difference = try goldenDifference("Commands/\(name)", text) { Issue.record("\(difference)") }
  }

  private static var marked: PreflightReport {
    var report = ReportSamples.mixed
    report.changes = ["cluster.reachable": .fixed, "nodes.fit": .new, "ingress.controller": .same]
    return report
  }

  @Test("It is readable at every width, in ASCII too", arguments: [40, 80, 120])
  func text(_ width: Int) throws {
    for glyphs in GlyphSet.allCases {
      let text = PreflightText.document([ReportSamples.mixed], TextStyle(width: width, glyphs: glyphs))
      try Self.golden("preflight-\(width)-\(glyphs).txt", text)
      // Only what is to be copied may be longer.
      let long = text.split(separator: "\n").filter { displayWidth($0) > width }
      #expect(long.allSatisfy { $0.hasPrefix("      $ ") || $0.hasPrefix("      see ") || $0.hasPrefix("Result: ") })
      if glyphs == .ascii { #expect(text.allSatisfy { $0.isASCII }) }
    }
  }

  @Test("No width, however absurd, is a crash", arguments: [Int.min, -1, 0, 1, 20, Int.max])
  func absurd(_ width: Int) {
    #expect(PreflightText.document([ReportSamples.mixed], TextStyle(width: width)).contains("nodes.fit"))
  }

  @Test("Nothing from outside can forge a line or steer the terminal", arguments: [false, true])
  func forged(_ isColoured: Bool) {
    let style = TextStyle(width: 80, isColoured: isColoured)
    for text in [
      PreflightText.document([ReportSamples.mixed], style), PreflightText.short([ReportSamples.mixed], style),
    ] {
      #expect(!text.split(separator: "\n").contains { $0.hasPrefix("  pass     forged") || $0.hasPrefix("pass ") })
      let plain = text.replacing(/\u{1B}\[[0-9;]*m/, with: "")
      #expect(!plain.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" || (0x7F..<0xA0).contains($0.value) })
      #expect(!plain.contains("\u{202E}"))
      // Colours say nothing that words do not.
      #expect(plain == (isColoured ? plain : text))
      #expect(text.contains("\u{1B}[") == isColoured)
    }
  }

  @Test("Colours change no word")
  func colours() {
    let coloured = PreflightText.document([ReportSamples.mixed], TextStyle(width: 80, isColoured: true))
    let plain = PreflightText.document([ReportSamples.mixed], TextStyle(width: 80))
    #expect(coloured.replacing(/\u{1B}\[[0-9;]*m/, with: "") == plain)
  }

  @Test("The short form is a line for each that did not pass, and the verdict")
  func short() throws {
    let style = TextStyle(width: 80)
    try Self.golden("preflight-short.txt", PreflightText.short([ReportSamples.mixed], style))
    #expect(PreflightText.short([ReportSamples.good], style) == "Result: pass (1 pass)\n")
    #expect(
      PreflightText.short([ReportSamples.good, ReportSamples.good], style)
        == "staging: Result: pass (1 pass)\nstaging: Result: pass (1 pass)\n")
  }

  @Test("What changed since the baseline is marked, what is the same is not")
  func baseline() throws {
    try Self.golden("preflight-baseline.txt", PreflightText.document([Self.marked], TextStyle(width: 100)))
    let short = PreflightText.short([Self.marked], TextStyle(width: 100))
    #expect(
      short.contains(
        "pass     cluster.reachable: https://api.prod.example.com:6443 answers as Kubernetes v1.29.4. [fixed]"))
    #expect(short.contains("scheduled on. [new]"))
    #expect(short.hasSuffix("; since the baseline: 1 new, 1 fixed\n"))
  }

  @Test("A report in which nothing was looked at says so and is unknown")
  func empty() {
    let text = PreflightText.short([PreflightReport(context: nil, server: nil, checks: [])], TextStyle(width: 80))
    #expect(text == "Result: unknown (no checks): nothing was looked at\n")
  }

  @Test(
    "Width, colours and characters are by rule",
    arguments: [
      ([:], nil, TextStyle(width: 100, glyphs: .ascii)),
      (["LANG": "C.UTF-8"], nil, TextStyle(width: 100)),
      (["LANG": "C.UTF-8", "TERM": "xterm"], nil, TextStyle(width: 100)),
      (["LANG": "C.UTF-8", "TERM": "xterm"], 80, TextStyle(width: 80, isColoured: true)),
      (["LANG": "C.UTF-8", "TERM": "xterm"], 300, TextStyle(width: 120, isColoured: true)),
      (["LANG": "C.UTF-8", "TERM": "xterm", "COLUMNS": "40"], 300, TextStyle(width: 40, isColoured: true)),
      (["LANG": "C.UTF-8", "COLUMNS": "40"], nil, TextStyle(width: 40)),
      (["LANG": "C.UTF-8", "COLUMNS": "-3"], nil, TextStyle(width: 100)),
      (["LANG": "C.UTF-8", "COLUMNS": "wide"], nil, TextStyle(width: 100)),
      (["LANG": "C.UTF-8", "TERM": "xterm", "NO_COLOR": "1"], 80, TextStyle(width: 80)),
      (["LANG": "C.UTF-8", "TERM": "xterm", "NO_COLOR": ""], 80, TextStyle(width: 80, isColoured: true)),
      (["LANG": "C.UTF-8", "TERM": "dumb"], 80, TextStyle(width: 80)),
      (["LANG": "C.UTF-8"], 80, TextStyle(width: 80)),
      (["LANG": "C.UTF-8", "TERM": "linux"], nil, TextStyle(width: 100, glyphs: .ascii)),
      (["LANG": "de_DE.utf8@euro"], nil, TextStyle(width: 100)),
      (["LANG": "C.UTF-8", "LC_ALL": "C"], nil, TextStyle(width: 100, glyphs: .ascii)),
      (["LANG": "de_DE.ISO-8859-1"], nil, TextStyle(width: 100, glyphs: .ascii)),
    ] as [([String: String], Int?, TextStyle)])
  func style(_ environment: [String: String], _ columns: Int?, _ expected: TextStyle) {
    let console = Console(out: { _ in }, progress: { _ in }, columns: columns)
    #expect(TextStyle(console, environment) == expected)
  }
}
