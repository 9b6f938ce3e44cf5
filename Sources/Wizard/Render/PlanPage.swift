import Screen
import SetupCore
import Text

extension WizardState {
  /// Below the two rows that say where it goes and whether it may be run.
  var planRect: Rect {
    let body = bodyRect
    return Rect(
      column: body.origin.column, row: body.origin.row + 2, columns: body.size.columns, rows: max(0, body.size.rows - 2)
    )
  }

  func drawPlan(_ grid: inout Grid) {
    let body = bodyRect
    for (row, line) in planHeading(width: body.size.columns).enumerated() {
      grid.put(line, at: Position(column: body.origin.column, row: body.origin.row + row), maxWidth: body.size.columns)
    }
    let rect = planRect
    grid.put(planLines(width: rect.size.columns - 1), from: plan.offset, in: rect, glyphs: glyphs)
  }

  /// Where it goes, and whether it may be run.
  func planHeading(width: Int) -> [Line] {
    guard let document = plan.document else {
      return [Line(truncate(OutsideText.clean("Into \(target)"), width: width, ellipsis: glyphs.ellipsis), .title)]
    }
    let refusals = refusals
    let verdict =
      if !refusals.isEmpty {
        Line(
          truncate(
            OutsideText.clean("\(glyphs.cross) \(refusalTitle): \(refusals.joined(separator: "; "))"), width: width,
            ellipsis: glyphs.ellipsis), .bad)
      } else if let summary = document.summary {
        Line(summary)
      } else {
        Line("\(glyphs.check) All is as it should be.", .good)
      }
    return [
      Line(truncate(OutsideText.clean("Into \(document.target)"), width: width, ellipsis: glyphs.ellipsis), .title),
      verdict,
    ]
  }

  /// The steps with what they change and, where wanted, the commands that do the same.
  func planLines(width: Int) -> [Line] {
    switch plan.progress {
    case .none:
      return [Line("There is no plan yet.", .faint)]
    case .making(let since):
      return [Line("\(spinner) Looking at what is there  \(timeText(now - since))")]
    case .failed(let error):
      return errorLines(error, width: width) + [Line(), Line("r makes it again, Esc leads back.", .faint)]
    case .ready(let document):
      let interruption = document.interruption.map {
        Line.wrapped($0, .warning, width: width, lead: Line("\(glyphs.warning) ", .warning))
      }
      return (interruption ?? [])
        + document.steps.flatMap { step in
          let mark = stepMark(step)
          var lines = Line.wrapped(
            step.title, .title, width: width, lead: Line("\(mark.glyph) \(mark.word)", mark.style).padded(to: 10))
          lines += step.details.flatMap { detail in
            step.state == "blocked"
              ? Line.wrapped(withTitles(detail), .bad, width: width, indent: 4)
              : Line.wrapped(withHome(detail), width: width, indent: 4)
          }
          if plan.showsCommands {
            lines += step.commands.flatMap { commandLines($0.shell, width: width, indent: 4) }
          }
          return lines
        }
    }
  }

  private func stepMark(_ step: PlanDocument.Entry) -> (glyph: Character, word: String, style: Style) {
    switch step.state {
    case "done": (glyphs.check, "done", .good)
    case "needed" where step.onlyWaits: (glyphs.right, "wait", .plain)
    case "needed": (glyphs.right, "change", .warning)
    default: (glyphs.cross, "blocked", .bad)
    }
  }

  /// An error: what happened, then what to do.
  func errorLines(_ error: SetupError, width: Int) -> [Line] {
    let lines = Line.wrapped(withTitles(error.message), .bad, width: width, lead: Line("\(glyphs.cross) ", .bad))
    guard !error.next.isEmpty else { return lines }
    return lines + Line.wrapped(withTitles(error.next), width: width, lead: Line("To do:", .label).padded(to: 7))
  }
}
