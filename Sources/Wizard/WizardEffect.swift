public import SetupCore
public import Text

/// What the wizard asks of the world after an event. Each works on the state's answers as they stand at that moment.
public enum WizardEffect: Sendable, Equatable {
  /// Look at what is seen from this machine: the kubeconfig's contexts, helm, the chart, what the registry's provider
  /// looks up. An earlier look is void.
  case surveyLocally
  /// Run these checks; their news carry this number.
  case runChecks(run: Int, [CheckID])
  /// Nobody waits for that run any more.
  case cancelChecks(run: Int)
  /// Put a typed secret into the store.
  case keepSecret(QuestionID, SecretText)
  /// Take a typed secret out of the store.
  case forgetSecret(QuestionID)
  /// Make the plan; its news carry this number.
  case makePlan(request: Int)
  /// Run the plan that was made under this number.
  case run(request: Int)
  /// Stop the installation after what it is doing.
  case cancelRun
  /// Look which images the registry lacks; the news carries this number.
  case lookForImages(request: Int)
  /// Bring the images into the registry, and do nothing else.
  case pushImages
  /// Stop bringing images.
  case cancelImages
  /// An answer changed: whoever keeps them against a crash does so now.
  case answersChanged
  /// Write the answers file.
  case saveAnswers
  /// Put a text on the clipboard (OSC 52).
  case copy(String)
  /// Draw the whole screen anew.
  case redraw
  /// Go to the background, as Ctrl-Z does everywhere.
  case suspend
  /// Leave with this exit code.
  case quit(Int32)
}
