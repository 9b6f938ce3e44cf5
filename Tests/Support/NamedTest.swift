import FoundationEssentials

/// A complaint about others, and the test that shows how it is here: a table of these keeps the promise that each has one.
public struct NamedTest: Sendable, CustomStringConvertible {
  /// What others do wrong.
  public let complaint: String
  /// The file beneath Tests.
  public let file: String
  /// The beginning of the test's name.
  public let name: String

  /// A complaint with its test.
  public init(_ complaint: String, _ file: String, _ name: String) {
    self.complaint = complaint
    self.file = file
    self.name = name
  }

  /// The complaint.
  public var description: String { complaint }

  /// Whether there is a test of that name.
  public func exists() throws -> Bool {
    let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    return try String(contentsOf: tests.appending(path: file), encoding: .utf8).contains("\"" + name)
  }
}
