import FoundationEssentials
import Synchronization

/// Logins that a cloud's program handed out, for a few minutes: it takes seconds to start, and several looks need one.
final class LoginMemory: Sendable {
  private struct Entry {
    let login: RegistryLogin
    let since: Date
  }

  /// Far below the shortest life of such a login, which is an hour.
  private static let life: TimeInterval = 600
  private let entries = Mutex<[String: Entry]>([:])

  func login(
    _ name: String, at now: Date, make: () async throws -> RegistryLogin
  ) async throws -> RegistryLogin {
    let known = entries.withLock { $0[name] }
    if let known, (0..<Self.life).contains(now.timeIntervalSince(known.since)) { return known.login }
    let login = try await make()
    entries.withLock { $0[name] = Entry(login: login, since: now) }
    return login
  }
}
