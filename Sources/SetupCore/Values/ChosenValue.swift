import Kubernetes
public import YAML

/// A value of the chart that the answers set: one end of the mapping under `values:`.
public struct ChosenValue: Sendable, Equatable {
  /// The names on the way to it, from the top.
  public var names: [String]
  /// A scalar, a list or an empty mapping.
  public var value: YAMLNode
  /// Where its key stands; nil: it was typed.
  public var mark: YAMLMark?

  /// A value from its parts.
  public init(_ names: [String], _ value: YAMLNode, mark: YAMLMark? = nil) {
    self.names = names
    self.value = value
    self.mark = mark
  }

  /// `managementAgent.logLevel`; a name with a dot in it is quoted.
  public var path: String { Self.path(names) }

  /// The same of names alone.
  static func path(_ names: [String]) -> String {
    names.map { $0.contains(".") ? "\"\($0)\"" : $0 }.joined(separator: ".")
  }

  /// The ends of a mapping, in its order.
  static func all(in node: YAMLNode, below names: [String] = [], mark: YAMLMark? = nil) -> [ChosenValue] {
    guard case .mapping(let entries) = node.value, !entries.isEmpty else {
      return names.isEmpty ? [] : [ChosenValue(names, node, mark: mark)]
    }
    return entries.flatMap { all(in: $0.value, below: names + [$0.key], mark: $0.keyMark) }
  }

  /// What is set of a value, in one line as it can be typed; nil: nothing is.
  public static func text(_ values: [ChosenValue], at names: [String]) -> String? {
    let own = values.filter { $0.names.starts(with: names) }
    guard let first = own.first else { return nil }
    if first.names.count == names.count { return first.value.flowText }
    let below = own.map { ChosenValue(Array($0.names.dropFirst(names.count)), $0.value) }
    return JSONValue(mapping(below)).flowText
  }

  /// `managementAgent.logLevel=DEBUG`.
  public var summary: String { "\(path)=\(value.flowText)" }
}

extension YAMLNode {
  /// The node in one line, as it can be typed: a scalar's own text, else YAML's flow style.
  public var flowText: String {
    if let scalar { return scalar.resolved == .null ? "null" : scalar.text }
    return JSONValue(self).flowText
  }
}

extension ChosenValue {
  /// These values as the one mapping that they are the ends of.
  static func mapping(_ values: [ChosenValue]) -> YAMLValue {
    var items: [YAMLItem] = []
    for value in values { value.lay(over: &items) }
    return .mapping(items)
  }

  /// Puts the value in its place, as Helm merges: mappings grow, everything else is replaced.
  func lay(over items: inout [YAMLItem], comments: [String] = []) {
    Self.lay(names[...], YAMLValue(value), comments, over: &items)
  }

  private static func lay(
    _ names: ArraySlice<String>, _ value: YAMLValue, _ comments: [String], over items: inout [YAMLItem]
  ) {
    guard let name = names.first else { return }
    let index = items.firstIndex { $0.key == name }
    var item =
      index.map { items[$0] } ?? YAMLItem(name, .mapping([]), blankLineBefore: items.first?.blankLineBefore ?? false)
    if names.count > 1 {
      var below: [YAMLItem] = if case .mapping(let below) = item.value { below } else { [] }
      lay(names.dropFirst(), value, comments, over: &below)
      item.value = .mapping(below)
    } else if value == .mapping([]), case .mapping = item.value {
      // A mapping that is empty takes nothing away.
    } else {
      item.value = value
      item.comments = comments
    }
    if let index { items[index] = item } else { items.append(item) }
  }
}
