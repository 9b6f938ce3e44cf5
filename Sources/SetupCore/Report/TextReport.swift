import Text

/// Reports as plain text for a terminal or a log. What came from outside is cleaned here.
public enum TextReport {
  /// The plan: a heading a step with its state, what would change, and the command that does the same.
  public static func plan(_ plan: PlanDocument) -> String {
    var lines = ["Plan for \(plan.target)"] + (plan.interruption.map { ["", $0] } ?? [])
    for (number, step) in plan.steps.enumerated() {
      lines += ["", "\(number + 1). \(step.title) [\(step.state)]"]
      lines += step.details.map { "   - \($0)" }
      for command in step.commands where step.state != "done" {
        lines += command.shell.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
          .map { $0.offset == 0 ? "   $ \($0.element)" : "     \($0.element)" }
      }
    }
    if plan.steps.allSatisfy({ $0.state == "done" }) { lines += ["", "Nothing is to be done."] }
    return document(lines)
  }

  /// How a run ended.
  public static func run(_ report: RunReport) -> String {
    var lines: [String] = []
    for entry in report.entries { lines.append(outcome(entry)) }
    if let (step, error) = report.failure {
      lines += ["", "\(report.isWhole ? "The installation" : "It") stopped at: \(step.title)"]
      lines += error.description.split(separator: "\n").map { "  \($0)" }
    } else {
      let done = report.isWhole ? "The agent is installed." : "Done."
      lines += ["", report.changedNothing ? "Nothing was changed: all is as it should be." : done]
    }
    return document(lines)
  }

  /// One step's line. Why it failed stands below all of them.
  private static func outcome(_ entry: RunReport.Entry) -> String {
    switch entry.outcome {
    case .unchanged(let found): "  unchanged    \(entry.title): \(found)"
    case .changed(let changes): "  changed      \(entry.title): \(changes)"
    case .failed: "  failed       \(entry.title)"
    case .notReached: "  not reached  \(entry.title)"
    }
  }

  /// What an uninstall would do (before it) or has done (after it).
  public static func uninstall(_ report: UninstallReport) -> String {
    let headings: [(UninstallReport.Fate, String)] = [
      (.removable, "Would be removed"), (.removed, "Removed"), (.failed, "Could not be removed"),
      (.notReached, "Not reached"), (.stays, "Stays"), (.absent, "Not there"),
    ]
    var lines = ["Uninstall from \(report.target)"]
    for (fate, heading) in headings where report.count(fate) > 0 {
      lines += ["", heading]
      for entry in report.entries {
        lines += entry.items.filter { $0.fate == fate }.map { "  \(entry.title): \($0.text)" }
      }
    }
    if let failure = report.failure {
      lines += ["", "It stopped here. Run it again to go on from there."]
      lines += failure.next.isEmpty ? [] : [failure.next]
    } else if report.count(.removable) + report.count(.removed) == 0 {
      lines += ["", "Nothing is to be removed."]
    }
    return document(lines)
  }

  // A line end within a line came from outside: kept, it could forge a verdict.
  private static func document(_ lines: [String]) -> String {
    lines.map { OutsideText.clean($0) }.joined(separator: "\n") + "\n"
  }
}

extension String {
  /// The text with blanks behind it up to that many characters.
  func padding(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
