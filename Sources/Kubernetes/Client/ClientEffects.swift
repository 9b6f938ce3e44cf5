/// What the client needs of time.
public struct ClientTime: Sendable {
  /// Time since some fixed moment; never goes back.
  public var now: @Sendable () -> Duration
  /// Waits; throws `CancellationError`.
  public var sleep: @Sendable (Duration) async throws -> Void

  /// Time from its parts.
  public init(
    now: @escaping @Sendable () -> Duration, sleep: @escaping @Sendable (Duration) async throws -> Void
  ) {
    self.now = now
    self.sleep = sleep
  }

  /// The system's continuous clock.
  public static var system: ClientTime {
    let begin = ContinuousClock.now
    return ClientTime(now: { ContinuousClock.now - begin }, sleep: { try await Task.sleep(for: $0) })
  }
}
