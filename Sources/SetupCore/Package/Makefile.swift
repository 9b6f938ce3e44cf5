/// A Makefile, as much of it as can be read without running it: plain variables, targets, recipes.
struct Makefile {
  private(set) var variables: [String: String] = [:]
  private(set) var targets: [String] = []
  private(set) var recipes: [String] = []

  init(_ text: String) {
    for line in Self.joined(text) {
      if line.hasPrefix("\t") {
        recipes.append(line.trimmed(to: 4096))
      } else if !line.hasPrefix("#"), let (name, sign, value) = Self.assignment(line) {
        // `?=` gives way to a value that is there, `+=` adds to it.
        if sign == "?", variables[name] != nil { continue }
        variables[name] = sign == "+" ? [variables[name], value].compactMap { $0 }.joined(separator: " ") : value
      } else if !line.hasPrefix("#"), let colon = line.firstIndex(of: ":") {
        let names = line[..<colon].split(whereSeparator: \.isWhitespace).map(String.init)
        targets += names.filter {
          !$0.hasPrefix(".") && !$0.contains("$") && !$0.contains("%") && !targets.contains($0)
        }
      }
    }
  }

  private static func assignment(_ line: String) -> (name: String, sign: Character, value: String)? {
    guard let equals = line.firstIndex(of: "=") else { return nil }
    var name = line[..<equals]
    var sign: Character = "="
    while let last = name.last, ":?+".contains(last) {
      sign = last
      name.removeLast()
    }
    let words = name.split(whereSeparator: \.isWhitespace).filter { $0 != "export" && $0 != "override" }
    guard words.count == 1, let word = words.first, !word.contains(":"), !word.contains("$") else { return nil }
    let value = line[line.index(after: equals)...].prefix { $0 != "#" }
    return (String(word), sign, String(value).trimmed(to: 4096))
  }

  /// With `$(NAME)` and `${NAME}` replaced where the value is known; functions stay as they are written.
  func expand(_ text: String) -> String {
    var budget = 1000
    return expand(text, depth: 0, &budget)
  }

  /// `budget`: how many more variables are replaced, because each may hold many others.
  private func expand(_ text: String, depth: Int, _ budget: inout Int) -> String {
    var result = ""
    var rest = text[...]
    while let dollar = rest.firstIndex(of: "$") {
      result += rest[..<dollar]
      rest = rest[rest.index(after: dollar)...]
      guard let open = rest.first, open == "(" || open == "{",
        let close = rest.firstIndex(of: open == "(" ? ")" : "}")
      else {
        // `$$` is the shell's own sign.
        result += "$"
        if rest.first == "$" { rest.removeFirst() }
        continue
      }
      let name = String(rest[rest.index(after: rest.startIndex)..<close])
      if let value = variables[name], depth < 8, budget > 0 {
        budget -= 1
        result += expand(value, depth: depth + 1, &budget)
      } else {
        result += "$" + rest[...close]
      }
      rest = rest[rest.index(after: close)...]
    }
    return result + rest
  }

  /// A command's words, without quotes; what stands in parentheses is not split.
  static func words(_ command: String) -> [String] {
    var words: [String] = []
    var word = ""
    var depth = 0
    for character in command {
      if character.isWhitespace, depth == 0 {
        if !word.isEmpty { words.append(word) }
        word = ""
        continue
      }
      if character == "(" { depth += 1 } else if character == ")" { depth = max(0, depth - 1) }
      if character != "\"" && character != "'" { word.append(character) }
    }
    return word.isEmpty ? words : words + [word]
  }

  /// The lines, with those that end in a backslash joined to the next.
  static func joined(_ text: String) -> [String] {
    var lines: [String] = []
    var isOpen = false
    for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
      let continues = line.hasSuffix("\\")
      let part = continues ? String(line.dropLast()) : String(line)
      if isOpen, let last = lines.popLast() { lines.append(last + " " + part) } else { lines.append(part) }
      isOpen = continues
    }
    return lines
  }
}
