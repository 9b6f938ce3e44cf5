import SetupCore

extension WizardState {
  /// Whether an installation, or images on their way, must be waited for.
  public var isRunning: Bool { run.isRunning || background.isRunning }

  /// What is to be said on the plain screen after the wizard, so that it can be read and copied later: commands stand on one
  /// line.
  public var farewell: [String] {
    guard let end = run.end else { return [] }
    let lines = end.error == nil ? resultLines(width: 10_000) : runLines(width: 10_000).map(\.line)
    return lines.map(\.text)
  }
}
