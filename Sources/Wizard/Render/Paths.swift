import Screen
import Text

extension WizardState {
  func shownPath(_ path: String) -> String { pathFromHome(path, home: home) }

  /// A text whose words that are paths begin at the home folder.
  func withHome(_ text: String) -> String {
    text.split(separator: " ", omittingEmptySubsequences: false).map { shownPath(String($0)) }.joined(separator: " ")
  }

  /// A path as a shell's word. A `~` stands before the quotes, where a shell expands it.
  func shellPath(_ path: String) -> String {
    let shown = shownPath(path)
    return shown.hasPrefix("~/") ? "~/" + Shell.quote(String(shown.dropFirst(2))) : Shell.quote(shown)
  }

  /// A text that fits a width. Where it is too long and names a path, that loses its front: a file is known by its name.
  func keepingPaths(_ text: String, width: Int) -> String {
    let excess = displayWidth(text) - width
    guard excess > 0 else { return text }
    let words = text.split(separator: " ", omittingEmptySubsequences: false)
    guard let index = words.indices.filter({ words[$0].contains("/") }).max(by: { words[$0].count < words[$1].count })
    else { return truncate(text, width: width, ellipsis: glyphs.ellipsis) }
    let name = words[index].drop { $0 == "/" || $0 == "~" }
    var shortened = Substring(name)
    // One cell more for the mark that something is missing.
    while displayWidth(String(shortened)) > max(1, displayWidth(String(words[index])) - excess - 1) {
      guard let next = shortened.dropFirst().firstIndex(of: "/") else { break }
      shortened = shortened[next...]
    }
    var parts = words.map(String.init)
    parts[index] = "\(glyphs.ellipsis)\(shortened)"
    return truncate(parts.joined(separator: " "), width: width, ellipsis: glyphs.ellipsis)
  }
}
