import Text

/// Reports as JUnit XML, in the form that Jenkins, GitLab and GitHub's actions read: a test suite a report, a test
/// case a check. JUnit knows no warning: it is a passed case with a `system-out`.
public enum JUnitReport {
  /// The document of these reports.
  public static func document(_ reports: [PreflightReport]) -> String {
    var lines = ["<?xml version=\"1.0\" encoding=\"UTF-8\"?>"]
    let name = "mlops-setup \((reports.first?.inspection ?? .preflight).rawValue)"
    lines.append("<testsuites\(attribute("name", name))\(totals(reports.flatMap(\.checks)))>")
    for report in reports { lines += suite(report) }
    return (lines + ["</testsuites>"]).joined(separator: "\n") + "\n"
  }

  private static func suite(_ report: PreflightReport) -> [String] {
    let name = "\(report.inspection.title) of \(report.place)"
    return ["  <testsuite\(attribute("name", name))\(totals(report.checks))>"]
      + report.checks.flatMap { testCase($0, report.changes[$0.id]) } + ["  </testsuite>"]
  }

  private static func totals(_ checks: [CheckResult]) -> String {
    func count(_ statuses: FindingStatus...) -> String { "\(checks.count { statuses.contains($0.finding.status) })" }
    let time = checks.reduce(Duration.zero) { $0 + $1.duration }
    return attribute("tests", "\(checks.count)") + attribute("failures", count(.fail))
      + attribute("errors", count(.unknown)) + attribute("skipped", count(.skipped, .waived))
      + attribute("time", seconds(time))
  }

  private static func testCase(_ check: CheckResult, _ change: BaselineChange?) -> [String] {
    let finding = check.finding
    let head =
      "    <testcase\(attribute("name", check.id.name))\(attribute("classname", check.id.category))"
      + attribute("time", seconds(check.duration))
    let message = attribute("message", finding.message)
    let kind = attribute("type", finding.status.rawValue)
    // A line end within a line came from outside: kept, it could forge a line.
    let body = ReportEvidence.lines(check, change).map { escaped($0) }.joined(separator: "\n")
    let inner: String
    switch finding.status {
    case .pass: return [head + "/>"]
    case .warn: inner = "<system-out>warn: \(escaped(finding.message))\n\(body)</system-out>"
    case .fail: inner = "<failure\(message)\(kind)>\(body)</failure>"
    case .unknown: inner = "<error\(message)\(kind)>\(body)</error>"
    case .skipped, .waived: inner = "<skipped\(message)/>"
    }
    return [head + ">", "      " + inner, "    </testcase>"]
  }

  /// Seconds with three digits after the point, whatever the locale.
  private static func seconds(_ duration: Duration) -> String {
    let milliseconds = max(0, Int(duration / .milliseconds(1)))
    let fraction = String(milliseconds % 1000)
    return "\(milliseconds / 1000).\(String(repeating: "0", count: 3 - fraction.count))\(fraction)"
  }

  private static func attribute(_ name: String, _ value: String) -> String { " \(name)=\"\(escaped(value))\"" }

  /// For text and attributes, without control characters and the few other scalars that XML 1.0 cannot carry.
  private static func escaped(_ value: String) -> String {
    var result = ""
    for scalar in OutsideText.clean(value).unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "\u{FFFE}", "\u{FFFF}": continue
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}

/// What is told about a check beside its message: in the same words in every format.
public enum ReportEvidence {
  /// What was observed and required, why, what to do, and the details, a line each.
  public static func lines(_ check: CheckResult, _ change: BaselineChange?) -> [String] {
    let finding = check.finding
    var lines: [String] = []
    if !finding.observed.isEmpty, finding.observed != finding.message { lines.append("observed: \(finding.observed)") }
    lines.append("required: \(check.required)\(check.isBlocking ? "" : " (advisory)")")
    if !check.why.isEmpty { lines.append("why: \(check.why)") }
    if let change { lines.append("since the baseline: \(change.rawValue)") }
    lines += finding.details.map { "- \($0)" }
    if let remedy = finding.remedy {
      lines.append("to do: \(remedy.text)")
      if let command = remedy.command { lines.append("$ \(command)") }
      if let url = remedy.url { lines.append("see \(url)") }
    }
    return lines
  }
}
