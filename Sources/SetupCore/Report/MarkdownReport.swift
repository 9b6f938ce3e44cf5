import Text

/// Preflight reports as Markdown (GitHub's and GitLab's) for a pull request or a ticket: a table of what is not a pass,
/// and everything else folded.
public enum MarkdownReport {
  /// The document of these reports.
  public static func document(_ reports: [PreflightReport]) -> String {
    reports.map { section($0).joined(separator: "\n") }.joined(separator: "\n\n") + "\n"
  }

  private static func section(_ report: PreflightReport) -> [String] {
    let hasBaseline = !report.changes.isEmpty
    var lines = [
      "### \(report.inspection.title) of \(inline(report.place)): \(report.result.rawValue)", "", report.counts + ".",
    ]
    let order: [FindingStatus] = [.fail, .unknown, .warn, .waived, .skipped]
    let notable = order.flatMap { status in report.checks.filter { $0.finding.status == status } }
    if !notable.isEmpty { lines += [""] + table(notable, report, hasBaseline) }
    let told = notable.filter { $0.finding.status != .skipped }
    if !told.isEmpty {
      lines += ["", "<details><summary>What was seen, and what to do</summary>"]
      for check in told { lines += [""] + details(check) }
      lines += ["", "</details>"]
    }
    let passed = report.checks.filter { $0.finding.status == .pass }
    if !passed.isEmpty {
      lines += ["", "<details><summary>\(passed.count) passed</summary>", ""]
      lines += table(passed, report, hasBaseline) + ["", "</details>"]
    }
    return lines
  }

  private static func table(_ checks: [CheckResult], _ report: PreflightReport, _ hasBaseline: Bool) -> [String] {
    let baseline = hasBaseline ? (" Since the baseline |", " --- |") : ("", "")
    return ["| Check | Verdict | Finding |\(baseline.0)", "| --- | --- | --- |\(baseline.1)"]
      + checks.map { check in
        let status = check.finding.status.rawValue + (check.isBlocking ? "" : " (advisory)")
        let change = hasBaseline ? " \(report.changes[check.id]?.rawValue ?? "") |" : ""
        return "| `\(check.id)` | \(mark(check.finding.status)) \(status) | \(inline(check.finding.message)) |\(change)"
      }
  }

  private static func mark(_ status: FindingStatus) -> String {
    switch status {
    case .pass: "✓"
    case .warn: "!"
    case .fail: "✗"
    case .unknown: "?"
    case .skipped, .waived: "–"
    }
  }

  private static func details(_ check: CheckResult) -> [String] {
    let finding = check.finding
    var lines = ["**\(check.id)** – \(inline(check.title))", ""]
    if !finding.observed.isEmpty { lines.append("- Observed: \(inline(finding.observed))") }
    lines.append("- Required: \(inline(check.required))")
    if !check.why.isEmpty { lines.append("- Why: \(inline(check.why))") }
    if let remedy = finding.remedy {
      lines.append("- To do: \(inline(remedy.text))")
      if let url = remedy.url { lines.append("- See: \(link(url))") }
      if let command = remedy.command { lines += [""] + block(command, language: "sh") }
    }
    if !finding.details.isEmpty {
      lines += [""] + block(finding.details.map { OutsideText.clean($0) }.joined(separator: "\n"), language: "text")
    }
    return lines
  }

  /// A fenced block, with a fence that nothing in it can close.
  private static func block(_ text: String, language: String) -> [String] {
    let text = OutsideText.clean(text, keepsLines: true)
    var longest = 2
    var run = 0
    for character in text {
      run = character == "`" ? run + 1 : 0
      longest = max(longest, run)
    }
    let fence = String(repeating: "`", count: longest + 1)
    return [fence + language, text, fence]
  }

  /// An address as a link, where it is one.
  private static func link(_ url: String) -> String {
    let url = OutsideText.clean(url)
    let isPlain = url.hasPrefix("https://") && url.allSatisfy { $0.isASCII && !" <>".contains($0) }
    return isPlain ? "<\(url)>" : inline(url)
  }

  /// Text on one line in which nothing is markup, a mention or a reference.
  private static func inline(_ text: String) -> String {
    var result = ""
    for character in OutsideText.clean(text) {
      switch character {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "@": result += "&#64;"
      case "#": result += "&#35;"
      case "\\", "`", "*", "_", "[", "]", "|", "~", "$": result += "\\\(character)"
      default: result.append(character)
      }
    }
    return result
  }
}
