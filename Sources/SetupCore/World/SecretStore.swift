import Synchronization
public import Text

/// The secrets typed in the wizard, and nothing else: kept in memory, never encoded, gone with the process.
public final class SecretStore: Sendable {
  private let prompted = Mutex<[QuestionID: SecretText]>([:])

  /// An empty store.
  public init() {}

  /// Keeps what was typed for a question.
  public func keep(_ secret: SecretText, for question: QuestionID) {
    prompted.withLock { $0[question] = secret }
  }

  /// Forgets what was typed for a question.
  public func forget(_ question: QuestionID) {
    prompted.withLock { $0[question] = nil }
  }

  /// What was typed for a question.
  public func secret(for question: QuestionID) -> SecretText? {
    prompted.withLock { $0[question] }
  }
}
