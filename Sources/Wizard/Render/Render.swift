public import Screen
import SetupCore

/// The least size that a page is shown on; below it a word says so.
let leastSize = Size(columns: 40, rows: 10)

/// The screen for a state. Any size is drawn; below 40 by 10 it is one that asks for more room.
public func render(_ state: WizardState, size: Size) -> Grid {
  var state = state
  state.size = size
  var grid = Grid(size: size)
  guard size.columns >= leastSize.columns, size.rows >= leastSize.rows else {
    state.drawTooSmall(&grid)
    return grid.transliterated(to: state.glyphs)
  }
  state.drawHeader(&grid)
  switch state.page {
  case .preflight: state.drawPreflight(&grid)
  case .review: state.drawReview(&grid)
  case .plan: state.drawPlan(&grid)
  case .run: state.drawRun(&grid)
  case .result: state.drawResult(&grid)
  case .cluster, .registry, .dataRobot, .images: state.drawForm(&grid)
  }
  state.drawChartKeys(&grid)
  state.drawFooter(&grid)
  state.drawImages(&grid)
  state.drawHelp(&grid)
  state.drawDialog(&grid)
  return grid.transliterated(to: state.glyphs)
}
