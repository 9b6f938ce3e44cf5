public import Screen
public import SetupCore

/// Everything that can happen to the wizard: a key, or the news of a job in the background.
public enum WizardEvent: Sendable {
  /// A key, a paste, another size, the end of the terminal.
  case input(InputEvent)
  /// Time since the start; it moves spinners and elapsed times.
  case tick(Duration)
  /// What `surveyLocally` saw.
  case surveyedLocally(Survey)
  /// News of the checks of that run.
  case check(run: Int, CheckEvent)
  /// No more news will come of that run; the error says why it stopped early.
  case checksEnded(run: Int, SetupError?)
  /// The plan that was asked for under that number.
  case planReady(request: Int, PlanDocument)
  /// There is no plan, and why.
  case planFailed(request: Int, SetupError)
  /// News of the installation.
  case run(RunEvent)
  /// The installation ended.
  case runEnded(WizardRunEnd)
  /// What could be brought into the registry, as that look saw it.
  case imagesLooked(request: Int, ImagesOffer)
  /// News of the images that are brought while the rest is answered.
  case images(RunEvent)
  /// No more news will come of them; nil: all have arrived.
  case imagesEnded(SetupError?)
  /// The text was too long for the clipboard.
  case notCopied
  /// The answers file was written there.
  case answersSaved(String)
  /// The answers file could not be written.
  case answersNotSaved(SetupError)
}

/// How an installation ended, and what a person needs afterwards.
public struct WizardRunEnd: Sendable, Equatable {
  /// Why it failed or was stopped; nil: it is done.
  public var error: SetupError?
  /// How to look after what was installed.
  public var commands: [EquivalentCommand]
  /// Where the log of the run is.
  public var logPath: String?

  /// An end from its parts.
  public init(error: SetupError? = nil, commands: [EquivalentCommand] = [], logPath: String? = nil) {
    self.error = error
    self.commands = commands
    self.logPath = logPath
  }
}
