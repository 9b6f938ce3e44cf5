import Screen
import SetupCore

extension WizardState {
  /// The steps; below them the buttons after a failure.
  var runRect: Rect {
    let body = bodyRect
    return Rect(
      column: body.origin.column, row: body.origin.row + 1, columns: body.size.columns,
      rows: max(0, body.size.rows - (run.hasEndedEarly ? 2 : 1)))
  }

  func drawRun(_ grid: inout Grid) {
    let body = bodyRect
    grid.put(runHeading, at: body.origin, maxWidth: body.size.columns)
    let rect = runRect
    let lines = runLines(width: rect.size.columns - 1)
    let offset = run.offset ?? runOffset(lines, rows: rect.size.rows)
    grid.put(lines.map(\.line), from: offset, in: rect, glyphs: glyphs)
    guard run.hasEndedEarly else { return }
    var column = body.origin.column
    let row = body.origin.row + body.size.rows - 1
    for choice in RunState.Choice.allCases {
      let isFocused = run.choice == choice
      if isFocused { grid.cursor = Position(column: column + 2, row: row) }
      let label = choice.label(isStopped: run.isStopped)
      let text = isFocused ? "[\(glyphs.pointer)\(label)]" : "[ \(label)]"
      column += 1 + grid.put(text, at: Position(column: column, row: row), style: isFocused ? .focused : .plain)
    }
  }

  /// How far it is.
  var runHeading: Line {
    let ended = run.steps.count { if case .ended = $0.progress { true } else { false } }
    let time = run.startedAt.map { timeText((run.endedAt ?? now) - $0) } ?? "0s"
    if run.waitsForImages, !run.isStopping { return Line("\(spinner) Waiting until the images have arrived  \(time)") }
    if run.isStopping { return Line("\(spinner) Stopping after what is under way  \(time)", .warning) }
    if run.isStopped { return Line("\(glyphs.bullet) Stopped after \(time)", .warning) }
    if run.hasEndedEarly { return Line("\(glyphs.cross) Failed after \(time)", .bad) }
    if run.end != nil { return Line("\(glyphs.check) Done in \(time)", .good) }
    let bar = glyphs.progressBar(Double(ended) / Double(max(1, run.steps.count)), width: 10)
    return Line("\(spinner) Step \(min(ended + 1, max(1, run.steps.count))) of \(run.steps.count)  ").then(bar, .good)
      .then("  \(time)", .faint)
  }

  /// A line of the run; the one that follows what goes on is marked.
  struct RunLine: Sendable, Equatable {
    var line: Line
    var isCurrent: Bool
  }

  /// The steps and, after a failure, the error.
  func runLines(width: Int) -> [RunLine] {
    var lines: [RunLine] = []
    func add(_ more: [Line], isCurrent: Bool = false) {
      lines += more.map { RunLine(line: $0, isCurrent: isCurrent) }
    }
    for step in run.steps {
      let shown = shownProgress(step)
      let mark = stepMark(shown, onlyWaits: step.onlyWaits)
      let lead = Line("\(mark.glyph) \(mark.word)", mark.style).padded(to: 14)
      switch shown {
      case .waiting:
        add(Line.wrapped(step.title, .faint, width: width, lead: lead))
      case .running(let since, let progress):
        add(Line.wrapped("\(step.title)  \(timeText(now - since))", .title, width: width, lead: lead), isCurrent: true)
        add(progressLines(progress, width: width), isCurrent: true)
      case .ended(let outcome, let took):
        let time = took >= .milliseconds(100) ? "  \(timeText(took))" : ""
        let isFailure = if case .failed = outcome { true } else { false }
        add(Line.wrapped(step.title + time, width: width, lead: lead), isCurrent: isFailure)
        switch outcome {
        case .unchanged(let text), .changed(let text):
          if !text.isEmpty { add(Line.wrapped(withHome(text), .faint, width: width, indent: 4)) }
        case .failed(let error) where error.code == .interrupted: break
        case .failed(let error):
          add(errorLines(error, width: width - 4).map { Line("    ").then($0) }, isCurrent: true)
        case .notReached: break
        }
      }
    }
    if let end = run.end, let error = end.error {
      let isToldAlready = run.steps.contains { step in
        if case .ended(.failed(let failure), _) = step.progress { failure == error } else { false }
      }
      if !isToldAlready, !run.isStopped { add([Line()] + errorLines(error, width: width), isCurrent: true) }
      add([Line()] + wayOnLines(width: width), isCurrent: run.isStopped)
      add(lookAfterLines(end, width: width))
      if let log = end.logPath { add(logLines(log, width: width)) }
    }
    return lines
  }

  /// What a step tells while it works.
  func progressLines(_ progress: StepProgress?, width: Int) -> [Line] {
    guard let progress else { return [] }
    return Line.wrapped(progress.message, width: width, indent: 4)
      + progress.details.flatMap { Line.wrapped($0, .faint, width: width, indent: 6) }
  }

  /// How far a step is; what has been begun before the run is under way already.
  private func shownProgress(_ step: RunState.Step) -> RunState.Step.Progress {
    guard run.waitsForImages, step.id == "images", case .running(let since, let progress) = background.phase else {
      return step.progress
    }
    return .running(since: since, progress)
  }

  /// After a run that ended early: how to go on, and how to take it back.
  private func wayOnLines(width: Int) -> [Line] {
    let again =
      if run.isStopped {
        "\(sentence(run.end?.error?.message ?? "")) What is done stays. Run it again: it goes on from there."
      } else {
        "Run it again once that is mended: what is done is not done twice."
      }
    return Line.wrapped(again, width: width) + [Line("To take it back:", .faint)]
      + commandLines(command("uninstall"), width: width)
  }

  private func sentence(_ text: String) -> String { text.prefix(1).uppercased() + closed(text).dropFirst() }

  /// A sentence with its full stop.
  func closed(_ text: String) -> String { text.isEmpty || text.hasSuffix(".") ? text : text + "." }

  /// Where the log is; its path is broken where it is long, and never cut.
  func logLines(_ path: String, width: Int) -> [Line] {
    [Line()] + Line.wrapped(shownPath(path), .faint, width: width, lead: Line("Log: ", .label), indent: 5)
  }

  /// The first line to show so that what goes on is seen.
  func runOffset(_ lines: [RunLine], rows: Int) -> Int {
    guard let last = lines.lastIndex(where: \.isCurrent), let first = lines.firstIndex(where: \.isCurrent) else {
      return run.end == nil ? 0 : max(0, lines.count - rows)
    }
    return max(0, min(first, last - rows + 1))
  }

  func stepMark(
    _ progress: RunState.Step.Progress, onlyWaits: Bool
  ) -> (glyph: Character, word: String, style: Style) {
    switch progress {
    case .waiting: (glyphs.dot, "waiting", .faint)
    case .running: (spinner, "running", .plain)
    case .ended(.unchanged, _): (glyphs.check, "unchanged", .good)
    case .ended(.changed, _) where onlyWaits: (glyphs.check, "done", .good)
    case .ended(.changed, _): (glyphs.check, "changed", .good)
    case .ended(.failed(let error), _) where error.code == .interrupted: (glyphs.bullet, "stopped", .warning)
    case .ended(.failed, _): (glyphs.cross, "FAILED", .bad)
    case .ended(.notReached, _): (glyphs.bullet, "not reached", .faint)
    }
  }
}
