/// Why something could not be observed.
public struct ObservationFailure: Error, Sendable, Equatable {
  /// What kind of failure it was.
  public enum Kind: Sendable, Equatable {
    /// We may not look (403).
    case denied
    /// Nobody answered, or not with what we speak.
    case unreachable
    /// Something in front of it answered that it does not get through; how it is itself was not seen.
    case obstructed
    /// Our credentials are not accepted (401).
    case unauthorized
    /// No credential could be had, so nothing was asked: a plugin failed, a certificate has expired.
    case noCredential
    case timedOut
    /// An answer came that could not be understood.
    case malformed
    /// The tool at hand cannot look: a helm without that command.
    case unsupported
    /// What was to be looked at is not there, or a given path or name is wrong.
    case absent
    /// No way leads there from this machine, which is no fault of anybody's: checks that need it do not apply.
    case inapplicable
  }

  /// The kind of failure.
  public var kind: Kind
  /// What was tried and what came back.
  public var message: String
  /// What to do about it.
  public var remedy: Remedy?

  /// A failure from its parts.
  public init(_ kind: Kind, _ message: String, remedy: Remedy? = nil) {
    self.kind = kind
    self.message = message
    self.remedy = remedy
  }
}

extension ObservationFailure {
  /// Whether whatever else is asked of the same server will fail alike.
  var isOutOfReach: Bool {
    switch kind {
    case .unreachable, .obstructed, .timedOut, .unauthorized, .noCredential: true
    case .denied, .malformed, .unsupported, .absent, .inapplicable: false
    }
  }
}

/// Something we looked at, or the reason why we have not seen it. There is no third way, so nothing unseen is ever green.
public enum Observed<Value: Sendable>: Sendable {
  case notAsked
  case seen(Value)
  case failed(ObservationFailure)

  /// The value, where it was seen.
  public var value: Value? { if case .seen(let value) = self { value } else { nil } }
}

extension Observed: Equatable where Value: Equatable {}

extension Observed {
  /// What somebody answered, or why he did not.
  init(asking: () async throws -> Value) async {
    do {
      self = .seen(try await asking())
    } catch {
      self = .failed(ObservationFailure(error))
    }
  }

  /// Whether we may not look.
  var isDenied: Bool { if case .failed(let failure) = self { failure.kind == .denied } else { false } }
}
