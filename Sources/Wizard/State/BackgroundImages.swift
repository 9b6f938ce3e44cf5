import SetupCore

/// The images on their way into the registry while the rest is answered.
struct BackgroundImages: Sendable, Equatable {
  /// How far they are.
  enum Phase: Sendable, Equatable {
    case idle
    /// The registry is asked what it lacks; the page is left when that is known.
    case looking
    case running(since: Duration, StepProgress?)
    /// Nil: all have arrived.
    case ended(SetupError?)
  }

  var phase = Phase.idle
  /// The number of the last look.
  var request = 0
  /// What was offered or begun; the same is not offered again by itself.
  var inputs: CheckBoard.Inputs?
  /// Why they wait for the installation.
  var note: String?
  var isStopping = false
  /// First line shown of the overlay; nil: it is not shown.
  var offset: Int?

  var isLooking: Bool { phase == .looking }
  var isRunning: Bool { if case .running = phase { true } else { false } }
  var progress: StepProgress? { if case .running(_, let progress) = phase { progress } else { nil } }
}

extension WizardState {
  /// What decides which images are pushed, and where to.
  var pushInputs: CheckBoard.Inputs {
    var values: [QuestionID: AnswerValue] = [:]
    var revisions: [QuestionID: Int] = [:]
    for question in questionnaire.questions where ImagesOffer.concerns(question) {
      values[question.id] = completed[question.id]?.value
      revisions[question.id] = secretRevisions[question.id]
    }
    return CheckBoard.Inputs(values: values, secretRevisions: revisions)
  }
}
