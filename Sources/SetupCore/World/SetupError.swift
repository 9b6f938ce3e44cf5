import Kubernetes
import Registry

/// An error for a person: what was tried and came back, and what to do next.
public struct SetupError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What kind of failure it was; it decides the exit code.
  public enum Code: Sendable, Equatable {
    /// The command line or the answers are wrong.
    case usage
    /// A cluster, registry or tool did not do what was asked.
    case tool
    /// A blocking check failed.
    case checkFailed
    /// A blocking check could not be decided.
    case checkUnknown
    /// The installation failed after the checks.
    case installFailed
    /// The user stopped it.
    case interrupted
  }

  /// The kind of failure.
  public var code: Code
  /// What was tried and what came back.
  public var message: String
  /// What to do next; empty where nothing sensible can be said.
  public var next: String

  /// An error from its parts.
  public init(_ code: Code, _ message: String, next: String = "") {
    self.code = code
    self.message = message
    self.next = next
  }

  /// The message and, on a line of its own, what to do.
  public var description: String { next.isEmpty ? message : "\(message)\n\(next)" }
}

extension SetupError {
  /// The same for a person, from any error.
  public init(wrapping error: any Error, code: Code) {
    switch error {
    case let error as SetupError: self = error
    case let error as KubernetesError:
      let isLast = error.command == nil
      let step = error.nextStep.map { isLast || $0.hasSuffix(".") ? $0 : $0 + "." }
      let next = [step, error.command.map { "See: \($0)" }].compactMap { $0 }.joined(separator: " ")
      self.init(code, error.message, next: next)
    case let error as KubeconfigError:
      self.init(.usage, (error.mark.map { "\($0): " } ?? "") + error.message, next: error.nextStep)
    case let error as RegistryError: self.init(code, error.message, next: error.nextStep ?? "")
    case let error as DataRobotError: self.init(code, error.message, next: error.nextStep ?? "")
    case let error as CloudError: self.init(code, error.message, next: error.next)
    case let failure as ObservationFailure: self.init(code, failure.message, next: failure.remedy?.text ?? "")
    case is CancellationError: self.init(.interrupted, "stopped")
    default: self.init(code, "\(error)")
    }
  }

  /// The process' exit code (README, "Exit codes").
  public var exitCode: Int32 {
    switch code {
    case .tool: 1
    case .usage: 2
    case .checkFailed: 3
    case .checkUnknown: 5
    case .installFailed: 6
    case .interrupted: 130
    }
  }
}
