import Kubernetes
import OrderedCollections
import Text
import YAML

/// What is wrong with a value that the answers set.
struct ValueProblem: Equatable {
  /// The value: `managementAgent.logLevel=7`.
  var subject: String
  /// A sentence about it.
  var reason: String
}

extension Chart {
  /// Why a value that the answers set is none of this chart; nil: it is.
  func problem(_ chosen: ChosenValue) -> ValueProblem? {
    var node = values
    var schema = self.schema
    for (depth, name) in chosen.names.enumerated() {
      let place = ChosenValue.path(Array(chosen.names.prefix(depth)))
      let declared = schema?["properties"]?[name]
      if let here = node, depth == 0 || !here.isNull {
        guard case .mapping(let entries) = here.value else {
          return ValueProblem(subject: chosen.path, reason: "\(place) is \(here.kind) in the chart and has no keys")
        }
        let entry = entries.first { $0.key == name }
        let isOpen = depth > 0 ? entries.isEmpty : name == Self.global
        if entry == nil, declared == nil, !isOpen {
          let known = entries.map(\.key) + (schema?["properties"]?.object?.keys.map { $0 } ?? [])
          return ValueProblem(subject: chosen.path, reason: unknown(name, among: known, in: place))
        }
        node = entry?.value
      } else if depth == 0, declared == nil, name != Self.global {
        return ValueProblem(subject: chosen.path, reason: "the chart knows no values at all")
      } else {
        node = nil
      }
      schema = declared ?? schema?["additionalProperties"]
    }
    return ValueType.problem(chosen.value, standard: node, schema: schema)
      .map { ValueProblem(subject: chosen.summary, reason: $0) }
  }

  /// What Helm gives to every chart.
  private static let global = "global"

  private func unknown(_ name: String, among known: [String], in place: String) -> String {
    let said = "the chart does not know it"
    if let near = DidYouMean.nearest(to: name, among: known) { return "\(said); did you mean \(near)?" }
    let list = known.prefix(12).joined(separator: ", ") + (known.count > 12 ? ", …" : "")
    return "\(said); \(place.isEmpty ? "its keys are" : "\(place) has") \(list)"
  }
}

extension ChartKey {
  /// Takes what was typed for this value: text where the chart's own is text, else YAML in one line.
  ///
  /// - Returns: The values it means, or why it is not taken.
  public func values(typed text: String, for chart: Chart) -> (values: [ChosenValue], problem: String?) {
    let quoted = YAMLNode(.scalar(YAMLScalar(["\"\"", "''"].contains(text) ? "" : text, isPlain: false)))
    var readings = [quoted]
    if standard.string == nil {
      do throws(YAMLError) {
        readings.insert(try YAML.parse(text, source: path) ?? quoted, at: 0)
      } catch {
        return ([], "it is no YAML: \(error.message)")
      }
    }
    var problem: String?
    for reading in readings {
      let values = ChosenValue.all(in: reading, below: names)
      guard let found = values.lazy.compactMap(chart.problem).first else { return (values, nil) }
      problem = problem ?? found.reason
    }
    return ([], problem)
  }
}

/// The types of values, as a schema or a chart's own value tells them.
enum ValueType {
  /// What is wrong with a value; nil: nothing that can be told here. Helm applies the whole schema when it renders.
  static func problem(_ value: YAMLNode, standard: YAMLNode?, schema: JSONValue?) -> String? {
    if value.isNull { return nil }
    if let allowed = schema?["enum"]?.array {
      if allowed.contains(JSONValue(value)) { return nil }
      return "it must be one of \(allowed.map { $0.string ?? JSONText.string($0) }.joined(separator: ", "))"
    }
    let wanted: [String]
    if let types = schema?["type"].map({ $0.array?.compactMap(\.string) ?? [$0.string].compactMap { $0 } }),
      !types.isEmpty
    {
      wanted = types
    } else if let standard, !standard.isNull {
      wanted = Self.types(of: standard).suffix(1)
    } else {
      return nil
    }
    if !Set(wanted).isDisjoint(with: types(of: value)) { return nil }
    let words = wanted.map { Self.words[$0] ?? $0 }.joined(separator: " or ")
    let isText = wanted.contains("string") && value.scalar != nil
    return "it must be \(words), not \(value.kind)" + (isText ? "; write it in quotes" : "")
  }

  private static let words = [
    "string": "text", "number": "a number", "integer": "a whole number", "boolean": "true or false", "array": "a list",
    "object": "a mapping",
  ]

  /// JSON Schema's names for it, the widest last.
  private static func types(of node: YAMLNode) -> [String] {
    switch node.value {
    case .sequence: ["array"]
    case .mapping: ["object"]
    case .scalar(let scalar):
      switch scalar.resolved {
      case .null: ["null"]
      case .bool: ["boolean"]
      case .integer: ["integer", "number"]
      case .float: ["number"]
      case .string: ["string"]
      }
    }
  }
}
