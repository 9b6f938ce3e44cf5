/// What an uninstall finds of something that a step makes. The texts are for people, a line each.
public enum Trace: Sendable {
  /// Nothing of it is there, or is there any more: `Secret registry-creds is not there`.
  case gone(String)
  /// It stays whatever is asked for: `Secret registry-creds stays: it is not ours`.
  case stays(String)
  /// It is there and ours to take back.
  case removable(Removal)
}

/// Something of ours that can be taken back.
public struct Removal: Sendable {
  /// What it is: `Secret registry-creds`.
  public var title: String
  /// What would be done to it: `delete`, `uninstall`.
  public var verb: String
  /// Why it stays unless it is named: another hand has written to it since; nil: nothing speaks for it.
  public var objection: String?
  /// Takes it back and tells what then is there.
  public var perform: @Sendable () async throws -> Trace

  /// A removal from its parts.
  public init(
    _ title: String, verb: String = "delete", objection: String? = nil,
    perform: @escaping @Sendable () async throws -> Trace
  ) {
    self.title = title
    self.verb = verb
    self.objection = objection
    self.perform = perform
  }
}

extension Trace {
  /// Something that goes by one call: `deleted Secret registry-creds` is then told.
  static func removable(
    _ title: String, objection: String? = nil, perform: @escaping @Sendable () async throws -> Void
  ) -> Trace {
    .removable(
      Removal(title, objection: objection) {
        try await perform()
        return .gone("deleted \(title)")
      })
  }
}
