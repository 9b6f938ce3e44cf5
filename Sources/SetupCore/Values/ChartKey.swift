import Kubernetes
import OrderedCollections
import Text
public import YAML

/// A value that a chart knows: an end of its own values.yaml.
public struct ChartKey: Sendable, Equatable {
  /// The names on the way to it, from the top.
  public var names: [String]
  /// What the chart sets itself: a scalar, a list or an empty mapping.
  public var standard: YAMLNode
  /// What the chart says of it, or of what it is a part of; empty: nothing.
  public var comment: String

  /// What the answers set it to by another question; nil: they do not.
  public var given: Given?

  /// A value that follows from an answer.
  public struct Given: Sendable, Equatable {
    /// In one line.
    public var text: String
    /// The question; `registry` for what that whole page means.
    public var question: QuestionID
  }

  /// `managementAgent.logLevel`.
  public var path: String { ChosenValue.path(names) }
}

extension Chart {
  /// All values that the chart knows, in the order of its values.yaml.
  public var keys: [ChartKey] {
    guard let values else { return [] }
    let lines = valuesText.split(omittingEmptySubsequences: false) { $0.isNewline }.map(String.init)
    return Self.keys(in: values, lines, below: [], mark: nil, comment: "")
  }

  /// The same with what the answers make of them, and those that the answers set though the chart's own values do not have
  /// them.
  public func keys(for answers: Answers) -> [ChartKey] {
    let file = ValuesFile(answers, chart: self)
    let example = examples.first { $0.name == answers[.chartExample] }?.values
    let keys = keys.map { key in
      var key = key
      if let setting = file.placed.first(where: { $0.path == key.path })?.setting {
        key.given = .init(text: JSONValue(setting.value).flowText, question: setting.question ?? "registry")
      } else if let value = key.names.reduce(example, { $0?[$1] }) {
        key.given = .init(text: value.flowText, question: AnswerKey<String>.chartExample.id)
      }
      return key
    }
    let others = file.chosen.filter { value in !keys.contains { value.names.starts(with: $0.names) } }
    return keys
      + others.map {
        ChartKey(
          names: $0.names, standard: YAMLNode(.scalar(YAMLScalar("null"))),
          comment: "The chart's own values do not have it.")
      }
  }

  private static func keys(
    in node: YAMLNode, _ lines: [String], below names: [String], mark: YAMLMark?, comment: String
  ) -> [ChartKey] {
    let own = mark.map { Self.comment(at: $0, lines) } ?? ""
    let comment = own.isEmpty ? comment : own
    guard case .mapping(let entries) = node.value, !entries.isEmpty else {
      return names.isEmpty ? [] : [ChartKey(names: names, standard: node, comment: comment)]
    }
    return entries.flatMap {
      keys(in: $0.value, lines, below: names + [$0.key], mark: $0.keyMark, comment: comment)
    }
  }

  /// The comment lines right above a key; helm-docs begins them with `# --`.
  private static func comment(at mark: YAMLMark, _ lines: [String]) -> String {
    var found: [Substring] = []
    var index = mark.line - 2
    while lines.indices.contains(index) {
      let line = lines[index].drop { $0.isWhitespace }
      guard line.hasPrefix("#") else { break }
      var text = line.drop { $0 == "#" || $0.isWhitespace }
      if text.hasPrefix("-- ") { text = text.dropFirst(3) }
      found.append(text)
      index -= 1
    }
    return OutsideText.clean(found.reversed().joined(separator: " "), limit: 1000)
  }
}
