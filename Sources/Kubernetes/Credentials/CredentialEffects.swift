public import FoundationEssentials

/// What credentials need from outside.
public struct CredentialEffects: Sendable {
  /// Reads a file; nil where there is none.
  public var read: @Sendable (String) throws -> [UInt8]?
  /// Runs a plugin to its end; throws `ExecPluginStartError` where it could not be started.
  public var run: @Sendable (ExecPluginInvocation) async throws -> ExecPluginOutput
  /// The time of day.
  public var now: @Sendable () -> Date
  /// Our environment, which plugins inherit.
  public var environment: [String: String]
  /// Whether a plugin may have the terminal.
  public var terminalAvailable: Bool

  /// The effects from their parts.
  public init(
    read: @escaping @Sendable (String) throws -> [UInt8]?,
    run: @escaping @Sendable (ExecPluginInvocation) async throws -> ExecPluginOutput,
    now: @escaping @Sendable () -> Date, environment: [String: String] = [:], terminalAvailable: Bool = false
  ) {
    self.read = read
    self.run = run
    self.now = now
    self.environment = environment
    self.terminalAvailable = terminalAvailable
  }
}
