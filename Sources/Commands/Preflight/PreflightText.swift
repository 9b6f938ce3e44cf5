import Screen
import SetupCore

/// Reports as plain text, for a person at a terminal or a log. What came from outside is cleaned here.
enum PreflightText {
  /// The report: the checks by category, and beneath those that did not pass what was seen, what is required, why, and
  /// how to mend it. Commands and addresses are never broken, so that they can be copied.
  static func document(_ reports: [PreflightReport], _ style: TextStyle) -> String {
    reports.map { section($0, style).joined(separator: "\n") + "\n" }.joined(separator: "\n")
  }

  /// Only what did not pass, a line each, and the verdict.
  static func short(_ reports: [PreflightReport], _ style: TextStyle) -> String {
    reports.flatMap { report -> [String] in
      let context = reports.count > 1 ? style.shown(report.context ?? "") + ": " : ""
      let lines = report.checks.filter { $0.finding.status != .pass || report.changes[$0.id] == .fixed }.map { check in
        let status = check.finding.status
        let word = style.coloured(status.rawValue.padded(to: 7), status)
        return "\(context)\(word)  \(check.id): \(style.sentence(check.finding.message))\(change(check, report))"
      }
      return lines + [context + verdict(report, style)]
    }.joined(separator: "\n") + "\n"
  }

  private static func section(_ report: PreflightReport, _ style: TextStyle) -> [String] {
    var lines = wrap(style.shown("\(report.inspection.title) of \(report.place)"), width: style.width)
    var categories: [String] = []
    for check in report.checks where !categories.contains(check.id.category) { categories.append(check.id.category) }
    let idWidth = report.checks.map { displayWidth($0.id.name) }.max() ?? 0
    for category in categories {
      lines += ["", style.heading(category)]
      for check in report.checks where check.id.category == category {
        lines += self.lines(check, report, idWidth: idWidth, style)
      }
    }
    return lines + ["", verdict(report, style)]
  }

  private static func verdict(_ report: PreflightReport, _ style: TextStyle) -> String {
    let result = report.result
    let counts = report.counts.isEmpty ? "no checks" : report.counts
    let isEmpty = report.checks.allSatisfy { $0.finding.status == .skipped }
    let hint = isEmpty ? ": nothing was looked at" : ""
    var text = "Result: \(style.coloured(result.rawValue, result)) (\(counts))\(hint)"
    let changed = [BaselineChange.new, .fixed, .changed].compactMap { change in
      let count = report.changes.values.count { $0 == change }
      return count > 0 ? "\(count) \(change.rawValue)" : nil
    }
    if !report.changes.isEmpty {
      text += "; since the baseline: " + (changed.isEmpty ? "the same" : changed.joined(separator: ", "))
    }
    return text
  }

  /// What to note of a check since the baseline.
  private static func change(_ check: CheckResult, _ report: PreflightReport) -> String {
    guard let change = report.changes[check.id], change != .same else { return "" }
    return " [\(change.rawValue)]"
  }

  private static func lines(
    _ check: CheckResult, _ report: PreflightReport, idWidth: Int, _ style: TextStyle
  ) -> [String] {
    let status = check.finding.status
    let head = "\(style.mark(status)) \(status.rawValue.padded(to: 7))"
    let message = style.sentence(check.finding.message) + change(check, report)
    let column = 2 + 9 + 2 + idWidth + 2
    var lines: [String]
    if style.width - column >= 40 {
      let wrapped = wrap(message, width: style.width - column)
      let first = "  \(style.coloured(head, status))  \(check.id.name.padded(to: idWidth))  \(wrapped.first ?? "")"
      lines = [first] + wrapped.dropFirst().map { String(repeating: " ", count: column) + $0 }
    } else {
      lines = ["  \(style.coloured(head, status))  \(check.id.name)"] + indented(message, 4, style)
    }
    if status != .pass && status != .skipped {
      for line in ReportEvidence.lines(check, nil) {
        let isToCopy = line.hasPrefix("$ ") || line.hasPrefix("see ")
        lines += isToCopy ? ["      " + style.shown(line)] : indented(style.sentence(line), 6, style)
      }
    }
    return lines
  }

  /// The text in lines that begin at a column, and an item's further lines beneath its text.
  private static func indented(_ text: String, _ column: Int, _ style: TextStyle) -> [String] {
    let hang = text.hasPrefix("- ") ? 2 : 0
    let wrapped = wrap(text, width: max(10, style.width - column - hang))
    return wrapped.enumerated().map { index, line in
      String(repeating: " ", count: column + (index > 0 ? hang : 0)) + line
    }
  }
}

extension String {
  /// The text with blanks behind it up to that many cells.
  fileprivate func padded(to width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - displayWidth(self)))
  }
}
