import Screen
import SetupCore
import Text

extension WizardState {
  /// How far the images are, in one line above the footer; nil: they are not on their way, or the page itself tells it.
  func imagesLine(width: Int) -> Line? {
    guard page != .run, page != .result else { return nil }
    let line: Line
    switch background.phase {
    case .idle, .looking: return nil
    case .running where background.isStopping: line = Line("\(spinner) Stopping the images", .warning)
    case .running(_, let progress): line = imagesLine(progress, width: width)
    case .ended(nil): line = Line("\(glyphs.check) The images are in the registry", .good)
    case .ended(let error?) where error.code == .interrupted:
      line = Line("\(glyphs.bullet) Images stopped: the installation brings them", .warning)
    case .ended(let error?):
      line = Line("\(glyphs.cross) Images (F6), tried again by the installation: \(error.message)", .bad)
    }
    guard displayWidth(line.text) > width, let style = line.spans.first?.style else { return line }
    return Line(truncate(line.text, width: width, ellipsis: glyphs.ellipsis), style)
  }

  private func imagesLine(_ progress: StepProgress?, width: Int) -> Line {
    let lead = Line("\(spinner) Images ")
    guard let amount = progress?.amount else {
      return lead.then(progress?.details.first ?? "on their way", .faint).then("  F6", .key)
    }
    guard width >= 70 else {
      return lead.then("\(Int(amount.fraction * 100))%" + (amount.timeLeft.map { ", \($0) left" } ?? ""))
        .then("  F6", .key)
    }
    return lead.then(glyphs.progressBar(amount.fraction, width: 10), .good).then("  \(amount.text)").then("  F6", .key)
  }

  /// Each image with its own bar, or how it ended.
  func imagesLines(width: Int) -> [Line] {
    switch background.phase {
    case .idle, .looking:
      return []
    case .running(let since, let progress):
      return Line.wrapped(
        background.isStopping ? "Stopping" : "\(spinner) Under way for \(timeText(now - since))", .title, width: width)
        + progressLines(progress, width: width)
    case .ended(nil):
      return Line.wrapped("\(glyphs.check) The images are in the registry.", .good, width: width)
    case .ended(let error?) where error.code == .interrupted:
      return Line.wrapped(
        "Stopped. What has arrived is not sent again: the installation brings the rest.", .warning, width: width)
    case .ended(let error?):
      return errorLines(error, width: width) + [Line()]
        + Line.wrapped("The installation tries again: what has arrived is not sent again.", width: width)
    }
  }

  func drawImages(_ grid: inout Grid) {
    guard let offset = background.offset else { return }
    grid.fill(helpRect)
    grid.box(helpRect, title: "Images on their way", glyphs: glyphs)
    let inner = helpRect.inset()
    grid.put(imagesLines(width: inner.size.columns - 1), from: offset, in: inner, glyphs: glyphs)
    grid.cursor = inner.origin
  }

  /// The hints while they are shown.
  var imagesHints: [Hint] {
    [Hint("Esc", "Close")] + (background.isRunning ? [Hint("c", "Stop them")] : []) + [Hint("Up/Down", "Scroll")]
  }
}
