import Synchronization

/// Every request that a simulated server answered, without bodies and credentials.
public final class RequestLog: Sendable {
  /// One request.
  public struct Entry: Sendable, Equatable, CustomStringConvertible {
    /// `GET`, `PATCH`.
    public var method: String
    /// The path with its query, as it was sent.
    public var target: String
    /// Whom it was taken to come from.
    public var user: String
    /// The HTTP status of the answer; 0 where the connection was closed without one.
    public var status: Int

    /// Whether the request could have changed something: neither a read, nor a review, nor a dry run.
    public var isWrite: Bool {
      guard method != "GET", method != "HEAD" else { return false }
      return !target.contains("dryRun=All") && !target.contains("/apis/authorization.k8s.io/")
        && !target.contains("/apis/authentication.k8s.io/")
    }

    /// `GET 200 /version (admin)`.
    public var description: String { "\(method) \(status) \(target) (\(user))" }
  }

  private let stored = Mutex<[Entry]>([])

  init() {}

  /// All requests, in the order they were answered.
  public var entries: [Entry] { stored.withLock { $0 } }

  /// The requests that could have changed something.
  public var writes: [Entry] { entries.filter(\.isWrite) }

  /// Forgets what was logged.
  public func clear() { stored.withLock { $0.removeAll() } }

  func append(_ entry: Entry) { stored.withLock { $0.append(entry) } }
}
