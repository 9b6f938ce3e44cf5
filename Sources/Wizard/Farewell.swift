import SetupCore

extension WizardState {
  /// Whether an installation is under way.
  public var isRunning: Bool { run.isRunning }

  /// What is to be said on the plain screen after the wizard, so that it can be read and copied later.
  public var farewell: [String] {
    guard let end = run.end else { return [] }
    if end.error == nil { return Array(describe(self).dropFirst()) }
    return runLines(width: 100).map(\.line.text)
  }
}
