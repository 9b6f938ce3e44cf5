import FoundationEssentials

extension Setup {
  /// Keeps other runs away from this target for as long as the returned object lives: two at once would take each
  /// other's Helm revision for an interrupted one.
  func lockTarget(_ target: String) throws -> any AnyObject & Sendable {
    let path = try stateFolder().lock
    let owner = "process \(ProcessInfo.processInfo.processIdentifier), since \(world.now().formatted(.iso8601))"
    if let lock = try world.files.lock(path, owner) { return lock }
    let other = try world.files.read(path).map { String(decoding: $0, as: UTF8.self) } ?? ""
    throw SetupError(
      .tool, "another run is at work on \(target)\(other.isEmpty ? "" : " (\(other))")",
      next: "Wait until it has ended; nothing was changed by this one.")
  }
}
