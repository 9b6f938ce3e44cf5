import Kubernetes

/// What file names tell.
enum FileNames {
  /// What stands behind the last slash.
  static func last(of path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }

  /// What stands before it.
  static func folder(of path: String) -> String {
    let parts = path.split(separator: "/").dropLast()
    return "/" + parts.joined(separator: "/")
  }

  /// The endings of archives, longest first.
  static let archiveSuffixes = [".tar.bz2", ".tar.zst", ".tar.gz", ".tar.xz", ".tgz", ".txz", ".tar"]

  /// The name without an archive's ending.
  static func withoutArchiveSuffix(_ name: String) -> String {
    let suffix = archiveSuffixes.first { name.lowercased().hasSuffix($0) && name.utf8.count > $0.utf8.count }
    return suffix.map { String(name.dropLast($0.count)) } ?? name
  }

  /// The version in a name: `11.2.62-rc1` of `datarobot_mlops_package-11.2.62-rc1.tar.gz`. It has a dot, and stands behind
  /// a dash or underscore. `withSuffix` false: the numbers alone, for names in which a dash is followed by something else.
  static func version(in name: String, withSuffix: Bool = true) -> String? {
    let stem = withoutArchiveSuffix(name)
    for index in stem.indices where index == stem.startIndex || "-_".contains(stem[stem.index(before: index)]) {
      let text = stem[index...].prefix { $0.isASCII && ($0.isLetter || $0.isNumber || ".-+".contains($0)) }
      let numbers = text.prefix { $0.isNumber || $0 == "." }.split(separator: ".").joined(separator: ".")
      let version = withSuffix ? String(text) : numbers
      if numbers.contains("."), SemanticVersion(version) != nil { return version }
    }
    return nil
  }

  /// Whether a name is one that a pattern with `*` describes.
  static func matches(_ name: String, _ pattern: String) -> Bool {
    let pieces = pattern.split(separator: "*", omittingEmptySubsequences: false)
    guard let first = pieces.first, let last = pieces.last, pieces.count > 1 else { return name == pattern }
    guard name.hasPrefix(first) else { return false }
    var rest = name.dropFirst(first.count)
    for piece in pieces.dropFirst().dropLast() where !piece.isEmpty {
      guard let range = rest.firstRange(of: piece) else { return false }
      rest = rest[range.upperBound...]
    }
    return rest.hasSuffix(last)
  }
}
