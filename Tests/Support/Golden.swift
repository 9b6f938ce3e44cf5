import FoundationEssentials

/// Compares a text with a golden file under Tests/Fixtures, for example `Wizard/cluster-80x24.txt`.
///
/// Returns nil where they are equal, and else what differs. A golden file that is missing is written and reported, so that it
/// is read before it is believed; with `RECORD_GOLDENS=1` every one that differs is. Recording never passes.
public func goldenDifference(_ name: String, _ actual: String, in folder: String = goldenFolder()) throws -> String? {
  let path = folder + "/" + name
  let recorded = FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
  if recorded == actual { return nil }
  let isRecording = ProcessInfo.processInfo.environment["RECORD_GOLDENS"] == "1"
  guard let recorded, !isRecording else {
    let parent = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
    try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
    try Data(actual.utf8).write(to: URL(filePath: path))
    return "\(name) was recorded: read it, then run the test again.\n\(actual)"
  }
  return "\(name) differs (- recorded, + now); RECORD_GOLDENS=1 records it anew.\n" + lineDifference(recorded, actual)
}

/// Tests/Fixtures of this checkout.
public func goldenFolder(file: String = #filePath) -> String {
  // Tests/Support/Golden.swift
  file.split(separator: "/").dropLast(2).map { "/\($0)" }.joined() + "/Fixtures"
}

/// The lines that differ, with their numbers.
private func lineDifference(_ old: String, _ new: String) -> String {
  let old = old.split(separator: "\n", omittingEmptySubsequences: false)
  let new = new.split(separator: "\n", omittingEmptySubsequences: false)
  return (0..<max(old.count, new.count)).flatMap { index -> [String] in
    let before = index < old.count ? old[index] : nil
    let after = index < new.count ? new[index] : nil
    guard before != after else { return [] }
    return [before.map { "\(index + 1) - \($0)" }, after.map { "\(index + 1) + \($0)" }].compactMap { $0 }
  }.joined(separator: "\n")
}
