import Synchronization

/// A fault that a simulated server shows to some requests.
public struct Fault: Sendable, Equatable {
  /// What happens.
  public enum Effect: Sendable, Equatable {
    /// The answer comes later.
    case delay(Duration)
    /// An HTTP status with a `Status` object; with seconds, a `Retry-After`.
    case status(Int, retryAfter: Int? = nil)
    /// The connection ends in the middle of the body.
    case truncatedBody
    /// A proxy's page instead of the API's answer, with that HTTP status.
    case htmlPage(status: Int)
    /// The connection is closed without an answer.
    case connectionClosed
  }

  /// The method it holds for; nil for all.
  public var method: String?
  /// What the path begins with.
  public var pathPrefix: String
  /// What happens.
  public var effect: Effect
  /// How often; nil for ever.
  public var times: Int?

  /// A fault from its parts.
  public init(method: String? = nil, pathPrefix: String, effect: Effect, times: Int? = nil) {
    self.method = method
    self.pathPrefix = pathPrefix
    self.effect = effect
    self.times = times
  }
}

/// The faults that are still to be shown.
final class FaultList: Sendable {
  private let faults: Mutex<[Fault]>

  init(_ faults: [Fault]) { self.faults = Mutex(faults) }

  func append(_ fault: Fault) { faults.withLock { $0.append(fault) } }
  func clear() { faults.withLock { $0.removeAll() } }

  /// The effect on a request; counts it.
  func take(method: String, path: String) -> Fault.Effect? {
    faults.withLock { faults in
      let index = faults.firstIndex { fault in
        (fault.method == nil || fault.method == method) && path.hasPrefix(fault.pathPrefix) && fault.times != 0
      }
      guard let index else { return nil }
      if let times = faults[index].times { faults[index].times = times - 1 }
      return faults[index].effect
    }
  }
}
