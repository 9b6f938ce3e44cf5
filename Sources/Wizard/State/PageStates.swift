import SetupCore

/// The list of checks.
struct PreflightState: Sendable, Equatable {
  /// Index in the list.
  var selected = 0
  /// First line shown of the selected check's details.
  var offset = 0
  /// Whether a person selected it; otherwise the first failure is selected at the end of a run.
  var isChosen = false
}

/// The review.
struct ReviewState: Sendable, Equatable {
  /// Index among the rows.
  var selected = 0
}

/// The plan.
struct PlanState: Sendable, Equatable {
  /// How far it is.
  enum Progress: Sendable, Equatable {
    case none
    case making(since: Duration)
    case ready(PlanDocument)
    case failed(SetupError)
  }

  var progress = Progress.none
  /// The number of the last request.
  var request = 0
  /// What it was made from.
  var inputs: CheckBoard.Inputs?
  var offset = 0
  var showsCommands = false

  var isMaking: Bool { if case .making = progress { true } else { false } }
  var document: PlanDocument? { if case .ready(let document) = progress { document } else { nil } }
}

/// The installation.
struct RunState: Sendable, Equatable {
  /// One step of the plan.
  struct Step: Sendable, Equatable {
    /// How far it is.
    enum Progress: Sendable, Equatable {
      case waiting
      case running(since: Duration, StepProgress?)
      case ended(StepOutcome, took: Duration)
    }

    var id: StepID
    var title: String
    var onlyWaits = false
    var progress = Progress.waiting
  }

  /// What can be done after a failure.
  enum Choice: CaseIterable, Sendable {
    case retry
    case back
    case quit

    func label(isStopped: Bool) -> String {
      switch self {
      case .retry: isStopped ? "Go on" : "Retry"
      case .back: "Back to answers"
      case .quit: "Quit"
      }
    }
  }

  var steps: [Step] = []
  var startedAt: Duration?
  var endedAt: Duration?
  var end: WizardRunEnd?
  var isStopping = false
  /// Whether it begins once the images that are on their way have arrived.
  var waitsForImages = false
  /// First line shown; nil: follow what is going on.
  var offset: Int?
  var choice = Choice.retry

  var isRunning: Bool { startedAt != nil && end == nil }
  /// Whether it ended before all was done: by a failure, or because it was told to stop.
  var hasEndedEarly: Bool { end?.error != nil }
  /// Whether it was told to stop, which is no failure.
  var isStopped: Bool { end?.error?.code == .interrupted }
}
