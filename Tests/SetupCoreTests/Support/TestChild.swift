import FoundationEssentials
import SetupCore
import TestSupport

/// Looks at processes that a test's child wrote the ids of.
enum TestChild {
  /// Whether a process of that id is still there and no zombie.
  static func isAlive(_ id: Int32) -> Bool {
    guard let status = FileManager.default.contents(atPath: "/proc/\(id)/stat") else { return false }
    // The state stands behind the name, which may hold anything.
    let state = String(decoding: status, as: UTF8.self).reversed().prefix { $0 != ")" }.last { $0 != " " }
    return state != nil && state != "Z"
  }

  /// Whether it is gone, or is soon: a kill takes a moment.
  static func isGone(_ id: Int32) async throws -> Bool {
    try await eventually(within: .seconds(2)) { !isAlive(id) }
  }

  /// The process id in a file, once it is there.
  static func id(in path: String) async throws -> Int32 {
    for _ in 0..<400 {
      if let data = FileManager.default.contents(atPath: path),
        let number = Int32(String(decoding: data, as: UTF8.self).filter { $0.isNumber }), number > 0
      {
        return number
      }
      try await Task.sleep(for: .milliseconds(10))
    }
    throw SetupError(.tool, "no process id in \(path)")
  }
}
