/// Paths as texts, as Go's path/filepath treats them on Unix.
enum FilePathText {
  /// Both parts joined and cleaned; the second as it is where it is absolute.
  static func join(_ base: String, _ path: String) -> String {
    path.hasPrefix("/") ? path : clean(base.isEmpty ? path : "\(base)/\(path)")
  }

  /// The directory of a file.
  static func directory(_ path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : clean(String(path[..<slash]))
  }

  /// Without `.`, `//` and `x/..`. A relative path keeps a separator, so that a command in it is not looked up in PATH.
  static func clean(_ path: String) -> String {
    let isAbsolute = path.hasPrefix("/")
    var parts: [Substring] = []
    for part in path.split(separator: "/") where part != "." {
      if part == "..", let last = parts.last, last != ".." {
        parts.removeLast()
      } else if part != ".." || !isAbsolute {
        parts.append(part)
      }
    }
    let joined = parts.joined(separator: "/")
    if isAbsolute { return "/" + joined }
    return joined.isEmpty ? "." : joined.contains("/") ? joined : "./" + joined
  }
}
