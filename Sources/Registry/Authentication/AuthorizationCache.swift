internal import Synchronization

/// The `Authorization` values that were granted, one for each scope, until they end.
final class AuthorizationCache: Sendable {
  private struct Entry {
    var value: String
    var end: ContinuousClock.Instant?
  }

  private let entries = Mutex<[String: Entry]>([:])
  private let now: @Sendable () -> ContinuousClock.Instant

  init(now: @escaping @Sendable () -> ContinuousClock.Instant) { self.now = now }

  /// The value for a scope that still holds.
  func value(for scope: String) -> String? {
    entries.withLock { entries in
      guard let entry = entries[scope] else { return nil }
      if let end = entry.end, end <= now() {
        entries[scope] = nil
        return nil
      }
      return entry.value
    }
  }

  /// Keeps a value; without a lifetime it holds as long as the client.
  func keep(_ value: String, for scope: String, lifetime: Duration?) {
    entries.withLock { $0[scope] = Entry(value: value, end: lifetime.map { now() + $0 }) }
  }

  /// Forgets a value that was refused.
  func forget(_ scope: String) { entries.withLock { $0[scope] = nil } }
}
