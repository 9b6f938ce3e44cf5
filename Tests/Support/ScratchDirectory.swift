import FoundationEssentials

/// A directory of a test's own under the system's temporary one.
public struct ScratchDirectory: Sendable {
  /// The absolute path, without a slash at its end.
  public let path: String

  /// Makes the directory, readable by its owner alone.
  public init(_ name: String = "mlops-setup-test") throws {
    let parent = FileManager.default.temporaryDirectory.path
    path = "\(parent.hasSuffix("/") ? String(parent.dropLast()) : parent)/\(name)-\(UUID().uuidString)"
    try FileManager.default.createDirectory(
      atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
  }

  /// The path of a file in it.
  public func file(_ name: String) -> String { "\(path)/\(name)" }

  /// Writes a file and tells its path.
  @discardableResult
  public func write(_ text: String, to name: String) throws -> String {
    try Data(text.utf8).write(to: URL(filePath: file(name)))
    return file(name)
  }

  /// The bytes of a file in it.
  public func read(_ name: String) throws -> [UInt8] { try Array(Data(contentsOf: URL(filePath: file(name)))) }

  /// Removes it with all that is in it.
  public func remove() {
    do {
      try FileManager.default.removeItem(atPath: path)
    } catch {
      print("cannot remove \(path): \(error)")
    }
  }
}

/// Runs `body` with a directory that is removed afterwards, whatever happens.
public func withScratchDirectory<Result>(
  _ body: (ScratchDirectory) async throws -> Result
) async throws -> Result {
  let directory = try ScratchDirectory()
  defer { directory.remove() }
  return try await body(directory)
}
