import Screen
import SetupCore

extension WizardState {
  func drawResult(_ grid: inout Grid) {
    let rect = bodyRect
    grid.put(resultLines(width: rect.size.columns - 1), from: run.offset ?? 0, in: rect, glyphs: glyphs)
  }

  /// What was done, how to look after it, and how to do it again.
  func resultLines(width: Int) -> [Line] {
    guard let end = run.end else { return [Line("Nothing was run yet.", .faint)] }
    var lines: [Line] = []
    if let error = end.error {
      lines += errorLines(error, width: width)
    } else {
      let where_ = plan.document?.target ?? target
      lines += Line.wrapped(
        "The management agent is set up: \(where_).", .good, width: width, lead: Line("\(glyphs.check) ", .good))
    }
    lines.append(Line())
    for step in run.steps {
      let mark = stepMark(step.progress, onlyWaits: step.onlyWaits)
      lines += Line.wrapped(
        step.title, width: width, lead: Line("\(mark.glyph) \(mark.word)", mark.style).padded(to: 14))
    }
    if end.error == nil {
      lines += laterLines("Verify that it works", "verify", width: width)
    }
    lines += lookAfterLines(end, width: width)
    lines += [Line(), Line("Do it again:", .label)]
    lines += commandLines(replayCommand, width: width)
    let variables = neededVariables
    if !variables.isEmpty {
      lines += Line.wrapped("Set first: \(variables.joined(separator: ", "))", .faint, width: width, indent: 2)
    }
    lines += laterLines("Take it back", "uninstall", width: width)
    if let log = end.logPath { lines += logLines(log, width: width) }
    return lines
  }

  /// A verb for what was installed. The simulated cluster ends with this process; another one has an agent from the start.
  private func laterLines(_ title: String, _ verb: String, width: Int) -> [Line] {
    let isReal = demonstration.isEmpty
    let command = isReal ? command(verb) : "mlops-setup \(verb) --demo installed"
    return [Line(), Line(title + (isReal ? ":" : ", in a world that has one:"), .label)]
      + commandLines(command, width: width)
  }

  /// The commands to look after what was installed.
  func lookAfterLines(_ end: WizardRunEnd, width: Int) -> [Line] {
    guard !end.commands.isEmpty else { return [] }
    // No kubectl reaches the simulated cluster, which is gone with this process.
    let title = demonstration.isEmpty ? "Look after it:" : "A real one is looked after with:"
    return [Line(), Line(title, .label)] + end.commands.flatMap { commandLines($0.shell, width: width) }
  }

  /// The variables that stand for typed secrets in the answers file.
  private var neededVariables: [String] {
    // The simulated world sets them itself.
    guard demonstration.isEmpty else { return [] }
    return questionnaire.questions.compactMap { question in
      guard case .secret(let variable) = question.kind else { return nil }
      switch answers[question.id]?.value {
      case .secret(.prompted): return variable
      case .secret(.environment(let name)): return name
      default: return nil
      }
    }
  }
}
