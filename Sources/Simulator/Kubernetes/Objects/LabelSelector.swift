import Kubernetes

/// A label selector in its text form (`a=b,c!=d,e in (f,g),h,!i`) or from an object's `matchLabels`.
struct LabelSelector: Sendable, Equatable {
  enum Requirement: Sendable, Equatable {
    case isIn(String, Set<String>)
    case isNotIn(String, Set<String>)
    case exists(String)
    case isAbsent(String)
  }

  var requirements: [Requirement] = []

  static let everything = LabelSelector()

  func matches(_ labels: [String: String]) -> Bool {
    requirements.allSatisfy { requirement in
      switch requirement {
      case .isIn(let key, let values): labels[key].map(values.contains) ?? false
      case .isNotIn(let key, let values): labels[key].map { !values.contains($0) } ?? true
      case .exists(let key): labels[key] != nil
      case .isAbsent(let key): labels[key] == nil
      }
    }
  }

  /// Reads the text of a `labelSelector` parameter.
  init(_ text: String) throws(APIError) {
    for part in Self.split(text) { requirements.append(try Self.requirement(part, in: text)) }
  }

  /// Reads a `LabelSelector` object.
  init(object: JSONValue?) {
    for (key, value) in object?["matchLabels"]?.texts ?? [:] { requirements.append(.isIn(key, [value])) }
    for expression in object?["matchExpressions"]?.array ?? [] {
      let key = expression["key"]?.string ?? ""
      let values = Set((expression["values"]?.array ?? []).compactMap(\.string))
      switch expression["operator"]?.string {
      case "In": requirements.append(.isIn(key, values))
      case "NotIn": requirements.append(.isNotIn(key, values))
      case "Exists": requirements.append(.exists(key))
      default: requirements.append(.isAbsent(key))
      }
    }
  }

  private init() {}

  /// Splits at the commas outside parentheses.
  private static func split(_ text: String) -> [String] {
    var parts: [String] = []
    var current = ""
    var depth = 0
    for character in text {
      if character == "(" { depth += 1 }
      if character == ")" { depth -= 1 }
      if character == ",", depth == 0 {
        parts.append(current)
        current = ""
      } else {
        current.append(character)
      }
    }
    parts.append(current)
    return parts.map(trimmed).filter { !$0.isEmpty }
  }

  private static func trimmed(_ text: String) -> String {
    String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
  }

  private static func requirement(_ part: String, in text: String) throws(APIError) -> Requirement {
    if part.hasPrefix("!"), !part.contains("=") { return .isAbsent(trimmed(String(part.dropFirst()))) }
    for (sign, isNegative) in [("!=", true), ("==", false), ("=", false)] {
      guard let range = range(of: sign, in: part) else { continue }
      let key = trimmed(String(part[..<range.lowerBound]))
      let value = trimmed(String(part[range.upperBound...]))
      return isNegative ? .isNotIn(key, [value]) : .isIn(key, [value])
    }
    for (word, isNegative) in [(" notin ", true), (" in ", false), (" notin(", true), (" in(", false)] {
      guard let range = range(of: word, in: part) else { continue }
      let list = part[range.lowerBound...].drop { $0 != "(" }.dropFirst().prefix { $0 != ")" }
      let values = Set(list.split(separator: ",", omittingEmptySubsequences: false).map { trimmed(String($0)) })
      let key = trimmed(String(part[..<range.lowerBound]))
      return isNegative ? .isNotIn(key, values) : .isIn(key, values)
    }
    guard !part.contains(" "), !part.contains("("), !part.contains(")") else {
      throw .badRequest("unable to parse requirement: found '\(part)', expected: in, notin, =, ==, !=, gt, lt")
    }
    return .exists(part)
  }

  private static func range(of needle: String, in text: String) -> Range<String.Index>? {
    var start = text.startIndex
    while start < text.endIndex {
      if text[start...].hasPrefix(needle) { return start..<text.index(start, offsetBy: needle.count) }
      start = text.index(after: start)
    }
    return nil
  }
}
